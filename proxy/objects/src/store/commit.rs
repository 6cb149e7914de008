//! The index: concurrent reads, and one thread that writes.
//!
//! A commit costs a flush of the disk. Changes that arrive while one is under way wait and are then
//! committed together, so that many small uploads share a flush. A change is answered only after
//! its commit.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

use super::blobs::{Blobs, Staged};
use super::error::Error;
use super::tables;
use crate::model::BlobId;

/// Memory that the index may use for its pages, in bytes.
const CACHE_BYTES: usize = 16 << 20;
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
    database: Arc<Database>,
    changes: Option<mpsc::Sender<Box<dyn Change>>>,
    writer: Option<JoinHandle<()>>,
}

impl Index {
    /// Opens or makes the index file, locks it against other processes and starts the writer.
    pub(crate) fn open(path: &Path, blobs: Arc<Blobs>) -> Result<Index, redb::DatabaseError> {
        let database = Arc::new(Database::builder().set_cache_size(CACHE_BYTES).create(path)?);
        let (changes, queue) = mpsc::channel(QUEUE);
        let writing = Arc::clone(&database);
        let writer = std::thread::Builder::new()
            .name("object-index".to_owned())
            .spawn(move || write_batches(&writing, &blobs, queue))
            .map_err(redb::StorageError::from)?;
        Ok(Index { database, changes: Some(changes), writer: Some(writer) })
    }

    /// Runs `work` on a snapshot of the index, on the calling thread.
    pub(crate) fn read_here<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        work(&self.database.begin_read()?)
    }

    /// Runs `work` on a snapshot of the index, away from the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let database = Arc::clone(&self.database);
        tokio::task::spawn_blocking(move || work(&database.begin_read()?))
            .await
            .unwrap_or(Err(Error::Closed))
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

fn write_batches(database: &Database, blobs: &Blobs, mut queue: mpsc::Receiver<Box<dyn Change>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        let fate = commit(database, &mut batch);
        for change in batch {
            change.finish(&fate, blobs);
        }
    }
}

/// What became of a transaction.
enum Fate {
    Committed,
    /// Nothing of it is in the index.
    Aborted(String),
    /// The disk failed during the commit: it may be in the index or not.
    Unknown(String),
}

fn commit(database: &Database, batch: &mut [Box<dyn Change>]) -> Fate {
    let tx = match database.begin_write() {
        Ok(tx) => tx,
        Err(error) => return Fate::Aborted(error.to_string()),
    };
    let mut wrote = false;
    for change in batch {
        match change.apply(&tx) {
            Ok(changed) => wrote |= changed,
            Err(reason) => {
                let _ = tx.abort();
                return Fate::Aborted(reason);
            }
        }
    }
    if !wrote {
        let _ = tx.abort();
        return Fate::Committed;
    }
    match tx.commit() {
        Ok(()) => Fate::Committed,
        Err(error) => {
            tracing::error!(%error, "the object index could not commit");
            Fate::Unknown(error.to_string())
        }
    }
}

trait Change: Send {
    /// Writes; `Ok(false)` when the change was refused, an error when the transaction is broken.
    fn apply(&mut self, tx: &WriteTransaction) -> Result<bool, String>;

    fn finish(self: Box<Self>, fate: &Fate, blobs: &Blobs);
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
    fn apply(&mut self, tx: &WriteTransaction) -> Result<bool, String> {
        let Some(work) = self.work.take() else { return Ok(false) };
        let outcome = work(tx);
        let verdict = match &outcome {
            Ok(_) => Ok(true),
            Err(error @ (Error::Index(_) | Error::Io(_) | Error::Full)) => Err(error.to_string()),
            Err(_) => Ok(false),
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn finish(self: Box<Self>, fate: &Fate, blobs: &Blobs) {
        let answer = match (self.outcome, fate) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(applied)), Fate::Committed) => {
                applied.keep.into_iter().for_each(Staged::keep);
                blobs.remove(&applied.free);
                Ok(applied.value)
            }
            (Some(Ok(applied)), Fate::Unknown(reason)) => {
                // The index may refer to the files after all; the next start finds out.
                applied.keep.into_iter().for_each(Staged::keep);
                Err(Error::Index(reason.clone()))
            }
            (_, Fate::Aborted(reason) | Fate::Unknown(reason)) => Err(Error::Index(reason.clone())),
            (None, Fate::Committed) => Err(Error::Closed),
        };
        // The caller may have gone away; the change stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// Makes the tables of a new index.
pub(crate) fn prepare(index: &Index) -> Result<(), Error> {
    let tx = index.database.begin_write()?;
    tables::create_all(&tx)?;
    tx.commit()?;
    Ok(())
}
