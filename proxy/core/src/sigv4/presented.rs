//! What a request presents as its signature, before anything is believed.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::error::AuthError;
use super::scope::{AmzDate, CredentialScope};
use crate::s3::Query;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
pub(super) const LONGEST_EXPIRY: u64 = 604_800;
/// As many as a request may have headers; more cannot all be there.
const MOST_SIGNED_HEADERS: usize = 128;
const PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];
const TOKEN: &str = "x-amz-security-token";

/// A signature as presented, its parts well-formed and nothing more.
#[derive(Clone, Debug)]
pub(super) struct Presented {
    /// Access key id in the credential.
    pub(super) access_key_id: String,
    /// Scope in the credential.
    pub(super) scope: CredentialScope,
    /// When it was signed.
    pub(super) date: AmzDate,
    /// `SignedHeaders`, verbatim.
    pub(super) signed_headers: String,
    /// The same, a name each.
    pub(super) signed_names: Vec<HeaderName>,
    /// `Signature`, verbatim.
    pub(super) signature: String,
    /// Seconds that a presigned URL lives; `None` on a header-signed request.
    pub(super) expires: Option<u64>,
}

/// Finds the one signature of a request, in its header or in its query.
pub(super) fn presented(headers: &HeaderMap, query: &Query) -> Result<Presented, AuthError> {
    let in_query = query.iter().any(|(name, _)| is_signing_parameter(name));
    let v2_query = query.has("AWSAccessKeyId") || query.has("Signature");
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    match (authorizations.next(), in_query, v2_query) {
        (Some(_), true, _) | (Some(_), _, true) => Err(AuthError::TwoSignatures),
        (Some(value), false, false) if authorizations.next().is_none() => {
            header_signed(value, headers)
        }
        (Some(_), false, false) => Err(AuthError::TwoSignatures),
        (None, true, _) => presigned(query),
        (None, false, true) => Err(AuthError::SignatureV2),
        (None, false, false) => Err(AuthError::Anonymous),
    }
}

/// Headers with the `x-amz-*` parameters of the query among them, or the name given twice.
///
/// A presigner may hoist a header into the query; there it means what the header means.
/// Checksums are left out: presigners sign that of an empty body there.
pub fn hoisted_headers(headers: &HeaderMap, query: &Query) -> Result<HeaderMap, String> {
    let mut merged = headers.clone();
    merged.remove("x-amz-cf-id");
    for (name, value) in query.iter() {
        let name = name.to_ascii_lowercase();
        let ignored = name.starts_with("x-amz-checksum-")
            || name == "x-amz-sdk-checksum-algorithm"
            || name == "x-amz-content-sha256"
            || is_signing_parameter(&name);
        if ignored || !name.starts_with("x-amz-") {
            continue;
        }
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| name.clone())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| name.clone())?;
        if merged.insert(header, value).is_some() {
            return Err(name);
        }
    }
    Ok(merged)
}

fn is_signing_parameter(name: &str) -> bool {
    PARAMETERS.iter().chain([&TOKEN]).any(|parameter| parameter.eq_ignore_ascii_case(name))
}

fn header_signed(value: &HeaderValue, headers: &HeaderMap) -> Result<Presented, AuthError> {
    let text = value.to_str().map_err(|_| AuthError::Header("it is not ASCII".into()))?;
    let (scheme, fields) = text.split_once(' ').unwrap_or((text, ""));
    match scheme {
        ALGORITHM => {}
        "AWS" => return Err(AuthError::SignatureV2),
        _ => return Err(AuthError::Algorithm),
    }
    let [mut credential, mut signed_headers, mut signature] = [None, None, None];
    for field in fields.split(',') {
        let Some((name, value)) = field.trim().split_once('=') else {
            return Err(AuthError::Header(format!("`{}` is no field", field.trim())));
        };
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => return Err(AuthError::Header(format!("unknown field `{name}`"))),
        };
        if slot.replace(value).is_some() {
            return Err(AuthError::Header(format!("`{name}` is repeated")));
        }
    }
    let (Some(credential), Some(signed_headers), Some(signature)) =
        (credential, signed_headers, signature)
    else {
        return Err(AuthError::Header("Credential, SignedHeaders and Signature are needed".into()));
    };
    let mut dates = headers.get_all("x-amz-date").iter();
    let date = match (dates.next(), dates.next()) {
        (Some(date), None) => date.to_str().ok().and_then(AmzDate::parse),
        _ => None,
    };
    let date = date.ok_or(AuthError::Date)?;
    let parts = Parts { credential, signed_headers, signature, presigned: false };
    let presented = parts.assemble(date, None)?;
    if !presented.signed_names.iter().any(|name| name == "x-amz-date") {
        return Err(AuthError::Date);
    }
    Ok(presented)
}

