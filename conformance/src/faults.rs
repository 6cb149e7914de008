//! A store that misbehaves as told: what a subject does with a broken backend.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// What the store does with every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, cucumber::Parameter)]
#[param(
    name = "fault",
    regex = "works|is slow|is down|hangs up at once|hangs up in the middle of an object|answers \
             garbage|refuses the proxy's credentials|redirects|finds the proxy's clock skewed"
)]
pub enum Fault {
    /// Answers with [`CONTENT`].
    None,
    /// The same after a while.
    Slow,
    /// Nobody listens.
    Down,
    /// Closes the connection instead of answering.
    HangsUp,
    /// Promises more than it sends.
    CutsShort,
    /// Answers what is no HTTP.
    Garbage,
    /// Denies the key that the subject was configured with.
    RefusesCredentials,
    /// Sends the subject elsewhere.
    Redirects,
    /// Denies the subject's date.
    ClockSkew,
}

/// The object that a working store holds, whatever the key.
pub const CONTENT: &str = "the whole object";

/// How long a slow store takes to answer.
const SLOWNESS: Duration = Duration::from_millis(1500);

impl std::str::FromStr for Fault {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Ok(match text {
            "works" => Self::None,
            "is slow" => Self::Slow,
            "is down" => Self::Down,
            "hangs up at once" => Self::HangsUp,
            "hangs up in the middle of an object" => Self::CutsShort,
            "answers garbage" => Self::Garbage,
            "refuses the proxy's credentials" => Self::RefusesCredentials,
            "redirects" => Self::Redirects,
            "finds the proxy's clock skewed" => Self::ClockSkew,
            _ => return Err(Failure::new(format!("no store `{text}`"))),
        })
    }
}

impl Fault {
    /// What the store sends for a request.
    fn answer(self) -> String {
        let ok = |length: usize| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nETag: \"0123456789abcdef0123456789abcdef\"\r\n\
                 Content-Type: text/plain\r\nLast-Modified: Mon, 23 Nov 2026 00:00:00 GMT\r\n\r\n{CONTENT}"
            )
        };
        match self {
            Self::None | Self::Slow => ok(CONTENT.len()),
            Self::CutsShort => ok(CONTENT.len() * 2),
            Self::Down | Self::HangsUp => String::new(),
            Self::Garbage => "what is this?\r\n\r\n".to_owned(),
            Self::RefusesCredentials => error("403 Forbidden", "InvalidAccessKeyId", ""),
            Self::ClockSkew => error("403 Forbidden", "RequestTimeTooSkewed", ""),
            Self::Redirects => error(
                "307 Temporary Redirect",
                "TemporaryRedirect",
                "Location: http://127.0.0.1:9/elsewhere\r\n",
            ),
        }
    }
}

fn error(status: &str, code: &str, header: &str) -> String {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>store</Message></Error>"
    );
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{header}Content-Type: application/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// A scripted store; it stops when dropped.
pub struct FaultyStore {
    /// Where it listens, or would.
    pub addr: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl FaultyStore {
    /// Starts a store with the given fault on a free loopback port.
    pub async fn start(fault: Fault) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let accepting = (fault != Fault::Down).then(|| {
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(converse(stream, fault));
                }
            })
        });
        Ok(Self { addr, accepting })
    }
}

impl Drop for FaultyStore {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

/// Answers requests on one connection until the subject or the fault ends it.
async fn converse(mut stream: TcpStream, fault: Fault) {
    let mut received = Vec::new();
    while let Some(head) = read_head(&mut stream, &mut received).await {
        if head.contains("expect: 100-continue") {
            let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok())
            .unwrap_or(0);
        while received.len() < length {
            match stream.read_buf(&mut received).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        received.drain(..length);
        if fault == Fault::Slow {
            tokio::time::sleep(SLOWNESS).await;
        }
        let mut answer = fault.answer();
        if head.starts_with("head ") && fault != Fault::Garbage {
            answer.truncate(answer.find("\r\n\r\n").map_or(0, |end| end + 4));
        }
        let sent = stream.write_all(answer.as_bytes()).await;
        let ends = matches!(fault, Fault::HangsUp | Fault::CutsShort | Fault::Garbage);
        if sent.is_err() || ends {
            return;
        }
    }
}

/// Takes one request head, in lower case, off the connection.
async fn read_head(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            let head: Vec<u8> = received.drain(..end + 4).collect();
            return Some(String::from_utf8_lossy(&head).to_lowercase());
        }
        match stream.read_buf(received).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
