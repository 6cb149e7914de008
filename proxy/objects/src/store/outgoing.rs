//! Bytes on their way out: read in pieces, off the async threads.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::JoinHandle;

use super::blobs::{Blobs, Leased};
use crate::model::{BlobId, Segment};

/// Bytes read at a time.
const PIECE_BYTES: u64 = 256 << 10;

/// The bytes of an object, or of a range of it, as a stream of known length.
///
/// A file that is missing or short ends the stream with an error, never early without one.
pub(crate) struct Outgoing {
    reader: State,
    /// Bytes that are still to come.
    remaining: u64,
}

enum State {
    Idle(Box<Reader>),
    Busy(JoinHandle<io::Result<(Box<Reader>, Bytes)>>),
    Done,
}

impl Outgoing {
    /// Opens the first file of `range`, which lies within the segments.
    pub(crate) fn open(
        blobs: &Arc<Blobs>,
        lease: Option<Leased>,
        segments: &[Segment],
        range: Range<u64>,
    ) -> io::Result<Outgoing> {
        let extents = extents(segments, &range);
        let mut reader = Reader { blobs: Arc::clone(blobs), extents, current: None, _lease: lease };
        reader.open_current()?;
        let remaining = range.end.saturating_sub(range.start);
        Ok(Outgoing { reader: State::Idle(Box::new(reader)), remaining })
    }
}

impl Stream for Outgoing {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.reader, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Idle(_) if self.remaining == 0 => return Poll::Ready(None),
                State::Idle(mut reader) => {
                    self.reader = State::Busy(tokio::task::spawn_blocking(move || {
                        let piece = reader.read_piece()?;
                        Ok((reader, piece))
                    }));
                }
                State::Busy(mut reading) => {
                    let read = match Pin::new(&mut reading).poll(cx) {
                        Poll::Pending => {
                            self.reader = State::Busy(reading);
                            return Poll::Pending;
                        }
                        ready => ready!(ready),
                    };
                    let (reader, piece) = match read {
                        Ok(Ok(read)) => read,
                        Ok(Err(error)) => return Poll::Ready(Some(Err(Box::new(error)))),
                        Err(error) => return Poll::Ready(Some(Err(Box::new(error)))),
                    };
                    self.remaining = self.remaining.saturating_sub(piece.len() as u64);
                    self.reader = State::Idle(reader);
                    return Poll::Ready(Some(Ok(piece)));
                }
            }
        }
    }
}

impl ByteStream for Outgoing {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining)
            .map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}

/// A run of bytes within one file.
struct Extent {
    blob: BlobId,
    offset: u64,
    length: u64,
}

struct Reader {
    blobs: Arc<Blobs>,
    extents: VecDeque<Extent>,
    /// The file of the first extent, at the position of its offset.
    current: Option<File>,
    _lease: Option<Leased>,
}

impl Reader {
    fn open_current(&mut self) -> io::Result<()> {
        if let (None, Some(extent)) = (&self.current, self.extents.front()) {
            let mut file = self.blobs.open_file(extent.blob)?;
            file.seek(SeekFrom::Start(extent.offset))?;
            self.current = Some(file);
        }
        Ok(())
    }

    fn read_piece(&mut self) -> io::Result<Bytes> {
        self.open_current()?;
        let (Some(extent), Some(file)) = (self.extents.front_mut(), &mut self.current) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let length = extent.length.min(PIECE_BYTES);
        let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact(&mut piece)?;
        extent.length -= length;
        if extent.length == 0 {
            self.extents.pop_front();
            self.current = None;
        }
        Ok(piece.into())
    }
}

fn extents(segments: &[Segment], range: &Range<u64>) -> VecDeque<Extent> {
    let mut extents = VecDeque::new();
    let mut start = 0;
    for segment in segments {
        let end = start + segment.size;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            extents.push_back(Extent {
                blob: segment.blob,
                offset: from - start,
                length: to - from,
            });
        }
        start = end;
    }
    extents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_over_three_files_takes_the_end_of_one_and_the_start_of_another() {
        let ids = [BlobId::random(), BlobId::random(), BlobId::random()];
        let segments = ids.map(|blob| Segment { blob, size: 10, part: None });
        let runs: Vec<_> = extents(&segments, &(8..21))
            .into_iter()
            .map(|run| (run.blob, run.offset, run.length))
            .collect();
        assert_eq!(runs, [(ids[0], 8, 2), (ids[1], 0, 10), (ids[2], 0, 1)]);
    }
}
