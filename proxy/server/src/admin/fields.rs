//! Fields of requests, checked: names, keys and rules (INT-7, INT-14, INT-16).

use std::collections::BTreeMap;

use deltaglider_core::policy::{ConditionDocument, Rule, RuleDocument};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::FieldError;

/// Most rules of one user or group.
const MOST_RULES: usize = 500;
/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 1000;

/// A rule: what it does, to which actions, on which resources, when.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Permission {
    /// Given in answers; ignored in requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    /// `Allow` (the default) or `Deny`.
    #[serde(default)]
    pub(super) effect: Option<String>,
    /// `read`, `write`, `delete`, `list`, `admin` or `*`.
    #[serde(default)]
    pub(super) actions: Vec<String>,
    /// `*`, `bucket` or `bucket/pattern`.
    #[serde(default)]
    pub(super) resources: Vec<String>,
    /// By condition key, or by operator.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub(super) conditions: BTreeMap<String, ConditionDocument>,
}

impl Permission {
    pub(super) fn of((id, document): &(i64, RuleDocument)) -> Self {
        Self { id: Some(*id), ..Self::without_id(document) }
    }

    pub(super) fn without_id(document: &RuleDocument) -> Self {
        let RuleDocument { effect, actions, resources, conditions } = document.clone();
        let effect = effect.or_else(|| Some("Allow".to_owned()));
        Self { id: None, effect, actions, resources, conditions }
    }

    fn document(self) -> RuleDocument {
        let Self { effect, actions, resources, conditions, .. } = self;
        let effect = effect.or_else(|| Some("Allow".to_owned()));
        RuleDocument { effect, actions, resources, conditions }
    }
}

/// The rules of a request, or everything that is wrong with them.
pub(super) fn rules(
    permissions: Vec<Permission>,
    faults: &mut Vec<FieldError>,
) -> Vec<RuleDocument> {
    if permissions.len() > MOST_RULES {
        let text = format!("has more than {MOST_RULES} entries");
        faults.push(FieldError::new("permissions", text));
    }
    let documents: Vec<_> = permissions.into_iter().map(Permission::document).collect();
    for (index, document) in documents.iter().enumerate() {
        let place = format!("permissions[{index}]");
        if let Err(found) = Rule::parse(document) {
            faults.extend(found.into_iter().map(|fault| FieldError::of_rule(&place, fault)));
        }
    }
    documents
}

/// A name: 1–128 characters, no control characters, no leading `$`, not one of our own actors.
pub(super) fn name(text: &str, faults: &mut Vec<FieldError>) {
    let fault = if text.is_empty() || text.chars().count() > 128 {
        "needs 1 to 128 characters"
    } else if text.contains(char::is_control) {
        "must not hold control characters"
    } else if text.starts_with('$') {
        "must not begin with `$`, which is reserved"
    } else {
        return;
    };
    faults.push(FieldError::new("name", fault));
}

/// A description: free text of at most 1000 characters.
pub(super) fn description(text: &str, faults: &mut Vec<FieldError>) {
    if text.chars().count() > LONGEST_DESCRIPTION {
        let message = format!("is longer than {LONGEST_DESCRIPTION} characters");
        faults.push(FieldError::new("description", message));
    }
}

/// An access key id of one's own: 3–128 of `[A-Za-z0-9._-]`, not the bootstrap pair's.
pub(super) fn access_key_id(text: &str, bootstrap: Option<&str>, faults: &mut Vec<FieldError>) {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !(3..=128).contains(&text.len()) || !text.bytes().all(known) {
        let message = "needs 3 to 128 letters, digits, dots, underscores or hyphens";
        faults.push(FieldError::new("access_key_id", message));
    } else if bootstrap == Some(text) {
        let message = "is the bootstrap pair's, which no user may take";
        faults.push(FieldError::new("access_key_id", message));
    }
}

/// A secret of one's own: 40–256 printable ASCII characters; it is never repeated.
pub(super) fn secret_access_key(text: &str, faults: &mut Vec<FieldError>) {
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if !(40..=256).contains(&text.len()) || !text.bytes().all(printable) {
        let message = "needs 40 to 256 printable ASCII characters";
        faults.push(FieldError::new("secret_access_key", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(check: impl FnOnce(&mut Vec<FieldError>)) -> usize {
        let mut faults = Vec::new();
        check(&mut faults);
        faults.len()
    }

    #[test]
    fn names_are_short_and_printable() {
        for good in ["ana", "Ana María", "a/b", &"é".repeat(128)] {
            assert_eq!(faults(|it| name(good, it)), 0, "{good}");
        }
        for bad in ["", "$ana", "a\nb", "a\u{7f}", &"é".repeat(129)] {
            assert_eq!(faults(|it| name(bad, it)), 1, "{bad}");
        }
    }

    #[test]
    fn keys_have_their_forms() {
        assert_eq!(faults(|it| access_key_id("my-key.1_A", Some("boot"), it)), 0);
        for bad in ["ab", "a/b", "a b c", "boot", &"a".repeat(129)] {
            assert_eq!(faults(|it| access_key_id(bad, Some("boot"), it)), 1, "{bad}");
        }
        assert_eq!(faults(|it| secret_access_key(&"a b".repeat(14), it)), 0);
        for bad in [&"s".repeat(39), &"é".repeat(40), &format!("{}\n", "s".repeat(40))] {
            assert_eq!(faults(|it| secret_access_key(bad, it)), 1, "{bad}");
        }
    }
}
