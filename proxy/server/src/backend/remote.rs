//! Any S3 endpoint: pooled connections, signed anew with the proxy's own credentials.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::ServiceExt as _;
use tower::util::MapResponse;

use super::aws_chunked::{AwsChunked, encoded_length};
use super::idle_body::IdleBody;
use super::{Activity, BackendError, OpenError, Outgoing, OutgoingBody};
use crate::config::RemoteConfig;
use crate::data::{Body, whole};

const CONNECT: Duration = Duration::from_secs(5);
const READY: Duration = Duration::from_secs(3);
const STREAMING: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
/// Error documents of a store are small; a larger one is cut off here, in bytes.
const LARGEST_ERROR: usize = 64 * 1024;

/// What SDKs call their own requests by.
const INVOCATION: &str = "amz-sdk-invocation-id";

/// Codes by which a store refuses the proxy rather than the request.
const REFUSES_US: &[&str] = &[
    "AccessDenied",
    "AccountProblem",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Connections that are reset when they are dropped, whatever stands above them.
type Resetting = MapResponse<HttpConnector, fn(TokioIo<TcpStream>) -> TokioIo<TcpStream>>;
type Pool = Client<HttpsConnector<Resetting>, Body>;

/// A connection pool to one endpoint.
pub(crate) struct Remote {
    client: Pool,
    config: RemoteConfig,
    identity: Identity,
    timeout: Duration,
}

impl Remote {
    pub(super) fn new(config: RemoteConfig, timeout: Duration) -> Result<Self, OpenError> {
        let client = pool(timeout)?;
        let keys = &config.credentials;
        let credentials =
            Credentials::new(keys.id.clone(), keys.secret.as_str(), None, None, "configuration");
        let identity = credentials.into();
        Ok(Self { client, config, identity, timeout })
    }

    pub(super) fn describe(&self) -> String {
        format!("S3 endpoint {}", self.config.endpoint)
    }

    /// Whether anything short of a server error comes back in three seconds.
    pub(super) async fn is_ready(&self) -> bool {
        let probe = Outgoing {
            method: Method::GET,
            bucket: None,
            path: "/".into(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: OutgoingBody::Whole(Bytes::new()),
        };
        let Ok((request, _)) = self.build(probe) else { return false };
        match tokio::time::timeout(READY, self.client.request(request)).await {
            Ok(Ok(answer)) => !answer.status().is_server_error(),
            _ => false,
        }
    }

    pub(super) async fn send(&self, outgoing: Outgoing) -> Result<Response<Body>, BackendError> {
        let (request, activity) = self.build(outgoing)?;
        let answer = tokio::select! {
            answer = self.client.request(request) => answer.map_err(explain)?,
            () = activity.backend_silent_for(self.timeout) => return Err(BackendError::Silent),
        };
        self.judge(answer).await
    }

    fn build(&self, outgoing: Outgoing) -> Result<(Request<Body>, Arc<Activity>), BackendError> {
        let (authority, path) = self.address(&outgoing);
        let scheme = self.config.endpoint.scheme_str().unwrap_or("http");
        let question = if outgoing.query.is_empty() { "" } else { "?" };
        let uri = format!("{scheme}://{authority}{path}{question}{}", outgoing.query);
        let uri: Uri = uri.parse().map_err(unbuildable)?;
        let mut headers = outgoing.headers;
        headers.insert(HOST, HeaderValue::from_str(&authority).map_err(unbuildable)?);
        // Dates have whole seconds, and two clients may ask for one thing within one of them:
        // signed along, this keeps a store that watches for replays from refusing the second.
        let unique = uuid::Uuid::new_v4().to_string();
        headers.insert(INVOCATION, HeaderValue::from_str(&unique).map_err(unbuildable)?);

        let mut activity = Arc::<Activity>::default();
        let (body, payload) = match outgoing.body {
            OutgoingBody::Whole(bytes) => {
                if !bytes.is_empty() || matches!(outgoing.method, Method::PUT | Method::POST) {
                    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
                }
                (whole(bytes.clone()), Payload::Whole(bytes))
            }
            OutgoingBody::Spooled(kept) => {
                activity = kept.body.activity();
                headers.insert(CONTENT_LENGTH, HeaderValue::from(kept.length));
                (kept.body.boxed_unsync(), Payload::Declared(kept.sha256))
            }
            OutgoingBody::Streamed(stream) => {
                activity = stream.body.activity();
                match &stream.trailer {
                    None => {
                        headers.insert(CONTENT_LENGTH, HeaderValue::from(stream.length));
                        let payload = stream.sha256.map_or(Payload::Unsigned, Payload::Declared);
                        (stream.body.boxed_unsync(), payload)
                    }
                    Some(names) => {
                        let listed = field_names(names);
                        let encoded = encoded_length(stream.length, &listed)
                            .ok_or_else(|| unbuildable("an unknown trailing checksum"))?;
                        headers.insert(CONTENT_LENGTH, HeaderValue::from(encoded));
                        headers.insert("x-amz-trailer", names.clone());
                        headers.insert("x-amz-decoded-content-length", stream.length.into());
                        // The framing is an encoding on the wire, beside the object's own.
                        headers.append("content-encoding", HeaderValue::from_static("aws-chunked"));
                        let body = AwsChunked::new(stream.body, listed, encoded);
                        (body.boxed_unsync(), Payload::Trailing)
                    }
                }
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = outgoing.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        self.sign(&mut request, &payload)?;
        Ok((request, activity))
    }

    /// Authority and path: the bucket stands in one or in the other.
    fn address(&self, outgoing: &Outgoing) -> (String, String) {
        let authority =
            self.config.endpoint.authority().map(ToString::to_string).unwrap_or_default();
        match &outgoing.bucket {
            Some(bucket) if !self.config.path_style => {
                let path = outgoing.path.strip_prefix(&format!("/{bucket}")).unwrap_or_default();
                let path = if path.is_empty() { "/" } else { path };
                (format!("{bucket}.{authority}"), path.to_owned())
            }
            _ => (authority, outgoing.path.clone()),
        }
    }

    fn sign(&self, request: &mut Request<Body>, payload: &Payload) -> Result<(), BackendError> {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let params = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.config.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(unbuildable)?
            .into();
        let mut pairs = Vec::new();
        for (name, value) in request.headers() {
            // What is not ASCII travels unsigned; stores do not ask for more than x-amz-*.
            match value.to_str() {
                Ok(text) => pairs.push((name.as_str(), text)),
                Err(_) if name.as_str().starts_with("x-amz-") => {
                    return Err(unbuildable(format!("{name} is not ASCII")));
                }
                Err(_) => {}
            }
        }
        let body = match payload {
            Payload::Whole(bytes) => SignableBody::Bytes(bytes),
            Payload::Declared(hash) => SignableBody::Precomputed(hash.clone()),
            Payload::Unsigned => SignableBody::UnsignedPayload,
            Payload::Trailing => SignableBody::Precomputed(STREAMING.into()),
        };
        let uri = request.uri().to_string();
        let signable =
            SignableRequest::new(request.method().as_str(), uri, pairs.into_iter(), body)
                .map_err(unbuildable)?;
        let (instructions, _) = sign(signable, &params).map_err(unbuildable)?.into_parts();
        let (headers, _) = instructions.into_parts();
        for header in headers {
            let value = HeaderValue::from_str(header.value()).map_err(unbuildable)?;
            request.headers_mut().insert(header.name(), value);
        }
        Ok(())
    }

    /// Passes on what is about the object; keeps what is about the proxy (INT-26).
    async fn judge(&self, answer: Response<Incoming>) -> Result<Response<Body>, BackendError> {
        let status = answer.status();
        if status.is_informational() {
            return Err(BackendError::Broken(format!("it answered {status}")));
        }
        let redirects = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
        if redirects || status == StatusCode::UNAUTHORIZED {
            return Err(BackendError::RefusedUs(format!("it answered {status}")));
        }
        let (parts, incoming) = answer.into_parts();
        if !has_an_end(&parts, &incoming) {
            return Err(BackendError::Broken("its answer has no length".into()));
        }
        let body = IdleBody::new(incoming, self.timeout).boxed_unsync();
        if !matches!(status, StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST) {
            return Ok(Response::from_parts(parts, body));
        }
        let limited = http_body_util::Limited::new(body, LARGEST_ERROR);
        let bytes =
            limited.collect().await.map_err(|error| BackendError::Broken(error.to_string()))?;
        let bytes = bytes.to_bytes();
        let code = error_code(&bytes);
        // A HEAD has no document: a store that finds fault with our scope says just this.
        if code.is_none() {
            return Err(BackendError::RefusedUs(format!("it answered {status} and no code")));
        }
        let about_us = code.as_deref().is_some_and(|code| REFUSES_US.contains(&code));
        if about_us {
            return Err(BackendError::RefusedUs(code.unwrap_or_else(|| status.to_string())));
        }
        Ok(Response::from_parts(parts, whole(bytes)))
    }
}

fn pool(timeout: Duration) -> Result<Pool, OpenError> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // Shorter than the silence limit, so that no connection is told from no answer.
    tcp.set_connect_timeout(Some(CONNECT.min(timeout / 2)));
    let https = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| OpenError::Remote(error.to_string()))?
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp.map_response(resetting as fn(_) -> _));
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(20))
        .set_host(false)
        .build(https))
}

