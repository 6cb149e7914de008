//! Bytes on their way in: hashed and written in batches, off the async threads.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinHandle;

use super::blobs::{Blobs, Draft, Staged};
use super::digest::{Digested, Digests};
use super::error::Error;
use crate::model::Algorithm;

/// Bytes that are collected before they are written. One batch is written while the next arrives,
/// so that an upload holds about twice this much.
const BATCH_BYTES: usize = 256 << 10;

/// A body that is being stored. Dropped before it is finished, it leaves nothing.
pub(crate) struct Incoming {
    sink: Sink,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
}

/// A body that is on the disk, though not in the index.
pub(crate) struct Received {
    /// None for a body without bytes.
    pub(crate) staged: Option<Staged>,
    pub(crate) size: u64,
    pub(crate) digested: Digested,
}

impl Incoming {
    pub(crate) fn new(blobs: Arc<Blobs>, algorithm: Option<Algorithm>) -> Incoming {
        let file = Writer { blobs, draft: None, digests: Digests::new(algorithm), size: 0 };
        Incoming { sink: Sink::Idle(Box::new(file)), waiting: Vec::new(), waiting_bytes: 0 }
    }

    pub(crate) async fn push(&mut self, chunk: Bytes) -> Result<(), Error> {
        self.waiting_bytes += chunk.len();
        self.waiting.push(chunk);
        if self.waiting_bytes >= BATCH_BYTES {
            let mut writer = self.take_writer().await?;
            let batch = self.take_waiting();
            self.sink = Sink::Busy(tokio::task::spawn_blocking(move || {
                writer.write(&batch)?;
                Ok(writer)
            }));
        }
        Ok(())
    }

    /// Writes the rest and flushes the file to the disk.
    pub(crate) async fn finish(mut self) -> Result<Received, Error> {
        let mut writer = self.take_writer().await?;
        let batch = self.take_waiting();
        let finished = tokio::task::spawn_blocking(move || {
            writer.write(&batch)?;
            writer.finish()
        });
        Ok(finished.await.map_err(|_| Error::Closed)??)
    }

    async fn take_writer(&mut self) -> Result<Box<Writer>, Error> {
        match std::mem::replace(&mut self.sink, Sink::Broken) {
            Sink::Idle(writer) => Ok(writer),
            Sink::Busy(writing) => Ok(writing.await.map_err(|_| Error::Closed)??),
            Sink::Broken => Err(Error::Closed),
        }
    }

    fn take_waiting(&mut self) -> Vec<Bytes> {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting)
    }
}

enum Sink {
    Idle(Box<Writer>),
    Busy(JoinHandle<io::Result<Box<Writer>>>),
    /// A write failed and was reported.
    Broken,
}

struct Writer {
    blobs: Arc<Blobs>,
    draft: Option<Draft>,
    digests: Digests,
    size: u64,
}

impl Writer {
    fn write(&mut self, batch: &[Bytes]) -> io::Result<()> {
        for chunk in batch.iter().filter(|chunk| !chunk.is_empty()) {
            let draft = match &mut self.draft {
                Some(draft) => draft,
                None => self.draft.insert(self.blobs.draft()?),
            };
            draft.file.write_all(chunk)?;
            self.digests.update(chunk);
            self.size += chunk.len() as u64;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Received> {
        let staged = self.draft.map(Draft::finish).transpose()?;
        Ok(Received { staged, size: self.size, digested: self.digests.finish() })
    }
}
