//! Files of bytes: named by the store, written aside, flushed, then moved into place.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::BlobId;

/// Disk space that uploads leave free, in bytes: the index needs room to record deletions.
const RESERVE: u64 = 32 << 20;

pub(crate) struct Blobs {
    /// Finished files, in 256 folders by the first two digits of their names.
    finished: PathBuf,
    /// Files that are being written; emptied at every start.
    incoming: PathBuf,
    leases: Mutex<HashMap<BlobId, Lease>>,
}

#[derive(Default)]
struct Lease {
    readers: usize,
    /// Removed while it was read: the last reader deletes the file.
    doomed: bool,
}

impl Blobs {
    /// Makes the folders where they are missing.
    pub(crate) fn open(folder: &Path) -> io::Result<Blobs> {
        let finished = folder.join("blobs");
        let incoming = folder.join("incoming");
        fs::create_dir_all(&incoming)?;
        for digit in 0..=u8::MAX {
            fs::create_dir_all(finished.join(format!("{digit:02x}")))?;
        }
        sync_folder(&finished)?;
        Ok(Blobs { finished, incoming, leases: Mutex::default() })
    }

    /// Refuses with [`io::ErrorKind::StorageFull`] when `bytes` more would fill the disk.
    pub(crate) fn ensure_room(&self, bytes: u64) -> io::Result<()> {
        let disk = rustix::fs::statvfs(&self.finished)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < bytes.saturating_add(RESERVE) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// A new empty file that is deleted again unless it is [`finished`](Draft::finish).
    pub(crate) fn draft(self: &Arc<Self>) -> io::Result<Draft> {
        let id = BlobId::random();
        let path = self.incoming.join(id.to_string());
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok(Draft { id, file, unfinished: RemoveOnDrop(Some(path)), blobs: Arc::clone(self) })
    }

    /// Gives files that exist a second name each; falls back to copying where the file system
    /// cannot. The new names are on the disk when this returns.
    pub(crate) fn duplicate(self: &Arc<Self>, originals: &[BlobId]) -> io::Result<Vec<Staged>> {
        let mut staged = Vec::with_capacity(originals.len());
        let mut folders = BTreeSet::new();
        for original in originals {
            let copy = Staged { id: BlobId::random(), blobs: Some(Arc::clone(self)) };
            let (from, to) = (self.path(*original), self.path(copy.id));
            if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to)?;
                File::open(&to)?.sync_all()?;
            }
            folders.extend(to.parent().map(Path::to_owned));
            staged.push(copy);
        }
        for folder in folders {
            sync_folder(&folder)?;
        }
        Ok(staged)
    }

    pub(crate) fn open_file(&self, id: BlobId) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// Keeps files readable until the lease is dropped, even if they are removed meanwhile.
    ///
    /// A caller looks up the object again afterwards: if it still has these files, they are safe.
    pub(crate) fn lease(self: &Arc<Self>, ids: Vec<BlobId>) -> Leased {
        let mut leases = self.leases();
        for id in &ids {
            leases.entry(*id).or_default().readers += 1;
        }
        drop(leases);
        Leased { ids, blobs: Arc::clone(self) }
    }

    /// Deletes files, or marks those that are being read.
    pub(crate) fn remove(&self, ids: &[BlobId]) {
        let mut leases = self.leases();
        let mut unread = Vec::new();
        for id in ids {
            match leases.get_mut(id) {
                Some(lease) => lease.doomed = true,
                None => unread.push(*id),
            }
        }
        drop(leases);
        unread.into_iter().for_each(|id| self.unlink(id));
    }

    /// Deletes unfinished files, and finished ones for which `is_known` is false. Returns how many.
    pub(crate) fn sweep<E: From<io::Error>>(
        &self,
        is_known: impl Fn(BlobId) -> Result<bool, E>,
    ) -> Result<usize, E> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.incoming)? {
            let entry = entry?;
            if own_name(&entry).is_some() {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        for digit in 0..=u8::MAX {
            for entry in fs::read_dir(self.finished.join(format!("{digit:02x}")))? {
                let entry = entry?;
                let Some(id) = own_name(&entry) else { continue };
                if !is_known(id)? {
                    fs::remove_file(entry.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    fn path(&self, id: BlobId) -> PathBuf {
        let name = id.to_string();
        let folder = name.get(..2).unwrap_or_default();
        self.finished.join(folder).join(&name)
    }

    fn unlink(&self, id: BlobId) {
        if let Err(error) = fs::remove_file(self.path(id))
            && error.kind() != io::ErrorKind::NotFound
        {
            // It is an orphan now: the next start tries again.
            tracing::warn!(blob = %id, %error, "a deleted object's file could not be removed");
        }
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<BlobId, Lease>> {
        // No code panics while it holds the lock, and the map is whole at every step.
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is being written.
pub(crate) struct Draft {
    id: BlobId,
    pub(crate) file: File,
    unfinished: RemoveOnDrop,
    blobs: Arc<Blobs>,
}

impl Draft {
    /// Flushes the bytes and moves the file to its place; both are on the disk afterwards.
    pub(crate) fn finish(mut self) -> io::Result<Staged> {
        self.file.sync_all()?;
        let path = self.blobs.path(self.id);
        if let Some(from) = &self.unfinished.0 {
            fs::rename(from, &path)?;
        }
        self.unfinished.0 = None;
        let staged = Staged { id: self.id, blobs: Some(self.blobs) };
        if let Some(folder) = path.parent() {
            sync_folder(folder)?;
        }
        Ok(staged)
    }
}

struct RemoveOnDrop(Option<PathBuf>);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// A finished file that the index does not know yet; deleted again unless it is kept.
pub(crate) struct Staged {
    id: BlobId,
    blobs: Option<Arc<Blobs>>,
}

impl Staged {
    pub(crate) fn id(&self) -> BlobId {
        self.id
    }

    /// Leaves the file in place.
    pub(crate) fn keep(mut self) {
        self.blobs = None;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(blobs) = self.blobs.take() {
            blobs.unlink(self.id);
        }
    }
}

/// Files that stay readable while this lives.
pub(crate) struct Leased {
    ids: Vec<BlobId>,
    blobs: Arc<Blobs>,
}

impl Drop for Leased {
    fn drop(&mut self) {
        let mut leases = self.blobs.leases();
        let mut doomed = Vec::new();
        for id in &self.ids {
            let Some(lease) = leases.get_mut(id) else { continue };
            lease.readers -= 1;
            if lease.readers == 0 && leases.remove(id).is_some_and(|lease| lease.doomed) {
                doomed.push(*id);
            }
        }
        drop(leases);
        doomed.into_iter().for_each(|id| self.blobs.unlink(id));
    }
}

/// The blob that a folder entry is; a file with another kind of name is not ours to delete.
fn own_name(entry: &fs::DirEntry) -> Option<BlobId> {
    BlobId::parse(entry.file_name().to_str()?)
}

/// Makes names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_little_and_not_for_more_than_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        blobs.ensure_room(0).unwrap();
        let full = blobs.ensure_room(1 << 60).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_duplicate_outlives_its_original() {
        use std::io::{Read, Write};

        let folder = tempfile::tempdir().unwrap();
        let blobs = Arc::new(Blobs::open(folder.path()).unwrap());
        let mut draft = blobs.draft().unwrap();
        draft.file.write_all(b"bytes").unwrap();
        let original = draft.finish().unwrap();
        let copy = blobs.duplicate(&[original.id()]).unwrap().remove(0);
        let (first, second) = (original.id(), copy.id());
        drop(original);
        assert!(blobs.open_file(first).is_err());
        let mut text = String::new();
        blobs.open_file(second).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "bytes");
        drop(copy);
        assert!(blobs.open_file(second).is_err(), "what is not kept is removed");
    }
}
