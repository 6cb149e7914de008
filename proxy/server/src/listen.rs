//! Sockets, TLS and connections; a shutdown lets transfers finish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::iam::Iam;
use crate::services::Services;

const HANDSHAKE: Duration = Duration::from_secs(30);
/// Longest wait for the whole head of a request, be it the first or the next on a connection;
/// less where clients are given less.
const HEADERS: Duration = Duration::from_secs(30);
const MOST_HEADERS: usize = 128;
/// Bounds the head of a request and what is read ahead of a body, in bytes.
const READ_BUFFER: usize = 256 * 1024;

/// Bound addresses, not yet served.
pub struct Port {
    main: Door,
    /// The admin's own address, where it has one.
    admin: Option<Door>,
    tls: Option<TlsAcceptor>,
    iam: Iam,
    client_timeout: Duration,
}

/// One address and what is served there.
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    pub(crate) services: Arc<Services>,
}

impl Port {
    pub(crate) fn new(
        main: Door,
        admin: Option<Door>,
        tls: Option<TlsAcceptor>,
        iam: Iam,
        client_timeout: Duration,
    ) -> Self {
        Self { main, admin, tls, iam, client_timeout }
    }

    /// The address of the S3 port.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.main.listener.local_addr()
    }

    /// The address of the admin, where it has its own.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|door| door.listener.local_addr().ok())
    }

    /// Whether it speaks HTTPS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Accepts until `stop` resolves, then waits up to `grace` for what is under way.
    ///
    /// Gives the number of connections that were cut off.
    pub async fn serve(self, stop: impl Future<Output = ()>, grace: Duration) -> usize {
        let connections = TaskTracker::new();
        let stopping = CancellationToken::new();
        tokio::pin!(stop);
        loop {
            let (services, accepted) = tokio::select! {
                accepted = self.main.accept() => accepted,
                accepted = accept_at(self.admin.as_ref()) => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(self.connection(services, stream, peer, stopping.clone()));
                }
                Err(error) => {
                    // Out of descriptors, most likely: the next accept would fail at once.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop((self.main.listener, self.admin));
        tracing::info!(connections = connections.len(), "shutting down; transfers may finish");
        stopping.cancel();
        connections.close();
        let cut = match tokio::time::timeout(grace, connections.wait()).await {
            Ok(()) => 0,
            Err(_) => connections.len(),
        };
        self.iam.settle(true).await;
        cut
    }

    fn connection(
        &self,
        services: Arc<Services>,
        stream: TcpStream,
        peer: SocketAddr,
        stopping: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        let tls = self.tls.clone();
        let limit = self.client_timeout;
        async move {
            // Answers are small or already batched: waiting to fill a segment only delays.
            let _ = stream.set_nodelay(true);
            give_up_after(limit, &stream);
            let client = (peer, HEADERS.min(limit));
            let Some(tls) = tls else { return serve(stream, client, services, stopping).await };
            match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                Ok(Ok(stream)) => serve(stream, client, services, stopping).await,
                Ok(Err(error)) => tracing::debug!(%peer, %error, "the TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
            }
        }
    }
}

/// Lets the system break a connection whose peer has taken nothing of what was written for that
/// long: who asks for a large object and never reads would hold the store's connection too.
/// However slowly a peer takes, as long as it does take.
fn give_up_after(limit: Duration, stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limit)) {
        tracing::debug!(%error, "the time-out of a connection cannot be set");
    }
    // Elsewhere the system's own time-outs have to do.
    #[cfg(not(target_os = "linux"))]
    let _ = (limit, stream);
}

type Accepted = (Arc<Services>, std::io::Result<(TcpStream, SocketAddr)>);

impl Door {
    async fn accept(&self) -> Accepted {
        (Arc::clone(&self.services), self.listener.accept().await)
    }
}

async fn accept_at(door: Option<&Door>) -> Accepted {
    match door {
        Some(door) => door.accept().await,
        None => std::future::pending().await,
    }
}

/// Serves a connection to its end; once stopping, to the end of the request under way.
async fn serve<S>(
    stream: S,
    (peer, head_within): (SocketAddr, Duration),
    services: Arc<Services>,
    stopping: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let services = Arc::clone(&services);
        async move { Ok::<_, std::convert::Infallible>(services.answer(request, peer.ip()).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .max_headers(MOST_HEADERS)
        .max_buf_size(READ_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "the connection ended early");
    }
}
