//! The index file: opened, and opened anew after the disk was full.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use redb::{Database, DatabaseError};

use super::error::Error;

/// Memory that the index may use for its pages, in bytes.
const CACHE_BYTES: usize = 16 << 20;
/// Disk space without which nothing is written: a commit that ran out of it would close the index.
const COMMIT_ROOM: u64 = 16 << 20;
/// How often, and after which pause, a reader looks whether the index was opened anew.
const LOOKS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// The database. Once a write has failed it refuses everything until it is opened again.
pub(super) struct IndexFile {
    path: PathBuf,
    state: RwLock<State>,
}

struct State {
    /// None where it could not be opened again yet.
    database: Option<Database>,
    /// Counts how often it was opened.
    opened: u64,
}

impl IndexFile {
    /// Opens or makes the file and locks it against other processes.
    pub(super) fn open(path: &Path) -> Result<IndexFile, DatabaseError> {
        let database = Some(open(path)?);
        Ok(IndexFile { path: path.to_owned(), state: RwLock::new(State { database, opened: 1 }) })
    }

    /// Runs `work`, which only reads. While the writer opens the file anew, it waits.
    pub(super) fn read<T>(&self, work: impl Fn(&Database) -> Result<T, Error>) -> Result<T, Error> {
        for _ in 0..LOOKS {
            match self.run(&work) {
                Err(Error::IndexClosed) => std::thread::sleep(PAUSE),
                done => return done,
            }
        }
        self.run(&work)
    }

    /// Runs `work`, which writes, where the disk has room for it. The one writer calls this.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.ensure_room()?;
        let written = self.run(work);
        if matches!(written, Err(Error::Full)) {
            tracing::error!("the disk was full when the object index was written");
            self.open_again()?;
        }
        written
    }

    fn run<T>(&self, work: impl FnOnce(&Database) -> Result<T, Error>) -> Result<T, Error> {
        let state = self.state();
        if let Some(database) = &state.database {
            return work(database);
        }
        drop(state);
        self.open_again()?;
        work(self.state().database.as_ref().ok_or(Error::IndexClosed)?)
    }

    /// Other failures than a full disk leave what the disk holds in doubt: they stay until somebody
    /// has looked at the disk and started again.
    fn open_again(&self) -> Result<(), Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // The lock on the file goes with the old handle.
        state.database = None;
        let database = open(&self.path).map_err(|error| {
            tracing::error!(%error, "the object index could not be opened again");
            Error::IndexClosed
        })?;
        state.opened += 1;
        state.database = Some(database);
        tracing::info!(times = state.opened, "the object index was opened again");
        Ok(())
    }

    fn ensure_room(&self) -> Result<(), Error> {
        let disk = rustix::fs::statvfs(&self.path).map_err(io::Error::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < COMMIT_ROOM { Err(Error::Full) } else { Ok(()) }
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        // The state is whole at every step.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(path: &Path) -> Result<Database, DatabaseError> {
    Database::builder()
        .set_cache_size(CACHE_BYTES)
        .set_repair_callback(|session| {
            // Called often; the first call is the one that says something.
            if session.progress() == 0.0 {
                tracing::warn!("the object index was not closed; repairing it");
            }
        })
        .create(path)
}

#[cfg(test)]
mod tests {
    use redb::{ReadableDatabase as _, TableDefinition};

    use super::*;

    const TABLE: TableDefinition<'_, &str, u64> = TableDefinition::new("table");

    fn put(file: &IndexFile, value: u64, fate: Result<(), Error>) -> Result<(), Error> {
        file.write(|database| {
            let tx = database.begin_write()?;
            tx.open_table(TABLE)?.insert("key", value)?;
            fate?;
            Ok(tx.commit()?)
        })
    }

    fn get(file: &IndexFile) -> Result<u64, Error> {
        file.read(|database| {
            let table = database.begin_read()?.open_table(TABLE)?;
            Ok(table.get("key")?.map_or(0, |found| found.value()))
        })
    }

    #[test]
    fn after_a_full_disk_the_file_is_opened_again_and_still_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let file = IndexFile::open(&path).unwrap();
        put(&file, 1, Ok(())).unwrap();
        assert!(matches!(put(&file, 2, Err(Error::Full)), Err(Error::Full)));
        assert_eq!((get(&file).unwrap(), file.state().opened), (1, 2));
        put(&file, 3, Ok(())).unwrap();
        assert_eq!(get(&file).unwrap(), 3);
        assert!(matches!(open(&path), Err(DatabaseError::DatabaseAlreadyOpen)));
    }

    #[test]
    fn another_failure_closes_nothing_and_an_index_that_cannot_be_opened_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let file = IndexFile::open(&path).unwrap();
        put(&file, 1, Ok(())).unwrap();
        assert!(put(&file, 2, Err(Error::Index("broken".into()))).is_err());
        assert_eq!((get(&file).unwrap(), file.state().opened), (1, 1));

        let aside = folder.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(put(&file, 2, Err(Error::Full)).is_err());
        assert!(matches!(file.run(|_| Ok(())), Err(Error::IndexClosed)));
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();
        assert_eq!(get(&file).unwrap(), 1);
    }
}
