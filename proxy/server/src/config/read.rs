//! From places to a [`Config`]: one function a concern.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deltaglider_core::document::Node;
use deltaglider_core::iam::Mode;
use zeroize::Zeroizing;

use super::document;
use super::error::ConfigError;
use super::settings::{Place, Setting, Settings};
use super::source::Source;
use super::{
    BackendConfig, Config, EmbeddedConfig, Flags, KeyPair, LogConfig, Origin, RemoteConfig,
};
use super::{ReplayConfig, ReplayReads, TlsFiles, edge, operators};

const DEFAULT_FILE: &str = "deltaglider_proxy.yaml";

/// Every variable that this version reads; another `DGP_` name earns a warning.
const VARIABLES: &[&str] = &[
    "DGP_CONFIG",
    "DGP_LISTEN_ADDR",
    "DGP_ACCESS_KEY_ID",
    "DGP_SECRET_ACCESS_KEY",
    "DGP_DATA_DIR",
    "DGP_UPLOAD_MAX_AGE_DAYS",
    "DGP_STATE_DIR",
    "DGP_DB_KEY",
    "DGP_AUDIT_RETENTION_DAYS",
    "DGP_BOOTSTRAP_PASSWORD_HASH",
    "DGP_SECURE_COOKIES",
    "DGP_SESSION_TTL_HOURS",
    "DGP_TRUSTED_PROXIES",
    "DGP_S3_ENDPOINT",
    "DGP_S3_REGION",
    "DGP_S3_PATH_STYLE",
    "DGP_BE_AWS_ACCESS_KEY_ID",
    "DGP_BE_AWS_SECRET_ACCESS_KEY",
    "DGP_BACKEND_TIMEOUT_SECS",
    "DGP_CLIENT_TIMEOUT_SECS",
    "DGP_MAX_REQUESTS",
    "DGP_SHUTDOWN_GRACE_SECS",
    "DGP_CLOCK_SKEW_SECONDS",
    "DGP_REPLAY_WINDOW_SECS",
    "DGP_REPLAY_READS",
    "DGP_ADMIN_LISTEN_ADDR",
    "DGP_BASE_DOMAIN",
    "DGP_CORS_ORIGINS",
    "DGP_TLS_CERT",
    "DGP_TLS_KEY",
    "DGP_LOG_LEVEL",
    "DGP_LOG_FORMAT",
];

/// For the command line's own calls of a server, and for clients: no mistake beside `serve`.
const OF_CLIENTS: &[&str] = &["DGP_BOOTSTRAP_PASSWORD"];

/// Reads a document whose references are filled in, and the environment.
pub(super) fn read(
    source: &dyn Source,
    origin: Origin,
    document: &Node,
) -> Result<Config, ConfigError> {
    let mut settings = Settings::new(source, &origin.path, document);
    document::check(document, &mut settings);
    warn_of_unread_variables(source, &mut settings);
    check_mode(&mut settings);

    let listen = listen(&mut settings, &origin.flags);
    let bootstrap = bootstrap(&mut settings);
    let (backend, data) = backend(&mut settings);
    let tls = tls(&mut settings);
    let state = operators::state(&mut settings, &data);
    let edge = edge::edge(&mut settings, listen);
    let admin_address = edge.admin_listen.unwrap_or(listen);
    let admin = operators::admin(&mut settings, admin_address, tls.as_ref());
    let clock_skew = seconds(&mut settings, "DGP_CLOCK_SKEW_SECONDS", 300);
    let window = seconds(&mut settings, "DGP_REPLAY_WINDOW_SECS", 5);
    let replay = ReplayConfig { window, reads: replay_reads(&mut settings) };
    let backend_timeout = backend_timeout(&mut settings);
    let shutdown_grace = seconds(&mut settings, "DGP_SHUTDOWN_GRACE_SECS", 300);
    let trusted_proxies = operators::trusted_proxies(&mut settings);
    let log = log(&mut settings);
    let warnings = settings.finish()?;
    Ok(Config {
        origin,
        listen,
        bootstrap,
        backend,
        clock_skew,
        replay,
        backend_timeout,
        shutdown_grace,
        tls,
        state,
        admin,
        edge,
        trusted_proxies,
        log,
        warnings,
    })
}

