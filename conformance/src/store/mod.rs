//! The store behind the subject: MinIO, a second reference, or one that is given.

mod bridge;
mod docker;

pub use bridge::run_behind_bridge;

use std::net::SocketAddr;

use testcontainers_modules::minio::MinIO;
use testcontainers_modules::testcontainers::runners::AsyncRunner;
use testcontainers_modules::testcontainers::{ContainerAsync, Image, ImageExt};

use crate::failure::Failure;
use crate::lane::{Credentials, Scheme};
use crate::subject::{Launch, Subject};

/// Which store stands behind the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// MinIO where a Docker engine answers, else a second reference.
    BestAvailable,
    /// MinIO in a container, or nothing.
    Minio,
    /// A second process of the reference on its embedded store.
    Embedded,
    /// An endpoint that runs already.
    Url(String),
}

impl Choice {
    /// Reads CONFORMANCE_BACKEND: `minio`, `embedded` or a URL; unset, the best available.
    pub fn from_env() -> Self {
        match std::env::var("CONFORMANCE_BACKEND").unwrap_or_default().as_str() {
            "" => Self::BestAvailable,
            "minio" => Self::Minio,
            "embedded" => Self::Embedded,
            url => Self::Url(url.to_owned()),
        }
    }
}

/// The user and password that a fresh MinIO has.
const MINIO_USER: &str = "minioadmin";

/// How a subject reaches a store.
#[derive(Clone)]
pub struct StoreAddress {
    /// URL without a trailing slash.
    pub url: String,
    /// Credentials that the store knows.
    pub credentials: Credentials,
}

impl StoreAddress {
    /// Stands where there is no store.
    pub(crate) fn none() -> Self {
        Self { url: String::new(), credentials: pair("", "") }
    }
}

/// A running store; what the suite started ends with it.
pub struct Store {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Credentials that it knows.
    pub credentials: Credentials,
    /// What it is, for the first lines of the run.
    pub description: String,
    _running: Running,
}

/// What has to be kept for the store to live.
enum Running {
    Container { _container: Box<ContainerAsync<MinIO>> },
    Process { _process: Box<Subject> },
    Elsewhere,
}

impl Store {
    /// Starts the chosen store.
    pub async fn start(launch: &Launch, choice: &Choice) -> Result<Self, Failure> {
        match choice {
            Choice::Minio => Self::minio().await,
            Choice::Embedded => Self::second_reference(launch, "as asked").await,
            Choice::Url(url) => Self::elsewhere(url).await,
            Choice::BestAvailable => match docker::engine().await {
                Ok(_) => Self::minio().await,
                Err(why) => {
                    Self::second_reference(launch, &format!("no Docker engine: {why}")).await
                }
            },
        }
    }

    /// The address through which a subject reaches this store by way of `addr`.
    pub fn through(&self, addr: SocketAddr) -> StoreAddress {
        StoreAddress { url: format!("http://{addr}"), credentials: self.credentials.clone() }
    }

    /// Whether the store runs on after the suite.
    pub fn is_borrowed(&self) -> bool {
        matches!(self._running, Running::Elsewhere)
    }

    async fn minio() -> Result<Self, Failure> {
        let stock = MinIO::default();
        let name = variable("CONFORMANCE_MINIO_IMAGE").unwrap_or_else(|_| stock.name().to_owned());
        let tag = variable("CONFORMANCE_MINIO_TAG").unwrap_or_else(|_| stock.tag().to_owned());
        let named = format!("{name}:{tag}");
        let image = stock.with_name(name).with_tag(tag).with_startup_timeout(START_LIMIT);
        let container = image.start().await?;
        let version = docker::image_version(&named).await;
        let version = version.map(|it| format!(", version {it}")).unwrap_or_default();
        let host = container.get_host().await?.to_string();
        let port = container.get_host_port_ipv4(9000).await?;
        Ok(Self {
            addr: resolve(&format!("{host}:{port}")).await?,
            credentials: pair(MINIO_USER, MINIO_USER),
            description: format!("MinIO in a container ({named}{version})"),
            _running: Running::Container { _container: Box::new(container) },
        })
    }

    async fn second_reference(launch: &Launch, why: &str) -> Result<Self, Failure> {
        let process = launch.start(Scheme::Http, None).await?;
        let keys = &launch.target.credentials;
        Ok(Self {
            addr: process.addr,
            credentials: pair(&keys.access_key_id, &keys.secret_access_key),
            description: format!(
                "a second process of `{}` on its embedded store ({why})",
                launch.target.name
            ),
            _running: Running::Process { _process: Box::new(process) },
        })
    }

    async fn elsewhere(url: &str) -> Result<Self, Failure> {
        let uri: http::Uri = url.parse()?;
        if uri.scheme_str() != Some("http") {
            return Err(Failure::new(format!("`{url}` is not an http URL")));
        }
        let host = uri.host().unwrap_or_default();
        Ok(Self {
            addr: resolve(&format!("{host}:{}", uri.port_u16().unwrap_or(80))).await?,
            credentials: pair(
                &variable("CONFORMANCE_BACKEND_ACCESS_KEY")?,
                &variable("CONFORMANCE_BACKEND_SECRET_KEY")?,
            ),
            description: match std::env::var("CONFORMANCE_BACKEND_NAME") {
                Ok(name) => format!("{name} at {url}"),
                Err(_) => format!("the store at {url}"),
            },
            _running: Running::Elsewhere,
        })
    }
}

/// Longest wait for a container.
const START_LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

fn variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| Failure::new(format!("the variable `{name}` is not set")))
}

fn pair(id: &str, secret: &str) -> Credentials {
    Credentials { access_key_id: id.to_owned(), secret_access_key: secret.to_owned() }
}

async fn resolve(authority: &str) -> Result<SocketAddr, Failure> {
    tokio::net::lookup_host(authority)
        .await?
        .next()
        .ok_or_else(|| Failure::new(format!("`{authority}` has no address")))
}
