//! Settings of the S3 port itself: its names, whom it lets read, how much it takes.

use std::net::SocketAddr;

use deltaglider_core::s3::BaseDomain;

use super::EdgeConfig;
use super::error::ConfigError;
use super::settings::Settings;

pub(super) fn edge(settings: &Settings<'_>, listen: SocketAddr) -> Result<EdgeConfig, ConfigError> {
    Ok(EdgeConfig {
        base_domains: base_domains(settings)?,
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
