//! The forwarder: one upstream connection for each that the subject opens, so that hang-ups,
//! keep-alive and back pressure are the same on both sides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use http::{HeaderName, Request, Response, header};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::body::Counted;
use super::{Recorded, Recorder};
use crate::failure::Failure;

/// Why a request was not answered: the store's connection failed.
type Unforwarded = Box<dyn std::error::Error + Send + Sync>;

/// A running witness; it stops when dropped.
pub struct Witness {
    addr: SocketAddr,
    recorder: Arc<Recorder>,
    accepting: JoinHandle<()>,
}

impl Witness {
    /// Starts a witness on a free loopback port in front of `store`.
    pub async fn start(store: SocketAddr) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let recorder = Arc::new(Recorder::default());
        let accepting = tokio::spawn(accept(listener, store, Arc::clone(&recorder)));
        Ok(Self { addr, recorder, accepting })
    }

    /// Where the subject finds its store.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What has been seen.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, store: SocketAddr, recorder: Arc<Recorder>) {
    while let Ok((stream, _)) = listener.accept().await {
        let upstream = Arc::new(Upstream { store, sender: Mutex::new(None) });
        let recorder = Arc::clone(&recorder);
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let service = hyper::service::service_fn(move |request| {
                forward(request, Arc::clone(&upstream), Arc::clone(&recorder))
            });
            // An error here is a connection that one side broke; the other side's is broken by
            // the drop of its half.
            let _ = hyper::server::conn::http1::Builder::new()
                .auto_date_header(false)
                .preserve_header_case(true)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Passes one request on and records it. An error tears the subject's connection down, as the
/// store's own failure would have.
async fn forward(
    request: Request<Incoming>,
    upstream: Arc<Upstream>,
    recorder: Arc<Recorder>,
) -> Result<Response<Incoming>, Unforwarded> {
    let (mut head, body) = request.into_parts();
    let index = recorder.push(Recorded {
        at: Instant::now(),
        method: head.method.clone(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head.headers.clone(),
        body_bytes: 0,
        complete: false,
        status: None,
    });
    drop_hop_by_hop(&mut head.headers);
    let body = Counted::new(body, Arc::clone(&recorder), index);
    let mut answer = upstream.send(Request::from_parts(head, body)).await?;
    recorder.update(index, |entry| entry.status = Some(answer.status().as_u16()));
    drop_hop_by_hop(answer.headers_mut());
    Ok(answer)
}

/// Framing belongs to each connection; everything else passes unchanged, `Host` included.
fn drop_hop_by_hop(headers: &mut http::HeaderMap) {
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, KEEP_ALIVE] {
        headers.remove(name);
    }
}

/// The connection to the store that belongs to one of the subject's.
struct Upstream {
    store: SocketAddr,
    sender: Mutex<Option<SendRequest<Counted>>>,
}

impl Upstream {
    async fn send(&self, request: Request<Counted>) -> Result<Response<Incoming>, Unforwarded> {
        let mut slot = self.sender.lock().await;
        let mut sender = match slot.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connect().await?,
        };
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        *slot = Some(sender);
        Ok(answer)
    }

    async fn connect(&self) -> Result<SendRequest<Counted>, Unforwarded> {
        let stream = TcpStream::connect(self.store).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::Builder::new()
            .preserve_header_case(true)
            .handshake(TokioIo::new(stream))
            .await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}
