//! `DELETE /groups/{id}`.

use axum::extract::{Path, State};
use deltaglider_store::Edit;
use http::StatusCode;

use super::GroupView;
use crate::admin::Admin;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};

/// Removes a group; its members lose what it gave them.
#[utoipa::path(delete, path = "/groups/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn delete(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let group = GroupView::find(&admin.iam, id)?;
    let entry = client.did("group_delete", group.name);
    admin.iam.change(None, vec![Edit::DeleteGroup(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
