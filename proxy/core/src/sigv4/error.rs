//! Why a request is not authenticated, and why a body is not what was signed.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::scope::ScopeError;
use crate::s3::{S3Error, S3ErrorCode};

/// The longest canonical request that is shown to a client, in bytes.
const MOST_SHOWN: usize = 8 * 1024;

/// A refusal by [`super::authenticate`]; the fault is the caller's in every variant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Neither an Authorization header nor a signature in the query.
    #[error("no credentials were presented")]
    Anonymous,
    /// A form of Signature Version 2.
    #[error(
        "Signature Version 2 is not supported; sign with Signature Version 4 \
         (in the AWS CLI and boto3: s3.signature_version = s3v4)"
    )]
    SignatureV2,
    /// Header and query both carry a signature.
    #[error("only one of the Authorization header and the presigned query may carry a signature")]
    TwoSignatures,
    /// Another algorithm or scheme.
    #[error("the authorization mechanism is not supported; use AWS4-HMAC-SHA256")]
    Algorithm,
    /// The Authorization header cannot be read.
    #[error("the Authorization header is malformed: {0}")]
    Header(String),
    /// The presigned query cannot be read.
    #[error("the presigned query is malformed: {0}")]
    Query(String),
    /// Date absent, not of the basic form, or not signed.
    #[error("a signed x-amz-date of the form YYYYMMDDTHHMMSSZ is required")]
    Date,
    /// `x-amz-content-sha256` absent on a header-signed request.
    #[error("the header x-amz-content-sha256 is required")]
    NoPayloadHash,
    /// `x-amz-content-sha256` is neither a SHA-256 nor a mode that fits.
    #[error("x-amz-content-sha256 is not a SHA-256 in hexadecimal or a supported mode")]
    PayloadHash,
    /// Headers that must be signed and are not.
    #[error("headers were present that the signature does not cover: {}", .0.join(", "))]
    Unsigned(Vec<String>),
    /// A header named in SignedHeaders that did not arrive.
    #[error("the signed header `{0}` is missing")]
    Missing(String),
    /// The clock of the caller is too far off.
    #[error("the difference between the request time and the server's time is too large")]
    Skewed {
        /// The signed date, as received.
        request: String,
        /// The server's clock.
        server: OffsetDateTime,
    },
    /// A presigned URL past its time.
    #[error("the request has expired")]
    Expired,
    /// A presigned URL dated in the future.
    #[error("the request is not yet valid")]
    NotYetValid,
    /// A session token, which no credential here has.
    #[error("the security token is not valid: this server issues none")]
    Token,
    /// A form without what signs it, or with what cannot be read.
    #[error("the form's signature cannot be read: {0}")]
    Form(String),
    /// A signed policy that is no policy.
    #[error("the form's policy cannot be read: {0}")]
    PolicyDocument(String),
    /// A signed policy that does not admit the form.
    #[error("the form is not what its policy admits: {0}")]
    Policy(String),
    /// No such access key.
    #[error("the access key id does not exist")]
    UnknownKey(String),
    /// Another signature than the secret makes.
    #[error(
        "the signature does not match; check the secret key and the signing method, and whether \
         something on the way changed the request{}",
        arrived(host)
    )]
    Mismatch {
        /// The access key id presented.
        access_key_id: String,
        /// The host as it arrived, which a reverse proxy may have rewritten; empty where the
        /// signature does not cover it.
        host: String,
        /// What the server hashed.
        canonical_request: String,
        /// What the server signed.
        string_to_sign: String,
        /// What arrived.
        signature: String,
    },
}

fn arrived(host: &str) -> String {
    match host {
        "" => String::new(),
        host => format!(": it arrived with the host `{host}`"),
    }
}

impl AuthError {
    /// The S3 error code that tells a client of it.
    pub fn code(&self) -> S3ErrorCode {
        match self {
            Self::SignatureV2 | Self::TwoSignatures | Self::Algorithm | Self::NoPayloadHash => {
                S3ErrorCode::InvalidRequest
            }
            Self::PayloadHash | Self::Form(_) => S3ErrorCode::InvalidArgument,
            Self::PolicyDocument(_) => S3ErrorCode::InvalidPolicyDocument,
            Self::Header(_) => S3ErrorCode::AuthorizationHeaderMalformed,
            Self::Query(_) => S3ErrorCode::AuthorizationQueryParametersError,
            Self::Anonymous
            | Self::Date
            | Self::Unsigned(_)
            | Self::Missing(_)
            | Self::Policy(_)
            | Self::Expired
            | Self::NotYetValid => S3ErrorCode::AccessDenied,
            Self::Skewed { .. } => S3ErrorCode::RequestTimeTooSkewed,
            Self::Token => S3ErrorCode::InvalidToken,
            Self::UnknownKey(_) => S3ErrorCode::InvalidAccessKeyId,
            Self::Mismatch { .. } => S3ErrorCode::SignatureDoesNotMatch,
        }
    }

