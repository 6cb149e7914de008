//! `GET /users`, `GET /users/{id}`.

use axum::Json;
use axum::extract::{Path, State};

use super::UserView;
use crate::admin::Admin;
use crate::admin::error::{ApiError, ErrorBody};

/// All users.
#[utoipa::path(get, path = "/users", responses((status = 200, body = Vec<UserView>)))]
pub(in crate::admin) async fn list(State(admin): State<Admin>) -> Json<Vec<UserView>> {
    let current = admin.iam.current();
    Json(current.state.users.iter().map(|user| UserView::of(&admin.iam, user)).collect())
}

/// One user.
#[utoipa::path(get, path = "/users/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = UserView), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn get(
    State(admin): State<Admin>,
    Path(id): Path<i64>,
) -> Result<Json<UserView>, ApiError> {
    UserView::find(&admin.iam, id).map(Json)
}
