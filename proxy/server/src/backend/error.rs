//! The backend's failures are ours to answer for (INT-26).

use deltaglider_core::s3::{S3Error, S3ErrorCode};

/// Why the store gave no answer that a client may have.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackendError {
    /// No connection: nothing of the request went out.
    #[error("the backend cannot be reached: {0}")]
    Unreachable(String),
    /// It keeps silent.
    #[error("the backend did not answer in time")]
    Silent,
    /// It hung up or spoke no HTTP.
    #[error("the backend broke off: {0}")]
    Broken(String),
    /// It refuses our own credentials, finds our clock wrong, or points elsewhere.
    #[error("the backend refused the proxy itself: {0}")]
    RefusedUs(String),
    /// Its answer, which the proxy has to understand, makes no sense.
    #[error("the backend's answer cannot be understood: {0}")]
    Answer(String),
    /// Our own request could not be built.
    #[error("the request to the backend cannot be built: {0}")]
    Unbuildable(String),
}

impl BackendError {
    /// Whether the backend may have seen something of the request.
    pub(crate) fn something_was_sent(&self) -> bool {
        !matches!(self, Self::Unreachable(_) | Self::Unbuildable(_))
    }
}

impl From<BackendError> for S3Error {
    fn from(error: BackendError) -> Self {
        // What the backend said is for the log; a client learns that it is not its fault.
        let (code, text) = match &error {
            BackendError::Unreachable(_) => {
                (S3ErrorCode::ServiceUnavailable, "the storage backend cannot be reached")
            }
            BackendError::Silent => {
                (S3ErrorCode::ServiceUnavailable, "the storage backend did not answer in time")
            }
            BackendError::Broken(_) => (S3ErrorCode::BadGateway, "the storage backend broke off"),
            BackendError::RefusedUs(_) => {
                (S3ErrorCode::BadGateway, "the storage backend refused the proxy")
            }
            BackendError::Answer(_) => {
                (S3ErrorCode::BadGateway, "the storage backend's answer cannot be understood")
            }
            BackendError::Unbuildable(_) => {
                (S3ErrorCode::InternalError, "the request could not be passed on")
            }
        };
        S3Error::new(code, text)
    }
}
