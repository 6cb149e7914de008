//! Settings of the S3 port itself: its names, whom it lets read, how much it takes.

use deltaglider_core::s3::BaseDomain;

use super::EdgeConfig;
use super::error::ConfigError;
use super::settings::Settings;

pub(super) fn edge(settings: &Settings<'_>) -> Result<EdgeConfig, ConfigError> {
    Ok(EdgeConfig { base_domains: base_domains(settings)? })
}

fn base_domains(settings: &Settings<'_>) -> Result<Vec<BaseDomain>, ConfigError> {
    let Some(setting) = settings.variable("DGP_BASE_DOMAIN") else { return Ok(Vec::new()) };
    setting.parse("a list of domains, comma-separated, without ports", |text| {
        text.split(',').map(BaseDomain::parse).collect()
    })
}
