//! Places in a document, by index for people and by name for what has to outlive a reordering.

use std::fmt::Write as _;

use super::node::{Node, Value};

/// A place as text: `access.iam_users[0].name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(String);

impl Path {
    /// The place of a key below this one.
    pub fn key(&self, key: &str) -> Self {
        match self.0.is_empty() {
            true => Self(key.to_owned()),
            false => Self(format!("{}.{key}", self.0)),
        }
    }

    /// The place of an item below this one.
    pub fn index(&self, index: usize) -> Self {
        let mut text = self.0.clone();
        let _ = write!(text, "[{index}]");
        Self(text)
    }

    /// The place of an item that has a name, whatever its index; other items go by index.
    fn item(&self, index: usize, item: &Node) -> Self {
        match item.get("name").and_then(Node::text) {
            Some(name) => Self(format!("{}[{name:?}]", self.0)),
            None => self.index(index),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Node {
    /// Visits every scalar with its place by index and its place by name.
    pub fn visit(&self, visit: &mut impl FnMut(&Path, &Path, &Node)) {
        walk(self, &Path::default(), &Path::default(), visit);
    }

    /// Visits every scalar, to be changed, with both places.
    pub fn visit_mut(&mut self, visit: &mut impl FnMut(&Path, &Path, &mut Node)) {
        walk_mut(self, &Path::default(), &Path::default(), visit);
    }
}

fn walk(node: &Node, place: &Path, named: &Path, visit: &mut impl FnMut(&Path, &Path, &Node)) {
    match &node.value {
        Value::Scalar(_) => visit(place, named, node),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &place.index(index), &named.item(index, item), visit);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                walk(&entry.node, &place.key(&entry.key), &named.key(&entry.key), visit);
            }
        }
    }
}

fn walk_mut(
    node: &mut Node,
    place: &Path,
    named: &Path,
    visit: &mut impl FnMut(&Path, &Path, &mut Node),
) {
    if matches!(node.value, Value::Scalar(_)) {
        return visit(place, named, node);
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let named = named.item(index, item);
                walk_mut(item, &place.index(index), &named, visit);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                let key = &entry.key;
                walk_mut(&mut entry.node, &place.key(key), &named.key(key), visit);
            }
        }
    }
}
