//! The target file: what a subject is and how the suite starts it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::Failure;
use crate::template;

/// A subject as its maintainer describes it. Command, configuration and environment are
/// templates; they may name `{config}` (the configuration's path), `{listen}`, `{scheme}`,
/// `{data_dir}`, `{state_dir}`, `{access_key_id}`, `{secret_access_key}`, `{store}` (the URL of the
/// store), `{store_access_key_id}`, `{store_secret_access_key}`, and for HTTPS `{cert}`, `{key}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Name in reports.
    pub name: String,
    /// URL of a subject that runs already. Left out where the suite starts it.
    pub endpoint: Option<String>,
    /// Program and arguments that start the subject.
    #[serde(default)]
    pub command: Vec<String>,
    /// Path that answers 200 once the subject serves.
    #[serde(default = "default_health")]
    pub health: String,
    /// Path that answers 200 while the subject's store can be reached, where there is one.
    pub ready: Option<String>,
    /// Region that requests are signed for.
    #[serde(default = "default_region")]
    pub region: String,
    /// Domain whose sub-domains are buckets, where the subject serves virtual-host style.
    pub base_domain: Option<String>,
    /// An origin whose pages may call the S3 address, where there is one.
    pub cors_origin: Option<String>,
    /// The admin API, where there is one.
    pub admin: Option<AdminTarget>,
    /// Bootstrap key pair; `${env:NAME}` reads the environment.
    pub credentials: KeyPair,
    /// Template of the configuration file.
    #[serde(default)]
    pub config: String,
    /// What `{storage}` in the configuration stands for.
    #[serde(default)]
    pub storage: Storage,
    /// Environment of the subject, besides PATH.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Added to the environment where the subject serves HTTPS.
    /// Left out by a subject that cannot.
    pub tls_environment: Option<BTreeMap<String, String>>,
    /// PEM file of the authority behind an `https` endpoint.
    pub ca_file: Option<PathBuf>,
}

/// Where the admin API is and what opens it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminTarget {
    /// Path below which its calls are.
    pub base: String,
    /// Password; `${env:NAME}` reads the environment.
    pub password: String,
    /// Environment, besides the target's, that makes this the password.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What stands before the password that a first start without that environment prints.
    /// Left out by a subject whose password cannot be changed.
    pub first_password: Option<String>,
}

/// An access key pair as written in a target file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPair {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

/// Templates for the two places where a subject may keep objects. A subject that lacks one
/// leaves it out, and its lanes are not run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// A remote S3 store.
    pub remote: Option<String>,
    /// The subject's own store.
    pub embedded: Option<String>,
}

impl Target {
    /// Reads a target file.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
        Self::parse(&text).map_err(|e| Failure::new(format!("{}: {e}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let mut target: Self = serde_saphyr::from_str(text)?;
        let keys = &mut target.credentials;
        keys.access_key_id = template::from_env(&keys.access_key_id)?;
        keys.secret_access_key = template::from_env(&keys.secret_access_key)?;
        if let Some(admin) = &mut target.admin {
            admin.password = template::from_env(&admin.password)?;
        }
        if target.endpoint.is_some() != target.command.is_empty() {
            return Err(Failure::new("a target has either an `endpoint` or a `command`"));
        }
        Ok(target)
    }
}

fn default_health() -> String {
    "/_/health".to_owned()
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = "credentials: { access_key_id: a, secret_access_key: b }\n";

    #[test]
    fn a_target_starts_its_subject_or_says_where_it_runs() {
        assert!(Target::parse(&format!("name: x\n{KEYS}endpoint: http://h:1\n")).is_ok());
        assert!(Target::parse(&format!("name: x\n{KEYS}command: [p]\n")).is_ok());
        let both = format!("name: x\n{KEYS}command: [p]\nendpoint: http://h:1\n");
        assert!(Target::parse(&both).is_err());
        assert!(Target::parse(&format!("name: x\n{KEYS}")).is_err());
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(Target::parse(&format!("name: x\n{KEYS}command: [p]\ncomand: [q]\n")).is_err());
    }
}
