//! Settings of the state folder, the admin API and the proxies in front.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use ipnet::IpNet;
use zeroize::Zeroizing;

use super::settings::Settings;
use super::{AdminConfig, StateConfig, TlsFiles};

const DAY: u64 = 24 * 3600;

/// The state folder stands beside the data, unless it is said otherwise.
pub(super) fn state(settings: &mut Settings<'_>, data: &Path) -> StateConfig {
    let named = settings.find("DGP_STATE_DIR", "advanced.state_dir");
    let folder = named.map_or_else(|| beside(data), |setting| PathBuf::from(setting.text));
    let key = settings.variable("DGP_DB_KEY").and_then(|setting| {
        let key = key(&setting.text);
        if key.is_none() {
            // The text is a secret, so it is not repeated.
            settings.fault(&setting.place, "is not 32 bytes in base64");
        }
        key
    });
    StateConfig { folder, key, audit_retention: days(settings, "DGP_AUDIT_RETENTION_DAYS", 90) }
}

fn key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    <[u8; 32]>::try_from(Zeroizing::new(bytes).as_slice()).map(Zeroizing::new).ok()
}

fn beside(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_else(|| "deltaglider".as_ref()).to_owned();
    name.push("-state");
    data.with_file_name(name)
}

/// How old an unfinished upload of the embedded store gets.
pub(super) fn upload_age(settings: &mut Settings<'_>) -> Option<Duration> {
    days(settings, "DGP_UPLOAD_MAX_AGE_DAYS", 7)
}

/// Cookies are for HTTPS alone, unless plain HTTP stays on this machine.
pub(super) fn admin(
    settings: &mut Settings<'_>,
    listen: SocketAddr,
    tls: Option<&TlsFiles>,
) -> AdminConfig {
    let secure = tls.is_some() || !listen.ip().is_loopback();
    let hours = number(settings, "DGP_SESSION_TTL_HOURS", 4, 24 * 30).max(1);
    AdminConfig {
        password_hash: settings.variable("DGP_BOOTSTRAP_PASSWORD_HASH").map(|it| it.text),
        secure_cookies: settings.variable_or(
            "DGP_SECURE_COOKIES",
            secure,
            "true or false",
            |text| text.parse().ok(),
        ),
        session_ttl: Duration::from_secs(hours * 3600),
    }
}

pub(super) fn trusted_proxies(settings: &mut Settings<'_>) -> Vec<IpNet> {
    let net = |text: &str| {
        let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse()).ok()
    };
    let what = "a list of CIDR blocks, comma-separated";
    settings.variable_or("DGP_TRUSTED_PROXIES", Vec::new(), what, |text| {
        text.split(',').map(|part| net(part.trim())).collect()
    })
}

/// A number of days; none is for ever.
fn days(settings: &mut Settings<'_>, name: &str, default: u64) -> Option<Duration> {
    let days = number(settings, name, default, 36_500);
    (days > 0).then(|| Duration::from_secs(days * DAY))
}

fn number(settings: &mut Settings<'_>, name: &str, default: u64, most: u64) -> u64 {
    settings.variable_or(name, default, &format!("a whole number up to {most}"), |text| {
        text.parse().ok().filter(|number| *number <= most)
    })
}
