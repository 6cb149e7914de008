//! Whether a Docker engine answers.

use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use crate::failure::Failure;

/// Where an engine listens unless DOCKER_HOST says otherwise.
const DEFAULT_SOCKET: &str = "unix:///var/run/docker.sock";

/// An engine that answers.
#[derive(Debug)]
pub(super) struct Engine {
    /// Its API version, such as `1.41`.
    pub(super) version: String,
}

/// Asks the engine for a sign of life.
pub(super) async fn engine() -> Result<Engine, Failure> {
    let place = std::env::var("DOCKER_HOST").unwrap_or_else(|_| DEFAULT_SOCKET.to_owned());
    let work = async {
        if let Some(path) = place.strip_prefix("unix://") {
            ping(UnixStream::connect(path).await?).await
        } else {
            let authority = place
                .strip_prefix("tcp://")
                .or_else(|| place.strip_prefix("http://"))
                .ok_or_else(|| Failure::new(format!("cannot ask `{place}`")))?;
            ping(TcpStream::connect(authority).await?).await
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), work).await?
}

async fn ping(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
) -> Result<Engine, Failure> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = http::Request::get("/_ping")
        .header(http::header::HOST, "docker")
        .body(Empty::<bytes::Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    driver.abort();
    let version = answer.headers().get("api-version").and_then(|value| value.to_str().ok());
    match (answer.status().is_success(), version) {
        (true, Some(version)) => Ok(Engine { version: version.to_owned() }),
        _ => Err(Failure::new(format!("the engine answers {}", answer.status()))),
    }
}
