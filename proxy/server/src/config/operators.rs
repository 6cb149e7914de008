//! Settings of the state folder, the admin API and the proxies in front.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use ipnet::IpNet;
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::settings::Settings;
use super::{AdminConfig, StateConfig, TlsFiles};

const DAY: u64 = 24 * 3600;

/// The state folder stands beside the data, unless it is said otherwise.
pub(super) fn state(settings: &mut Settings<'_>, data: &Path) -> Result<StateConfig, ConfigError> {
    let named = settings.find(Some("DGP_STATE_DIR"), "advanced.state_dir")?;
    let folder = named.map_or_else(|| beside(data), |setting| PathBuf::from(setting.text));
    let key = settings.variable("DGP_DB_KEY").map(|setting| {
        // The text is a secret, so it is not repeated.
        let wrong = || ConfigError::value(&setting.place, "is not 32 bytes in base64");
        let bytes = base64::engine::general_purpose::STANDARD.decode(setting.text.trim());
        let bytes = Zeroizing::new(bytes.map_err(|_| wrong())?);
        <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| wrong())
    });
    Ok(StateConfig { folder, key: key.transpose()?, audit_retention: retention(settings)? })
}

fn beside(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_else(|| "deltaglider".as_ref()).to_owned();
    name.push("-state");
    data.with_file_name(name)
}

fn retention(settings: &Settings<'_>) -> Result<Option<Duration>, ConfigError> {
    let days = number(settings, "DGP_AUDIT_RETENTION_DAYS", 90, 36_500)?;
    Ok((days > 0).then(|| Duration::from_secs(days * DAY)))
}

/// How old an unfinished upload of the embedded store gets.
pub(super) fn upload_age(settings: &Settings<'_>) -> Result<Option<Duration>, ConfigError> {
    let days = number(settings, "DGP_UPLOAD_MAX_AGE_DAYS", 7, 36_500)?;
    Ok((days > 0).then(|| Duration::from_secs(days * DAY)))
}

/// Cookies are for HTTPS alone, unless plain HTTP stays on this machine.
pub(super) fn admin(
    settings: &Settings<'_>,
    listen: SocketAddr,
    tls: Option<&TlsFiles>,
) -> Result<AdminConfig, ConfigError> {
    let on_loopback = listen.ip().is_loopback();
    let secure = settings
        .variable("DGP_SECURE_COOKIES")
        .map(|setting| setting.parse("true or false", |text| text.parse::<bool>().ok()));
    let password_hash = settings.variable("DGP_BOOTSTRAP_PASSWORD_HASH").map(|it| it.text);
    let hours = number(settings, "DGP_SESSION_TTL_HOURS", 4, 24 * 30)?.max(1);
    Ok(AdminConfig {
        password_hash,
        secure_cookies: secure.transpose()?.unwrap_or(tls.is_some() || !on_loopback),
        session_ttl: Duration::from_secs(hours * 3600),
    })
}

pub(super) fn trusted_proxies(settings: &Settings<'_>) -> Result<Vec<IpNet>, ConfigError> {
    let Some(setting) = settings.variable("DGP_TRUSTED_PROXIES") else { return Ok(Vec::new()) };
    let net = |text: &str| {
        let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse()).ok()
    };
    setting.parse("a list of CIDR blocks, comma-separated", |text| {
        text.split(',').map(|part| net(part.trim())).collect()
    })
}

fn number(
    settings: &Settings<'_>,
    name: &'static str,
    default: u64,
    most: u64,
) -> Result<u64, ConfigError> {
    settings.variable(name).map_or(Ok(default), |setting| {
        setting.parse(&format!("a whole number up to {most}"), |text| {
            text.parse().ok().filter(|number| *number <= most)
        })
    })
}
