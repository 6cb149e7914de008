//! The index: concurrent reads, and one thread that writes.
//!
//! A commit costs a flush of the disk. Changes that arrive while one is under way wait and are then
//! committed together, so that many small uploads share a flush. A change is answered only after
//! its commit.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

use super::blobs::{Blobs, Staged};
use super::error::Error;
use super::index_file::IndexFile;
use super::tables;
use crate::model::BlobId;

/// Changes that share one commit at most.
const BATCH: usize = 256;
/// Changes that may wait before callers wait for room.
const QUEUE: usize = 1024;

/// What a change leaves behind when it is committed.
pub(crate) struct Applied<T> {
    /// The answer to the caller.
    pub(crate) value: T,
    /// New files that the change refers to; removed again when it is not committed.
    pub(crate) keep: Vec<Staged>,
    /// Files that nothing refers to after the change.
    pub(crate) free: Vec<BlobId>,
}

impl<T> Applied<T> {
    /// A change without files.
    pub(crate) fn plain(value: T) -> Applied<T> {
        Applied { value, keep: Vec::new(), free: Vec::new() }
    }
}

pub(crate) struct Index {
    file: Arc<IndexFile>,
    changes: Option<mpsc::Sender<Box<dyn Change>>>,
    writer: Option<JoinHandle<()>>,
}

impl Index {
    /// Opens or makes the index file, locks it against other processes and starts the writer.
    pub(crate) fn open(path: &Path, blobs: Arc<Blobs>) -> Result<Index, redb::DatabaseError> {
        let file = Arc::new(IndexFile::open(path)?);
        let (changes, queue) = mpsc::channel(QUEUE);
        let writing = Arc::clone(&file);
        let writer = std::thread::Builder::new()
            .name("object-index".to_owned())
            .spawn(move || write_batches(&writing, &blobs, queue))
            .map_err(redb::StorageError::from)?;
        Ok(Index { file, changes: Some(changes), writer: Some(writer) })
    }

    /// Runs `work` on a snapshot of the index, on the calling thread.
    pub(crate) fn read_here<T>(
        &self,
        work: impl Fn(&ReadTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.file.read(|database| work(&database.begin_read()?))
    }

    /// Runs `work` on a snapshot of the index, away from the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&ReadTransaction) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let file = Arc::clone(&self.file);
        let reading = move || file.read(|database| work(&database.begin_read()?));
        tokio::task::spawn_blocking(reading).await.unwrap_or(Err(Error::Closed))
    }

    /// Runs `work` in a write transaction and returns when that is on the disk.
    ///
    /// `work` shares its transaction with others: whatever it refuses it must refuse before it
    /// writes. Once handed over it runs, even if the caller stops waiting.
    pub(crate) async fn change<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&WriteTransaction) -> Result<Applied<T>, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change = Box::new(Pending { work: Some(work), outcome: None, reply });
        let queue = self.changes.as_ref().ok_or(Error::Closed)?;
        queue.send(change).await.map_err(|_| Error::Closed)?;
        answer.await.unwrap_or(Err(Error::Closed))
    }
}

impl Drop for Index {
    /// Waits for the writer, so that a folder can be opened again as soon as its store is dropped.
    fn drop(&mut self) {
        self.changes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write_batches(file: &IndexFile, blobs: &Blobs, mut queue: mpsc::Receiver<Box<dyn Change>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        let fate = commit(file, &mut batch);
        for change in batch {
            change.finish(&fate, file, blobs);
        }
    }
}

/// What became of a transaction.
enum Fate {
    Committed,
    /// Nothing of it is in the index.
    Aborted(Cause),
    /// The disk failed during the commit: it may be in the index or not.
    Unknown(Cause),
}

/// An error that every change of a transaction gets.
struct Cause {
    full: bool,
    reason: String,
}

impl Cause {
    fn error(&self) -> Error {
        if self.full { Error::Full } else { Error::Index(self.reason.clone()) }
    }
}

fn commit(file: &IndexFile, batch: &mut [Box<dyn Change>]) -> Fate {
    let mut committing = false;
    let written = file.write(|database| {
        let tx = database.begin_write()?;
        let mut wrote = false;
        for change in batch {
            // What a broken change leaves of its transaction is dropped with it.
            wrote |= change.apply(&tx)?;
        }
        if wrote {
            committing = true;
            tx.commit()?;
        }
        Ok(())
    });
    let Err(error) = written else { return Fate::Committed };
    tracing::error!(%error, "the object index could not commit");
    let cause = Cause { full: matches!(error, Error::Full), reason: error.to_string() };
    if committing { Fate::Unknown(cause) } else { Fate::Aborted(cause) }
}

trait Change: Send {
    /// Writes; `Ok(false)` when the change was refused, an error when the transaction is broken.
    fn apply(&mut self, tx: &WriteTransaction) -> Result<bool, Error>;

    fn finish(self: Box<Self>, fate: &Fate, file: &IndexFile, blobs: &Blobs);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<Applied<T>, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Change for Pending<T, F>
where
    T: Send,
    F: FnOnce(&WriteTransaction) -> Result<Applied<T>, Error> + Send,
{
    fn apply(&mut self, tx: &WriteTransaction) -> Result<bool, Error> {
        let Some(work) = self.work.take() else { return Ok(false) };
        match work(tx) {
            Err(error) if error.breaks_transaction() => Err(error),
            outcome => {
                let wrote = outcome.is_ok();
                self.outcome = Some(outcome);
                Ok(wrote)
            }
        }
    }

    fn finish(self: Box<Self>, fate: &Fate, file: &IndexFile, blobs: &Blobs) {
        let answer = match (self.outcome, fate) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(applied)), Fate::Committed) => {
                applied.keep.into_iter().for_each(Staged::keep);
                blobs.remove(&applied.free);
                Ok(applied.value)
            }
            (Some(Ok(applied)), Fate::Unknown(cause)) => {
                settle(applied, file, blobs);
                Err(cause.error())
            }
            (_, Fate::Aborted(cause) | Fate::Unknown(cause)) => Err(cause.error()),
            (None, Fate::Committed) => Err(Error::Closed),
        };
        // The caller may have gone away; the change stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// Keeps the files that the index refers to and removes the others; where the index cannot be
/// asked, they all stay and the next start finds out.
fn settle<T>(applied: Applied<T>, file: &IndexFile, blobs: &Blobs) {
    let known = |id: BlobId| {
        file.read(|database| {
            let tx = database.begin_read()?;
            Ok(tx.open_table(tables::BLOBS)?.get(id.as_u128())?.is_some())
        })
        .unwrap_or(true)
    };
    for staged in applied.keep {
        if known(staged.id()) {
            staged.keep();
        }
    }
    let free: Vec<BlobId> = applied.free.into_iter().filter(|id| !known(*id)).collect();
    blobs.remove(&free);
}

/// Makes the tables of a new index.
pub(crate) fn prepare(index: &Index) -> Result<(), Error> {
    index.file.write(|database| {
        let tx = database.begin_write()?;
        tables::create_all(&tx)?;
        Ok(tx.commit()?)
    })
}