/// A file that was asked for has to be there; the default one may be absent.
pub(super) fn open_document(
    source: &dyn Source,
    flags: &Flags,
) -> Result<(Origin, Node), ConfigError> {
    let variable = source.var("DGP_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let asked = flags.config.clone().or(variable);
    let path = asked.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    let flags = flags.clone();
    match source.read(&path) {
        Ok(bytes) => {
            let document = document::parse(&path, &bytes)?;
            Ok((Origin { path, bytes: Some(bytes), flags }, document))
        }
        Err(error) if asked.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            Ok((Origin { path, bytes: None, flags }, Node::map([])))
        }
        Err(error) => Err(ConfigError::Unreadable { path, source: error }),
    }
}

fn warn_of_unread_variables(source: &dyn Source, settings: &mut Settings<'_>) {
    let known = |name: &str| VARIABLES.contains(&name) || OF_CLIENTS.contains(&name);
    let unread = source.own_names().into_iter().filter(|name| !known(name));
    settings.warnings.extend(unread.map(|name| format!("{name} is set, but nothing reads it")));
}

fn check_mode(settings: &mut Settings<'_>) {
    let mode = settings.in_file("access.iam_mode");
    let mode = mode.and_then(|it| settings.parse(&it, "`gui` or `declarative`", Mode::parse));
    if mode == Some(Mode::Declarative) {
        return;
    }
    let places = document::LISTS.map(|key| format!("access.{key}"));
    let present = places.into_iter().filter(|place| settings.node(place).is_some());
    let warnings: Vec<_> = present.map(|place| format!("{place} is ignored in gui mode")).collect();
    settings.warnings.extend(warnings);
}

fn listen(settings: &mut Settings<'_>, flags: &Flags) -> SocketAddr {
    let found = settings.find("DGP_LISTEN_ADDR", "advanced.listen_addr");
    let flag = flags.listen.clone();
    let flag = flag.map(|text| Setting { text, place: Place::Outside("--listen".into()) });
    let what = "an address such as 127.0.0.1:9000";
    let read = flag.or(found).and_then(|it| settings.parse(&it, what, |text| text.parse().ok()));
    read.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 9000)))
}

fn bootstrap(settings: &mut Settings<'_>) -> Option<KeyPair> {
    let id = settings.find("DGP_ACCESS_KEY_ID", "access.access_key_id");
    let secret = settings.find("DGP_SECRET_ACCESS_KEY", "access.secret_access_key");
    key_pair(settings, id, secret)
}

/// Both halves, or neither.
fn key_pair(
    settings: &mut Settings<'_>,
    id: Option<Setting>,
    secret: Option<Setting>,
) -> Option<KeyPair> {
    match (id, secret) {
        (None, None) => None,
        (Some(id), None) => {
            settings.fault(&id.place, "the secret that belongs to it is missing");
            None
        }
        (None, Some(secret)) => {
            settings.fault(&secret.place, "the access key id that belongs to it is missing");
            None
        }
        (Some(id), Some(secret)) => {
            for half in [&id, &secret].into_iter().filter(|half| half.text.is_empty()) {
                settings.fault(&half.place, "must not be empty");
            }
            Some(KeyPair { id: id.text, secret: Zeroizing::new(secret.text) })
        }
    }
}

/// The store, and the folder that local data would be in.
fn backend(settings: &mut Settings<'_>) -> (BackendConfig, PathBuf) {
    let folder = settings.find("DGP_DATA_DIR", "storage.filesystem");
    let endpoint = settings.find("DGP_S3_ENDPOINT", "storage.s3");
    let folder = PathBuf::from(folder.map_or_else(|| "deltaglider-data".into(), |it| it.text));
    let remote = endpoint.and_then(|endpoint| remote(settings, &endpoint));
    let backend = match remote {
        Some(remote) => BackendConfig::Remote(remote),
        None => BackendConfig::Embedded(EmbeddedConfig {
            folder: folder.clone(),
            upload_age: operators::upload_age(settings),
        }),
    };
    (backend, folder)
}

