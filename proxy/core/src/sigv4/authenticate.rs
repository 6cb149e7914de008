//! Authentication: from what a request presents to a caller that is believed.

use std::time::Duration;

use http::HeaderMap;
pub use http::Method;
use time::OffsetDateTime;

use super::canonical::{
    Canonical, canonical_headers, canonical_path, canonical_query, string_to_sign,
};
use super::chunked::ChunkSigner;
use super::error::AuthError;
use super::key::{Mac, SigningKey};
use super::payload::PayloadPromise;
use super::presented::{Presented, presented};
use super::scope::AmzDate;
use crate::s3::Query;
use crate::snapshot::{Principal, Snapshot};

const PAYLOAD_HEADER: &str = "x-amz-content-sha256";
/// A name of 253 characters, a colon and a port.
const LONGEST_HOST: usize = 259;

/// The parts of a request that a signature can cover, as received.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Path, still percent-encoded.
    pub path: &'a str,
    /// Query, decoded.
    pub query: &'a Query,
    /// Headers, `host` among them.
    pub headers: &'a HeaderMap,
}

/// Proof of a verified signature; only [`authenticate`] and [`super::authenticate_form`] make one.
#[derive(Clone, Debug)]
pub struct Authenticated {
    pub(super) access_key_id: String,
    pub(super) principal: Principal,
    pub(super) mac: Mac,
    pub(super) date: AmzDate,
    pub(super) presigned: bool,
    pub(super) payload: PayloadPromise,
    pub(super) scope: String,
    pub(super) signing_key: SigningKey,
}

impl Authenticated {
    /// The access key id that signed.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Whose key it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The request's signature as the server computed it.
    pub fn mac(&self) -> Mac {
        self.mac
    }

    /// When the request was signed.
    pub fn signed_at(&self) -> OffsetDateTime {
        self.date.instant
    }

    /// Whether the signature stood in the query.
    pub fn is_presigned(&self) -> bool {
        self.presigned
    }

    /// What the signature promises of the body.
    pub fn payload(&self) -> PayloadPromise {
        self.payload
    }

    /// How much longer than `now` a header-signed request's date will be accepted; the
    /// refusal, if it no longer is.
    pub fn acceptable_for(
        &self,
        skew: Duration,
        now: OffsetDateTime,
    ) -> Result<Duration, AuthError> {
        let left = self.date.instant + skew - now;
        left.try_into()
            .map_err(|_| AuthError::Skewed { request: self.date.text.clone(), server: now })
    }

    pub(super) fn chunk_signer(&self) -> ChunkSigner {
        ChunkSigner {
            key: self.signing_key.clone(),
            date: self.date.text.clone(),
            scope: self.scope.clone(),
            previous: self.mac,
        }
    }
}

/// Verifies the one signature of a request against the keys of a snapshot.
///
/// `skew` bounds how far the signed date may lie from `now`, in both directions.
pub fn authenticate(
    request: &RequestView<'_>,
    snapshot: &Snapshot,
    skew: Duration,
    now: OffsetDateTime,
) -> Result<Authenticated, AuthError> {
    let claim = presented(request.headers, request.query)?;
    refuse_unsigned(request.headers, &claim)?;
    check_time(&claim, skew, now)?;
    let payload_text = payload_text(request, claim.expires.is_some())?;
    let payload = PayloadPromise::parse(payload_text).ok_or(AuthError::PayloadHash)?;
    if claim.expires.is_some() && payload.is_streaming() {
        return Err(AuthError::PayloadHash);
    }

    let canonical = Canonical {
        method: request.method.as_str(),
        query: canonical_query(request.query),
        headers: canonical_headers(request.headers, &claim.signed_names)
            .map_err(|name| AuthError::Missing(name.to_string()))?,
        signed_headers: &claim.signed_headers,
        payload: payload_text,
    };
    // An unknown key takes the same road with a decoy secret, so that timing tells nothing.
    let known = snapshot.find_key(&claim.access_key_id);
    let secret = known.map_or(snapshot.decoy(), |key| &key.secret);
    let signing_key = secret.derive(&claim.scope);
    let mac = matching_mac(request, &canonical, &claim, &signing_key);
    let Some(key) = known else {
        return Err(AuthError::UnknownKey(claim.access_key_id));
    };
    let mac = mac?;
    if request.headers.contains_key("x-amz-security-token") {
        return Err(AuthError::Token);
    }
    Ok(Authenticated {
        access_key_id: claim.access_key_id,
        principal: key.principal.clone(),
        mac,
        date: claim.date,
        presigned: claim.expires.is_some(),
        payload,
        scope: claim.scope.to_string(),
        signing_key,
    })
}

