//! Settings of the S3 port itself: its names, whom it lets read, how much it takes.

use std::net::SocketAddr;

use deltaglider_core::s3::BaseDomain;

use super::error::ConfigError;
use super::settings::Settings;
use super::{CorsOrigins, EdgeConfig};

pub(super) fn edge(settings: &Settings<'_>, listen: SocketAddr) -> Result<EdgeConfig, ConfigError> {
    Ok(EdgeConfig {
        base_domains: base_domains(settings)?,
        cors: cors(settings)?,
        // The S3 port's own address says what is so anyway.
        admin_listen: admin_listen(settings)?.filter(|address| *address != listen),
    })
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
