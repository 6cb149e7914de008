//! A mapping rule as requests and answers have it: the fields of the YAML.

use deltaglider_core::iam::{MappingRule, MatchType};
use deltaglider_store::State;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::faults_of;
use crate::admin::error::{ApiError, FieldError};
use crate::iam::Iam;

/// A mapping rule, as answers show it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct MappingView {
    id: i64,
    /// Name of the provider; `null` for every one.
    provider: Option<String>,
    priority: i64,
    match_type: &'static str,
    match_field: String,
    match_value: String,
    group: String,
}

impl MappingView {
    pub(super) fn of((id, rule): &(i64, MappingRule)) -> Self {
        let rule = rule.clone();
        Self {
            id: *id,
            provider: rule.provider,
            priority: rule.priority,
            match_type: rule.match_type.as_str(),
            match_field: rule.match_field,
            match_value: rule.match_value,
            group: rule.group,
        }
    }

    pub(super) fn find(iam: &Iam, id: i64) -> Result<Self, ApiError> {
        find(&iam.current().state, id).map(Self::of)
    }
}

/// The mapping rule of an id; 404 where there is none.
pub(super) fn find(state: &State, id: i64) -> Result<&(i64, MappingRule), ApiError> {
    let found = state.mapping_rules.iter().find(|(own, _)| *own == id);
    found.ok_or_else(|| ApiError::not_found(format!("there is no mapping rule {id}")))
}

/// A mapping rule in a request. In a change, absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct MappingFields {
    /// Name of the provider; `null` for every one.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    provider: Option<Option<String>>,
    /// Lower is looked at first.
    priority: Option<i64>,
    /// `email_exact`, `email_domain`, `email_glob` or `claim_value`.
    match_type: Option<String>,
    /// The claim; `email` where nothing is said, but for `claim_value`.
    match_field: Option<String>,
    match_value: Option<String>,
    /// Name of the group.
    group: Option<String>,
}

/// `null` is something else than nothing.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl MappingFields {
    /// The rule that is to be made, or that `held` becomes; or all that is wrong with it.
    pub(super) fn onto(
        self,
        held: Option<&MappingRule>,
        state: &State,
    ) -> Result<MappingRule, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, text: String| faults.push(FieldError::new(field, text));
        let kind = match &self.match_type {
            None => held.map(|it| it.match_type),
            Some(name) => MatchType::parse(name),
        };
        if kind.is_none() {
            let names: Vec<_> = MatchType::NAMES.iter().map(|(name, _)| *name).collect();
            fault("match_type", format!("has to be one of {}", names.join(", ")));
        }
        let claim = match kind {
            Some(MatchType::ClaimValue) => String::new(),
            _ => "email".to_owned(),
        };
        let text = |given: Option<String>, held: Option<&String>| given.or_else(|| held.cloned());
        let rule = MappingRule {
            provider: self.provider.unwrap_or_else(|| held.and_then(|it| it.provider.clone())),
            priority: self.priority.or(held.map(|it| it.priority)).unwrap_or_default(),
            match_type: kind.unwrap_or(MatchType::ClaimValue),
            match_field: text(self.match_field, held.map(|it| &it.match_field)).unwrap_or(claim),
            match_value: text(self.match_value, held.map(|it| &it.match_value)).unwrap_or_default(),
            group: text(self.group, held.map(|it| &it.group)).unwrap_or_default(),
        };
        if let Some(name) = &rule.provider
            && !state.providers.iter().any(|row| row.provider.name == *name)
        {
            fault("provider", format!("there is no provider `{name}`"));
        }
        if !state.groups.iter().any(|group| group.name == rule.group) {
            fault("group", format!("there is no group `{}`", rule.group));
        }
        faults.extend(faults_of(rule.faults()));
        if faults.is_empty() { Ok(rule) } else { Err(faults) }
    }
}
