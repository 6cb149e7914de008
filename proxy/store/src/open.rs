//! Opening: the right key, a sound file, a schema that is known, or a refusal to start.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use deltaglider_core::policy::administrators;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::error::{OpenError, StoreError};
use crate::key::{DatabaseKey, KEY_FILE, KeySource};
use crate::schema;

pub(crate) const DATABASE: &str = "iam.db";
const DRAFT: &str = "iam.db.new";
const LOCK: &str = "iam.lock";

/// The open database; one per process and folder.
pub struct Store {
    pub(crate) connection: Connection,
    _lock: File,
}

impl Store {
    /// Opens the database of a state folder, or makes both on the first start.
    pub fn open(folder: &Path, key: &KeySource, now: OffsetDateTime) -> Result<Self, OpenError> {
        make_folder(folder)?;
        let lock = lock(folder)?;
        let path = folder.join(DATABASE);
        if !path.exists() {
            create(folder, key, now)?;
        }
        let mut connection = connect(&path, &key.existing(folder)?)?;
        bring_up(&mut connection, now).map_err(|source| OpenError::Database { path, source })?;
        Ok(Self { connection, _lock: lock })
    }

    /// Whether the database answers at all.
    pub fn is_alive(&self) -> bool {
        crate::load::revision(&self.connection).is_ok()
    }

    /// A value that is no user, group or rule, such as the hash of the admin password.
    pub fn meta(&self, key: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?")?;
        let mut rows = statement.query([key])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map(Zeroizing::new))
    }
}

fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let fault = |source| OpenError::Io { path: folder.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fault)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(fault)
}

pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = opened.map_err(|source| OpenError::Io { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// The first start: the database gets its name only when it is whole, so that an empty one
/// is never taken for a new one. A draft tells an interrupted first start from a lost database.
fn create(folder: &Path, key: &KeySource, now: OffsetDateTime) -> Result<(), OpenError> {
    let (draft, path) = (folder.join(DRAFT), folder.join(DATABASE));
    let io = |source| OpenError::Io { path: draft.clone(), source };
    let interrupted = draft.exists();
    File::options().create(true).truncate(true).write(true).mode(0o600).open(&draft).map_err(io)?;
    let key = if interrupted && folder.join(KEY_FILE).exists() {
        key.existing(folder)?
    } else {
        key.fresh(folder).inspect_err(|_| drop(fs::remove_file(&draft)))?
    };
    let fault = |source| OpenError::Database { path: draft.clone(), source };
    let mut connection = Connection::open(&draft).map_err(fault)?;
    unlock(&connection, &key).map_err(fault)?;
    bring_up(&mut connection, now).map_err(fault)?;
    connection.close().map_err(|(_, error)| fault(error))?;
    fs::rename(&draft, &path).and_then(|()| File::open(folder)?.sync_all()).map_err(io)
}

/// A connection that has proved its key and the soundness of the file.
pub(crate) fn connect(path: &Path, key: &DatabaseKey) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fault = |source| OpenError::Database { path: path.to_owned(), source };
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    unlock(&connection, key).map_err(fault)?;
    let version = match schema::version(&connection).and_then(|it| probe(&connection).map(|()| it))
    {
        Ok(version) => version,
        Err(error) if is_foreign(&error) => {
            return Err(OpenError::WrongKeyOrDamaged(path.to_owned()));
        }
        Err(error) => return Err(fault(error)),
    };
    if version == 0 {
        let detail = "it is empty".to_owned();
        return Err(OpenError::Damaged { path: path.to_owned(), detail });
    }
    if version > schema::VERSION {
        let (path, known) = (path.to_owned(), schema::VERSION);
        return Err(OpenError::Newer { path, found: version, known });
    }
    check(&connection, path)?;
    Ok(connection)
}

/// Sets key and behaviour; SQLCipher reads nothing until it has to.
pub(crate) fn unlock(connection: &Connection, key: &DatabaseKey) -> rusqlite::Result<()> {
    let text = Zeroizing::new(format!("x'{}'", hex::encode(key.as_slice())));
    // Its own lines on standard error would say what our errors say better.
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    connection.pragma_update(None, "key", text.as_str())?;
    connection.busy_timeout(Duration::from_secs(10))
}

fn probe(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map(drop)
}

fn is_foreign(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
    )
}

/// Pages are authenticated one by one; reading them all finds what was changed or cut off.
fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let damaged = |detail: String| OpenError::Damaged { path: path.to_owned(), detail };
    for pragma in ["cipher_integrity_check", "quick_check(1)"] {
        let found = first_text(connection, pragma).map_err(|error| damaged(error.to_string()))?;
        match found.as_deref() {
            None | Some("ok") => {}
            Some(text) => return Err(damaged(text.to_owned())),
        }
    }
    Ok(())
}

fn first_text(connection: &Connection, pragma: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
    let mut rows = statement.query([])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// Journal, durability and schema; on an empty database also what every start finds.
fn bring_up(connection: &mut Connection, now: OffsetDateTime) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    let from = schema::version(connection)?;
    if from == schema::VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::migrate(&transaction, from)?;
    if from == 0 {
        let rule = serde_json::to_string(&administrators()).unwrap_or_default();
        let made_at = crate::load::milliseconds(now);
        transaction.execute(
            "INSERT INTO groups (name, description, builtin, created_at)
             VALUES ('Administrators', 'Everything, everywhere', 1, ?)",
            [made_at],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.execute(
            "INSERT INTO rules (group_id, position, document) VALUES (?, 0, ?)",
            params![id, rule],
        )?;
        transaction.execute("INSERT INTO meta (key, value) VALUES ('revision', ?)", [1i64])?;
    }
    transaction.commit()
}

/// Where the database of a folder is.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}
