//! The composition root: a configuration becomes a bound port.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deltaglider_core::document::Fault;
use deltaglider_core::sigv4::SigningSecret;
use deltaglider_store::{AuditRecord, Edit};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::admin::{self, Admin, Gate, PasswordHash, PasswordHashError, Scheme};
use crate::backend::{Backend, OpenError};
use crate::config::{Config, Source, TlsFiles};
use crate::control::Control;
pub use crate::control::Refusal;
use crate::data::{DataPlane, DataSettings, Sealer};
use crate::iam::{self, Iam, PASSWORD_HASH, SEAL_KEY, StartIamError, event};
use crate::listen::{Door, Port};
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
    /// The database of users and rules refuses to open.
    #[error(transparent)]
    State(#[from] deltaglider_store::OpenError),
    /// It opens, and cannot be taken into service.
    #[error("the state folder: {0}")]
    Iam(#[from] StartIamError),
    /// The document is refused; the database is as it was.
    #[error("{}", document(.0))]
    Document(#[from] Refusal),
    /// The hash of the admin password cannot be used.
    #[error("DGP_BOOTSTRAP_PASSWORD_HASH: {0}")]
    PasswordHash(PasswordHashError),
    /// The key of sealed tokens cannot be read or made.
    #[error("the key of listing tokens: {0}")]
    Seal(String),
    /// The admin password cannot be read or made.
    #[error("the admin password: {0}")]
    Password(String),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
}

fn document(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Faults(faults) => {
            let line = |fault: &Fault| match fault.line {
                Some(line) => format!("\n  line {line}: {fault}"),
                None => format!("\n  {fault}"),
            };
            format!("{refusal}:{}", faults.iter().map(line).collect::<String>())
        }
        refusal => refusal.to_string(),
    }
}

/// A proxy that is ready to serve, and what a first start has to tell its operator.
pub struct Started {
    /// The bound port.
    pub port: Port,
    /// Reads the file again, as SIGHUP asks for.
    pub reload: Reload,
    /// The admin password that was made just now; shown once and kept nowhere.
    pub new_password: Option<Zeroizing<String>>,
}

/// Opens the stores, loads users and keys, and binds the port last.
///
/// `source` is what the configuration was read from, and is asked again when it changes.
pub async fn start(config: Config, source: Arc<dyn Source>) -> Result<Started, StartError> {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let tls = config.tls.as_ref().map(acceptor).transpose()?;
    let given = config.admin.password_hash.as_deref();
    let given = given.map(PasswordHash::parse).transpose().map_err(StartError::PasswordHash)?;
    let iam = Iam::start(iam::open_store(&config.state)?, config.bootstrap.clone(), decoy()?)?;
    let control = Control::start(iam.clone(), &config, source).await?;
    if iam.current().snapshot.is_empty() {
        tracing::warn!("there are no credentials yet: the S3 port refuses everyone");
    }
    let backend = Backend::open(config.backend, config.backend_timeout)?;
    tracing::info!(backend = %backend.describe(), "storage opened");
    let password_is_set_outside = given.is_some();
    let (password, new_password) = match given {
        Some(hash) => (hash, None),
        None => kept_password(&iam).await?,
    };
    let metrics = PrometheusBuilder::new().install_recorder()?;
    tokio::spawn(keep_up(metrics.clone()));
    tokio::spawn(iam.clone().keep_up(config.state.audit_retention));
    let admin = admin::router(Admin {
        iam: iam.clone(),
        control: control.clone(),
        gate: Arc::new(Gate::new(password, config.admin.session_ttl)),
        scheme: if tls.is_some() { Scheme::Https } else { Scheme::Http },
        secure_cookies: config.admin.secure_cookies,
        password_is_set_outside,
        names: backend.names(),
    });
    let own = ops::router(backend.clone(), iam.clone(), metrics).merge(admin);
    let trusted = config.trusted_proxies;
    let sealer = kept_sealer(&iam).await?;
    let settings = DataSettings {
        skew: config.clock_skew,
        replay: config.replay,
        trusted_proxies: trusted.clone(),
        tls: tls.is_some(),
        most_requests: config.edge.most_requests,
        client_timeout: config.edge.client_timeout,
        spool: config.state.folder.clone(),
        cors: config.edge.cors,
        shares_origin: config.edge.admin_listen.is_none(),
    };
    let data = DataPlane::new(iam.clone(), backend, sealer, settings);
    let services = |data, own, base_domains| Services {
        data,
        own,
        base_domains,
        trusted_proxies: trusted.clone(),
    };
    let (data, domains) = (Some(data), config.edge.base_domains);
    let (main, admin) = match config.edge.admin_listen {
        None => (door(config.listen, services(data, Some(own), domains)).await?, None),
        Some(address) => {
            let main = door(config.listen, services(data, None, domains)).await?;
            (main, Some(door(address, services(None, Some(own), Vec::new())).await?))
        }
    };
    let port = Port::new(main, admin, tls, iam, config.edge.client_timeout);
    Ok(Started { port, reload: Reload(control), new_password })
}

/// Takes the file into service once more, without a restart.
#[derive(Clone)]
pub struct Reload(Control);

impl Reload {
    /// Reads the file and logs what came of it; a faulty one changes nothing.
    pub async fn run(&self) {
        self.0.reload_and_log().await;
    }
}

async fn door(address: SocketAddr, services: Services) -> Result<Door, StartError> {
    let bound = TcpListener::bind(address).await;
    let listener = bound.map_err(|source| StartError::Bind { address, source })?;
    Ok(Door { listener, services: Arc::new(services) })
}

/// The admin password of the database; the first start makes one.
async fn kept_password(iam: &Iam) -> Result<(PasswordHash, Option<Zeroizing<String>>), StartError> {
    let failed = |cause: &dyn std::fmt::Display| StartError::Password(cause.to_string());
    let kept = iam.meta(PASSWORD_HASH).await.map_err(|error| failed(&error))?;
    if let Some(kept) = kept {
        let text = std::str::from_utf8(&kept).map_err(|error| failed(&error))?;
        return Ok((PasswordHash::parse(text).map_err(StartError::PasswordHash)?, None));
    }
    let password = admin::random_password().map_err(|error| failed(&error))?;
    let hash = PasswordHash::make(&password).map_err(|error| failed(&error))?;
    let edit = Edit::SetMeta(PASSWORD_HASH, hash.phc().as_bytes().to_vec());
    let entry = AuditRecord { user: "system".into(), ..event("password_create") };
    iam.change(None, vec![edit], vec![entry]).await.map_err(|error| failed(&error))?;
    Ok((hash, Some(password)))
}

/// Seals tokens with a key of the database, so that they outlive a restart.
async fn kept_sealer(iam: &Iam) -> Result<Sealer, StartError> {
    let failed = |cause: &dyn std::fmt::Display| StartError::Seal(cause.to_string());
    let kept = iam.meta(SEAL_KEY).await.map_err(|error| failed(&error))?;
    let mut key = Zeroizing::new([0u8; 32]);
    match kept.as_ref().map(|bytes| <[u8; 32]>::try_from(bytes.as_slice())) {
        Some(kept) => *key = kept.map_err(|error| failed(&error))?,
        None => {
            getrandom::fill(key.as_mut_slice()).map_err(StartError::Random)?;
            let edit = Edit::SetMeta(SEAL_KEY, key.to_vec());
            iam.change(None, vec![edit], Vec::new()).await.map_err(|error| failed(&error))?;
        }
    }
    Ok(Sealer::new(&key))
}

/// Folds recorded samples together: without it they would stay until somebody asks.
async fn keep_up(metrics: PrometheusHandle) {
    let mut beat = tokio::time::interval(Duration::from_secs(5));
    loop {
        beat.tick().await;
        metrics.run_upkeep();
    }
}

/// A secret that nobody knows stands in for those of keys that do not exist.
fn decoy() -> Result<SigningSecret, StartError> {
    let mut bytes = [0u8; 20];
    getrandom::fill(&mut bytes).map_err(StartError::Random)?;
    Ok(SigningSecret::new(&hex::encode(bytes)))
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
