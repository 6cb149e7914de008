//! From the store's refusals to S3 errors.

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};

use crate::store::Error;

impl From<Error> for S3Error {
    fn from(error: Error) -> S3Error {
        let code = match &error {
            Error::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            Error::BucketExists => S3ErrorCode::BucketAlreadyOwnedByYou,
            Error::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            Error::NoSuchKey => S3ErrorCode::NoSuchKey,
            Error::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            Error::PreconditionFailed => S3ErrorCode::PreconditionFailed,
            Error::InvalidPart => S3ErrorCode::InvalidPart,
            Error::PartTooSmall => S3ErrorCode::EntityTooSmall,
            Error::SizeMismatch | Error::ChecksumKind => S3ErrorCode::InvalidRequest,
            Error::ChecksumMismatch => S3ErrorCode::BadDigest,
            Error::Full => return full(),
            Error::Closed => S3ErrorCode::ServiceUnavailable,
            Error::Io(_) | Error::Index(_) | Error::IndexClosed => return broken(&error),
        };
        S3Error::with_message(code, sentence(&error))
    }
}

/// 507: writing is over until somebody makes room; reading goes on.
fn full() -> S3Error {
    let code = S3ErrorCode::Custom("InsufficientStorage".into());
    let mut error = S3Error::with_message(code, "The disk of the object store is full.");
    error.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
    error
}

/// The cause is for the log: it may name files.
fn broken(error: &Error) -> S3Error {
    tracing::error!(%error, "the object store failed");
    S3Error::with_message(S3ErrorCode::InternalError, "The object store failed.")
}

fn sentence(error: &Error) -> String {
    let mut text = error.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text.push('.');
    text
}

/// An error with a message of our own.
pub(super) fn refuse(code: S3ErrorCode, message: impl Into<String>) -> S3Error {
    S3Error::with_message(code, message.into())
}

/// The answer to a request for something that this store does not do. Ignoring it instead would
/// tell the client that it was done.
pub(super) fn unsupported(what: &str) -> S3Error {
    refuse(S3ErrorCode::NotImplemented, format!("The embedded store does not support {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_507_and_a_broken_one_does_not_name_its_files() {
        let full =
            S3Error::from(Error::from(std::io::Error::from(std::io::ErrorKind::StorageFull)));
        assert_eq!(full.status_code(), Some(StatusCode::INSUFFICIENT_STORAGE));
        let broken = S3Error::from(Error::Io(std::io::Error::other("/secret/path")));
        assert_eq!(broken.status_code(), Some(StatusCode::INTERNAL_SERVER_ERROR));
        assert!(!broken.message().unwrap().contains("secret"));
    }
}
