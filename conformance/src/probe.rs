//! The smallest HTTP client: asks one path for its status, for start-up checks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::tls;

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Most bytes read of an answer.
const MOST: u64 = 64 * 1024;

/// Sends `GET path` without credentials and returns the answer.
pub async fn get(
    addr: SocketAddr,
    ca_pem: Option<&str>,
    host: &str,
    path: &str,
) -> Result<Exchange, Failure> {
    let work = async {
        let stream = TcpStream::connect(addr).await?;
        match ca_pem {
            None => exchange(stream, host, path).await,
            Some(pem) => {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
                let connector = TlsConnector::from(Arc::clone(&tls::client_config(pem)?));
                exchange(connector.connect(ServerName::try_from(name)?, stream).await?, host, path)
                    .await
            }
        }
    };
    tokio::time::timeout(LIMIT, work).await?
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    path: &str,
) -> Result<Exchange, Failure> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // A peer that closes without the TLS farewell has still answered.
    let _ = stream.take(MOST).read_to_end(&mut answer).await;
    parse(&request, &answer)
}

fn parse(request: &str, answer: &[u8]) -> Result<Exchange, Failure> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(body_at) = head.parse(answer)? else {
        return Err(Failure::new("no complete answer"));
    };
    let mut headers = http::HeaderMap::new();
    for field in head.headers.iter() {
        headers.append(
            http::HeaderName::from_bytes(field.name.as_bytes())?,
            http::HeaderValue::from_bytes(field.value)?,
        );
    }
    Ok(Exchange {
        request: request.to_owned(),
        status: head.code.unwrap_or_default(),
        headers,
        body: bytes::Bytes::copy_from_slice(answer.get(body_at..).unwrap_or_default()),
    })
}
