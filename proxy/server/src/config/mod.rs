//! Configuration: flags over environment over file, parsed whole before a port is bound.

mod document;
mod edge;
mod error;
mod operators;
mod read;
mod settings;
mod source;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use deltaglider_core::document::{Node, Variable, expand_tree};
use deltaglider_core::s3::BaseDomain;
use ipnet::IpNet;
use zeroize::Zeroizing;

pub use document::SECTIONS;
pub use error::ConfigError;
#[cfg(test)]
pub use source::Fixed;
pub use source::{Given, Process, Source};

/// What the command line says; each flag wins over environment and file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `-c`: the file, which then has to exist.
    pub config: Option<PathBuf>,
    /// `-l`: the address of the S3 port.
    pub listen: Option<String>,
}

/// Where a configuration came from, to be read again.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The file, there or not.
    pub path: PathBuf,
    /// Its bytes; `None` where there is no file.
    pub bytes: Option<Vec<u8>>,
    /// What the command line said.
    pub flags: Flags,
}

/// A configuration that can be run.
pub struct Config {
    /// Where it came from.
    pub origin: Origin,
    /// Address of the S3 port.
    pub listen: SocketAddr,
    /// Certificate and key, where HTTPS is served.
    pub tls: Option<TlsFiles>,
    /// The pair with full access; without it the S3 port refuses everyone.
    pub bootstrap: Option<KeyPair>,
    /// Where objects are.
    pub backend: BackendConfig,
    /// How far a signed date may lie from the clock, in both directions.
    pub clock_skew: Duration,
    /// How repeated signatures are treated.
    pub replay: ReplayConfig,
    /// How long the backend may keep silent.
    pub backend_timeout: Duration,
    /// How long a shutdown waits for transfers.
    pub shutdown_grace: Duration,
    /// Log filter and form.
    pub log: LogConfig,
    /// Where users, rules and the audit are kept.
    pub state: StateConfig,
    /// Who administers, and how.
    pub admin: AdminConfig,
    /// How the S3 port is reached.
    pub edge: EdgeConfig,
    /// Peers whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// What the operator should know and need not mend.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads everything, or says which place to mend.
    pub fn load(source: &dyn Source, flags: &Flags) -> Result<Self, ConfigError> {
        let (origin, raw) = read::open_document(source, flags)?;
        let path = origin.path.clone();
        let var = |name: &str| source.var(name).map_or(Variable::Unset, Variable::Set);
        let (document, unfilled) = expand_tree(&raw, &var);
        match (unfilled.is_empty(), read::read(source, origin, &document)) {
            (true, read) => read,
            (false, Ok(_)) => Err(ConfigError::document(&path, unfilled)),
            (false, Err(error)) => Err(error.after(unfilled)),
        }
    }

    /// Reads a document that is not in its file yet, references filled in.
    pub(crate) fn of_document(
        source: &dyn Source,
        origin: Origin,
        document: &Node,
    ) -> Result<Self, ConfigError> {
        read::read(source, origin, document)
    }
}

/// An access key id and its secret; no `Debug`, and wiped when dropped.
#[derive(Clone)]
pub struct KeyPair {
    /// Access key id.
    pub id: String,
    /// Secret access key.
    pub secret: Zeroizing<String>,
}

/// PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Certificate chain, leaf first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// Where objects are.
pub enum BackendConfig {
    /// In a folder of this machine.
    Embedded(EmbeddedConfig),
    /// Behind an S3 endpoint.
    Remote(RemoteConfig),
}

/// The embedded store.
pub struct EmbeddedConfig {
    /// Where its files are.
    pub folder: PathBuf,
    /// How old an unfinished upload gets before it is aborted; `None` keeps it for ever.
    pub upload_age: Option<Duration>,
}

/// An S3 endpoint and the proxy's own credentials there.
pub struct RemoteConfig {
    /// `http://` or `https://`, host and port.
    pub endpoint: http::Uri,
    /// Region that requests are signed for.
    pub region: String,
    /// The proxy's credentials.
    pub credentials: KeyPair,
    /// Bucket in the path (true) or in the host name.
    pub path_style: bool,
}

/// How repeated signatures are treated (INT-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayConfig {
    /// Window within which nothing is forgotten; zero disables the check.
    pub window: Duration,
    /// What happens to repeated reads.
    pub reads: ReplayReads,
}

/// Repeated GET and HEAD requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayReads {
    /// Served: fleets that share a key send byte-identical reads.
    Serve,
    /// Served to the address that sent it first.
    SameAddress,
    /// Refused like changing requests.
    Refuse,
}

/// Names and limits of the S3 port.
#[derive(Clone, Debug)]
pub struct EdgeConfig {
    /// Domains whose sub-domains are buckets.
    pub base_domains: Vec<BaseDomain>,
    /// Whose pages may call the S3 port.
    pub cors: CorsOrigins,
    /// Where `/_/` is served, where not on the S3 port.
    pub admin_listen: Option<SocketAddr>,
    /// Most requests of S3 clients that are under way at once.
    pub most_requests: usize,
    /// How long a client may send nothing, or take nothing.
    pub client_timeout: Duration,
}

/// Origins whose pages may call the S3 port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Each as browsers write it: scheme, host, and a port that is not the scheme's own.
    Listed(Vec<String>),
    /// Every one.
    Any,
}

impl Default for CorsOrigins {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// The folder of the encrypted database.
pub struct StateConfig {
    /// Database, key file and lock.
    pub folder: PathBuf,
    /// The database key, where the operator keeps it; else a key file in the folder.
    pub key: Option<Zeroizing<[u8; 32]>>,
    /// How long audit entries are kept; `None` is for ever.
    pub audit_retention: Option<Duration>,
}

/// The admin API.
pub struct AdminConfig {
    /// Argon2id PHC string; without it one is made on the first start.
    pub password_hash: Option<String>,
    /// Whether session cookies travel over HTTPS alone.
    pub secure_cookies: bool,
    /// How long a session lasts.
    pub session_ttl: Duration,
}

/// How the process logs.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// `tracing` filter, such as `info`.
    pub filter: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}
