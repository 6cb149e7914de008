//! Why the store refuses or fails.

use std::io;

/// Why a folder could not be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another [`Store`](crate::Store) in this one, has the folder.
    #[error("the object folder `{0}` is in use by another process")]
    InUse(String),
    /// The folder or a file in it cannot be made or read.
    #[error("the object folder `{folder}` cannot be used: {source}")]
    Io {
        /// The folder as it was given.
        folder: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The index cannot be opened.
    #[error("the index of the object folder `{folder}` cannot be opened: {reason}")]
    Index {
        /// The folder as it was given.
        folder: String,
        /// What the index said.
        reason: String,
    },
}

/// Why an operation on an open store did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the bucket does not exist")]
    NoSuchBucket,
    #[error("the bucket exists already")]
    BucketExists,
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    #[error("the key does not exist")]
    NoSuchKey,
    #[error("the upload does not exist")]
    NoSuchUpload,
    #[error("a precondition does not hold")]
    PreconditionFailed,
    #[error("a part is missing or is not the one named")]
    InvalidPart,
    #[error("a part other than the last is too small")]
    PartTooSmall,
    #[error("the object does not have the size announced")]
    SizeMismatch,
    #[error("the checksum announced is not that of the object")]
    ChecksumMismatch,
    #[error("the checksum announced is of another kind than the upload's")]
    ChecksumKind,
    #[error("the disk is full")]
    Full,
    #[error("file error: {0}")]
    Io(#[source] io::Error),
    #[error("index error: {0}")]
    Index(String),
    #[error("the index is closed after a failure of the disk")]
    IndexClosed,
    #[error("the store is shutting down")]
    Closed,
}

impl Error {
    /// Whether the index may be half changed after this error, or cannot be written at all.
    pub(crate) fn breaks_transaction(&self) -> bool {
        matches!(self, Error::Index(_) | Error::IndexClosed | Error::Io(_) | Error::Full)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Error::Full,
            _ => Error::Io(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        Error::Index(format!("unreadable record: {error}"))
    }
}

impl From<redb::Error> for Error {
    fn from(error: redb::Error) -> Error {
        match error {
            redb::Error::Io(error) => Error::from(error),
            redb::Error::PreviousIo => Error::IndexClosed,
            other => Error::Index(other.to_string()),
        }
    }
}

impl From<redb::StorageError> for Error {
    fn from(error: redb::StorageError) -> Error {
        redb::Error::from(error).into()
    }
}

impl From<redb::TableError> for Error {
    fn from(error: redb::TableError) -> Error {
        redb::Error::from(error).into()
    }
}

impl From<redb::TransactionError> for Error {
    fn from(error: redb::TransactionError) -> Error {
        redb::Error::from(error).into()
    }
}

impl From<redb::CommitError> for Error {
    fn from(error: redb::CommitError) -> Error {
        redb::Error::from(error).into()
    }
}
