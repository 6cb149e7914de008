//! The document that is in service, as written and as meant.

use std::collections::HashMap;

use deltaglider_core::document::{
    Fault, Node, Scalar, Style, Value, Variable, expand, has_reference, read_yaml,
};

/// Fields that are no strings: a reference in one persists as what it stood for (INT-21).
const NO_STRINGS: [&str; 3] = ["enabled", "priority", "force_path_style"];

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

/// The tree with every reference filled in, or all that cannot be.
pub(super) fn expanded(raw: &Node, var: &impl Fn(&str) -> Variable) -> Result<Node, Vec<Fault>> {
    let (mut node, mut faults) = (raw.clone(), Vec::new());
    node.visit_mut(&mut |place, _, node| {
        let line = node.line;
        let Value::Scalar(scalar) = &mut node.value else { return };
        if !scalar.text.contains("${") {
            return;
        }
        match expand(&scalar.text, var) {
            Ok(text) => {
                let refers = has_reference(&scalar.text);
                let style = if refers { Style::Expanded } else { scalar.style };
                *scalar = Scalar { text, style };
            }
            Err(error) => {
                faults.push(Fault::new(place.as_str(), error.to_string()).at_line(line));
            }
        }
    });
    if faults.is_empty() { Ok(node) } else { Err(faults) }
}

/// The tree as it persists: references that filled fields of other kinds are gone.
pub(super) fn without_typed_references(raw: &Node, expanded: &Node) -> Node {
    let meant = texts(expanded);
    let mut node = raw.clone();
    node.visit_mut(&mut |_, named, node| {
        let key = named.as_str().rsplit('.').next().unwrap_or_default();
        let refers = node.text().is_some_and(has_reference);
        if let Some(text) =
            meant.get(named.as_str()).filter(|_| refers && NO_STRINGS.contains(&key))
        {
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
