//! `POST /users/{id}/rotate-keys`.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_store::Edit;

use super::UserView;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::{Admin, keys};

/// Adds a second key; the old one goes on working until it is removed.
#[utoipa::path(post, path = "/users/{id}/rotate-keys", params(("id" = i64, Path)),
    responses((status = 200, body = UserView), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn rotate_keys(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
) -> Result<Json<UserView>, ApiError> {
    let user = UserView::find(&admin.iam, id)?;
    let key = keys::fresh(None, None)?;
    let mut entry = client.did("key_create", user.name);
    entry.reason = format!("new key {}", key.row.access_key_id);
    admin.iam.change(None, vec![Edit::AddKey(id, key.row)], vec![entry]).await?;
    let mut view = UserView::find(&admin.iam, id)?;
    view.secret_access_key = Some(key.secret.to_string());
    Ok(Json(view))
}
