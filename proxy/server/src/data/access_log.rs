//! One line a request, written when its answer has gone out.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::OwnedSemaphorePermit;

use super::{Body, BodyError};

/// What is known of a request by the time it is answered. No query and no header value:
/// a presigned query is a credential.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) request_id: String,
    pub(super) method: String,
    pub(super) operation: &'static str,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) user: String,
    pub(super) peer: String,
    pub(super) code: &'static str,
    pub(super) stage: &'static str,
    /// The request's place among those under way, given up with the end of its answer.
    pub(super) slot: Option<OwnedSemaphorePermit>,
}

/// Wraps a response so that its end, or its abort, writes the line.
pub(super) fn attach(response: Response<Body>, entry: Entry, started: Instant) -> Response<Body> {
    metrics::gauge!("deltaglider_requests_in_flight").increment(1.0);
    let status = response.status();
    response.map(|body| {
        Logged { whole: body.is_end_stream(), body, entry, started, status, bytes: 0 }
            .boxed_unsync()
    })
}

struct Logged {
    body: Body,
    entry: Entry,
    started: Instant,
    status: StatusCode,
    bytes: u64,
    whole: bool,
}

impl HttpBody for Logged {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                self.whole = self.body.is_end_stream();
            }
            Poll::Ready(None) => self.whole = true,
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let (entry, status) = (&self.entry, self.status.as_u16());
        let seconds = self.started.elapsed().as_secs_f64();
        metrics::gauge!("deltaglider_requests_in_flight").decrement(1.0);
        metrics::counter!("deltaglider_requests_total",
            "operation" => entry.operation, "status" => status.to_string())
        .increment(1);
        metrics::histogram!("deltaglider_request_seconds", "operation" => entry.operation)
            .record(seconds);
        metrics::counter!("deltaglider_response_bytes_total").increment(self.bytes);
        tracing::info!(
            target: "access",
            request_id = %entry.request_id,
            user = %entry.user,
            peer = %entry.peer,
            method = %entry.method,
            operation = entry.operation,
            bucket = ?entry.bucket,
            key = ?entry.key,
            status,
            code = entry.code,
            stage = entry.stage,
            bytes = self.bytes,
            complete = self.whole || self.status == StatusCode::NO_CONTENT,
            milliseconds = (seconds * 1000.0).round(),
        );
    }
}
