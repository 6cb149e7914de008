//! A document read from a file, with this shell's environment filled in.

use std::collections::BTreeMap;
use std::path::Path;

use deltaglider_core::document::{
    Fault, Node, Scalar, Style, Value, Variable, escape, expand, has_reference, read_yaml, rewrite,
};

use super::Failure;

/// A document and what became of its references.
pub(super) struct Document {
    /// References filled in.
    pub(super) expanded: Node,
    /// The text with references filled in, for sending.
    pub(super) filled: String,
    /// Where references stood: document path to reference.
    pub(super) env_refs: BTreeMap<String, String>,
}

/// Exit codes 3 and 4; every fault on a line of its own.
pub(super) fn read(path: &Path) -> Result<Document, Failure> {
    let unreadable = |error| Failure::new(3, format!("{}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let raw = read_yaml(&bytes).map_err(|faults| failure(4, path, &faults))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (mut expanded, mut sent) = (raw.clone(), raw.clone());
    let (mut env_refs, mut faults) = (BTreeMap::new(), Vec::new());
    let var = |name: &str| std::env::var(name).map_or(Variable::Unset, Variable::Set);
    expanded.visit_mut(&mut |place, _, node| {
        let line = node.line;
        let Value::Scalar(scalar) = &mut node.value else { return };
        match expand(&scalar.text, &var) {
            Err(error) => {
                faults.push(Fault::new(place.as_str(), error.to_string()).at_line(line));
            }
            Ok(value) if has_reference(&scalar.text) => {
                env_refs.insert(place.as_str().to_owned(), scalar.text.clone());
                *scalar = Scalar { text: value, style: Style::Expanded };
            }
            Ok(value) => scalar.text = value,
        }
    });
    if !faults.is_empty() {
        return Err(failure(4, path, &faults));
    }
    let mut values = BTreeMap::new();
    expanded.visit(&mut |place, _, node| {
        if let Some(scalar) = node.scalar() {
            values.insert(place.as_str().to_owned(), scalar.text.clone());
        }
    });
    sent.visit_mut(&mut |place, _, node| {
        let (place, line) = (place.as_str(), node.line);
        if let Some(value) = values.get(place).filter(|_| env_refs.contains_key(place)) {
            // A field of another kind takes what the reference stood for; a string stays one.
            let node_value =
                if is_typed(place) { Node::plain(value) } else { Node::string(escape(value)) };
            *node = node_value.at_line(line);
        }
    });
    env_refs.retain(|place, _| !is_typed(place));
    let (filled, _) = rewrite(&text, &raw, &sent);
    Ok(Document { expanded, filled, env_refs })
}

/// Fields that are no strings, in which no reference outlives its value (INT-21).
fn is_typed(place: &str) -> bool {
    matches!(place.rsplit('.').next(), Some("enabled" | "priority" | "force_path_style"))
}

/// `FILE:LINE: PATH: message`, a line a fault.
pub(super) fn failure(code: u8, path: &Path, faults: &[Fault]) -> Failure {
    let line = |fault: &Fault| match fault.line {
        Some(line) => format!("{}:{line}: {fault}", path.display()),
        None => format!("{}: {fault}", path.display()),
    };
    Failure { code, lines: faults.iter().map(line).collect() }
}
