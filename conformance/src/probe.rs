//! A literal HTTP/1.1 client: sends given bytes and tells what came back, cut short or not.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::lane::Lane;
use crate::tls;

/// Longest wait for one step of a conversation. Far more than any takes: on a machine that plays
/// a hundred scenarios at once, a slow answer is no verdict.
const LIMIT: Duration = Duration::from_secs(60);

/// Most bytes kept of an answer.
const MOST: usize = 8 * 1024 * 1024;

/// One connection to a subject.
pub struct Connection {
    stream: Box<dyn Stream>,
    received: BytesMut,
    sent: String,
}

/// A final answer.
#[derive(Debug)]
pub struct Answer {
    /// Status, headers and the body as far as it came.
    pub exchange: Exchange,
    /// Statuses of the interim answers before it.
    pub interim: Vec<u16>,
    /// Whether the body came to its announced end.
    pub complete: bool,
}

/// Asks a subject for a path without credentials.
pub async fn get(
    addr: SocketAddr,
    ca_pem: Option<&str>,
    host: &str,
    path: &str,
) -> Result<Exchange, Failure> {
    let mut connection = Connection::open(addr, ca_pem, host).await?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    connection.send(head.as_bytes()).await?;
    Ok(connection.answer().await?.exchange)
}

/// Sends one whole request to the lane's subject.
pub async fn send(lane: &Lane, request: &[u8]) -> Result<Answer, Failure> {
    let mut connection = Connection::to(lane).await?;
    connection.send(request).await?;
    connection.answer().await
}

impl Connection {
    /// Connects to the lane's subject.
    pub async fn to(lane: &Lane) -> Result<Self, Failure> {
        Self::open(lane.addr, lane.ca_pem.as_deref(), &lane.host).await
    }

    async fn open(addr: SocketAddr, ca_pem: Option<&str>, host: &str) -> Result<Self, Failure> {
        let connect = async {
            let stream = TcpStream::connect(addr).await?;
            stream.set_nodelay(true)?;
            let Some(pem) = ca_pem else { return Ok::<Box<dyn Stream>, Failure>(Box::new(stream)) };
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
            let connector = TlsConnector::from(tls::client_config(pem)?);
            Ok(Box::new(connector.connect(ServerName::try_from(name)?, stream).await?))
        };
        let stream = tokio::time::timeout(LIMIT, connect).await??;
        Ok(Self { stream, received: BytesMut::new(), sent: String::new() })
    }

    /// Sends bytes; the first line and headers of each request are kept as evidence.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            self.sent = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).into_owned();
        }
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        // A subject may refuse and close before it has read everything: what it answered counts.
        let _ = tokio::time::timeout(LIMIT, write).await?;
        Ok(())
    }

    /// Reads one head, interim or final, and leaves its body on the connection.
    pub async fn head(&mut self) -> Result<Exchange, Failure> {
        loop {
            if let Some((exchange, length)) = parse_head(&self.received, &self.sent)? {
                self.received.advance(length);
                return Ok(exchange);
            }
            Failure::unless(self.more().await?, || "the subject closed without an answer".into())?;
        }
    }

    /// Reads one final answer with its body.
    pub async fn answer(&mut self) -> Result<Answer, Failure> {
        let mut interim = Vec::new();
        let mut exchange = self.head().await?;
        while (100..200).contains(&exchange.status) {
            interim.push(exchange.status);
            exchange = self.head().await?;
        }
        let (body, complete) = self.body(&exchange).await?;
        exchange.body = body;
        Ok(Answer { exchange, interim, complete })
    }

    /// The body that belongs to a head which was just read, as far as it comes.
    pub async fn rest(&mut self, head: &Exchange) -> Result<Bytes, Failure> {
        self.body(head).await.map(|(body, _)| body)
    }

    /// Reads and forgets until the subject ends the connection; whether what came was one whole
    /// answer, or nothing.
    pub async fn drain(&mut self) -> Result<bool, Failure> {
        let mut expected = None;
        let mut came: u64 = 0;
        loop {
            if expected.is_none()
                && let Some((head, length)) = parse_head(&self.received, &self.sent)?
            {
                self.received.advance(length);
                expected = head.header("content-length").map(str::parse::<u64>).transpose()?;
            }
            if expected.is_some() {
                came += self.received.len() as u64;
                self.received.clear();
            }
            if !self.more().await? {
                return Ok(expected.unwrap_or_default() == came);
            }
        }
    }

    async fn body(&mut self, exchange: &Exchange) -> Result<(Bytes, bool), Failure> {
        let chunked = exchange.header("transfer-encoding").is_some_and(|v| v.contains("chunked"));
        let length: Option<usize> =
            exchange.header("content-length").map(str::parse).transpose()?;
        let bodiless = self.sent.starts_with("HEAD ") || matches!(exchange.status, 204 | 304);
        Ok(match (chunked, length) {
            _ if bodiless => (Bytes::new(), true),
            (true, _) => self.chunked_body().await?,
            (false, Some(length)) => self.sized_body(length).await?,
            (false, None) => {
                while self.more().await? {}
                (self.received.split().freeze(), true)
            }
        })
    }

    async fn sized_body(&mut self, length: usize) -> Result<(Bytes, bool), Failure> {
        while self.received.len() < length {
            if !self.more().await? {
                return Ok((self.received.split().freeze(), false));
            }
        }
        Ok((self.received.split_to(length).freeze(), true))
    }

    async fn chunked_body(&mut self) -> Result<(Bytes, bool), Failure> {
        let mut body = BytesMut::new();
        loop {
            match httparse::parse_chunk_size(&self.received) {
                Ok(httparse::Status::Complete((line, size))) => {
                    self.received.advance(line);
                    let size = usize::try_from(size)?;
                    let (piece, whole) = self.sized_body(size + 2).await?;
                    body.extend_from_slice(piece.get(..size.min(piece.len())).unwrap_or_default());
                    if !whole || size == 0 {
                        return Ok((body.freeze(), whole));
                    }
                }
                Ok(httparse::Status::Partial) => {
                    if !self.more().await? {
                        return Ok((body.freeze(), false));
                    }
                }
                Err(error) => return Err(Failure::new(format!("chunk size: {error}"))),
            }
        }
    }

    /// Reads some more; `false` at the end of the connection.
    async fn more(&mut self) -> Result<bool, Failure> {
        if self.received.len() > MOST {
            return Err(Failure::new("the answer is longer than the suite reads"));
        }
        self.received.reserve(64 * 1024);
        match tokio::time::timeout(LIMIT, self.stream.read_buf(&mut self.received)).await {
            Err(_) => Err(Failure::new(format!("the subject was silent for {LIMIT:?}"))),
            // A reset, or TLS without a farewell, is an end like any other.
            Ok(Ok(0) | Err(_)) => Ok(false),
            Ok(Ok(_)) => Ok(true),
        }
    }
}

/// The head at the beginning of `bytes` and its length, once it is whole.
fn parse_head(bytes: &[u8], sent: &str) -> Result<Option<(Exchange, usize)>, Failure> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes)? else { return Ok(None) };
    let mut headers = http::HeaderMap::new();
    for field in head.headers.iter() {
        headers.append(
            http::HeaderName::from_bytes(field.name.as_bytes())?,
            http::HeaderValue::from_bytes(field.value)?,
        );
    }
    let status = head.code.unwrap_or_default();
    let exchange = Exchange { request: sent.to_owned(), status, headers, body: Bytes::new() };
    Ok(Some((exchange, length)))
}

/// A byte stream, plain or encrypted.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
