//! Settings of the S3 port itself: its names, whom it lets read, how much it takes.

use std::net::SocketAddr;
use std::time::Duration;

use deltaglider_core::s3::BaseDomain;

use super::settings::Settings;
use super::{CorsOrigins, EdgeConfig};

pub(super) fn edge(settings: &mut Settings<'_>, listen: SocketAddr) -> EdgeConfig {
    EdgeConfig {
        base_domains: base_domains(settings),
        cors: cors(settings),
        most_requests: most_requests(settings),
        client_timeout: client_timeout(settings),
        // The S3 port's own address says what is so anyway.
        admin_listen: admin_listen(settings).filter(|address| *address != listen),
    }
}

fn most_requests(settings: &mut Settings<'_>) -> usize {
    const MOST: usize = 1_000_000;
    settings.variable_or("DGP_MAX_REQUESTS", 1024, "a whole number from 1 to 1000000", |text| {
        text.parse().ok().filter(|number| (1..=MOST).contains(number))
    })
}

fn client_timeout(settings: &mut Settings<'_>) -> Duration {
    let what = "a whole number of seconds from 1 to 3600";
    Duration::from_secs(settings.variable_or("DGP_CLIENT_TIMEOUT_SECS", 60, what, |text| {
        text.parse().ok().filter(|seconds| (1..=3600).contains(seconds))
    }))
}

fn admin_listen(settings: &mut Settings<'_>) -> Option<SocketAddr> {
    let what = "an address such as 127.0.0.1:9001";
    settings.variable_or("DGP_ADMIN_LISTEN_ADDR", None, what, |text| text.parse().ok().map(Some))
}

fn base_domains(settings: &mut Settings<'_>) -> Vec<BaseDomain> {
    let what = "a list of domains, comma-separated, without ports";
    settings.variable_or("DGP_BASE_DOMAIN", Vec::new(), what, |text| {
        text.split(',').map(BaseDomain::parse).collect()
    })
}

fn cors(settings: &mut Settings<'_>) -> CorsOrigins {
    let what = "`*`, or a list of origins such as https://app.example";
    settings.variable_or("DGP_CORS_ORIGINS", CorsOrigins::default(), what, |text| {
        if text.trim() == "*" {
            return Some(CorsOrigins::Any);
        }
        let listed: Option<_> = text.split(',').map(|part| origin(part.trim())).collect();
        listed.map(CorsOrigins::Listed)
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
