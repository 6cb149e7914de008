//! `PUT /groups/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_store::Edit;
use serde::Deserialize;
use utoipa::ToSchema;

use super::GroupView;
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::fields::{self, Permission};

/// What of a group changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct GroupChange {
    name: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<Permission>>,
}

/// Changes a group; of the built-in one the description alone.
#[utoipa::path(put, path = "/groups/{id}", params(("id" = i64, Path)), request_body = GroupChange,
    responses((status = 200, body = GroupView), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn update(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
    Body(change): Body<GroupChange>,
) -> Result<Json<GroupView>, ApiError> {
    let before = GroupView::find(&admin.iam, id)?;
    let mut faults = Vec::new();
    if let Some(name) = &change.name {
        fields::name(name, &mut faults);
    }
    if let Some(text) = &change.description {
        fields::description(text, &mut faults);
    }
    let rules = change.permissions.map(|given| fields::rules(given, &mut faults));
    if !faults.is_empty() {
        return Err(ApiError::invalid(faults));
    }
    let entry = client.did("group_update", before.name);
    let (name, description) = (change.name, change.description);
    let edit = Edit::UpdateGroup { id, name, description, rules };
    admin.iam.change(None, vec![edit], vec![entry]).await?;
    GroupView::find(&admin.iam, id).map(Json)
}
