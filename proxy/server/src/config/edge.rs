//! Settings of the S3 port itself: its names, whom it lets read, how much it takes.

use std::net::SocketAddr;
use std::time::Duration;

use deltaglider_core::s3::BaseDomain;

use super::error::ConfigError;
use super::settings::Settings;
use super::{CorsOrigins, EdgeConfig};

pub(super) fn edge(settings: &Settings<'_>, listen: SocketAddr) -> Result<EdgeConfig, ConfigError> {
    Ok(EdgeConfig {
        base_domains: base_domains(settings)?,
        cors: cors(settings)?,
        // The S3 port's own address says what is so anyway.
        most_requests: most_requests(settings)?,
        client_timeout: client_timeout(settings)?,
        admin_listen: admin_listen(settings)?.filter(|address| *address != listen),
    })
}

fn most_requests(settings: &Settings<'_>) -> Result<usize, ConfigError> {
    const MOST: usize = 1_000_000;
    settings.variable("DGP_MAX_REQUESTS").map_or(Ok(1024), |setting| {
        setting.parse("a whole number from 1 to 1000000", |text| {
            text.parse().ok().filter(|number| (1..=MOST).contains(number))
        })
    })
}

fn client_timeout(settings: &Settings<'_>) -> Result<Duration, ConfigError> {
    let setting = settings.variable("DGP_CLIENT_TIMEOUT_SECS");
    let seconds = setting.map_or(Ok(60), |setting| {
        setting.parse("a whole number of seconds from 1 to 3600", |text| {
            text.parse().ok().filter(|seconds| (1..=3600).contains(seconds))
        })
    });
    seconds.map(Duration::from_secs)
}

fn admin_listen(settings: &Settings<'_>) -> Result<Option<SocketAddr>, ConfigError> {
    let setting = settings.variable("DGP_ADMIN_LISTEN_ADDR");
    let read =
        setting.map(|it| it.parse("an address such as 127.0.0.1:9001", |text| text.parse().ok()));
    read.transpose()
}

fn base_domains(settings: &Settings<'_>) -> Result<Vec<BaseDomain>, ConfigError> {
    let Some(setting) = settings.variable("DGP_BASE_DOMAIN") else { return Ok(Vec::new()) };
    setting.parse("a list of domains, comma-separated, without ports", |text| {
        text.split(',').map(BaseDomain::parse).collect()
    })
}

fn cors(settings: &Settings<'_>) -> Result<CorsOrigins, ConfigError> {
    let Some(setting) = settings.variable("DGP_CORS_ORIGINS") else {
        return Ok(CorsOrigins::default());
    };
    setting.parse("`*`, or a list of origins such as https://app.example", |text| {
        if text.trim() == "*" {
            return Some(CorsOrigins::Any);
        }
        text.split(',')
            .map(|part| origin(part.trim()))
            .collect::<Option<_>>()
            .map(CorsOrigins::Listed)
    })
}

/// An origin as browsers write it.
fn origin(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let uri: http::Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let bare = text == format!("{scheme}://{authority}");
    let named = !authority.contains(['@', '*']) && !uri.host()?.is_empty();
    let authority = authority.strip_suffix(own_port).unwrap_or(authority);
    (bare && named).then(|| format!("{scheme}://{authority}"))
}
