//! Backups of a running database, and putting one back.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::error::BackupError;
use crate::key::{DatabaseKey, KeySource};
use crate::open::{connect, database, lock, unlock};

/// Copies the database as it is at one moment, also while a server writes to it; the copy
/// opens with the same key. Never overwrites a file.
pub fn backup(folder: &Path, key: &KeySource, to: &Path) -> Result<(), BackupError> {
    let key = key.existing(folder)?;
    let source = connect(&database(folder), &key)?;
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    // A name of its own until it is whole.
    let draft = beside(to, ".part");
    let _ = fs::remove_file(&draft);
    let outcome = copy(&source, &key, &draft).and_then(|()| put_in_place(&draft, to));
    if outcome.is_err() {
        let _ = fs::remove_file(&draft);
    }
    outcome
}

/// Puts a backup in the place of a database that no server has open. The backup is opened and
/// checked first; the database that it replaces stays beside it, under the name returned.
pub fn restore(
    folder: &Path,
    key: &KeySource,
    from: &Path,
) -> Result<Option<PathBuf>, BackupError> {
    let key = key.existing(folder)?;
    let _lock = lock(folder)?;
    let source = connect(from, &key)?;
    let target = database(folder);
    let draft = beside(&target, ".restored");
    let _ = fs::remove_file(&draft);
    copy(&source, &key, &draft)?;
    connect(&draft, &key)?;
    let replaced = set_aside(&target)?;
    put_in_place(&draft, &target)?;
    Ok(replaced)
}

fn copy(source: &Connection, key: &DatabaseKey, to: &Path) -> Result<(), BackupError> {
    let made = File::options().create_new(true).write(true).mode(0o600).open(to);
    made.map_err(|source| BackupError::Io { path: to.to_owned(), source })?;
    let mut target = Connection::open(to)?;
    unlock(&target, key)?;
    // All pages in one step: a writer in between would make it begin anew.
    Backup::new(source, &mut target)?.run_to_completion(
        i32::MAX,
        Duration::from_millis(50),
        None,
    )?;
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Moves a database and what belongs to it to names that nothing opens.
fn set_aside(database: &Path) -> Result<Option<PathBuf>, BackupError> {
    if !database.exists() {
        return Ok(None);
    }
    let free =
        (1..1000).map(|n| beside(database, &format!(".replaced-{n}"))).find(|it| !it.exists());
    let aside = free.unwrap_or_else(|| beside(database, ".replaced"));
    for suffix in ["-wal", "-shm", ""] {
        let held = beside(database, suffix);
        if held.exists() {
            rename(&held, &beside(&aside, suffix))?;
        }
    }
    Ok(Some(aside))
}

/// Durable before it has its name, and its name durable before this returns.
fn put_in_place(draft: &Path, to: &Path) -> Result<(), BackupError> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::Io { path, source }
    };
    File::open(draft).and_then(|file| file.sync_all()).map_err(fault(draft))?;
    rename(draft, to)?;
    let folder = to.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault(to))
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::rename(from, to).map_err(|source| BackupError::Io { path: from.to_owned(), source })
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}
