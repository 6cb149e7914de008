//! A response body that ends in an error when the backend falls silent.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use crate::data::BodyError;

/// Aborts the client's transfer rather than let it hang or end short.
pub(super) struct IdleBody {
    incoming: Incoming,
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl IdleBody {
    pub(super) fn new(incoming: Incoming, limit: Duration) -> Self {
        Self { incoming, limit, timer: None }
    }
}

impl HttpBody for IdleBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let limit = self.limit;
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
            self.timer = None;
            return Poll::Ready(frame.map(|it| {
                it.map_err(|error| {
                    tracing::error!(%error, "the backend broke off inside an object");
                    BodyError::new(error)
                })
            }));
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        match timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                tracing::error!("the backend fell silent inside an object");
                Poll::Ready(Some(Err(BodyError::new("the backend fell silent"))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
