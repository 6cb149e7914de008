//! The embedded store, called in process.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deltaglider_objects::{Service, Store, Trailers};
use http::header::{CONTENT_LENGTH, HOST, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use tokio::task::JoinHandle;

use super::{BackendError, OpenError, Outgoing, OutgoingBody};
use crate::config::EmbeddedConfig;
use crate::data::{Body, BodyError};

/// How often abandoned uploads are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// A folder of this machine behind the S3 wire format.
#[derive(Clone)]
pub(crate) struct Embedded {
    service: Service,
    folder: PathBuf,
    /// Ends with the last clone.
    _sweeping: Option<Arc<Sweeping>>,
}

impl Embedded {
    /// Called inside a Tokio runtime, which looks for abandoned uploads from then on.
    pub(super) fn open(config: EmbeddedConfig) -> Result<Self, OpenError> {
        let service = Service::new(Store::open(&config.folder)?);
        let sweeping = config.upload_age.map(|age| Arc::new(Sweeping::start(&service, age)));
        Ok(Self { service, folder: config.folder, _sweeping: sweeping })
    }

    pub(super) fn describe(&self) -> String {
        format!("embedded store in {}", self.folder.display())
    }

    pub(super) fn is_ready(&self) -> bool {
        self.service.ready()
    }

    pub(super) async fn send(&self, outgoing: Outgoing) -> Result<Response<Body>, BackendError> {
        let question = if outgoing.query.is_empty() { "" } else { "?" };
        let uri = format!("{}{question}{}", outgoing.path, outgoing.query);
        let mut request = Request::new(deltaglider_objects::Body::empty());
        *request.uri_mut() =
            uri.parse().map_err(|error| BackendError::Unbuildable(format!("{uri}: {error}")))?;
        *request.headers_mut() = outgoing.headers;
        request.headers_mut().insert(HOST, HeaderValue::from_static("embedded"));
        match outgoing.body {
            OutgoingBody::Whole(bytes) => {
                if !bytes.is_empty() || matches!(outgoing.method, Method::PUT | Method::POST) {
                    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
                }
                *request.body_mut() = deltaglider_objects::Body::from(bytes);
            }
            OutgoingBody::Spooled(kept) => {
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(kept.length));
                *request.body_mut() = deltaglider_objects::Body::http_body_unsync(kept.body);
            }
            OutgoingBody::Streamed(stream) => {
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(stream.length));
                if let Some(names) = stream.trailer {
                    request.headers_mut().insert("x-amz-trailer", names);
                    request.extensions_mut().insert(Trailers(stream.body.trailers()));
                }
                *request.body_mut() = deltaglider_objects::Body::http_body_unsync(stream.body);
            }
        }
        *request.method_mut() = outgoing.method;
        let answer = self.service.call(request).await;
        Ok(answer.map(|body| body.map_err(BodyError::new).boxed_unsync()))
    }
}

/// Aborts abandoned uploads now and then.
struct Sweeping(JoinHandle<()>);

impl Sweeping {
    fn start(service: &Service, age: Duration) -> Self {
        let service = service.clone();
        Self(tokio::spawn(async move {
            let mut beat = tokio::time::interval(SWEEP_EVERY);
            loop {
                beat.tick().await;
                service.abort_abandoned_uploads(age).await;
            }
        }))
    }
}

impl Drop for Sweeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}
