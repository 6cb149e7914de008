//! A request body that is counted while it passes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::Recorder;

/// Passes `inner` on frame by frame and tells the recorder how much has passed. An error of
/// the sender stays an error: the store's connection then ends without completing the body.
pub(super) struct Counted {
    inner: Incoming,
    recorder: Arc<Recorder>,
    index: usize,
}

impl Counted {
    /// Counts `inner` on the recorder's entry `index`.
    pub(super) fn new(inner: Incoming, recorder: Arc<Recorder>, index: usize) -> Self {
        if inner.is_end_stream() {
            recorder.update(index, |entry| entry.complete = true);
        }
        Self { inner, recorder, index }
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let next = ready!(Pin::new(&mut self.inner).poll_frame(context));
        let passed = match &next {
            Some(Ok(frame)) => frame.data_ref().map_or(0, |data| data.len() as u64),
            Some(Err(_)) => return Poll::Ready(next),
            None => 0,
        };
        let complete = next.is_none() || self.inner.is_end_stream();
        self.recorder.update(self.index, |entry| {
            entry.body_bytes += passed;
            entry.complete |= complete;
        });
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
