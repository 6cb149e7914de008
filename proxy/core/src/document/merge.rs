//! JSON merge-patch (RFC 7396).

use super::node::{Entry, Node, Value};

/// The target with the patch applied: omitted keys stay, `null` deletes, all else replaces.
pub fn merge_patch(target: &Node, patch: &Node) -> Node {
    let Value::Map(changes) = &patch.value else { return patch.clone() };
    let mut merged = match &target.value {
        Value::Map(_) => target.clone(),
        Value::Scalar(_) | Value::List(_) => Node::map([]),
    };
    for Entry { key, node, .. } in changes {
        if node.is_null() {
            merged.remove(key);
        } else {
            let held = merged.get(key).cloned().unwrap_or_else(Node::null);
            merged.set(key, merge_patch(&held, node));
        }
    }
    merged
}
