//! What leaves: sections for people to edit, documents for git. No secret is in any of them.

use deltaglider_core::document::{Node, Style, Value, escape, has_reference, to_yaml};
use deltaglider_core::iam::{Provider, is_string_field};
use deltaglider_core::policy::{ConditionDocument, OneOrMany, RuleDocument};
use deltaglider_store::State;

use super::document::is_secret;
use super::provenance::{PROVENANCE, Provenance};
use super::{Control, Refusal};

impl Control {
    /// A section as it is meant, secrets empty; `None` where the document has none such.
    pub(crate) fn section(&self, name: &str) -> Option<Node> {
        let held = self.shared.held.load();
        let mut whole = Node::map([]);
        whole.set(name, held.expanded.0.get(name)?.clone());
        whole.visit_mut(&mut |place, node| match is_secret(place.last_key()) {
            true => redact(place.last_key(), node),
            false => settle(place.last_key(), node),
        });
        whole.get(name).cloned()
    }

    /// The document in service, or one section of it: references kept, other secrets empty.
    pub(crate) async fn export(&self, section: Option<&str>) -> Result<String, Refusal> {
        let kept = self.shared.iam.meta(PROVENANCE).await;
        let kept = kept.map_err(|error| Refusal::Failed(error.to_string()))?;
        let provenance = Provenance::parse(kept.as_ref().map(|it| it.as_slice()));
        let held = self.shared.held.load_full();
        let mut node = held.expanded.0.clone();
        node.visit_beside(&held.raw.0, &mut |place, node, written| {
            let (key, value) = (place.last_key(), node.text().unwrap_or_default());
            let own = written.text().filter(|it| has_reference(it) && is_string_field(key));
            let own = own.or_else(|| match provenance.is_empty() {
                true => None,
                false => provenance.reference(&place.by_name(), value),
            });
            match own {
                Some(reference) => *node = Node::string(reference),
                None if is_secret(key) => redact(key, node),
                None => {
                    settle(key, node);
                    if let Value::Scalar(scalar) = &mut node.value
                        && scalar.text.contains("${")
                    {
                        scalar.text = escape(&scalar.text);
                        scalar.style = Style::Quoted;
                    }
                }
            }
        });
        match section {
            None => Ok(to_yaml(&node)),
            Some(name) => {
                let mut whole = Node::map([]);
                whole.set(name, node.get(name).cloned().unwrap_or_else(|| Node::map([])));
                Ok(to_yaml(&whole))
            }
        }
    }

    /// Users, groups, providers and mapping rules of the database as an `access:` fragment.
    pub(crate) fn declarative_export(&self) -> String {
        let current = self.shared.iam.current();
        let mut text = String::new();
        for user in
            current.state.users.iter().filter(|it| it.provider_id.is_none() && it.keys.len() > 1)
        {
            // Some take other characters than the control ones for the end of a line.
            text.push_str(&format!(
                "# {} has two keys; the newer one is exported, and applying this drops the other\n",
                user.name.escape_debug()
            ));
        }
        let mut access = lists(&current.state);
        access.visit_mut(&mut |_, node| {
            if let Value::Scalar(scalar) = &mut node.value
                && scalar.text.contains("${")
            {
                scalar.text = escape(&scalar.text);
            }
        });
        text.push_str(&to_yaml(&Node::map([("access", access)])));
        text
    }
}

/// A reference that filled a field of another kind leaves its value there (INT-21).
fn settle(key: &str, node: &mut Node) {
    if let Value::Scalar(scalar) = &mut node.value
        && scalar.style == Style::Expanded
        && !is_string_field(key)
    {
        scalar.style = Style::Plain;
    }
}

fn redact(key: &str, node: &mut Node) {
    *node = if key == "client_secret" { Node::null() } else { Node::string("") };
}

fn lists(state: &State) -> Node {
    let group_name = |id: &i64| state.group(*id).map(|group| Node::string(&group.name));
    let groups = state.groups.iter().filter(|group| !group.builtin).map(|group| {
        let mut node = Node::map([("name", Node::string(&group.name))]);
        if !group.description.is_empty() {
            node.set("description", Node::string(&group.description));
        }
        node.set("permissions", rules(&group.rules));
        node
    });
    let users = state.users.iter().filter(|user| user.provider_id.is_none()).map(|user| {
        let key = user.keys.last().map(|key| key.access_key_id.as_str()).unwrap_or_default();
        Node::map([
            ("name", Node::string(&user.name)),
            ("access_key_id", Node::string(key)),
            ("secret_access_key", Node::string("")),
            ("enabled", Node::plain(user.enabled.to_string())),
            ("groups", Node::list(user.group_ids.iter().filter_map(group_name))),
            ("permissions", rules(&user.rules)),
        ])
    });
    let mapping = state.mapping_rules.iter().map(|(_, rule)| {
        let provider = rule.provider.as_deref().map_or_else(Node::null, Node::string);
        Node::map([
            ("provider", provider),
            ("priority", Node::plain(rule.priority.to_string())),
            ("match_type", Node::string(rule.match_type.as_str())),
            ("match_field", Node::string(&rule.match_field)),
            ("match_value", Node::string(&rule.match_value)),
            ("group", Node::string(&rule.group)),
        ])
    });
    Node::map([
        ("iam_mode", Node::string("declarative")),
        ("iam_groups", Node::list(groups)),
        ("iam_users", Node::list(users)),
        ("auth_providers", Node::list(state.providers.iter().map(|row| provider(&row.provider)))),
        ("group_mapping_rules", Node::list(mapping)),
    ])
}

fn provider(provider: &Provider) -> Node {
    Node::map([
        ("name", Node::string(&provider.name)),
        ("provider_type", Node::string(&provider.provider_type)),
        ("enabled", Node::plain(provider.enabled.to_string())),
        ("priority", Node::plain(provider.priority.to_string())),
        ("display_name", Node::string(&provider.display_name)),
        ("client_id", Node::string(&provider.client_id)),
        ("client_secret", Node::null()),
        ("issuer_url", Node::string(&provider.issuer_url)),
        ("scopes", Node::string(&provider.scopes)),
    ])
}

fn rules(rules: &[(i64, RuleDocument)]) -> Node {
    Node::list(rules.iter().map(|(_, rule)| {
        let strings = |texts: &[String]| Node::list(texts.iter().map(Node::string));
        let mut node = Node::map([
            ("effect", Node::string(rule.effect.as_deref().unwrap_or("Allow"))),
            ("actions", strings(&rule.actions)),
            ("resources", strings(&rule.resources)),
        ]);
        if !rule.conditions.is_empty() {
            let mut conditions = Node::map([]);
            for (key, condition) in &rule.conditions {
                conditions.set(key, self::condition(condition));
            }
            node.set("conditions", conditions);
        }
        node
    }))
}

fn condition(condition: &ConditionDocument) -> Node {
    let values = |values: &OneOrMany| match values {
        OneOrMany::One(value) => Node::string(value),
        OneOrMany::Many(values) => Node::list(values.iter().map(Node::string)),
    };
    match condition {
        ConditionDocument::Short(given) => values(given),
        ConditionDocument::Operator(pairs) => {
            let mut node = Node::map([]);
            for (key, given) in pairs {
                node.set(key, values(given));
            }
            node
        }
        ConditionDocument::Other(_) => Node::null(),
    }
}
