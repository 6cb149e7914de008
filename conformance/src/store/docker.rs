//! The Docker engine of this machine, if one answers.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::failure::Failure;

/// Where an engine listens unless DOCKER_HOST says otherwise.
const DEFAULT_SOCKET: &str = "unix:///var/run/docker.sock";

/// Longest wait for a sign of life.
const LIMIT: Duration = Duration::from_secs(30);

/// An engine that answers.
#[derive(Debug)]
pub(super) struct Engine {
    /// Its API version, such as `1.41`.
    pub(super) version: String,
    place: String,
}

/// Asks the engine for a sign of life.
pub(super) async fn engine() -> Result<Engine, Failure> {
    let place = std::env::var("DOCKER_HOST").unwrap_or_else(|_| DEFAULT_SOCKET.to_owned());
    let mut engine = Engine { version: String::new(), place };
    let ping = Request::get("/_ping").header("host", "docker").body(Empty::<Bytes>::new())?;
    let answer = tokio::time::timeout(LIMIT, engine.send(ping)).await??;
    let version = answer.headers().get("api-version").and_then(|value| value.to_str().ok());
    engine.version = version.ok_or_else(|| Failure::new("it names no API version"))?.to_owned();
    Ok(engine)
}

/// The version that an image's label names; a tag may say something else.
pub(super) async fn image_version(image: &str) -> Option<String> {
    let path = format!("/images/{image}/json");
    let ask = async {
        let request = Request::get(path).header("host", "docker").body(Empty::<Bytes>::new())?;
        let answer = engine().await?.send(request).await?;
        let body = answer.into_body().collect().await?.to_bytes();
        Ok::<serde_json::Value, Failure>(serde_json::from_slice(&body)?)
    };
    let answer = tokio::time::timeout(LIMIT, ask).await.ok()?.ok()?;
    let label = answer.pointer("/Config/Labels")?.get("org.opencontainers.image.version")?;
    label.as_str().map(str::to_owned)
}

impl Engine {
    /// Whether it knows that version of its API.
    pub(super) fn speaks(&self, version: &str) -> bool {
        let number = |text: &str| -> Option<(u32, u32)> {
            let (major, minor) = text.split_once('.')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        };
        number(&self.version) >= number(version)
    }

    /// Sends one request on a connection of its own.
    pub(super) async fn send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, Failure>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync,
    {
        if let Some(path) = self.place.strip_prefix("unix://") {
            return exchange(UnixStream::connect(path).await?, request).await;
        }
        let place = self.place.strip_prefix("tcp://").or(self.place.strip_prefix("http://"));
        let place = place.ok_or_else(|| Failure::new(format!("cannot ask `{}`", self.place)))?;
        exchange(TcpStream::connect(place).await?, request).await
    }
}

async fn exchange<B>(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<B>,
) -> Result<Response<Incoming>, Failure>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        let engine = Engine { version: "1.41".to_owned(), place: String::new() };
        assert!(engine.speaks("1.41"));
        assert!(engine.speaks("1.9"));
        assert!(!engine.speaks("1.52"));
    }
}
