//! `POST /config/validate` and `POST /config/apply`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Diff, Preview, aside, preview};
use crate::admin::Admin;
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::control::{EnvRefs, Refusal};

/// A whole configuration document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewDocument {
    /// YAML; `${env:NAME}` in it is filled in from the server's environment.
    yaml: String,
    /// Where references stood that the caller filled in: document path to reference.
    #[serde(default)]
    env_refs: Option<EnvRefs>,
}

/// A document that is in service.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct AppliedDocument {
    applied: bool,
    persisted: bool,
    requires_restart: bool,
    /// The line that counts the changes, and what else is worth knowing.
    warnings: Vec<String>,
    persisted_path: String,
    diff: Diff,
}

/// Tells what applying a document would do.
#[utoipa::path(post, path = "/config/validate", request_body = NewDocument,
    responses((status = 200, body = Preview)))]
pub(in crate::admin) async fn validate(
    State(admin): State<Admin>,
    Body(new): Body<NewDocument>,
) -> Result<Json<Preview>, ApiError> {
    aside(|| {
        let proposed = admin.control.propose_document(&new.yaml, new.env_refs.as_ref());
        preview(&admin.control, proposed).map(Json)
    })
}

/// Replaces the document: database, running rules and file, or nothing.
#[utoipa::path(post, path = "/config/apply", request_body = NewDocument, responses(
    (status = 200, body = AppliedDocument), (status = 409, body = ErrorBody),
    (status = 422, body = ErrorBody), (status = 500, body = ErrorBody)))]
pub(in crate::admin) async fn apply(
    State(admin): State<Admin>,
    client: Client,
    Body(new): Body<NewDocument>,
) -> Result<Json<AppliedDocument>, ApiError> {
    let (proposal, plan) = aside(|| {
        let proposal = admin.control.propose_document(&new.yaml, new.env_refs.as_ref())?;
        let plan = admin.control.plan(&proposal)?;
        Ok::<_, Refusal>((proposal, plan))
    })?;
    let diff = Diff::of(&plan);
    let stamp = |action: &str, target: &str| client.did(action, target);
    let applied = admin.control.apply(proposal, plan, stamp).await?;
    Ok(Json(AppliedDocument {
        applied: true,
        persisted: true,
        requires_restart: applied.requires_restart,
        warnings: applied.warnings,
        persisted_path: applied.path,
        diff,
    }))
}
