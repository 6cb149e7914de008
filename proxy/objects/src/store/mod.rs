//! A folder of objects: files of bytes, and the index that names them.

mod abandoned;
mod assembly;
mod blobs;
mod buckets;
mod commit;
mod digest;
mod error;
mod incoming;
mod index_file;
mod objects;
mod outgoing;
mod scan;
mod tables;
mod upload_scan;
mod uploads;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use redb::DatabaseError;

use self::blobs::Blobs;
use self::commit::Index;
use crate::model::{Algorithm, BlobId};

pub(crate) use self::digest::Digested;
pub(crate) use self::error::Error;
pub use self::error::OpenError;
pub(crate) use self::incoming::{Incoming, Received};
pub(crate) use self::objects::{Deletion, NewObject};
pub(crate) use self::scan::{Entry, Page, PageRequest};
pub(crate) use self::upload_scan::UploadPageRequest;
pub(crate) use self::uploads::{Completion, NamedPart};

/// An object store in a folder. Clones share it; the folder is free again when the last is dropped.
#[derive(Clone)]
pub struct Store {
    blobs: Arc<Blobs>,
    index: Arc<Index>,
}

impl Store {
    /// Opens the store in `folder`, or makes one, and deletes files that an interrupted run left.
    ///
    /// # Errors
    /// When another process has the folder, or it cannot be read or written.
    pub fn open(folder: &Path) -> Result<Store, OpenError> {
        let name = folder.display().to_string();
        let io = |source| OpenError::Io { folder: name.clone(), source };
        let index_error = |reason: String| OpenError::Index { folder: name.clone(), reason };

        fs::create_dir_all(folder).map_err(io)?;
        let blobs = Arc::new(Blobs::open(folder).map_err(io)?);
        let index = match Index::open(&folder.join("index.redb"), Arc::clone(&blobs)) {
            Ok(index) => index,
            Err(DatabaseError::DatabaseAlreadyOpen) => return Err(OpenError::InUse(name)),
            Err(error) => return Err(index_error(error.to_string())),
        };
        commit::prepare(&index).map_err(|error| index_error(error.to_string()))?;
        // The names of the index and of the folder itself are to survive a power cut as well.
        blobs::sync_folder(folder).map_err(io)?;
        if let Some(parent) = folder.canonicalize().map_err(io)?.parent() {
            blobs::sync_folder(parent).map_err(io)?;
        }
        // Only now: the lock on the index says that nobody is writing these files.
        let removed = sweep(&blobs, &index).map_err(|error| index_error(error.to_string()))?;
        if removed > 0 {
            tracing::info!(folder = name, removed, "removed files of interrupted writes");
        }
        Ok(Store { blobs, index: Arc::new(index) })
    }

    /// Whether the index answers.
    pub(crate) fn ready(&self) -> bool {
        self.index.read_here(|tx| Ok(tx.open_table(tables::BUCKETS)?)).is_ok()
    }

    /// Begins to store a body of `expected` bytes.
    ///
    /// # Errors
    /// [`Error::Full`] when there is no room for it.
    pub(crate) fn receive(
        &self,
        expected: u64,
        algorithm: Option<Algorithm>,
    ) -> Result<Incoming, Error> {
        self.blobs.ensure_room(expected)?;
        Ok(Incoming::new(Arc::clone(&self.blobs), algorithm))
    }
}

fn sweep(blobs: &Blobs, index: &Index) -> Result<usize, Error> {
    index.read_here(|tx| {
        let known = tx.open_table(tables::BLOBS)?;
        blobs.sweep(|id: BlobId| -> Result<bool, Error> { Ok(known.get(id.as_u128())?.is_some()) })
    })
}
