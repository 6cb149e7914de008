//! `DELETE /users/{id}/keys/{access_key_id}`.

use axum::extract::{Path, State};
use deltaglider_store::Edit;
use http::StatusCode;

use super::UserView;
use crate::admin::Admin;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};

/// Ends a key; a user's last one stays.
#[utoipa::path(delete, path = "/users/{id}/keys/{access_key_id}",
    params(("id" = i64, Path), ("access_key_id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn delete_key(
    State(admin): State<Admin>,
    client: Client,
    Path((id, key)): Path<(i64, String)>,
) -> Result<StatusCode, ApiError> {
    let user = UserView::find(&admin.iam, id)?;
    let mut entry = client.did("key_delete", user.name);
    entry.reason = format!("key {key}");
    admin.iam.change(None, vec![Edit::DeleteKey(id, key)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
