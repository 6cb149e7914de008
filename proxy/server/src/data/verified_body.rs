//! The object's bytes on their way to the backend, the last piece held back (INT-27).

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use deltaglider_core::s3::S3Error;
use deltaglider_core::sigv4::{PayloadError, PayloadVerifier};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use super::{BodyError, ClientBody};
use crate::backend::Activity;

/// Trailing fields, there once the body has ended and verified.
pub(crate) type TrailerSlot = Arc<OnceLock<HeaderMap>>;
/// Why the body was cut off, for the answer to its client.
pub(crate) type FailureSlot = Arc<OnceLock<S3Error>>;

/// Streams an object to the backend and fails it unless the whole body verifies.
///
/// The newest piece always stays behind. Its backend request declares the full length,
/// so a body that fails to verify is one that the backend never receives whole.
pub(crate) struct VerifiedBody {
    client: ClientBody,
    verifier: PayloadVerifier,
    pieces: VecDeque<Bytes>,
    verified: bool,
    trailers: TrailerSlot,
    failure: FailureSlot,
    activity: Arc<Activity>,
    left: u64,
}

impl VerifiedBody {
    /// `length` is that of the object, in bytes, and more than zero.
    pub(crate) fn new(client: ClientBody, verifier: PayloadVerifier, length: u64) -> Self {
        Self {
            client,
            verifier,
            pieces: VecDeque::new(),
            verified: false,
            trailers: TrailerSlot::default(),
            failure: FailureSlot::default(),
            activity: Arc::default(),
            left: length,
        }
    }

    pub(crate) fn trailers(&self) -> TrailerSlot {
        Arc::clone(&self.trailers)
    }

    pub(crate) fn failure(&self) -> FailureSlot {
        Arc::clone(&self.failure)
    }

    pub(crate) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }

    fn accept(&mut self, data: Bytes) -> Result<(), PayloadError> {
        let mut decoded = Vec::new();
        self.verifier.push(data, &mut decoded)?;
        self.pieces.extend(decoded.into_iter().filter(|piece| !piece.is_empty()));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), PayloadError> {
        // The slot is set once: the body ends once.
        let _ = self.trailers.set(self.verifier.finish()?);
        self.verified = true;
        Ok(())
    }

    fn fail(&mut self, error: S3Error) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.pieces.clear();
        let cause = BodyError::new(&error.message);
        let _ = self.failure.set(error);
        Poll::Ready(Some(Err(cause)))
    }
}

impl Body for VerifiedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        loop {
            if this.verified || this.pieces.len() > 1 {
                let piece = this.pieces.pop_front();
                this.activity.backend_asked();
                this.left =
                    this.left.saturating_sub(piece.as_ref().map_or(0, |it| it.len() as u64));
                return Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))));
            }
            let step = match Pin::new(&mut this.client).poll_frame(cx) {
                Poll::Pending => {
                    this.activity.client_awaited();
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => this.accept(data),
                    // HTTP trailers are not the signed ones, which stand inside the body.
                    Err(_) => Ok(()),
                },
                Poll::Ready(Some(Err(error))) => return this.fail(error.into()),
                Poll::Ready(None) => this.finish(),
            };
            if let Err(error) = step {
                return this.fail(error.into());
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
