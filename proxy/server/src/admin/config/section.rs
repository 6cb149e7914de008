//! `GET`, `PUT` and validate of one section: merge-patches, never expanded.

use axum::Json;
use axum::extract::{Path, State};
use deltaglider_core::document::Node;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Diff, Preview, aside, preview};
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::control::Refusal;

const SECTIONS: [&str; 3] = ["access", "storage", "advanced"];

/// A section that is in service.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct AppliedSection {
    ok: bool,
    /// The line that counts the changes, and what else is worth knowing.
    warnings: Vec<String>,
    requires_restart: bool,
    persisted_path: String,
    diff: Diff,
}

/// Shows a section as it is meant; secrets are empty.
#[utoipa::path(get, path = "/config/section/{name}", params(("name" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = ErrorBody)))]
pub(in crate::admin) async fn get(
    State(admin): State<Admin>,
    Path(name): Path<String>,
) -> Result<Json<Node>, ApiError> {
    known(&name)?;
    Ok(Json(admin.control.section(&name).unwrap_or_else(|| Node::map([]))))
}

/// Changes a section by a merge-patch (RFC 7396): omitted keys stay, `null` deletes.
#[utoipa::path(put, path = "/config/section/{name}", params(("name" = String, Path)),
    request_body = Object, responses((status = 200, body = AppliedSection),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(in crate::admin) async fn put(
    State(admin): State<Admin>,
    client: Client,
    Path(name): Path<String>,
    Body(patch): Body<Node>,
) -> Result<Json<AppliedSection>, ApiError> {
    known(&name)?;
    let (proposal, plan) = aside(|| {
        let proposal = admin.control.propose_section(&name, &patch)?;
        let plan = admin.control.plan(&proposal)?;
        Ok((proposal, plan))
    })
    .map_err(refused)?;
    let diff = Diff::of(&plan);
    let stamp = |action: &str, target: &str| client.did(action, target);
    let applied = admin.control.apply(proposal, plan, stamp).await?;
    Ok(Json(AppliedSection {
        ok: true,
        warnings: applied.warnings,
        requires_restart: applied.requires_restart,
        persisted_path: applied.path,
        diff,
    }))
}

/// Tells what a PUT of the same body would do.
#[utoipa::path(post, path = "/config/section/{name}/validate", params(("name" = String, Path)),
    request_body = Object, responses((status = 200, body = Preview)))]
pub(in crate::admin) async fn validate(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    Body(patch): Body<Node>,
) -> Result<Json<Preview>, ApiError> {
    known(&name)?;
    aside(|| {
        admin.control.check_disk()?;
        preview(&admin.control, admin.control.propose_section(&name, &patch)).map(Json)
    })
}

/// Sections tell their faults in `error`, as editors show them.
fn refused(refusal: Refusal) -> ApiError {
    let mut error = ApiError::from(refusal);
    if error.body.ok.is_some() {
        error.body.error = error.body.message.clone().into();
    }
    error
}

/// 404 for a section that there is not.
pub(super) fn known(name: &str) -> Result<(), ApiError> {
    match SECTIONS.contains(&name) {
        true => Ok(()),
        false => Err(ApiError::not_found(format!("there is no section `{name}`"))),
    }
}
