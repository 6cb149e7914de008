//! A document read from a file, with this shell's environment filled in.

use std::collections::BTreeMap;
use std::path::Path;

use deltaglider_core::document::{
    Fault, Node, Style, Variable, escape, expand_tree, read_yaml, rewrite,
};
use deltaglider_core::iam::is_string_field;

use super::Failure;

/// A document and what became of its references.
pub(super) struct Document {
    /// As written.
    pub(super) raw: Node,
    /// References filled in.
    pub(super) expanded: Node,
    /// The text with references filled in, for sending.
    pub(super) filled: String,
    /// Where references stood: document path to reference.
    pub(super) env_refs: BTreeMap<String, String>,
    /// References that cannot be filled in.
    pub(super) unfilled: Vec<Fault>,
}

/// Exit code 3 for what cannot be read, 4 for what is no document.
pub(super) fn read(path: &Path) -> Result<Document, Failure> {
    let unreadable = |error| Failure::new(3, format!("{}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let raw = read_yaml(&bytes).map_err(|faults| failure(4, path, &faults))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let var = |name: &str| std::env::var(name).map_or(Variable::Unset, Variable::Set);
    let (expanded, unfilled) = expand_tree(&raw, &var);
    let (mut sent, mut env_refs) = (raw.clone(), BTreeMap::new());
    sent.visit_beside(&expanded, &mut |place, node, expanded| {
        let filled = expanded.scalar().filter(|scalar| scalar.style == Style::Expanded);
        let Some(value) = filled.map(|scalar| scalar.text.as_str()) else { return };
        let reference = node.text().unwrap_or_default().to_owned();
        let filled = match is_string_field(place.last_key()) {
            true => {
                env_refs.insert(place.to_string(), reference);
                Node::string(escape(value))
            }
            // What is nothing there would leave the field to its default, which nobody asked for.
            false if Node::plain(value).is_null() => Node::string(value),
            false => Node::plain(value),
        };
        *node = filled.at_line(node.line);
    });
    let (filled, _) = rewrite(&text, &raw, &sent);
    Ok(Document { raw, expanded, filled, env_refs, unfilled })
}

/// A line a fault.
pub(super) fn failure(code: u8, path: &Path, faults: &[Fault]) -> Failure {
    Failure { code, lines: faults.iter().map(|fault| fault.in_file(path)).collect() }
}
