//! Which documents are rules (INT-7, INT-8, INT-12, INT-13).

use deltaglider_core::policy::{ConditionDocument, RuleDocument};

use super::conditions::{net, pairs};

/// Whether a document is a rule, by the interpretations and where they are silent.
pub(crate) fn is_valid(document: &RuleDocument) -> bool {
    is_valid_by_the_text(document) && !is_empty_somewhere(document) && !has_open_variable(document)
}

fn is_valid_by_the_text(document: &RuleDocument) -> bool {
    let effect = document.effect.as_deref();
    matches!(effect, None | Some("Allow" | "Deny"))
        && !document.actions.is_empty()
        && !document.resources.is_empty()
        && document.actions.iter().all(|it| is_action(it))
        && document.resources.iter().all(|it| knows_its_variables(it))
        && has_valid_conditions(document)
}

/// The text does not forbid a resource without a bucket or a key pattern, nor a condition without
/// keys or values; none of them can match what its author meant, so the engine refuses them.
fn is_empty_somewhere(document: &RuleDocument) -> bool {
    let lacks_part = |resource: &String| {
        let (bucket, key) = resource.split_once('/').unwrap_or((resource, "*"));
        bucket.is_empty() || key.is_empty()
    };
    document.resources.iter().any(lacks_part)
        || document.conditions.values().any(|it| match it {
            ConditionDocument::Short(values) => values.values().is_empty(),
            ConditionDocument::Operator(keys) => {
                keys.is_empty() || keys.values().any(|it| it.values().is_empty())
            }
            ConditionDocument::Other(_) => false,
        })
}

/// The text speaks of `${…}` alone; the engine also refuses a `${` that nothing closes.
fn has_open_variable(document: &RuleDocument) -> bool {
    let is_open = |text: &String| text.rsplit_once("${").is_some_and(|it| !it.1.contains('}'));
    let values = pairs(document).unwrap_or_default().into_iter().flat_map(|it| it.2.values());
    document.resources.iter().chain(values).any(is_open)
}

fn is_action(name: &str) -> bool {
    ["read", "write", "delete", "list", "admin", "*"].contains(&name)
}

fn has_valid_conditions(document: &RuleDocument) -> bool {
    let Some(pairs) = pairs(document) else { return false };
    pairs.iter().all(|(_, key, values)| {
        values.values().iter().all(|value| match *key {
            "aws:SourceIp" => net(value).is_some(),
            _ => knows_its_variables(value),
        })
    })
}

/// Whether every `${…}` is one of the two.
fn knows_its_variables(text: &str) -> bool {
    let left = text.replace("${iam:username}", "\n").replace("${iam:access_key_id}", "\n");
    left.split("${").skip(1).all(|after| !after.contains('}'))
}
