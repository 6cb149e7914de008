//! The composition root: a configuration becomes a bound port.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deltaglider_core::sigv4::SigningSecret;
use deltaglider_core::snapshot::{AccessKey, Principal, Snapshot};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::backend::{Backend, OpenError};
use crate::config::{Config, KeyPair, TlsFiles};
use crate::data::DataPlane;
use crate::listen::Port;
use crate::ops;
use crate::services::Services;

/// Why a valid configuration cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store refuses to open.
    #[error(transparent)]
    Backend(#[from] OpenError),
    /// Certificate or key cannot be used.
    #[error("{}: {text}", path.display())]
    Tls {
        /// The file at fault.
        path: PathBuf,
        /// What is wrong with it.
        text: String,
    },
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Metrics are installed twice in one process.
    #[error("metrics cannot be installed: {0}")]
    Metrics(#[from] BuildError),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Opens the store, loads the keys, and binds the port last.
pub async fn start(config: Config) -> Result<Port, StartError> {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let tls = config.tls.as_ref().map(acceptor).transpose()?;
    let snapshot = Arc::new(snapshot(config.bootstrap.as_ref())?);
    if snapshot.is_empty() {
        tracing::warn!("there are no credentials yet: the S3 port refuses everyone");
    }
    let backend = Backend::open(config.backend, config.backend_timeout)?;
    tracing::info!(backend = %backend.describe(), "storage opened");
    let metrics = PrometheusBuilder::new().install_recorder()?;
    tokio::spawn(keep_up(metrics.clone()));
    let ops = ops::router(backend.clone(), metrics);
    let data = DataPlane::new(snapshot, backend, config.clock_skew, config.replay);
    let address = config.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })?;
    Ok(Port::new(listener, tls, Arc::new(Services::new(data, ops))))
}

/// Folds recorded samples together: without it they would stay until somebody asks.
async fn keep_up(metrics: PrometheusHandle) {
    let mut beat = tokio::time::interval(Duration::from_secs(5));
    loop {
        beat.tick().await;
        metrics.run_upkeep();
    }
}

fn snapshot(bootstrap: Option<&KeyPair>) -> Result<Snapshot, StartError> {
    let mut decoy = [0u8; 20];
    getrandom::fill(&mut decoy).map_err(StartError::Random)?;
    let keys: HashMap<_, _> = bootstrap
        .map(|pair| {
            let secret = SigningSecret::new(&pair.secret);
            (pair.id.clone(), AccessKey { secret, principal: Principal::Bootstrap })
        })
        .into_iter()
        .collect();
    Ok(Snapshot::new(keys, SigningSecret::new(&hex::encode(decoy))))
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, StartError> {
    let fault = |path: &Path, text: String| StartError::Tls { path: path.to_owned(), text };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&files.certificate)
        .map_err(|error| fault(&files.certificate, error.to_string()))?
        .collect();
    let certificates =
        certificates.map_err(|error| fault(&files.certificate, error.to_string()))?;
    if certificates.is_empty() {
        return Err(fault(&files.certificate, "it holds no certificate".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| fault(&files.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|error| fault(&files.certificate, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
