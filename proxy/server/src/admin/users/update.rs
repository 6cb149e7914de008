//! `PUT /users/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_store::{Edit, UserPatch};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{GroupRef, UserView, group_names};
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::fields::{self, Permission};

/// What of a user changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct UserChange {
    name: Option<String>,
    enabled: Option<bool>,
    permissions: Option<Vec<Permission>>,
    groups: Option<Vec<GroupRef>>,
}

/// Changes a user; the next request sees it.
#[utoipa::path(put, path = "/users/{id}", params(("id" = i64, Path)), request_body = UserChange,
    responses((status = 200, body = UserView), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn update(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
    Body(change): Body<UserChange>,
) -> Result<Json<UserView>, ApiError> {
    let before = UserView::find(&admin.iam, id)?;
    let mut faults = Vec::new();
    if let Some(name) = &change.name {
        fields::user_name(name, &mut faults);
    }
    let changed: Vec<&str> = [
        ("name", change.name.is_some()),
        ("enabled", change.enabled.is_some()),
        ("permissions", change.permissions.is_some()),
        ("groups", change.groups.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, given)| given.then_some(field))
    .collect();
    let rules = change.permissions.map(|given| fields::rules(given, &mut faults));
    let current = admin.iam.current();
    let groups = change.groups.map(|given| group_names(&current.state, &given, &mut faults));
    if !faults.is_empty() {
        return Err(ApiError::invalid(faults));
    }
    let mut entry = client.did("user_update", before.name);
    entry.reason = format!("changed: {}", changed.join(", "));
    let patch = UserPatch { name: change.name, enabled: change.enabled, rules, groups };
    admin.iam.change(None, vec![Edit::UpdateUser(id, patch)], vec![entry]).await?;
    UserView::find(&admin.iam, id).map(Json)
}
