//! Which values an operator's shell filled in, so that exports give the references back.

use std::collections::BTreeMap;

use deltaglider_core::document::{Fault, Node, ReferenceError, Variable, expand, has_reference};
use deltaglider_core::iam::is_string_field;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::document::texts;

/// Where it is kept in the database.
pub(super) const PROVENANCE: &str = "env_refs";

/// References by place; each holds for one value alone, so that a stale one says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Provenance(BTreeMap<String, Origin>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Origin {
    reference: String,
    /// SHA-256 of the value that it stood for.
    value: String,
}

impl Provenance {
    /// Reads what the caller says of a document; every fault names its place.
    pub(super) fn read(
        refs: &BTreeMap<String, String>,
        expanded: &Node,
    ) -> Result<Self, Vec<Fault>> {
        let (mut origins, mut faults) = (BTreeMap::new(), Vec::new());
        let mut unknown: BTreeMap<&String, &String> = refs.iter().collect();
        expanded.visit(&mut |path, node| {
            if unknown.is_empty() {
                return;
            }
            let place = path.to_string();
            let Some(reference) = unknown.remove(&place) else { return };
            match fault(reference) {
                Some(text) => faults.push(Fault::new(format!("env_refs.{place}"), text)),
                None if !is_string_field(path.last_key()) => {}
                None => {
                    let value = digest(node.text().unwrap_or_default());
                    let reference = reference.clone();
                    origins.insert(path.by_name(), Origin { reference, value });
                }
            }
        });
        for place in unknown.into_keys() {
            let text = "there is no such value in the document";
            faults.push(Fault::new(format!("env_refs.{place}"), text));
        }
        if faults.is_empty() { Ok(Self(origins)) } else { Err(faults) }
    }

    /// Reads what the database has; what cannot be read is nothing.
    pub(super) fn parse(bytes: Option<&[u8]>) -> Self {
        bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The reference that a value came from.
    pub(super) fn reference(&self, place: &str, value: &str) -> Option<&str> {
        let origin = self.0.get(place).filter(|origin| origin.value == digest(value));
        origin.map(|origin| origin.reference.as_str())
    }

    /// Only what still holds of a document.
    pub(super) fn retained(&self, expanded: &Node) -> Self {
        if self.is_empty() {
            return Self::default();
        }
        let texts = texts(expanded, |_, _| true);
        let holds = |place: &String| {
            texts.get(place).is_some_and(|value| self.reference(place, value).is_some())
        };
        Self(
            self.0
                .iter()
                .filter(|(place, _)| holds(place))
                .map(|(p, o)| (p.clone(), o.clone()))
                .collect(),
        )
    }

    /// Both: what holds before a change and what will hold after it.
    pub(super) fn with(&self, newer: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(newer.0.clone());
        Self(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn fault(reference: &str) -> Option<String> {
    let var = |name: &str| match name.starts_with("DGP_") {
        true => Variable::Forbidden,
        false => Variable::Set(String::new()),
    };
    match expand(reference, &var) {
        Err(
            error @ (ReferenceError::Malformed
            | ReferenceError::NestedDefault
            | ReferenceError::Forbidden(_)),
        ) => Some(error.to_string()),
        _ if !has_reference(reference) => Some("is no reference".to_owned()),
        _ => None,
    }
}

fn digest(value: &str) -> String {
    hex::encode(Sha256::digest(value.as_bytes()))
}
