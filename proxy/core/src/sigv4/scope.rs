//! Credential scope and signing time.

use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// Where and when a signature is good: `date/region/service/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialScope {
    /// `YYYYMMDD`, UTC.
    pub date: String,
    /// Any region is accepted, but it is part of what was signed.
    pub region: String,
    /// Always `s3` once parsed.
    pub service: String,
}

/// Why a credential is not `<key id>/<date>/<region>/s3/aws4_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScopeError {
    /// Fewer than five parts, or an empty one.
    #[error("the Credential is not of the form <key id>/<date>/<region>/s3/aws4_request")]
    Shape,
    /// A service other than S3.
    #[error("the credential scope names a service other than `s3`")]
    Service,
    /// Not `aws4_request`.
    #[error("the credential scope does not end in `aws4_request`")]
    Terminator,
}

impl CredentialScope {
    /// Splits a credential into access key id and scope; the id may itself hold slashes.
    pub(super) fn parse(credential: &str) -> Result<(String, Self), ScopeError> {
        let mut parts = credential.rsplitn(5, '/');
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or(ScopeError::Shape);
        let (terminator, service, region, date, key_id) =
            (next()?, next()?, next()?, next()?, next()?);
        if service != "s3" {
            return Err(ScopeError::Service);
        }
        if terminator != "aws4_request" {
            return Err(ScopeError::Terminator);
        }
        let scope = Self { date: date.into(), region: region.into(), service: service.into() };
        Ok((key_id.into(), scope))
    }
}

impl std::fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// A signing time, kept with the text that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AmzDate {
    /// `YYYYMMDDTHHMMSSZ`, exactly as received.
    pub(super) text: String,
    /// The instant it names.
    pub(super) instant: OffsetDateTime,
}

impl AmzDate {
    /// Reads the basic ISO 8601 form `YYYYMMDDTHHMMSSZ`; any other spelling is `None`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let form = format_description!("[year][month][day]T[hour][minute][second]Z");
        // The length keeps out signs and padding that the parser would accept.
        if text.len() != 16 {
            return None;
        }
        let instant = PrimitiveDateTime::parse(text, form).ok()?.assume_utc();
        Some(Self { text: text.into(), instant })
    }

    /// Its `YYYYMMDD` part, which the scope must repeat.
    pub(super) fn day(&self) -> &str {
        self.text.get(..8).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_splits_from_the_right() {
        let (key, scope) = CredentialScope::parse("a/b/20261123/eu-1/s3/aws4_request").unwrap();
        assert_eq!((key.as_str(), scope.region.as_str()), ("a/b", "eu-1"));
        assert_eq!(scope.to_string(), "20261123/eu-1/s3/aws4_request");
    }

    #[test]
    fn a_scope_with_a_wrong_part_says_which() {
        let of = |text| CredentialScope::parse(text).unwrap_err();
        assert_eq!(of("k/20261123/eu/ec2/aws4_request"), ScopeError::Service);
        assert_eq!(of("k/20261123/eu/s3/aws4"), ScopeError::Terminator);
        assert_eq!(of("20261123/eu/s3/aws4_request"), ScopeError::Shape);
        assert_eq!(of("k//eu/s3/aws4_request"), ScopeError::Shape);
        assert_eq!(of(""), ScopeError::Shape);
    }

    #[test]
    fn dates_have_one_spelling() {
        assert!(AmzDate::parse("20261123T060000Z").is_some());
        for wrong in
            ["20261123T060000", "2026-11-23T06:00Z", "20261323T060000Z", "", "+2026123T060000Z"]
        {
            assert!(AmzDate::parse(wrong).is_none(), "{wrong}");
        }
    }
}