/// Every `x-amz-*` header changes what is done, so each must be signed (INT-5).
fn refuse_unsigned(headers: &HeaderMap, claim: &Presented) -> Result<(), AuthError> {
    let exempt = [PAYLOAD_HEADER, "x-amz-cf-id"];
    let unsigned: Vec<String> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-amz-"))
        .filter(|name| !exempt.contains(&name.as_str()) && !claim.signed_names.contains(name))
        .map(ToString::to_string)
        .collect();
    if unsigned.is_empty() { Ok(()) } else { Err(AuthError::Unsigned(unsigned)) }
}

fn check_time(claim: &Presented, skew: Duration, now: OffsetDateTime) -> Result<(), AuthError> {
    let age = now - claim.date.instant;
    match claim.expires {
        None if age.unsigned_abs() > skew => {
            Err(AuthError::Skewed { request: claim.date.text.clone(), server: now })
        }
        None => Ok(()),
        Some(_) if age.is_negative() && age.unsigned_abs() > skew => Err(AuthError::NotYetValid),
        Some(seconds)
            if !age.is_negative() && age.unsigned_abs() > Duration::from_secs(seconds) =>
        {
            Err(AuthError::Expired)
        }
        Some(_) => Ok(()),
    }
}

/// The text that stands for the body in the canonical request, wherever it was given.
///
/// It needs no place in SignedHeaders: as the last line of what is signed it binds itself.
fn payload_text<'a>(request: &RequestView<'a>, presigned: bool) -> Result<&'a str, AuthError> {
    let mut values: Vec<&str> = Vec::new();
    for value in request.headers.get_all(PAYLOAD_HEADER) {
        values.push(value.to_str().map_err(|_| AuthError::PayloadHash)?);
    }
    if presigned {
        let hoisted =
            request.query.iter().filter(|(name, _)| name.eq_ignore_ascii_case(PAYLOAD_HEADER));
        values.extend(hoisted.map(|(_, value)| value));
    }
    match values.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Ok(first),
        [] if presigned => Ok("UNSIGNED-PAYLOAD"),
        [] => Err(AuthError::NoPayloadHash),
        _ => Err(AuthError::PayloadHash),
    }
}

/// The server's MAC if the presented signature stands on either spelling of the path.
fn matching_mac(
    request: &RequestView<'_>,
    canonical: &Canonical<'_>,
    claim: &Presented,
    key: &SigningKey,
) -> Result<Mac, AuthError> {
    let presented = Mac::from_hex(&claim.signature);
    let verify = |path: &str| {
        let request = canonical.request(path);
        let text = string_to_sign(&claim.date, &claim.scope, &request);
        let mac = key.sign(&text);
        if presented == Some(mac) { Ok(mac) } else { Err((request, text)) }
    };
    let path = request.path;
    let normal = canonical_path(path);
    let received = verify(path);
    let outcome = if received.is_err() && normal != path { verify(&normal) } else { received };
    outcome.map_err(|(canonical_request, string_to_sign)| AuthError::Mismatch {
        access_key_id: claim.access_key_id.clone(),
        host: host_shown(request.headers),
        canonical_request: String::from_utf8_lossy(&canonical_request).into_owned(),
        string_to_sign,
        signature: claim.signature.clone(),
    })
}

/// The host for a message: no longer than a name and a port can be.
fn host_shown(headers: &HeaderMap) -> String {
    let host = headers.get("host").map(|value| String::from_utf8_lossy(value.as_bytes()));
    host.unwrap_or_default().chars().take(LONGEST_HOST).collect()
}