fn presigned(query: &Query) -> Result<Presented, AuthError> {
    let one = |wanted: &str| {
        let mut found = query.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        match (found.next(), found.next()) {
            // Another spelling of the name would not be the parameter that signers sign.
            (Some((name, value)), None) if name == wanted && !value.is_empty() => Ok(value),
            (None, _) => Err(AuthError::Query(format!("{wanted} is missing"))),
            _ => Err(AuthError::Query(format!("{wanted} is empty, repeated or misspelt"))),
        }
    };
    let [algorithm, credential, date, expires, signed_headers, signature] = PARAMETERS.map(one);
    if algorithm? != ALGORITHM {
        return Err(AuthError::Algorithm);
    }
    if query.iter().any(|(name, _)| name.eq_ignore_ascii_case(TOKEN)) {
        return Err(AuthError::Token);
    }
    let expires = parse_expires(expires?)?;
    let date = AmzDate::parse(date?)
        .ok_or_else(|| AuthError::Query("X-Amz-Date is not YYYYMMDDTHHMMSSZ".into()))?;
    let parts = Parts {
        credential: credential?,
        signed_headers: signed_headers?,
        signature: signature?,
        presigned: true,
    };
    parts.assemble(date, Some(expires))
}

fn parse_expires(text: &str) -> Result<u64, AuthError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds @ 1..=LONGEST_EXPIRY) if digits => Ok(seconds),
        _ => Err(AuthError::Query(format!(
            "X-Amz-Expires must be a whole number of seconds from 1 to {LONGEST_EXPIRY}"
        ))),
    }
}

struct Parts<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    presigned: bool,
}

impl Parts<'_> {
    fn assemble(self, date: AmzDate, expires: Option<u64>) -> Result<Presented, AuthError> {
        let malformed = |text: String| AuthError::malformed(text, self.presigned);
        let (access_key_id, scope) = CredentialScope::parse(self.credential)
            .map_err(|error| AuthError::scope(error, self.presigned))?;
        if scope.date != date.day() {
            return Err(malformed("the scope's date is not that of the request".into()));
        }
        if self.signed_headers.split(';').count() > MOST_SIGNED_HEADERS {
            return Err(malformed("SignedHeaders names too many headers".into()));
        }
        let mut signed_names = Vec::new();
        for name in self.signed_headers.split(';') {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .filter(|parsed| parsed.as_str() == name && !signed_names.contains(parsed))
                .ok_or_else(|| {
                    malformed(format!(
                        "`{name}` in SignedHeaders is repeated or no lower-case header name"
                    ))
                })?;
            signed_names.push(parsed);
        }
        if !signed_names.iter().any(|name| name == "host") {
            return Err(AuthError::Unsigned(vec!["host".into()]));
        }
        Ok(Presented {
            access_key_id,
            scope,
            date,
            signed_headers: self.signed_headers.into(),
            signed_names,
            signature: self.signature.into(),
            expires,
        })
    }
}
/// The access key id that a request claims, for the audit; nothing of it is verified.
pub fn claimed_key_id(headers: &HeaderMap, query: &Query) -> Option<String> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let in_header = header.and_then(|text| text.split_once("Credential=")).map(|(_, rest)| rest);
    let in_query = query.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-credential"));
    let credential = in_header.or(in_query.map(|(_, value)| value))?;
    let id = credential.split(['/', ',']).next().unwrap_or_default();
    (!id.is_empty()).then(|| id.chars().take(128).collect())
}
