//! S3 error codes and the values that carry them to a client.

use http::StatusCode;

macro_rules! codes {
    ($($name:ident = $status:literal,)*) => {
        /// An S3 error code; its text is its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the S3 reference documents them by these names")]
        pub enum S3ErrorCode { $($name,)* }

        impl S3ErrorCode {
            /// The text in `<Code>`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The HTTP status that S3 answers with.
            pub fn status(self) -> StatusCode {
                let number: u16 = match self { $(Self::$name => $status,)* };
                StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    };
}

codes! {
    AccessDenied = 403,
    AccessForbidden = 403,
    AuthorizationHeaderMalformed = 400,
    AuthorizationQueryParametersError = 400,
    BadDigest = 400,
    BadGateway = 502,
    BadRequest = 400,
    EntityTooLarge = 400,
    EntityTooSmall = 400,
    ExpiredToken = 400,
    IncompleteBody = 400,
    InternalError = 500,
    InvalidAccessKeyId = 403,
    InvalidArgument = 400,
    InvalidBucketName = 400,
    InvalidChunkSizeError = 403,
    InvalidDigest = 400,
    InvalidPolicyDocument = 400,
    InvalidRange = 416,
    InvalidRequest = 400,
    InvalidToken = 400,
    InvalidURI = 400,
    KeyTooLongError = 400,
    MalformedPOSTRequest = 400,
    MalformedTrailerError = 400,
    MalformedXML = 400,
    MaxMessageLengthExceeded = 400,
    MaxPostPreDataLengthExceeded = 400,
    MethodNotAllowed = 405,
    MissingContentLength = 411,
    MissingRequestBodyError = 400,
    MissingSecurityHeader = 400,
    NoSuchBucket = 404,
    NoSuchKey = 404,
    NoSuchUpload = 404,
    NotImplemented = 501,
    PreconditionFailed = 412,
    RequestTimeTooSkewed = 403,
    RequestTimeout = 400,
    ServiceUnavailable = 503,
    SignatureDoesNotMatch = 403,
    SlowDown = 503,
    XAmzContentSHA256Mismatch = 400,
}

/// An error answer: a code, a sentence, and further elements for the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Error {
    /// The code, which decides the status.
    pub code: S3ErrorCode,
    /// A sentence for people; never a secret, a path of the server or a stack trace.
    pub message: String,
    /// Elements beside code and message, such as `StringToSign`.
    pub details: Vec<(&'static str, String)>,
}

impl S3Error {
    /// An error without further elements.
    pub fn new(code: S3ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new() }
    }

    /// The HTTP status of its code.
    pub fn status(&self) -> StatusCode {
        self.code.status()
    }
}
