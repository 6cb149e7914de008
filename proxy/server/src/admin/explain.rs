//! `GET /explain`: why a request was allowed or denied.

use axum::Json;
use axum::extract::{Query, State};
use deltaglider_core::policy::needs;
use deltaglider_store::AuditQuery;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::error::{ApiError, ErrorBody};
use super::users::timestamp;
use crate::iam::{AskedView, Explanation};

/// Which request.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// As the client got it in `x-amz-request-id`.
    request_id: String,
}

/// A request and the decision on it, as it was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Explained {
    request_id: String,
    user: String,
    time: String,
    #[serde(flatten)]
    explanation: Explanation,
}

/// Explains a denial of the audit, or one of the last few thousand requests.
#[utoipa::path(get, path = "/explain", params(Wanted),
    responses((status = 200, body = Explained), (status = 404, body = ErrorBody)))]
pub(super) async fn explain(
    State(admin): State<Admin>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Explained>, ApiError> {
    if let Some(explained) = from_audit(&admin, &wanted.request_id).await? {
        return Ok(Json(explained));
    }
    let asked = admin.iam.recall(&wanted.request_id).ok_or_else(|| {
        let text = "no such request among the denials or the last requests served";
        ApiError::not_found(text)
    })?;
    let operation = asked.operation.kind.name();
    Ok(Json(Explained {
        user: asked.access.principal.name().to_owned(),
        time: timestamp(asked.time),
        explanation: Explanation::of(&asked.access, operation, &needs(&asked.operation)),
        request_id: asked.request_id,
    }))
}

async fn from_audit(admin: &Admin, request_id: &str) -> Result<Option<Explained>, ApiError> {
    let request_id = Some(request_id.to_owned());
    let query = AuditQuery { limit: 1, request_id, ..AuditQuery::default() };
    let Some(row) = admin.iam.audit(query).await?.into_iter().next() else { return Ok(None) };
    let record = row.record;
    let kept = record.detail.as_deref().and_then(|text| serde_json::from_str(text).ok());
    // Nobody known asked, so there were no rules to ask.
    let explanation = kept.unwrap_or_else(|| Explanation {
        outcome: if record.outcome == "ok" { "Allowed" } else { "Denied" }.to_owned(),
        reason: record.reason.clone(),
        asked: vec![AskedView {
            action: String::new(),
            operation: record.action.clone(),
            bucket: Some(record.bucket.clone()).filter(|it| !it.is_empty()),
            key: Some(record.path.clone()).filter(|it| !it.is_empty()),
            prefix: None,
            address: Some(record.ip.clone()),
        }],
        rule: None,
        considered: Vec::new(),
    });
    Ok(Some(Explained {
        request_id: record.request_id,
        user: record.user,
        time: timestamp(record.time),
        explanation,
    }))
}
