//! `GET /policies`: the templates.

use axum::Json;
use axum::extract::Query;
use deltaglider_core::policy::canned_policies;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::fields::Permission;

/// For which bucket.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ForBucket {
    /// The bucket that `Bucket owner` speaks of.
    bucket: Option<String>,
}

/// A template.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyView {
    name: &'static str,
    description: &'static str,
    permissions: Vec<Permission>,
}

/// Templates to copy into a user or group, and to edit.
#[utoipa::path(get, path = "/policies", params(ForBucket),
    responses((status = 200, body = Vec<PolicyView>)))]
pub(super) async fn list(Query(wanted): Query<ForBucket>) -> Json<Vec<PolicyView>> {
    let bucket = wanted.bucket.filter(|name| !name.is_empty());
    let policies = canned_policies(bucket.as_deref().unwrap_or("BUCKET"));
    let view = |policy: deltaglider_core::policy::CannedPolicy| PolicyView {
        name: policy.name,
        description: policy.description,
        permissions: policy.permissions.iter().map(Permission::without_id).collect(),
    };
    Json(policies.into_iter().map(view).collect())
}
