//! The document's sections: which there are, and which keys.

use std::path::Path;

use deltaglider_core::document::{Node, Value, read_yaml};
use deltaglider_core::iam::ACCESS_KEYS;

use super::error::ConfigError;
use super::settings::{Place, Settings};

/// Sections besides `access`, with their keys.
pub const SECTIONS: [(&str, &[&str]); 2] = [
    (
        "storage",
        &["filesystem", "s3", "region", "access_key_id", "secret_access_key", "force_path_style"],
    ),
    ("advanced", &["listen_addr", "log_level", "state_dir"]),
];

/// Parses a document; an error names the file and the line of every fault.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Node, ConfigError> {
    read_yaml(bytes).map_err(|faults| ConfigError::document(path, faults))
}

/// Notes sections and keys that nobody reads, and settings that are no single value. What is
/// below the lists of `access` is for whoever reconciles them.
pub(super) fn check(document: &Node, settings: &mut Settings<'_>) {
    let mut fault = |place: String, node: &Node, text: String| {
        settings.fault(&Place::Document(place, node.line), text);
    };
    if !matches!(document.value, Value::Map(_)) {
        fault(String::new(), document, "has to be a map of sections".to_owned());
    }
    let sections = || SECTIONS.into_iter().chain([("access", ACCESS_KEYS.as_slice())]);
    for section in document.entries() {
        let (name, node) = (&section.key, &section.node);
        let Some((_, keys)) = sections().find(|(known, _)| known == name) else {
            let known: Vec<_> = sections().map(|(known, _)| known).collect();
            fault(name.clone(), node, format!("is not known here; there are {}", known.join(", ")));
            continue;
        };
        if !node.is_null() && !matches!(node.value, Value::Map(_)) {
            fault(name.clone(), node, format!("is {}, and has to be a map", node.kind()));
        }
        for entry in node.entries() {
            let place = format!("{name}.{}", entry.key);
            let key = entry.key.as_str();
            if !keys.contains(&key) {
                let text = format!("is not known here; there are {}", keys.join(", "));
                fault(place, &entry.node, text);
            } else if entry.node.scalar().is_none() && !LISTS.contains(&key) {
                let text = format!("is {}, and has to be a single value", entry.node.kind());
                fault(place, &entry.node, text);
            }
        }
    }
}

/// Keys of `access` that hold more than a value.
pub(super) const LISTS: [&str; 4] =
    ["iam_users", "iam_groups", "auth_providers", "group_mapping_rules"];
