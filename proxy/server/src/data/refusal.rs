//! Every way in which a request is not served, before it becomes an answer.

use deltaglider_core::policy::{Denial, Refused};
use deltaglider_core::s3::{S3Error, S3ErrorCode};
use deltaglider_core::sigv4::AuthError;

use super::replay::ReplayRefusal;
use crate::backend::BackendError;

/// Why a request got no answer from the store; who is at fault shows in the stage.
pub(super) enum Refusal {
    /// As many requests as may be are under way.
    Overloaded,
    /// The request cannot be read.
    Unreadable(S3Error),
    /// Nobody is authenticated.
    Unauthenticated(AuthError),
    /// The rules say no; the caller is told no more than that.
    Denied(Box<Denial>),
    /// The rules say yes to something that cannot be done.
    Unserved(S3Error),
    /// The signature was used before, or cannot be remembered.
    Replayed(ReplayRefusal),
    /// Headers or body are not what they must be.
    Invalid(S3Error),
    /// The store failed us.
    Backend(BackendError),
}

impl Refusal {
    /// The stage as logs and metrics name it.
    pub(super) fn stage(&self) -> &'static str {
        match self {
            Self::Overloaded => "accept",
            Self::Unreadable(_) => "identify",
            Self::Unauthenticated(_) => "authenticate",
            Self::Denied(_) | Self::Unserved(_) => "authorise",
            Self::Replayed(_) => "replay",
            Self::Invalid(_) => "verify",
            Self::Backend(_) => "backend",
        }
    }

    /// What the client is told.
    pub(super) fn into_error(self) -> S3Error {
        match self {
            Self::Unreadable(error) | Self::Unserved(error) | Self::Invalid(error) => error,
            // 503 and not 429: SDKs know this one, and come back later.
            Self::Overloaded => {
                S3Error::new(S3ErrorCode::SlowDown, "too many requests are under way; retry later")
            }
            Self::Unauthenticated(error) => error.into(),
            Self::Denied(_) => S3Error::new(S3ErrorCode::AccessDenied, "Access Denied"),
            // 503 and not 4xx: SDKs then try again, freshly signed (INT-2).
            Self::Replayed(ReplayRefusal::Repeated) => S3Error::new(
                S3ErrorCode::SlowDown,
                "a request with this signature was just served; sign again and retry",
            ),
            Self::Replayed(ReplayRefusal::Full) => {
                S3Error::new(S3ErrorCode::SlowDown, "too many changing requests at once; retry")
            }
            Self::Backend(error) => error.into(),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ByRules(denial) => Self::Denied(denial),
            Refused::Unserved(error) => Self::Unserved(error),
        }
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self::Unauthenticated(error)
    }
}

impl From<ReplayRefusal> for Refusal {
    fn from(refusal: ReplayRefusal) -> Self {
        Self::Replayed(refusal)
    }
}

impl From<S3Error> for Refusal {
    fn from(error: S3Error) -> Self {
        Self::Invalid(error)
    }
}

impl From<BackendError> for Refusal {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}
