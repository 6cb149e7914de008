//! A form's signature: the policy is what is signed, and the policy says what may be sent.

use std::ops::RangeInclusive;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;

use super::authenticate::Authenticated;
use super::error::AuthError;
use super::key::Mac;
use super::payload::PayloadPromise;
use super::presented::{ALGORITHM, LONGEST_EXPIRY};
use super::scope::{AmzDate, CredentialScope};
use crate::s3::{FormFields, FormRequest, PostPolicy};
use crate::snapshot::Snapshot;

/// A form whose signed policy admits it; only [`authenticate_form`] makes one.
#[derive(Clone, Debug)]
pub struct AdmittedForm {
    /// Who signed the policy.
    pub caller: Authenticated,
    /// How long its file may be, in bytes.
    pub lengths: RangeInclusive<u64>,
}

/// Verifies the signature of a form's policy, and that the policy admits the form.
///
/// Like a presigned URL a form may be used again until it ends: at its policy's expiration, and
/// seven days after it was signed at the latest.
pub fn authenticate_form(
    form: &FormRequest<'_>,
    snapshot: &Snapshot,
    skew: Duration,
    now: OffsetDateTime,
) -> Result<AdmittedForm, AuthError> {
    let [policy, algorithm, credential, date, signature] = signing_fields(form.fields)?;
    if algorithm != ALGORITHM {
        return Err(AuthError::Algorithm);
    }
    let (access_key_id, scope) = CredentialScope::parse(credential)
        .map_err(|error| AuthError::Form(format!("x-amz-credential: {error}")))?;
    let date = AmzDate::parse(date)
        .ok_or_else(|| AuthError::Form("x-amz-date is not YYYYMMDDTHHMMSSZ".into()))?;
    if scope.date != date.day() {
        let text = "the date of x-amz-credential is not that of x-amz-date";
        return Err(AuthError::Form(text.into()));
    }
    let age = now - date.instant;
    if age.is_negative() && age.unsigned_abs() > skew {
        return Err(AuthError::NotYetValid);
    }
    if !age.is_negative() && age.unsigned_abs() > Duration::from_secs(LONGEST_EXPIRY) {
        return Err(AuthError::Expired);
    }

    // An unknown key takes the same road with a decoy secret, so that timing tells nothing.
    let known = snapshot.find_key(&access_key_id);
    let signing_key = known.map_or(snapshot.decoy(), |key| &key.secret).derive(&scope);
    let mac = signing_key.sign(policy);
    let matches = Mac::from_hex(signature) == Some(mac);
    let Some(key) = known else { return Err(AuthError::UnknownKey(access_key_id)) };
    if !matches {
        return Err(AuthError::Mismatch {
            access_key_id,
            canonical_request: String::new(),
            host: String::new(),
            string_to_sign: policy.to_owned(),
            signature: signature.to_owned(),
        });
    }
    if form.fields.get("x-amz-security-token").is_some() {
        return Err(AuthError::Token);
    }
    // From here on it is the signer who speaks.
    let document =
        STANDARD.decode(policy).map_err(|error| AuthError::PolicyDocument(error.to_string()))?;
    let document = PostPolicy::parse(&document).map_err(AuthError::PolicyDocument)?;
    if document.has_expired(now) {
        return Err(AuthError::Expired);
    }
    document.admits(form).map_err(AuthError::Policy)?;
    let caller =
        Authenticated::of_form(access_key_id, key.principal.clone(), mac, date, scope, signing_key);
    Ok(AdmittedForm { caller, lengths: document.lengths() })
}

/// Policy, algorithm, credential, date and signature, once all are there.
fn signing_fields(fields: &FormFields) -> Result<[&str; 5], AuthError> {
    if fields.get("awsaccesskeyid").is_some() || fields.get("signature").is_some() {
        return Err(AuthError::SignatureV2);
    }
    if fields.get("policy").is_none() && fields.get("x-amz-signature").is_none() {
        return Err(AuthError::Anonymous);
    }
    let one = |name: &str| {
        let value = fields.get(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| AuthError::Form(format!("the field {name} is missing")))
    };
    Ok([
        one("policy")?,
        one("x-amz-algorithm")?,
        one("x-amz-credential")?,
        one("x-amz-date")?,
        one("x-amz-signature")?,
    ])
}

