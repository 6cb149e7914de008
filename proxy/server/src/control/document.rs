//! The document that is in service, as written and as meant.

use std::collections::HashMap;

use deltaglider_core::document::{
    Fault, Node, Path, Scalar, Style, Value, has_reference, read_yaml,
};
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
    let mut node = raw.clone();
    node.visit_beside(expanded, &mut |place, node, meant| {
        let typed = !is_string_field(place.last_key()) && node.text().is_some_and(has_reference);
        if let Some(text) = meant.text().filter(|_| typed) {
            node.value = Value::Scalar(Scalar { text: text.to_owned(), style: Style::Plain });
        }
    });
    node
}

/// Texts of the scalars that `wanted` picks, by their places by name.
pub(super) fn texts(
    node: &Node,
    wanted: impl Fn(&Path<'_>, &str) -> bool,
) -> HashMap<String, String> {
    let mut texts = HashMap::new();
    node.visit(&mut |place, node| {
        if let Some(text) = node.text().filter(|text| wanted(place, text)) {
            texts.insert(place.by_name(), text.to_owned());
        }
    });
    texts
}

/// Whether a key holds secrets.
pub(super) fn is_secret(key: &str) -> bool {
    matches!(key, "secret_access_key" | "client_secret")
}
