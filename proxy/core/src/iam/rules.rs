//! `permissions` of users and groups.

use std::collections::BTreeMap;

use super::fields::MOST_RULES;
use super::section::Section;
use crate::document::{Node, Path, Value};
use crate::policy::{ConditionDocument, OneOrMany, Rule, RuleDocument, Unusable};

/// Keys of a rule.
pub(super) const RULE: [&str; 4] = ["effect", "actions", "resources", "conditions"];

/// The rules of one owner, as the store keeps them.
pub(super) fn rules(section: &mut Section, path: &Path<'_>, node: &Node) -> Vec<RuleDocument> {
    let items = section.items(path, node, "permissions");
    if items.len() > MOST_RULES {
        let text = format!("has more than {MOST_RULES} entries");
        section.fault(&path.key("permissions"), node, text);
    }
    let list = path.key("permissions");
    let items = items.iter().enumerate();
    items.filter_map(|(index, item)| rule(section, &list.index(index), item)).collect()
}

fn rule(section: &mut Section, path: &Path<'_>, node: &Node) -> Option<RuleDocument> {
    if !section.map(path, node, &RULE) {
        return None;
    }
    let effect = section.text(path, node, "effect").unwrap_or("Allow").to_owned();
    let document = RuleDocument {
        effect: Some(effect),
        actions: section.texts(path, node, "actions"),
        resources: section.texts(path, node, "resources"),
        conditions: conditions(section, path, node),
    };
    for fault in Rule::parse(&document).err().unwrap_or_default() {
        // The rule's own place for it, and the line of what stands there.
        let (first, rest) = fault.path.split_once(['.', '[']).unwrap_or((&fault.path, ""));
        let at = node.get(first).unwrap_or(node);
        let index = rest.strip_suffix(']').and_then(|it| it.parse::<usize>().ok());
        let at = index.and_then(|index| at.items().get(index)).unwrap_or(at);
        section.fault(&path.key(&fault.path), at, fault.message);
    }
    Some(document)
}

fn conditions(
    section: &mut Section,
    path: &Path<'_>,
    node: &Node,
) -> BTreeMap<String, ConditionDocument> {
    let Some(given) = node.get("conditions").filter(|it| !it.is_null()) else {
        return BTreeMap::new();
    };
    if !matches!(given.value, Value::Map(_)) {
        let text = format!("is {}, and has to be a map", given.kind());
        section.fault(&path.key("conditions"), given, text);
    }
    given.entries().iter().map(|entry| (entry.key.clone(), condition(&entry.node))).collect()
}

fn condition(node: &Node) -> ConditionDocument {
    if let Some(values) = one_or_many(node) {
        return ConditionDocument::Short(values);
    }
    let pairs = node.entries().iter();
    let pairs: Option<BTreeMap<String, OneOrMany>> =
        pairs.map(|entry| Some((entry.key.clone(), one_or_many(&entry.node)?))).collect();
    match (&node.value, pairs) {
        (Value::Map(_), Some(pairs)) => ConditionDocument::Operator(pairs),
        _ => ConditionDocument::Other(Unusable),
    }
}

fn one_or_many(node: &Node) -> Option<OneOrMany> {
    match &node.value {
        Value::Scalar(_) => node.text().map(|text| OneOrMany::One(text.to_owned())),
        Value::List(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.text().map(str::to_owned)).collect();
            texts.map(OneOrMany::Many)
        }
        Value::Map(_) => None,
    }
}
