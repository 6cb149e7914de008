//! From the tree to YAML and JSON; quoting is the library's business.

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::node::{Node, Scalar, Style, Value};

/// The tree as YAML in block style, each line ended.
pub fn to_yaml(node: &Node) -> String {
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        return "{}\n".to_owned();
    }
    let written = serde_saphyr::to_string(node);
    // INVARIANT: a tree has string keys and finite scalars, and a `String` takes every write.
    let mut text = written.unwrap_or_default();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Scalar(scalar) => scalar.serialize(serializer),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                let mut entries = entries.iter();
                entries.try_for_each(|entry| map.serialize_entry(&entry.key, &entry.node))?;
                map.end()
            }
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_null() {
            serializer.serialize_unit()
        } else if let Some(truth) = self.truth().filter(|_| self.style == Style::Plain) {
            serializer.serialize_bool(truth)
        } else if let Some(number) = self.integer().filter(|_| self.style == Style::Plain) {
            serializer.serialize_i64(number)
        } else {
            serializer.serialize_str(&self.text)
        }
    }
}
