//! From places to a [`Config`]: one function a concern.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deltaglider_core::document::Node;
use deltaglider_core::iam::Mode;
use zeroize::Zeroizing;

use super::document;
use super::error::ConfigError;
use super::settings::{Setting, Settings};
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

pub(super) fn read(
    source: &dyn Source,
    origin: Origin,
    document: &Node,
) -> Result<Config, ConfigError> {
    document::check(&origin.path, document)?;
    let mut settings = Settings::new(source, origin.path.clone(), document);
    warn_of_unread_variables(source, &mut settings);
    settings.check()?;
    check_mode(&mut settings)?;

    let listen = listen(&mut settings, &origin.flags)?;
    let bootstrap = bootstrap(&mut settings)?;
    let (backend, data) = backend(&mut settings)?;
    let tls = tls(&settings)?;
    let state = operators::state(&mut settings, &data)?;
    let edge = edge::edge(&settings, listen)?;
    let admin_address = edge.admin_listen.unwrap_or(listen);
    let admin = operators::admin(&settings, admin_address, tls.as_ref())?;
    let seconds = |name, default| seconds(&settings, name, default);
    Ok(Config {
        origin,
        listen,
        bootstrap,
        backend,
        clock_skew: seconds("DGP_CLOCK_SKEW_SECONDS", 300)?,
        replay: ReplayConfig {
            window: seconds("DGP_REPLAY_WINDOW_SECS", 5)?,
            reads: replay_reads(&settings)?,
        },
        backend_timeout: backend_timeout(&settings)?,
        shutdown_grace: seconds("DGP_SHUTDOWN_GRACE_SECS", 300)?,
        tls,
        state,
        admin,
        edge,
        trusted_proxies: operators::trusted_proxies(&settings)?,
        log: log(&mut settings)?,
        warnings: settings.warnings,
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

fn check_mode(settings: &mut Settings<'_>) -> Result<(), ConfigError> {
    let mode = settings.find(None, "access.iam_mode")?;
    let mode = mode.map(|it| it.parse("`gui` or `declarative`", Mode::parse)).transpose()?;
    if mode == Some(Mode::Declarative) {
        return Ok(());
    }
    let places = document::LISTS.map(|key| format!("access.{key}"));
    let present = places.into_iter().filter(|place| settings.node(place).is_some());
    let warnings: Vec<_> = present.map(|place| format!("{place} is ignored in gui mode")).collect();
    settings.warnings.extend(warnings);
    Ok(())
}

fn listen(settings: &mut Settings<'_>, flags: &Flags) -> Result<SocketAddr, ConfigError> {
    let found = settings.find(Some("DGP_LISTEN_ADDR"), "advanced.listen_addr")?;
    let flag = flags.listen.clone().map(|text| Setting { text, place: "--listen".into() });
    match flag.or(found) {
        Some(setting) => setting.parse("an address such as 127.0.0.1:9000", |it| it.parse().ok()),
        None => Ok(SocketAddr::from(([127, 0, 0, 1], 9000))),
    }
}

fn bootstrap(settings: &mut Settings<'_>) -> Result<Option<KeyPair>, ConfigError> {
    let id = settings.find(Some("DGP_ACCESS_KEY_ID"), "access.access_key_id")?;
    let secret = settings.find(Some("DGP_SECRET_ACCESS_KEY"), "access.secret_access_key")?;
    key_pair(id, secret)
}

fn key_pair(id: Option<Setting>, secret: Option<Setting>) -> Result<Option<KeyPair>, ConfigError> {
    let empty = |setting: &Option<Setting>| setting.as_ref().is_some_and(|it| it.text.is_empty());
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(id), None) => {
            Err(ConfigError::value(id.place, "the secret that belongs to it is missing"))
        }
        (None, Some(secret)) => {
            Err(ConfigError::value(secret.place, "the access key id that belongs to it is missing"))
        }
        (id, secret) if empty(&id) || empty(&secret) => {
            let place = id.filter(|it| it.text.is_empty()).or(secret).map(|it| it.place);
            Err(ConfigError::value(place.unwrap_or_default(), "must not be empty"))
        }
        (Some(id), Some(secret)) => {
            Ok(Some(KeyPair { id: id.text, secret: Zeroizing::new(secret.text) }))
        }
    }
}

/// The store, and the folder that local data would be in.
fn backend(settings: &mut Settings<'_>) -> Result<(BackendConfig, PathBuf), ConfigError> {
    let folder = settings.find(Some("DGP_DATA_DIR"), "storage.filesystem")?;
    let endpoint = settings.find(Some("DGP_S3_ENDPOINT"), "storage.s3")?;
    let folder = PathBuf::from(folder.map_or_else(|| "deltaglider-data".into(), |it| it.text));
    let Some(endpoint) = endpoint else {
        let upload_age = operators::upload_age(settings)?;
        let embedded = EmbeddedConfig { folder: folder.clone(), upload_age };
        return Ok((BackendConfig::Embedded(embedded), folder));
    };
    if ["storage.filesystem", "storage.s3"].iter().all(|place| settings.node(place).is_some()) {
        let text = "a store is either `filesystem` or `s3`; remove one of them";
        return Err(ConfigError::value(endpoint.place, text));
    }
    let id = settings.find(Some("DGP_BE_AWS_ACCESS_KEY_ID"), "storage.access_key_id")?;
    let secret =
        settings.find(Some("DGP_BE_AWS_SECRET_ACCESS_KEY"), "storage.secret_access_key")?;
    let credentials = key_pair(id, secret)?.ok_or_else(|| {
        ConfigError::value(
            &endpoint.place,
            "the endpoint needs access_key_id and secret_access_key",
        )
    })?;
    let region = settings.find(Some("DGP_S3_REGION"), "storage.region")?;
    let style = settings.find(Some("DGP_S3_PATH_STYLE"), "storage.force_path_style")?;
    let remote = BackendConfig::Remote(RemoteConfig {
        endpoint: endpoint_url(&endpoint.text).ok_or_else(|| {
            // The text is not repeated: people write passwords into URLs.
            let text =
                "is not an endpoint such as http://127.0.0.1:9000: scheme, host and port alone";
            ConfigError::value(&endpoint.place, text)
        })?,
        region: region.map_or_else(|| "us-east-1".into(), |it| it.text),
        credentials,
        path_style: style.map_or(Ok(true), |it| it.parse("true or false", |it| it.parse().ok()))?,
    });
    Ok((remote, folder))
}

fn endpoint_url(text: &str) -> Option<http::Uri> {
    let uri: http::Uri = text.trim_end_matches('/').parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = uri.path() == "/" && uri.query().is_none();
    let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    (known && bare && named).then_some(uri)
}

fn seconds(
    settings: &Settings<'_>,
    name: &'static str,
    default: u64,
) -> Result<Duration, ConfigError> {
    const MOST: u64 = 7 * 24 * 3600;
    settings.variable(name).map_or(Ok(Duration::from_secs(default)), |setting| {
        setting.parse("a whole number of seconds up to 604800", |text| {
            text.parse().ok().filter(|seconds| *seconds <= MOST).map(Duration::from_secs)
        })
    })
}

fn backend_timeout(settings: &Settings<'_>) -> Result<Duration, ConfigError> {
    let timeout = seconds(settings, "DGP_BACKEND_TIMEOUT_SECS", 60)?;
    if timeout.is_zero() {
        let text = "must be at least 1: no backend answers at once";
        return Err(ConfigError::value("DGP_BACKEND_TIMEOUT_SECS", text));
    }
    Ok(timeout)
}

fn replay_reads(settings: &Settings<'_>) -> Result<ReplayReads, ConfigError> {
    settings.variable("DGP_REPLAY_READS").map_or(Ok(ReplayReads::Serve), |setting| {
        setting.parse("`serve`, `same-address` or `refuse`", |text| match text {
            "serve" => Some(ReplayReads::Serve),
            "same-address" => Some(ReplayReads::SameAddress),
            "refuse" => Some(ReplayReads::Refuse),
            _ => None,
        })
    })
}

fn tls(settings: &Settings<'_>) -> Result<Option<TlsFiles>, ConfigError> {
    match (settings.variable("DGP_TLS_CERT"), settings.variable("DGP_TLS_KEY")) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles {
            certificate: Path::new(&certificate.text).into(),
            key: Path::new(&key.text).into(),
        })),
        (Some(_), None) => Err(ConfigError::value("DGP_TLS_CERT", "is set without DGP_TLS_KEY")),
        (None, Some(_)) => Err(ConfigError::value("DGP_TLS_KEY", "is set without DGP_TLS_CERT")),
    }
}

fn log(settings: &mut Settings<'_>) -> Result<LogConfig, ConfigError> {
    let filter = settings.find(Some("DGP_LOG_LEVEL"), "advanced.log_level")?;
    let json = settings.variable("DGP_LOG_FORMAT").map_or(Ok(false), |setting| {
        setting.parse("`text` or `json`", |text| match text {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        })
    })?;
    let filter = match filter {
        None => "info".into(),
        Some(setting) => setting.parse("a log filter such as `info`", |text| {
            text.parse::<tracing_subscriber::EnvFilter>().ok().map(|_| text.to_owned())
        })?,
    };
    Ok(LogConfig { filter, json })
}
