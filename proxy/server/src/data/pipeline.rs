//! One request on its way: identify, authenticate, authorise, forward, respond.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deltaglider_core::policy::{Access, Denial, authorise};
use deltaglider_core::s3::{Operation, Query, RequestHead, S3Error, S3ErrorCode, identify};
use deltaglider_core::sigv4::{
    AuthError, Authenticated, PayloadVerifier, RequestView, authenticate, hoisted_headers,
};
use deltaglider_core::snapshot::Principal;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use ipnet::IpNet;
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use super::access_log::{self, Entry};
use super::batch::Batch;
use super::denial::{self, Told};
use super::dispatch::course;
use super::form::is_form;
use super::forward::{Arrived, prepare};
use super::refusal::Refusal;
use super::replay::{ReplayCache, Use};
use super::seal::Sealer;
use super::source::{scheme, source};
use super::{Body, ClientBody, cors, location, respond};
use crate::backend::Backend;
use crate::config::{CorsOrigins, ReplayConfig};
use crate::iam::{Asked, Iam};

/// Everything that serving a request needs, shared by all connections.
pub(crate) struct DataPlane {
    pub(super) iam: Iam,
    pub(super) backend: Backend,
    replay: Arc<ReplayCache>,
    sealer: Sealer,
    slots: Arc<Semaphore>,
    pub(super) settings: DataSettings,
}

/// How the S3 port is to behave.
pub(crate) struct DataSettings {
    /// How far a signed date may lie from the clock.
    pub(crate) skew: Duration,
    /// How repeated signatures are treated.
    pub(crate) replay: ReplayConfig,
    /// Peers whose `X-Forwarded-For` counts.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Most requests under way at once.
    pub(crate) most_requests: usize,
    /// How long a client may send nothing.
    pub(crate) client_timeout: Duration,
    /// Whether clients speak TLS to this process.
    pub(crate) tls: bool,
    /// Where uploads are kept whose length is not known before their end.
    pub(crate) spool: PathBuf,
    /// Whose pages may call.
    pub(crate) cors: CorsOrigins,
    /// Whether the admin is served at the same address.
    pub(crate) shares_origin: bool,
}

/// What became known of a request on its way.
pub(super) struct Seen {
    pub(super) entry: Entry,
    asked: Option<Asked>,
    denied_keys: Vec<Denial>,
    /// The key id that a form claims; a request's stands in its head.
    pub(super) claimed: Option<String>,
}

/// The head of a request, and the bucket that its host names.
#[derive(Clone, Copy)]
pub(super) struct Received<'a> {
    pub(super) parts: &'a Parts,
    pub(super) host_bucket: Option<&'a str>,
    /// `http` or `https`, as the client sees it.
    pub(super) scheme: &'static str,
}

/// Where a request comes from.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    /// The other end of the connection.
    peer: IpAddr,
    /// The caller behind it, as far as it is known.
    pub(super) source: Option<IpAddr>,
}

impl DataPlane {
    pub(crate) fn new(iam: Iam, backend: Backend, sealer: Sealer, settings: DataSettings) -> Self {
        let slots = Arc::new(Semaphore::new(settings.most_requests));
        Self { iam, backend, replay: ReplayCache::new(settings.replay), sealer, slots, settings }
    }

    /// Answers one request; it never fails, and every exit writes its line.
    pub(crate) async fn serve(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        host_bucket: Result<Option<String>, S3Error>,
    ) -> Response<Body> {
        let started = Instant::now();
        let (parts, incoming) = request.into_parts();
        let expected = parts.headers.get("expect").map(|value| value.as_bytes());
        let expects = expected.is_some_and(|it| it.eq_ignore_ascii_case(b"100-continue"));
        let body = ClientBody::new(incoming, expects, self.settings.client_timeout);
        let request_id = request_id();
        let trusted = &self.settings.trusted_proxies;
        let source = source(peer, &parts.headers, trusted);
        let scheme = scheme(peer, &parts.headers, trusted, self.settings.tls);
        let entry = Entry {
            request_id: request_id.clone(),
            method: parts.method.to_string(),
            peer: source.unwrap_or(peer).to_string(),
            operation: "Unknown",
            slot: Arc::clone(&self.slots).try_acquire_owned().ok(),
            ..Entry::default()
        };
        let mut seen = Seen { entry, asked: None, denied_keys: Vec::new(), claimed: None };
        let outcome = match host_bucket {
            _ if seen.entry.slot.is_none() => Err(Refusal::Overloaded),
            Ok(_) if parts.method == Method::OPTIONS => {
                seen.entry.operation = "Preflight";
                cors::preflight(&self.settings.cors, &parts.headers).map_err(Refusal::Unserved)
            }
            Ok(bucket) => {
                let host_bucket = bucket.as_deref();
                let received = Received { parts: &parts, host_bucket, scheme };
                self.answer(received, body, Origin { peer, source }, &mut seen).await
            }
            Err(error) => Err(Refusal::Unreadable(error)),
        };
        let Seen { mut entry, asked, denied_keys, claimed } = seen;
        let query = parts.uri.query();
        let told = Told { entry: &entry, headers: &parts.headers, query, claimed, asked };
        if let Err(refusal) = &outcome {
            denial::keep(&self.iam, &told, refusal, source.unwrap_or(peer)).await;
        }
        denial::keep_keys(&self.iam, &told, &denied_keys).await;
        let mut response = outcome.unwrap_or_else(|refusal| {
            entry.stage = refusal.stage();
            let error = refusal.into_error();
            entry.code = error.code.as_str();
            if respond::is_server_fault(error.status()) && entry.stage == "backend" {
                tracing::error!(%request_id, code = entry.code, "{}", error.message);
            }
            respond::refusal(&error, &parts.method, parts.uri.path(), &request_id)
        });
        respond::stamp(&mut response, &request_id, self.settings.shares_origin);
        cors::mark(&self.settings.cors, &parts.headers, response.headers_mut());
        access_log::attach(response, entry, started)
    }

