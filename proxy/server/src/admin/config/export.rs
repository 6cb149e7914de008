//! `GET /config/declarative-iam-export` and `GET /config/export`.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::admin::Admin;
use crate::admin::error::{ApiError, ErrorBody};

/// What to export.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Which {
    /// One section alone.
    section: Option<String>,
}

/// Users, groups and providers of the database as an `access:` fragment, secrets empty.
#[utoipa::path(get, path = "/config/declarative-iam-export", responses((status = 200, body = String)))]
pub(in crate::admin) async fn declarative(State(admin): State<Admin>) -> Response {
    yaml(admin.control.declarative_export())
}

/// The document in service: references kept, other secrets empty.
#[utoipa::path(get, path = "/config/export", params(Which),
    responses((status = 200, body = String), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn export(
    State(admin): State<Admin>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    if let Some(name) = which.section.as_deref() {
        super::section::known(name)?;
    }
    Ok(yaml(admin.control.export(which.section.as_deref()).await?))
}

fn yaml(text: String) -> Response {
    ([(CONTENT_TYPE, "application/yaml; charset=utf-8")], text).into_response()
}