/// An upload whose body fails is broken off by a reset: some stores take a plain close for the
/// end of the object, short as it is, and would keep what nobody verified.
fn resetting(stream: TokioIo<TcpStream>) -> TokioIo<TcpStream> {
    if let Err(error) = stream.inner().set_zero_linger() {
        tracing::warn!(%error, "a broken upload to the backend will not be reset");
    }
    stream
}

/// Whether one can tell a whole answer from one that was cut short.
fn has_an_end(parts: &http::response::Parts, body: &Incoming) -> bool {
    let chunked = parts.headers.get("transfer-encoding").is_some();
    chunked || body.is_end_stream() || body.size_hint().exact().is_some()
}

enum Payload {
    Whole(Bytes),
    Declared(String),
    Unsigned,
    Trailing,
}

fn field_names(value: &HeaderValue) -> Vec<String> {
    let text = value.to_str().unwrap_or_default();
    text.split(',').map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// The text of `<Code>` in an error document.
fn error_code(xml: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename = "Error", rename_all = "PascalCase")]
    struct Document {
        code: String,
    }
    quick_xml::de::from_reader::<_, Document>(xml).ok().map(|document| document.code)
}

fn explain(error: hyper_util::client::legacy::Error) -> BackendError {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    if error.is_connect() { BackendError::Unreachable(text) } else { BackendError::Broken(text) }
}

