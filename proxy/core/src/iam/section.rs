//! Reads fields out of a map and notes everything that is wrong with them.

use crate::document::{Fault, Node, Path, Value};

/// Collects faults while a document is read to its end.
#[derive(Default)]
pub(super) struct Section {
    pub(super) faults: Vec<Fault>,
}

impl Section {
    pub(super) fn fault(&mut self, path: &Path<'_>, node: &Node, message: impl Into<String>) {
        self.faults.push(Fault::new(path.to_string(), message).at_line(node.line));
    }

    /// Whether it is a map; keys that nobody reads are faults.
    pub(super) fn map(&mut self, path: &Path<'_>, node: &Node, known: &[&str]) -> bool {
        if !matches!(node.value, Value::Map(_)) {
            self.fault(path, node, format!("is {}, and has to be a map", node.kind()));
            return false;
        }
        for entry in node.entries() {
            if !known.contains(&entry.key.as_str()) {
                let text = format!("is not known here; there are {}", known.join(", "));
                self.fault(&path.key(&entry.key), &entry.node, text);
            }
        }
        true
    }

    /// Items of a list; absent and null lists have none.
    pub(super) fn items<'a>(&mut self, path: &Path<'_>, node: &'a Node, key: &str) -> &'a [Node] {
        let Some(list) = node.get(key).filter(|it| !it.is_null()) else { return &[] };
        if !matches!(list.value, Value::List(_)) {
            let text = format!("is {}, and has to be a list", list.kind());
            self.fault(&path.key(key), list, text);
        }
        list.items()
    }

    /// Text of a key; `None` where it is absent or null.
    pub(super) fn text<'a>(
        &mut self,
        path: &Path<'_>,
        node: &'a Node,
        key: &str,
    ) -> Option<&'a str> {
        let value = node.get(key)?;
        if value.scalar().is_none() {
            let text = format!("is {}, and has to be a text", value.kind());
            self.fault(&path.key(key), value, text);
        }
        value.text()
    }

    /// Text of a key that has to be there.
    pub(super) fn needed<'a>(&mut self, path: &Path<'_>, node: &'a Node, key: &str) -> &'a str {
        let before = self.faults.len();
        let text = self.text(path, node, key);
        if text.is_none() && self.faults.len() == before {
            let at = node.get(key).unwrap_or(node);
            self.fault(&path.key(key), at, "is missing");
        }
        text.unwrap_or_default()
    }

    /// Texts of a list.
    pub(super) fn texts(&mut self, path: &Path<'_>, node: &Node, key: &str) -> Vec<String> {
        let (items, list) = (self.items(path, node, key), path.key(key));
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.text() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    let text = format!("is {}, and has to be a text", item.kind());
                    self.fault(&list.index(index), item, text);
                }
            }
        }
        texts
    }

    /// A truth value, or what holds where nothing is said.
    pub(super) fn truth(&mut self, path: &Path<'_>, node: &Node, key: &str, default: bool) -> bool {
        let Some(value) = node.get(key).filter(|it| !it.is_null()) else { return default };
        match value.scalar().and_then(|it| it.truth()) {
            Some(truth) => truth,
            None => {
                self.fault(&path.key(key), value, "is not true or false");
                default
            }
        }
    }

    /// A whole number, or what holds where nothing is said.
    pub(super) fn integer(&mut self, path: &Path<'_>, node: &Node, key: &str, default: i64) -> i64 {
        let Some(value) = node.get(key).filter(|it| !it.is_null()) else { return default };
        match value.scalar().and_then(|it| it.integer()) {
            Some(number) => number,
            None => {
                self.fault(&path.key(key), value, "is not a whole number");
                default
            }
        }
    }
}
