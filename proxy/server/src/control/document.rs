//! The document that is in service, as written and as meant.

use std::collections::HashMap;

use deltaglider_core::document::{Fault, Node, Scalar, Style, Value, has_reference, read_yaml};
use deltaglider_core::iam::is_string_field;

/// A document in service.
#[derive(Default)]
pub(super) struct Held {
    /// The text of the file; empty where there is none.
    pub(super) text: String,
    /// Whether there is a file.
    pub(super) on_disk: bool,
    /// With references.
    pub(super) raw: Doc,
    /// References filled in.
    pub(super) expanded: Doc,
}

/// A tree that starts as an empty map.
pub(super) struct Doc(pub(super) Node);

impl Default for Doc {
    fn default() -> Self {
        Self(Node::map([]))
    }
}

/// Parses a text.
pub(super) fn parse(text: &[u8]) -> Result<Node, Vec<Fault>> {
    let node = read_yaml(text)?;
    match node.value {
        Value::Map(_) => Ok(node),
        _ => Err(vec![Fault::new("", "has to be a map of sections").at_line(node.line)]),
    }
}

/// The tree as it persists: references that filled fields of other kinds are gone.
pub(super) fn without_typed_references(raw: &Node, expanded: &Node) -> Node {
    let meant = texts(expanded);
    let mut node = raw.clone();
    node.visit_mut(&mut |_, named, node| {
        let typed = !is_string_field(named.as_str()) && node.text().is_some_and(has_reference);
        if let Some(text) = meant.get(named.as_str()).filter(|_| typed) {
            node.value = Value::Scalar(Scalar { text: text.clone(), style: Style::Plain });
        }
    });
    node
}

/// Every scalar's text by its place by name.
pub(super) fn texts(node: &Node) -> HashMap<String, String> {
    let mut texts = HashMap::new();
    node.visit(&mut |_, named, node| {
        if let Some(text) = node.text() {
            texts.insert(named.as_str().to_owned(), text.to_owned());
        }
    });
    texts
}

/// Whether a place holds a secret, by its last key.
pub(super) fn is_secret(place: &str) -> bool {
    matches!(place.rsplit('.').next(), Some("secret_access_key" | "client_secret"))
}

/// Empty secrets take what the document in service has for the same entity (INT-17).
pub(super) fn restore_secrets(node: &mut Node, held: &Node) {
    let held = texts(held);
    node.visit_mut(&mut |_, named, node| {
        let empty = node.text().is_none_or(str::is_empty);
        if let Some(text) = held.get(named.as_str()).filter(|_| empty && is_secret(named.as_str()))
        {
            *node = Node::string(text.clone()).at_line(node.line);
        }
    });
}
