//! `GET /groups`, `GET /groups/{id}`.

use axum::Json;
use axum::extract::{Path, State};

use super::GroupView;
use crate::admin::Admin;
use crate::admin::error::{ApiError, ErrorBody};

/// All groups, the built-in one among them.
#[utoipa::path(get, path = "/groups", responses((status = 200, body = Vec<GroupView>)))]
pub(in crate::admin) async fn list(State(admin): State<Admin>) -> Json<Vec<GroupView>> {
    Json(admin.iam.current().state.groups.iter().map(GroupView::of).collect())
}

/// One group.
#[utoipa::path(get, path = "/groups/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = GroupView), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn get(
    State(admin): State<Admin>,
    Path(id): Path<i64>,
) -> Result<Json<GroupView>, ApiError> {
    GroupView::find(&admin.iam, id).map(Json)
}
