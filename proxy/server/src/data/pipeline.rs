//! One request on its way: identify, authenticate, authorise, forward, respond.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deltaglider_core::policy::authorise;
use deltaglider_core::s3::{Operation, Query, RequestHead, S3Error, S3ErrorCode, identify};
use deltaglider_core::sigv4::{
    AuthError, Authenticated, PayloadVerifier, RequestView, authenticate, hoisted_headers,
};
use deltaglider_core::snapshot::Snapshot;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use time::OffsetDateTime;

use super::access_log::{self, Entry};
use super::forward::{Arrived, prepare};
use super::refusal::Refusal;
use super::replay::{ReplayCache, Use};
use super::{Body, ClientBody, respond};
use crate::backend::Backend;
use crate::config::ReplayConfig;

/// Everything that serving a request needs, shared by all connections.
pub(crate) struct DataPlane {
    snapshot: Arc<Snapshot>,
    backend: Backend,
    skew: Duration,
    replay: Arc<ReplayCache>,
}

impl DataPlane {
    pub(crate) fn new(
        snapshot: Arc<Snapshot>,
        backend: Backend,
        skew: Duration,
        replay: ReplayConfig,
    ) -> Self {
        Self { snapshot, backend, skew, replay: ReplayCache::new(replay) }
    }

    /// Answers one request; it never fails, and every exit writes its line.
    pub(crate) async fn serve(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let started = Instant::now();
        let (parts, incoming) = request.into_parts();
        let expected = parts.headers.get("expect").map(|value| value.as_bytes());
        let expects = expected.is_some_and(|it| it.eq_ignore_ascii_case(b"100-continue"));
        let body = ClientBody::new(incoming, expects);
        let request_id = request_id();
        let mut entry = Entry {
            request_id: request_id.clone(),
            method: parts.method.to_string(),
            peer: peer.to_string(),
            operation: "Unknown",
            ..Entry::default()
        };
        let outcome = self.answer(&parts, body, peer, &mut entry).await;
        let mut response = outcome.unwrap_or_else(|refusal| {
            entry.stage = refusal.stage();
            let error = refusal.into_error();
            entry.code = error.code.as_str();
            if respond::is_server_fault(error.status()) && entry.stage == "backend" {
                tracing::error!(%request_id, code = entry.code, "{}", error.message);
            }
            respond::refusal(&error, &parts.method, parts.uri.path(), &request_id)
        });
        respond::stamp(&mut response, &request_id);
        access_log::attach(response, entry, started)
    }

    /// The road itself. Each stage takes what only the one before it can make.
    async fn answer(
        &self,
        parts: &Parts,
        body: ClientBody,
        peer: IpAddr,
        entry: &mut Entry,
    ) -> Result<Response<Body>, Refusal> {
        let query = Query::parse(parts.uri.query()).map_err(Refusal::Unreadable)?;
        let headers = hoisted(&parts.headers, &query)?;
        let operation = identify(&RequestHead {
            method: &parts.method,
            path: parts.uri.path(),
            host_bucket: None,
            query: &query,
            headers: &headers,
        });
        note_operation(entry, &operation);

        let view = RequestView {
            method: &parts.method,
            path: parts.uri.path(),
            query: &query,
            headers: &parts.headers,
        };
        let now = OffsetDateTime::now_utc();
        let caller = authenticate(&view, &self.snapshot, self.skew, now)?;
        caller.principal().name().clone_into(&mut entry.user);

        let permit = authorise(&caller, operation, Some(peer), self.backend.names())?;
        self.backend.accepts(permit.operation())?;
        let verifier = PayloadVerifier::new(&caller, &headers)?;
        let arrived = Arrived {
            method: &parts.method,
            headers: &headers,
            promise: caller.payload(),
            verifier,
            body,
        };
        let prepared = prepare(&permit, arrived).await?;
        prepared.keys.iter().try_for_each(|key| self.backend.accepts_key(key))?;

        let ticket = match self.use_of(&caller, permit.operation(), peer)? {
            Some(used) => self.replay.admit(&used)?,
            None => None,
        };
        let failure = prepared.failure;
        let answer = self.backend.send(prepared.outgoing).await;
        // A body that failed to verify is why the store saw a broken upload, whatever it says.
        if let Some(fault) = failure.and_then(|slot| slot.get().cloned()) {
            return Err(Refusal::Invalid(fault));
        }
        answer.map(respond::from_store).map_err(|error| {
            if let (false, Some(ticket)) = (error.something_was_sent(), ticket) {
                ticket.withdraw();
            }
            error.into()
        })
    }

    /// How the replay cache sees a request; presigned URLs are made to be used again.
    ///
    /// The clocks are read here and the date judged again: a body may have taken its time,
    /// and a use must be remembered for as long as its date will be accepted.
    fn use_of(
        &self,
        caller: &Authenticated,
        operation: &Operation,
        peer: IpAddr,
    ) -> Result<Option<Use>, AuthError> {
        if caller.is_presigned() {
            return Ok(None);
        }
        let acceptable = caller.acceptable_for(self.skew, OffsetDateTime::now_utc())?;
        Ok(Some(Use {
            mac: caller.mac(),
            read: operation.is_read(),
            peer,
            now: Instant::now(),
            // Dates have whole seconds.
            acceptable: acceptable + Duration::from_secs(1),
        }))
    }
}

fn hoisted(headers: &HeaderMap, query: &Query) -> Result<HeaderMap, Refusal> {
    hoisted_headers(headers, query).map_err(|name| {
        let text = format!("{name} is given twice, or is no header value");
        Refusal::Unreadable(S3Error::new(S3ErrorCode::InvalidRequest, text))
    })
}

fn note_operation(entry: &mut Entry, operation: &Operation) {
    entry.operation = operation.kind.name();
    entry.bucket = operation.bucket().map(ToString::to_string).unwrap_or_default();
    entry.key = operation.key().map(ToString::to_string).unwrap_or_default();
}

/// Sixteen upper-case hexadecimal digits, random.
fn request_id() -> String {
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    format!("{high:016X}")
}
