//! Why the store does not open, change or answer.

use std::path::PathBuf;

use deltaglider_core::iam::Revision;

/// A refusal to start: nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or folder cannot be read or made.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error("{}: another process uses this state folder", .0.display())]
    InUse(PathBuf),
    /// There is a database and nothing to open it with.
    #[error(
        "{}: the key file is missing; put it back, or give the key in DGP_DB_KEY, or restore a \
         backup together with its key", .0.display()
    )]
    KeyMissing(PathBuf),
    /// The key file does not hold a key.
    #[error("{}: is not 32 bytes in base64", .0.display())]
    KeyUnreadable(PathBuf),
    /// A key but no database: it was lost, or the folder is another one's.
    #[error(
        "{}: the database is missing though its key file is there; restore a backup, or move the \
         key file away to begin anew", .0.display()
    )]
    DatabaseMissing(PathBuf),
    /// The key does not fit, or the file is damaged at its start.
    #[error(
        "{}: does not open with this key: the key is another one's, or the file is damaged; \
         give the right key, or restore a backup", .0.display()
    )]
    WrongKeyOrDamaged(PathBuf),
    /// The key fits and the content is broken.
    #[error("{}: is damaged ({detail}); restore a backup", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What the check found first.
        detail: String,
    },
    /// A later version of the proxy wrote it.
    #[error(
        "{}: was written by a newer version (schema {found}, this one knows {known}); start that \
         version, or restore a backup from before the upgrade", path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
    /// Anything else that the database says.
    #[error("{}: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
}

/// The database failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What it said.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A row holds what no version wrote.
    #[error("the database holds a row that cannot be read: {0}")]
    Row(String),
}

/// A change that was not made.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Something else was changed in between.
    #[error("the revision moved to {}", .0.0)]
    RevisionMoved(Revision),
    /// Names are unique per kind.
    #[error("the name `{0}` is taken")]
    NameTaken(String),
    /// Access key ids are unique.
    #[error("the access key id `{0}` is taken")]
    KeyTaken(String),
    /// No such user.
    #[error("there is no user {0}")]
    NoSuchUser(i64),
    /// No such group.
    #[error("there is no group `{0}`")]
    NoSuchGroup(String),
    /// No such provider.
    #[error("there is no provider `{0}`")]
    NoSuchProvider(String),
    /// No such mapping rule.
    #[error("there is no mapping rule {0}")]
    NoSuchMappingRule(i64),
    /// The user has no such key.
    #[error("the user has no key `{0}`")]
    NoSuchKey(String),
    /// A user keeps at least one key.
    #[error("the last key of a user cannot be removed")]
    LastKey,
    /// A user has two keys at most (INT-14).
    #[error("the user has two keys already; remove one first")]
    TwoKeys,
    /// The built-in group stays as it is (INT-15).
    #[error("the built-in group cannot be changed")]
    Builtin,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A backup or a restore that was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A backup never overwrites a file.
    #[error("{}: exists already", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
}