fn unbuildable(error: impl std::fmt::Display) -> BackendError {
    BackendError::Unbuildable(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use futures::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn end_of_an_upload(
        last: Option<Result<Frame<Bytes>, crate::data::BodyError>>,
    ) -> std::io::Result<Vec<u8>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/", listener.local_addr().unwrap());
        let frames = [Some(Ok(Frame::data(Bytes::from_static(b"half")))), last];
        let body = StreamBody::new(stream::iter(frames.into_iter().flatten()));
        let request =
            Request::put(uri).header(CONTENT_LENGTH, 8).body(body.boxed_unsync()).unwrap();
        let client = pool(Duration::from_secs(5)).unwrap();
        tokio::spawn(async move { client.request(request).await });
        let (mut store, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        loop {
            match store.read_buf(&mut received).await {
                Ok(0) => return Ok(received),
                Ok(_) if received.ends_with(b"halfhalf") => return Ok(received),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[tokio::test]
    async fn an_upload_that_fails_is_reset_rather_than_ended() {
        let whole = end_of_an_upload(Some(Ok(Frame::data(Bytes::from_static(b"half"))))).await;
        assert!(whole.unwrap().ends_with(b"halfhalf"));
        let failed = crate::data::BodyError::new("a chunk signature does not match");
        let broken = end_of_an_upload(Some(Err(failed))).await;
        assert_eq!(broken.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}
