//! `GET`, `POST /ext-auth/providers`, `GET`, `PUT`, `DELETE /ext-auth/providers/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_store::Edit;
use http::StatusCode;

use super::provider::{ProviderFields, ProviderView, find};
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};

/// All providers, without their secrets.
#[utoipa::path(get, path = "/ext-auth/providers",
    responses((status = 200, body = Vec<ProviderView>)))]
pub(in crate::admin) async fn list(State(admin): State<Admin>) -> Json<Vec<ProviderView>> {
    Json(admin.iam.current().state.providers.iter().map(ProviderView::of).collect())
}

/// One provider.
#[utoipa::path(get, path = "/ext-auth/providers/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = ProviderView), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn get(
    State(admin): State<Admin>,
    Path(id): Path<i64>,
) -> Result<Json<ProviderView>, ApiError> {
    ProviderView::find(&admin.iam, id).map(Json)
}

/// Makes a provider.
#[utoipa::path(post, path = "/ext-auth/providers", request_body = ProviderFields, responses(
    (status = 201, body = ProviderView), (status = 400, body = ErrorBody),
    (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn create(
    State(admin): State<Admin>,
    client: Client,
    Body(fields): Body<ProviderFields>,
) -> Result<(StatusCode, Json<ProviderView>), ApiError> {
    let (provider, secret) = fields.create().map_err(ApiError::invalid)?;
    let entry = client.did("provider_create", provider.name.clone());
    let edit = Edit::CreateProvider(provider, secret);
    let committed = admin.iam.change(None, vec![edit], vec![entry]).await?;
    let id = committed.ids.first().copied().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(ProviderView::find(&admin.iam, id)?)))
}

/// Changes a provider; absent fields stay.
#[utoipa::path(put, path = "/ext-auth/providers/{id}", params(("id" = i64, Path)),
    request_body = ProviderFields,
    responses((status = 200, body = ProviderView), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn update(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
    Body(fields): Body<ProviderFields>,
) -> Result<Json<ProviderView>, ApiError> {
    let read = admin.iam.current();
    let held = &find(&read.state, id)?.provider;
    let entry = client.did("provider_update", held.name.clone());
    let (provider, secret) = fields.change(held.clone()).map_err(ApiError::invalid)?;
    let edit = Edit::UpdateProvider(id, provider, secret);
    // What stays is what was read: another change in between is a conflict.
    admin.iam.change(Some(read.state.revision), vec![edit], vec![entry]).await?;
    ProviderView::find(&admin.iam, id).map(Json)
}

/// Removes a provider with its mapping rules, bindings and the users that it made.
#[utoipa::path(delete, path = "/ext-auth/providers/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn delete(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let name = find(&admin.iam.current().state, id)?.provider.name.clone();
    let entry = client.did("provider_delete", name);
    admin.iam.change(None, vec![Edit::DeleteProvider(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
