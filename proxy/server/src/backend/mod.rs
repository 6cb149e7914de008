//! Where objects are: embedded, or behind an S3 endpoint. One shape for both.

mod activity;
mod aws_chunked;
mod embedded;
mod error;
mod idle_body;
mod remote;

use std::sync::Arc;

use bytes::Bytes;
use deltaglider_core::policy::StoreNames;
use deltaglider_core::s3::{ObjectKey, Operation, S3Error, S3ErrorCode, leads_through_dots};
use http::{HeaderMap, HeaderValue, Method, Response};

pub(crate) use activity::Activity;
pub(crate) use error::BackendError;

use crate::config::BackendConfig;
use crate::data::{Body, FileBody, VerifiedBody};

/// The store behind the proxy.
#[derive(Clone)]
pub(crate) enum Backend {
    /// In a folder of this machine.
    Embedded(embedded::Embedded),
    /// Any S3 endpoint.
    Remote(Arc<remote::Remote>),
}

/// A request to the store, neither addressed nor signed yet.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) bucket: Option<String>,
    /// Percent-encoded, path style.
    pub(crate) path: String,
    /// Percent-encoded, without its question mark; empty for none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: OutgoingBody,
}

impl Outgoing {
    /// The same request without a body, for another query.
    pub(crate) fn again(&self, query: String) -> Self {
        Self {
            method: self.method.clone(),
            bucket: self.bucket.clone(),
            path: self.path.clone(),
            query,
            headers: self.headers.clone(),
            body: OutgoingBody::Whole(Bytes::new()),
        }
    }
}

/// What a request carries.
pub(crate) enum OutgoingBody {
    /// Read and verified before.
    Whole(Bytes),
    /// Verified while it streams.
    Streamed(Box<StreamedBody>),
    /// Read and verified before, and too large for memory.
    Spooled(Box<SpooledBody>),
}

/// An object in a file of our own.
pub(crate) struct SpooledBody {
    pub(crate) body: FileBody,
    /// Bytes of the object.
    pub(crate) length: u64,
    /// Its SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

/// An object on its way.
pub(crate) struct StreamedBody {
    pub(crate) body: VerifiedBody,
    /// Bytes of the object.
    pub(crate) length: u64,
    /// Its SHA-256 in hexadecimal, where the client declared it.
    pub(crate) sha256: Option<String>,
    /// Names of trailing fields, as declared.
    pub(crate) trailer: Option<HeaderValue>,
}

/// Why a store cannot be opened at start-up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The embedded store refuses.
    #[error("the embedded store: {0}")]
    Embedded(#[from] deltaglider_objects::OpenError),
    /// TLS towards the endpoint cannot be set up.
    #[error("the backend endpoint: {0}")]
    Remote(String),
}

impl Backend {
    pub(crate) fn open(
        config: BackendConfig,
        timeout: std::time::Duration,
    ) -> Result<Self, OpenError> {
        Ok(match config {
            BackendConfig::Embedded(config) => Self::Embedded(embedded::Embedded::open(config)?),
            BackendConfig::Remote(remote) => {
                Self::Remote(Arc::new(remote::Remote::new(remote, timeout)?))
            }
        })
    }

    /// How the store takes keys: of a remote one nobody knows.
    pub(crate) fn names(&self) -> StoreNames {
        match self {
            Self::Embedded(_) => StoreNames::Exact,
            Self::Remote(_) => StoreNames::Folded,
        }
    }

    /// Refuses names that would mean something else to the store than they did to the rules.
    pub(crate) fn accepts(&self, operation: &Operation) -> Result<(), S3Error> {
        if let (Self::Remote(_), true) = (self, leads_through_dots(operation.prefix())) {
            return Err(S3Error::new(
                S3ErrorCode::InvalidArgument,
                "a prefix with a `.` or `..` segment cannot be sent to this backend",
            ));
        }
        let source = operation.copy_source.as_ref().map(|source| &source.key);
        operation.key().into_iter().chain(source).try_for_each(|key| self.accepts_key(key))
    }

    /// HTTP stores resolve `.` and `..` segments; the embedded one takes them as letters.
    pub(crate) fn accepts_key(&self, key: &ObjectKey) -> Result<(), S3Error> {
        match self {
            Self::Remote(_) if key.has_dot_segment() => Err(S3Error::new(
                S3ErrorCode::InvalidURI,
                "a key with a `.` or `..` segment cannot be sent to this backend",
            )),
            _ => Ok(()),
        }
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Response<Body>, BackendError> {
        match self {
            Self::Embedded(embedded) => embedded.send(outgoing).await,
            Self::Remote(remote) => remote.send(outgoing).await,
        }
    }

    /// Whether the store, really asked, answers.
    pub(crate) async fn is_ready(&self) -> bool {
        match self {
            Self::Embedded(embedded) => embedded.is_ready(),
            Self::Remote(remote) => remote.is_ready().await,
        }
    }

    /// For the start-up line.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Embedded(embedded) => embedded.describe(),
            Self::Remote(remote) => remote.describe(),
        }
    }
}
