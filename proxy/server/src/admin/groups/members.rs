//! `POST /groups/{id}/members`, `DELETE /groups/{id}/members/{user_id}`.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_store::Edit;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::GroupView;
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};

/// Who becomes a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewMember {
    user_id: i64,
}

/// Makes a user a member; a member stays one.
#[utoipa::path(post, path = "/groups/{id}/members", params(("id" = i64, Path)),
    request_body = NewMember,
    responses((status = 200, body = GroupView), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn add(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
    Body(new): Body<NewMember>,
) -> Result<Json<GroupView>, ApiError> {
    let group = GroupView::find(&admin.iam, id)?;
    let mut entry = client.did("group_member_add", group.name);
    entry.reason = describe(&admin, new.user_id)?;
    admin.iam.change(None, vec![Edit::AddMember(id, new.user_id)], vec![entry]).await?;
    GroupView::find(&admin.iam, id).map(Json)
}

/// Ends a membership.
#[utoipa::path(delete, path = "/groups/{id}/members/{user_id}",
    params(("id" = i64, Path), ("user_id" = i64, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn remove(
    State(admin): State<Admin>,
    client: Client,
    Path((id, user)): Path<(i64, i64)>,
) -> Result<StatusCode, ApiError> {
    let group = GroupView::find(&admin.iam, id)?;
    if !group.member_ids.contains(&user) {
        let text = format!("the user {user} is no member of the group {id}");
        return Err(ApiError::not_found(text));
    }
    let mut entry = client.did("group_member_remove", group.name);
    entry.reason = describe(&admin, user)?;
    admin.iam.change(None, vec![Edit::RemoveMember(id, user)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn describe(admin: &Admin, user: i64) -> Result<String, ApiError> {
    let current = admin.iam.current();
    let found = current.state.user(user);
    let name = found.map(|user| user.name.clone());
    let name = name.ok_or_else(|| ApiError::not_found(format!("there is no user {user}")))?;
    Ok(format!("member {name}"))
}
