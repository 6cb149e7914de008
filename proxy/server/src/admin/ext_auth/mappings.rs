//! `GET`, `POST /ext-auth/mappings`, `GET`, `PUT`, `DELETE /ext-auth/mappings/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_core::iam::MappingRule;
use deltaglider_store::{AuditRecord, Edit};
use http::StatusCode;

use super::mapping::{MappingFields, MappingView, find};
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};

/// All mapping rules in their order.
#[utoipa::path(get, path = "/ext-auth/mappings",
    responses((status = 200, body = Vec<MappingView>)))]
pub(in crate::admin) async fn list(State(admin): State<Admin>) -> Json<Vec<MappingView>> {
    Json(admin.iam.current().state.mapping_rules.iter().map(MappingView::of).collect())
}

/// One mapping rule.
#[utoipa::path(get, path = "/ext-auth/mappings/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = MappingView), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn get(
    State(admin): State<Admin>,
    Path(id): Path<i64>,
) -> Result<Json<MappingView>, ApiError> {
    MappingView::find(&admin.iam, id).map(Json)
}

/// Makes a mapping rule.
#[utoipa::path(post, path = "/ext-auth/mappings", request_body = MappingFields, responses(
    (status = 201, body = MappingView), (status = 400, body = ErrorBody)))]
pub(in crate::admin) async fn create(
    State(admin): State<Admin>,
    client: Client,
    Body(fields): Body<MappingFields>,
) -> Result<(StatusCode, Json<MappingView>), ApiError> {
    let rule = fields.onto(None, &admin.iam.current().state).map_err(ApiError::invalid)?;
    let entry = told(client.did("mapping_rule_create", rule.group.clone()), &rule);
    let edit = Edit::CreateMappingRule(rule);
    let committed = admin.iam.change(None, vec![edit], vec![entry]).await?;
    let id = committed.ids.first().copied().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(MappingView::find(&admin.iam, id)?)))
}

/// Changes a mapping rule; absent fields stay.
#[utoipa::path(put, path = "/ext-auth/mappings/{id}", params(("id" = i64, Path)),
    request_body = MappingFields,
    responses((status = 200, body = MappingView), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn update(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
    Body(fields): Body<MappingFields>,
) -> Result<Json<MappingView>, ApiError> {
    let read = admin.iam.current();
    let (_, held) = find(&read.state, id)?;
    let rule = fields.onto(Some(held), &read.state).map_err(ApiError::invalid)?;
    let entry = told(client.did("mapping_rule_update", rule.group.clone()), &rule);
    let edit = Edit::UpdateMappingRule(id, rule);
    // What stays is what was read: another change in between is a conflict.
    admin.iam.change(Some(read.state.revision), vec![edit], vec![entry]).await?;
    MappingView::find(&admin.iam, id).map(Json)
}

/// Removes a mapping rule.
#[utoipa::path(delete, path = "/ext-auth/mappings/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn delete(
    State(admin): State<Admin>,
    client: Client,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let rule = find(&admin.iam.current().state, id)?.1.clone();
    let entry = told(client.did("mapping_rule_delete", rule.group.clone()), &rule);
    admin.iam.change(None, vec![Edit::DeleteMappingRule(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A mapping rule has no name: the entry of its group says what it matches.
fn told(entry: AuditRecord, rule: &MappingRule) -> AuditRecord {
    let MappingRule { match_type, match_field, match_value, .. } = rule;
    let provider = rule.provider.as_deref().unwrap_or("every provider");
    let reason = format!("{} {match_field}={match_value} of {provider}", match_type.as_str());
    AuditRecord { reason, ..entry }
}