impl Authenticated {
    /// What is known of a form's caller; nothing is promised of its file but the length.
    fn of_form(
        access_key_id: String,
        principal: crate::snapshot::Principal,
        mac: Mac,
        date: AmzDate,
        scope: CredentialScope,
        signing_key: super::key::SigningKey,
    ) -> Self {
        Self {
            access_key_id,
            principal,
            mac,
            date,
            presigned: true,
            payload: PayloadPromise::Unsigned,
            scope: scope.to_string(),
            signing_key,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::s3::S3ErrorCode;
    use crate::sigv4::SigningSecret;
    use crate::snapshot::{AccessKey, Principal};

    const NOW: OffsetDateTime = datetime!(2026-11-23 10:00:00 UTC);

    fn snapshot() -> Snapshot {
        let secret = SigningSecret::new("secret");
        let key = AccessKey { secret, principal: Principal::Bootstrap };
        Snapshot::new([("key".to_owned(), key)], SigningSecret::new("decoy"))
    }

    fn policy(until: &str) -> String {
        let names = ["x-amz-algorithm", "x-amz-credential", "x-amz-date"];
        let covered: String =
            names.map(|name| format!(r#", ["starts-with", "${name}", ""]"#)).concat();
        STANDARD.encode(format!(
            r#"{{"expiration": "{until}", "conditions": [{{"bucket": "b"}}, {{"key": "a"}}{covered}]}}"#
        ))
    }

    /// Signed fields, with some changed afterwards.
    fn fields(date: &str, until: &str, changed: &[(&str, &str)]) -> FormFields {
        let credential = format!("key/{}/eu/s3/aws4_request", &date[..8]);
        let (_, scope) = CredentialScope::parse(&credential).unwrap();
        let policy = policy(until);
        let signature = SigningSecret::new("secret").derive(&scope).sign(&policy).to_hex();
        let mut fields = FormFields::default();
        for (name, value) in [
            ("key", "a"),
            ("policy", policy.as_str()),
            ("x-amz-algorithm", ALGORITHM),
            ("x-amz-credential", credential.as_str()),
            ("x-amz-date", date),
            ("x-amz-signature", signature.as_str()),
        ] {
            let value = changed.iter().find(|(held, _)| *held == name).map_or(value, |it| it.1);
            if value != "-" {
                fields.add(name, value.to_owned()).unwrap();
            }
        }
        for (name, value) in changed.iter().filter(|(_, value)| *value != "-") {
            let _ = fields.add(name, (*value).to_owned());
        }
        fields
    }

    fn ask(fields: &FormFields) -> Result<AdmittedForm, AuthError> {
        let form = FormRequest { bucket: "b", key: "a", fields };
        authenticate_form(&form, &snapshot(), Duration::from_secs(300), NOW)
    }

    const GOOD: (&str, &str) = ("20261123T095900Z", "2026-11-23T11:00:00Z");

    #[test]
    fn a_signed_form_is_admitted_and_counts_as_presigned() {
        let admitted = ask(&fields(GOOD.0, GOOD.1, &[])).unwrap();
        assert!(admitted.caller.is_presigned());
        assert_eq!(admitted.caller.payload(), PayloadPromise::Unsigned);
    }

    #[test]
    fn each_changed_part_is_refused_with_its_own_code() {
        let other = policy("2027-11-23T11:00:00Z");
        for (name, value, code) in [
            ("policy", other.as_str(), S3ErrorCode::SignatureDoesNotMatch),
            ("policy", "-", S3ErrorCode::InvalidArgument),
            ("x-amz-signature", "-", S3ErrorCode::InvalidArgument),
            ("x-amz-signature", &"0".repeat(64), S3ErrorCode::SignatureDoesNotMatch),
            ("x-amz-signature", "short", S3ErrorCode::SignatureDoesNotMatch),
            ("x-amz-algorithm", "AWS4-HMAC-SHA1", S3ErrorCode::InvalidRequest),
            ("x-amz-date", "-", S3ErrorCode::InvalidArgument),
            ("x-amz-date", "20261122T095900Z", S3ErrorCode::InvalidArgument),
            (
                "x-amz-credential",
                "key/20261123/us/s3/aws4_request",
                S3ErrorCode::SignatureDoesNotMatch,
            ),
            ("x-amz-credential", "key/20261123/eu/ec2/aws4_request", S3ErrorCode::InvalidArgument),
            (
                "x-amz-credential",
                "nobody/20261123/eu/s3/aws4_request",
                S3ErrorCode::InvalidAccessKeyId,
            ),
            ("x-amz-security-token", "t", S3ErrorCode::InvalidToken),
            ("AWSAccessKeyId", "key", S3ErrorCode::InvalidRequest),
        ] {
            let outcome = ask(&fields(GOOD.0, GOOD.1, &[(name, value)]));
            assert_eq!(outcome.unwrap_err().code(), code, "{name}: {value}");
        }
        assert_eq!(ask(&FormFields::default()).unwrap_err(), AuthError::Anonymous);
    }

    #[test]
    fn a_form_ends_with_its_policy_and_after_seven_days() {
        let code = |date: &str, until: &str| ask(&fields(date, until, &[])).map(drop);
        assert_eq!(code(GOOD.0, "2026-11-23T10:00:00Z"), Err(AuthError::Expired));
        assert_eq!(code(GOOD.0, "2026-11-23T10:00:01Z"), Ok(()));
        assert_eq!(code("20261116T100000Z", "2027-01-01T00:00:00Z"), Ok(()));
        assert_eq!(code("20261116T095959Z", "2027-01-01T00:00:00Z"), Err(AuthError::Expired));
        assert_eq!(code("20261123T100500Z", GOOD.1), Ok(()));
        assert_eq!(code("20261123T100501Z", GOOD.1), Err(AuthError::NotYetValid));
    }
}
