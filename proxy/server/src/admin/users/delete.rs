//! `DELETE /users/{id}`.

use axum::extract::{Path, State};
use deltaglider_store::Edit;
use http::StatusCode;

use super::UserView;
use crate::admin::Admin;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};

/// Removes a user with its keys and rules.
#[utoipa::path(delete, path = "/users/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn delete(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let user = UserView::find(&admin.iam, id)?;
    let entry = client.did("user_delete", user.name);
    admin.iam.change(None, vec![Edit::DeleteUser(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
