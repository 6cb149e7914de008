//! The YAML document, read with limits and with the line of every value.

use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::{Options, Spanned};

use super::error::ConfigError;

/// Larger files are refused before they are parsed, in bytes.
const LARGEST_FILE: usize = deltaglider_core::document::LARGEST;

/// Sections besides `access`, with their keys.
pub const SECTIONS: [(&str, &[&str]); 2] = [
    (
        "storage",
        &["filesystem", "s3", "region", "access_key_id", "secret_access_key", "force_path_style"],
    ),
    ("advanced", &["listen_addr", "log_level", "state_dir"]),
];

/// A scalar as text with its place; references in it are expanded later.
pub(super) type Scalar = Option<Spanned<String>>;

/// The whole file; every section is optional and every key known.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Document {
    /// Who may come in.
    pub(super) access: Access,
    /// Where objects are.
    pub(super) storage: Storage,
    /// How the process runs.
    pub(super) advanced: Advanced,
}

impl Document {
    /// Every value with the path of its key.
    pub(super) fn scalars(&self) -> [(&'static str, &Scalar); 12] {
        let Self { access, storage, advanced } = self;
        [
            ("access.iam_mode", &access.iam_mode),
            ("access.access_key_id", &access.access_key_id),
            ("access.secret_access_key", &access.secret_access_key),
            ("storage.filesystem", &storage.filesystem),
            ("storage.s3", &storage.s3),
            ("storage.region", &storage.region),
            ("storage.access_key_id", &storage.access_key_id),
            ("storage.secret_access_key", &storage.secret_access_key),
            ("storage.force_path_style", &storage.force_path_style),
            ("advanced.listen_addr", &advanced.listen_addr),
            ("advanced.log_level", &advanced.log_level),
            ("advanced.state_dir", &advanced.state_dir),
        ]
    }
}

/// The `access` section.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Access {
    /// `gui` or `declarative`.
    pub(super) iam_mode: Scalar,
    /// Bootstrap access key id.
    pub(super) access_key_id: Scalar,
    /// Bootstrap secret.
    pub(super) secret_access_key: Scalar,
    /// Declarative users; ignored in gui mode.
    pub(super) iam_users: Option<IgnoredAny>,
    /// Declarative groups; ignored in gui mode.
    pub(super) iam_groups: Option<IgnoredAny>,
    /// Declarative providers; ignored in gui mode.
    pub(super) auth_providers: Option<IgnoredAny>,
    /// Declarative mapping rules; ignored in gui mode.
    pub(super) group_mapping_rules: Option<IgnoredAny>,
}

/// The `storage` section.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Storage {
    /// Folder of the embedded store.
    pub(super) filesystem: Scalar,
    /// URL of an S3 endpoint.
    pub(super) s3: Scalar,
    /// Its region.
    pub(super) region: Scalar,
    /// Its access key id.
    pub(super) access_key_id: Scalar,
    /// Its secret.
    pub(super) secret_access_key: Scalar,
    /// Whether the bucket stands in its path.
    pub(super) force_path_style: Scalar,
}

/// The `advanced` section.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Advanced {
    /// Address of the S3 port.
    pub(super) listen_addr: Scalar,
    /// Log filter.
    pub(super) log_level: Scalar,
    /// Folder of the encrypted database.
    pub(super) state_dir: Scalar,
}

/// Parses a document; an error names the file, the line and the key.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Document, ConfigError> {
    let fault = |line, text: String| ConfigError::document(path, line, text);
    if bytes.len() > LARGEST_FILE {
        return Err(fault(None, format!("the file is larger than {LARGEST_FILE} bytes")));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault(None, format!("not UTF-8 from byte {}", error.valid_up_to())))?;
    let mut options = Options::default();
    options.with_snippet = false;
    let parsed: Result<Option<Document>, _> = serde_saphyr::from_str_with_options(text, options);
    match parsed {
        Ok(document) => Ok(document.unwrap_or_default()),
        Err(error) => {
            let line = error.location().map(|location| location.line());
            Err(fault(line, error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listed_keys_are_those_that_are_read() {
        let document = Document::default();
        let read = document.scalars().map(|(key, _)| key);
        let listed: Vec<String> = SECTIONS
            .iter()
            .flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}")))
            .collect();
        let read: Vec<_> = read.iter().filter(|key| !key.starts_with("access.")).collect();
        assert_eq!(read.len(), listed.len());
        assert!(read.iter().all(|key| listed.iter().any(|it| it == *key)));
    }
}
