//! Rules as people write them, in JSON and YAML alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A rule as written; [`super::Rule::parse`] says what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// `Allow` or `Deny`; absent means `Allow` (INT-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// `read`, `write`, `delete`, `list`, `admin` or `*`.
    #[serde(default)]
    pub actions: Vec<String>,
    /// `*`, `bucket` or `bucket/pattern` (INT-9).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Conditions by key (short form) or by operator (INT-12).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, ConditionDocument>,
}

/// What stands behind a key of `conditions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConditionDocument {
    /// Short form: the key was a condition key.
    Short(OneOrMany),
    /// Operator form: the key was an operator, and condition keys follow.
    Operator(BTreeMap<String, OneOrMany>),
    /// Neither; kept so that validation can name the place.
    Other(Unusable),
}

/// A value of a kind that means nothing where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

impl Serialize for Unusable {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Unusable {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A single value.
    One(String),
    /// Several; which must match depends on the operator.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The values, in the order written.
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}