/// `None` where something about it was at fault.
fn remote(settings: &mut Settings<'_>, endpoint: &Setting) -> Option<RemoteConfig> {
    if ["storage.filesystem", "storage.s3"].iter().all(|place| settings.node(place).is_some()) {
        let text = "a store is either `filesystem` or `s3`; remove one of them";
        settings.fault(&endpoint.place, text);
    }
    let url = endpoint_url(&endpoint.text);
    if url.is_none() {
        // The text is not repeated: people write passwords into URLs.
        let text = "is not an endpoint such as http://127.0.0.1:9000: scheme, host and port alone";
        settings.fault(&endpoint.place, text);
    }
    let id = settings.find("DGP_BE_AWS_ACCESS_KEY_ID", "storage.access_key_id");
    let secret = settings.find("DGP_BE_AWS_SECRET_ACCESS_KEY", "storage.secret_access_key");
    if id.is_none() && secret.is_none() {
        let text = "the endpoint needs access_key_id and secret_access_key";
        settings.fault(&endpoint.place, text);
    }
    let credentials = key_pair(settings, id, secret);
    let region = settings.find("DGP_S3_REGION", "storage.region");
    let style = settings.find("DGP_S3_PATH_STYLE", "storage.force_path_style");
    let style = style.and_then(|it| settings.parse(&it, "true or false", |text| text.parse().ok()));
    Some(RemoteConfig {
        endpoint: url?,
        region: region.map_or_else(|| "us-east-1".into(), |it| it.text),
        credentials: credentials?,
        path_style: style.unwrap_or(true),
    })
}

fn endpoint_url(text: &str) -> Option<http::Uri> {
    let uri: http::Uri = text.trim_end_matches('/').parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = uri.path() == "/" && uri.query().is_none();
    let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    (known && bare && named).then_some(uri)
}

fn seconds(settings: &mut Settings<'_>, name: &str, default: u64) -> Duration {
    const MOST: u64 = 7 * 24 * 3600;
    let what = "a whole number of seconds up to 604800";
    Duration::from_secs(settings.variable_or(name, default, what, |text| {
        text.parse().ok().filter(|seconds| *seconds <= MOST)
    }))
}

fn backend_timeout(settings: &mut Settings<'_>) -> Duration {
    const NAME: &str = "DGP_BACKEND_TIMEOUT_SECS";
    let timeout = seconds(settings, NAME, 60);
    if timeout.is_zero() {
        let text = "must be at least 1: no backend answers at once";
        settings.fault(&Place::Outside(NAME.into()), text);
    }
    timeout
}

fn replay_reads(settings: &mut Settings<'_>) -> ReplayReads {
    let what = "`serve`, `same-address` or `refuse`";
    settings.variable_or("DGP_REPLAY_READS", ReplayReads::Serve, what, |text| match text {
        "serve" => Some(ReplayReads::Serve),
        "same-address" => Some(ReplayReads::SameAddress),
        "refuse" => Some(ReplayReads::Refuse),
        _ => None,
    })
}

fn tls(settings: &mut Settings<'_>) -> Option<TlsFiles> {
    match (settings.variable("DGP_TLS_CERT"), settings.variable("DGP_TLS_KEY")) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: Path::new(&certificate.text).into(),
            key: Path::new(&key.text).into(),
        }),
        (Some(certificate), None) => {
            settings.fault(&certificate.place, "is set without DGP_TLS_KEY");
            None
        }
        (None, Some(key)) => {
            settings.fault(&key.place, "is set without DGP_TLS_CERT");
            None
        }
    }
}

fn log(settings: &mut Settings<'_>) -> LogConfig {
    let json =
        settings.variable_or("DGP_LOG_FORMAT", false, "`text` or `json`", |text| match text {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        });
    let filter = settings.find("DGP_LOG_LEVEL", "advanced.log_level").and_then(|setting| {
        settings.parse(&setting, "a log filter such as `info`", |text| {
            text.parse::<tracing_subscriber::EnvFilter>().ok().map(|_| text.to_owned())
        })
    });
    LogConfig { filter: filter.unwrap_or_else(|| "info".into()), json }
}
