//! Bytes whose length nobody has told: kept here, in memory or in a nameless file, until they end.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use deltaglider_core::s3::{S3Error, S3ErrorCode};
use futures::Stream;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio_util::io::ReaderStream;

use super::BodyError;
use crate::backend::{Activity, OutgoingBody, SpooledBody};

/// As much is kept in memory, in bytes.
const IN_MEMORY: usize = 128 * 1024;
/// Read at once on the way out, in bytes.
const PIECE: usize = 64 * 1024;

/// What came so far.
pub(super) struct Spool<'a> {
    folder: &'a Path,
    memory: BytesMut,
    file: Option<File>,
    digest: Sha256,
    length: u64,
}

impl<'a> Spool<'a> {
    /// Files are made in `folder`, without a name: whatever happens, none of them stays.
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { folder, memory: BytesMut::new(), file: None, digest: Sha256::new(), length: 0 }
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Takes some more.
    pub(super) async fn push(&mut self, data: &[u8]) -> Result<(), S3Error> {
        self.length += data.len() as u64;
        self.digest.update(data);
        self.memory.extend_from_slice(data);
        if self.memory.len() > IN_MEMORY { self.spill().await.map_err(failed) } else { Ok(()) }
    }

    /// All of it, ready to be sent.
    pub(super) async fn finish(mut self) -> Result<OutgoingBody, S3Error> {
        if self.file.is_none() {
            return Ok(OutgoingBody::Whole(self.memory.freeze()));
        }
        self.spill().await.map_err(failed)?;
        let Some(mut file) = self.file else { return Ok(OutgoingBody::Whole(Bytes::new())) };
        file.flush().await.map_err(failed)?;
        file.rewind().await.map_err(failed)?;
        let sha256 = hex::encode(self.digest.finalize());
        let body = FileBody {
            pieces: ReaderStream::with_capacity(file, PIECE),
            left: self.length,
            activity: Arc::default(),
        };
        Ok(OutgoingBody::Spooled(Box::new(SpooledBody { body, length: self.length, sha256 })))
    }

    async fn spill(&mut self) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let folder = self.folder.to_owned();
                let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
                none.insert(File::from_std(made.map_err(std::io::Error::other)??))
            }
        };
        file.write_all(&self.memory).await?;
        self.memory.clear();
        Ok(())
    }
}

/// The disk's failure is ours.
fn failed(error: std::io::Error) -> S3Error {
    tracing::error!(%error, "an upload cannot be kept until it is whole");
    S3Error::new(S3ErrorCode::InternalError, "the upload cannot be kept until it is whole")
}

/// A kept file on its way out.
pub(crate) struct FileBody {
    pieces: ReaderStream<File>,
    left: u64,
    activity: Arc<Activity>,
}

impl FileBody {
    pub(crate) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let piece = ready!(Pin::new(&mut self.pieces).poll_next(cx));
        self.activity.backend_asked();
        Poll::Ready(piece.map(|piece| {
            let piece = piece.map_err(BodyError::new)?;
            self.left = self.left.saturating_sub(piece.len() as u64);
            Ok(Frame::data(piece))
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn spooled(size: usize) -> (OutgoingBody, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..size).map(|at| at as u8).collect();
        let mut spool = Spool::new(folder.path());
        for piece in content.chunks(50_000) {
            spool.push(piece).await.unwrap();
        }
        let body = spool.finish().await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file has a name");
        (body, content)
    }

    #[tokio::test]
    async fn what_is_small_stays_in_memory() {
        for size in [0, 1, IN_MEMORY] {
            let (body, content) = spooled(size).await;
            let OutgoingBody::Whole(bytes) = body else { panic!("not in memory") };
            assert_eq!(bytes, content);
        }
    }

    #[tokio::test]
    async fn what_is_large_comes_back_byte_for_byte() {
        let (body, content) = spooled(IN_MEMORY * 3 + 7).await;
        let OutgoingBody::Spooled(kept) = body else { panic!("not in a file") };
        assert_eq!(kept.length, content.len() as u64);
        assert_eq!(kept.sha256, hex::encode(Sha256::digest(&content)));
        assert_eq!(kept.body.size_hint().exact(), Some(kept.length));
        assert_eq!(kept.body.collect().await.unwrap().to_bytes(), content);
    }
}
