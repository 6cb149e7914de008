//! Fields of requests, checked: names, keys and rules (INT-7, INT-14, INT-16).

use std::collections::BTreeMap;

use deltaglider_core::iam::{self, MOST_RULES};
use deltaglider_core::policy::{ConditionDocument, Rule, RuleDocument};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::FieldError;

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

/// A name of a user (INT-16), and of no other caller.
pub(super) fn user_name(text: &str, faults: &mut Vec<FieldError>) {
    note("name", iam::check_user_name(text), faults);
}

/// A name of a group or provider (INT-16).
pub(super) fn name(text: &str, faults: &mut Vec<FieldError>) {
    note("name", iam::check_name(text), faults);
}

/// A description: free text.
pub(super) fn description(text: &str, faults: &mut Vec<FieldError>) {
    note("description", iam::check_description(text), faults);
}

/// An access key id of one's own, not the bootstrap pair's (INT-14).
pub(super) fn access_key_id(text: &str, bootstrap: Option<&str>, faults: &mut Vec<FieldError>) {
    note("access_key_id", iam::check_access_key_id(text, bootstrap), faults);
}

/// A secret of one's own; it is never repeated (INT-14).
pub(super) fn secret_access_key(text: &str, faults: &mut Vec<FieldError>) {
    note("secret_access_key", iam::check_secret(text), faults);
}

fn note(field: &str, fault: Option<&'static str>, faults: &mut Vec<FieldError>) {
    faults.extend(fault.map(|text| FieldError::new(field, text)));
}