    /// The road itself. Each stage takes what only the one before it can make.
    async fn answer(
        &self,
        received: Received<'_>,
        body: ClientBody,
        origin: Origin,
        seen: &mut Seen,
    ) -> Result<Response<Body>, Refusal> {
        let Received { parts, host_bucket, .. } = received;
        let query = Query::parse(parts.uri.query()).map_err(Refusal::Unreadable)?;
        let headers = hoisted(&parts.headers, &query)?;
        let operation = identify(&RequestHead {
            method: &parts.method,
            path: parts.uri.path(),
            host_bucket,
            query: &query,
            headers: &headers,
        });
        note_operation(&mut seen.entry, &operation);
        if let Some(bucket) = operation.bucket().filter(|_| is_form(&operation, parts, &query)) {
            return self.answer_form(received, (&query, bucket), body, origin, seen).await;
        }

        let view = RequestView {
            method: &parts.method,
            path: parts.uri.path(),
            query: &query,
            headers: &parts.headers,
        };
        let now = OffsetDateTime::now_utc();
        let current = self.iam.current();
        let caller = authenticate(&view, &current.snapshot, self.settings.skew, now)?;
        caller.principal().name().clone_into(&mut seen.entry.user);
        self.note_caller(&caller, &operation, origin.source, now, seen);

        let permit = authorise(&caller, operation, origin.source, self.backend.names())?;
        self.backend.accepts(permit.operation())?;
        let verifier = PayloadVerifier::new(&caller, &headers)?;
        let arrived = Arrived {
            method: &parts.method,
            headers: &headers,
            promise: caller.payload(),
            verifier,
            body,
        };
        let mut prepared = prepare(&permit, arrived).await?;
        seen.denied_keys = std::mem::take(&mut prepared.denied);
        let keys = prepared.batch.iter().flat_map(Batch::keys);
        keys.into_iter().try_for_each(|key| self.backend.accepts_key(key))?;
        let failure = prepared.failure.take();
        let course = course(&permit, prepared, &self.sealer)?;

        let used = self.use_of(&caller, permit.operation(), origin.peer)?;
        let ticket = match used.filter(|_| course.sends()) {
            Some(used) => self.replay.admit(&used)?,
            None => None,
        };
        let answer = course.take(&self.backend, &permit, &self.sealer).await;
        // A body that failed to verify is why the store saw a broken upload, whatever it says.
        if let Some(fault) = failure.and_then(|slot| slot.get().cloned()) {
            return Err(Refusal::Invalid(fault));
        }
        let answer = answer.map(|answer| location::placed(answer, &received, permit.operation()));
        answer.map_err(|error| {
            if let (false, Some(ticket)) = (error.something_was_sent(), ticket) {
                ticket.withdraw();
            }
            error.into()
        })
    }

    /// For explanations, and for the list of keys.
    pub(super) fn note_caller(
        &self,
        caller: &Authenticated,
        operation: &Operation,
        source: Option<IpAddr>,
        now: OffsetDateTime,
        seen: &mut Seen,
    ) {
        if matches!(caller.principal(), Principal::User(_)) {
            self.iam.key_was_used(caller.access_key_id(), now);
        }
        let asked = Asked {
            request_id: seen.entry.request_id.clone(),
            time: now,
            access: Access { principal: caller.principal().clone(), source },
            operation: operation.clone(),
        };
        self.iam.remember(asked.clone());
        seen.asked = Some(asked);
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
        let acceptable = caller.acceptable_for(self.settings.skew, OffsetDateTime::now_utc())?;
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
pub(crate) fn request_id() -> String {
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    format!("{high:016X}")
}
