//! `POST /ext-auth/mappings/preview`: which groups somebody would be in.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use deltaglider_core::iam::{Claims, groups_of};
use deltaglider_core::policy::OneOrMany;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::error::{ApiError, ErrorBody, FieldError};

/// Somebody, as a provider would describe them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Person {
    /// Name of the provider.
    provider: String,
    /// Claims by name, each a text or a list of texts.
    #[serde(default)]
    #[schema(value_type = Object)]
    claims: BTreeMap<String, OneOrMany>,
}

/// What mapping rules make of them.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Membership {
    /// Names of the groups, by priority.
    groups: Vec<String>,
    /// Ids of the rules that matched.
    rules: Vec<i64>,
}

/// Says which groups the mapping rules would give somebody; changes nothing.
#[utoipa::path(post, path = "/ext-auth/mappings/preview", request_body = Person, responses(
    (status = 200, body = Membership), (status = 400, body = ErrorBody)))]
pub(in crate::admin) async fn preview(
    State(admin): State<Admin>,
    Body(person): Body<Person>,
) -> Result<Json<Membership>, ApiError> {
    let state = &admin.iam.current().state;
    let Person { provider, claims } = person;
    if !state.providers.iter().any(|row| row.provider.name == provider) {
        let text = format!("there is no provider `{provider}`");
        return Err(ApiError::invalid(vec![FieldError::new("provider", text)]));
    }
    let values = |given: OneOrMany| match given {
        OneOrMany::One(value) => vec![value],
        OneOrMany::Many(values) => values,
    };
    let claims: Claims = claims.into_iter().map(|(name, given)| (name, values(given))).collect();
    let matching = state.mapping_rules.iter().filter(|(_, rule)| rule.matches(&provider, &claims));
    let rules = matching.map(|(id, _)| *id).collect();
    let all = state.mapping_rules.iter().map(|(_, rule)| rule);
    let groups = groups_of(all, &provider, &claims).into_iter().map(str::to_owned).collect();
    Ok(Json(Membership { groups, rules }))
}
