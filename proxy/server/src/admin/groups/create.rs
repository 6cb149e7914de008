//! `POST /groups`.

use axum::Json;
use axum::extract::State;
use deltaglider_store::Edit;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::GroupView;
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::fields::{self, Permission};

/// A group to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewGroup {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    permissions: Vec<Permission>,
}

/// Makes a group.
#[utoipa::path(post, path = "/groups", request_body = NewGroup, responses(
    (status = 201, body = GroupView), (status = 400, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn create(
    State(admin): State<Admin>,
    client: Client,
    Body(new): Body<NewGroup>,
) -> Result<(StatusCode, Json<GroupView>), ApiError> {
    let mut faults = Vec::new();
    fields::name(&new.name, &mut faults);
    fields::description(&new.description, &mut faults);
    let rules = fields::rules(new.permissions, &mut faults);
    if !faults.is_empty() {
        return Err(ApiError::invalid(faults));
    }
    let entry = client.did("group_create", new.name.clone());
    let edit = Edit::CreateGroup { name: new.name, description: new.description, rules };
    let committed = admin.iam.change(None, vec![edit], vec![entry]).await?;
    let id = committed.ids.first().copied().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(GroupView::find(&admin.iam, id)?)))
}