    /// Puts a scope error where it was found.
    pub(super) fn scope(error: ScopeError, presigned: bool) -> Self {
        Self::malformed(error.to_string(), presigned)
    }

    pub(super) fn malformed(text: impl Into<String>, presigned: bool) -> Self {
        if presigned { Self::Query(text.into()) } else { Self::Header(text.into()) }
    }

    fn details(&self) -> Vec<(&'static str, String)> {
        match self {
            // Shown to help a client's author; nobody reads one that fills pages.
            Self::Mismatch { canonical_request, .. } if canonical_request.len() > MOST_SHOWN => {
                Vec::new()
            }
            // A form has none: its policy is the string to sign.
            Self::Mismatch {
                access_key_id, canonical_request, string_to_sign, signature, ..
            } if canonical_request.is_empty() => {
                vec![
                    ("AWSAccessKeyId", access_key_id.clone()),
                    ("StringToSign", string_to_sign.clone()),
                    ("SignatureProvided", signature.clone()),
                ]
            }
            Self::Mismatch {
                access_key_id, canonical_request, string_to_sign, signature, ..
            } => vec![
                ("AWSAccessKeyId", access_key_id.clone()),
                ("StringToSign", string_to_sign.clone()),
                ("SignatureProvided", signature.clone()),
                ("StringToSignBytes", spaced_hex(string_to_sign)),
                ("CanonicalRequest", canonical_request.clone()),
                ("CanonicalRequestBytes", spaced_hex(canonical_request)),
            ],
            Self::UnknownKey(key) => vec![("AWSAccessKeyId", key.clone())],
            Self::Unsigned(names) => vec![("HeadersNotSigned", names.join(", "))],
            Self::Skewed { request, server } => {
                vec![("RequestTime", request.clone()), ("ServerTime", rfc3339(*server))]
            }
            _ => Vec::new(),
        }
    }
}

fn rfc3339(instant: OffsetDateTime) -> String {
    instant.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

fn spaced_hex(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        let separator = if spaced.is_empty() { "" } else { " " };
        // Writing to a String cannot fail.
        let _ = write!(spaced, "{separator}{byte:02x}");
    }
    spaced
}

impl From<AuthError> for S3Error {
    fn from(error: AuthError) -> Self {
        let mut answer = S3Error::new(error.code(), error.to_string());
        answer.details = error.details();
        answer
    }
}

/// A body that is not what the signature promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Ended early, or ran past its length.
    #[error("the body does not have the length that was declared")]
    Length,
    /// SHA-256 other than declared.
    #[error("the SHA-256 of the body is not the one that was signed")]
    Hash,
    /// A chunk or the trailer has another signature.
    #[error("a chunk signature does not match")]
    ChunkSignature,
    /// A chunk under 8 KiB that is not the last.
    #[error("only the last chunk may be smaller than 8192 bytes")]
    SmallChunk,
    /// The chunk framing cannot be read.
    #[error("the chunked encoding of the body is malformed")]
    Framing,
    /// Trailing fields other than declared.
    #[error("the trailing fields are not the ones that x-amz-trailer declares")]
    Trailer,
}

impl From<PayloadError> for S3Error {
    fn from(error: PayloadError) -> Self {
        let code = match error {
            PayloadError::Length | PayloadError::Framing => S3ErrorCode::IncompleteBody,
            PayloadError::Hash => S3ErrorCode::XAmzContentSHA256Mismatch,
            PayloadError::ChunkSignature => S3ErrorCode::SignatureDoesNotMatch,
            PayloadError::SmallChunk => S3ErrorCode::InvalidChunkSizeError,
            PayloadError::Trailer => S3ErrorCode::MalformedTrailerError,
        };
        S3Error::new(code, error.to_string())
    }
}
