//! `POST /simulate`: what the rules would say, asked through the call that serves requests.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use deltaglider_core::policy::{Need, Resource, StoreNames, needs};
use deltaglider_core::s3::{Action, BucketName, ObjectKey, Operation, OperationKind, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Admin;
use super::body::Body;
use super::error::{ApiError, ErrorBody, FieldError};
use crate::iam::Explanation;

/// A request that nobody sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Supposed {
    /// Name of the user.
    user: String,
    /// `read`, `write`, `delete`, `list` or `admin`; this or `operation`.
    action: Option<String>,
    /// An S3 operation, such as `GetObject`.
    operation: Option<String>,
    bucket: Option<String>,
    key: Option<String>,
    /// The prefix of a listing.
    prefix: Option<String>,
    /// The caller's address.
    address: Option<String>,
}

/// What the rules say to it.
#[derive(Serialize, ToSchema)]
pub(super) struct Simulated {
    user: String,
    #[serde(flatten)]
    explanation: Explanation,
}

/// Asks the rules without doing anything.
#[utoipa::path(post, path = "/simulate", request_body = Supposed, responses(
    (status = 200, body = Simulated), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn simulate(
    State(admin): State<Admin>,
    Body(supposed): Body<Supposed>,
) -> Result<Json<Simulated>, ApiError> {
    let field = |name: &str, text: &str| ApiError::invalid(vec![FieldError::new(name, text)]);
    let address = supposed.address.as_deref().map(str::parse::<IpAddr>).transpose();
    let address = address.map_err(|_| field("address", "is no IP address"))?;
    let target = target(&supposed)?;
    let prefix = supposed.prefix.as_deref().unwrap_or_default();
    let access = admin.iam.suppose(&supposed.user, address);
    let access = access
        .ok_or_else(|| ApiError::not_found(format!("there is no user `{}`", supposed.user)))?;
    let explanation = match (&supposed.action, &supposed.operation) {
        (Some(name), None) => {
            let actions =
                [Action::Read, Action::Write, Action::Delete, Action::List, Action::Admin];
            let action = actions.into_iter().find(|action| action.as_str() == name);
            let action = action
                .ok_or_else(|| field("action", "is not read, write, delete, list or admin"))?;
            Explanation::of(&access, "", &[need(action, &target, prefix)])
        }
        (None, Some(name)) => {
            let kind = OperationKind::from_name(name)
                .ok_or_else(|| field("operation", "is no operation of the S3 API"))?;
            if kind == OperationKind::DeleteObjects {
                return Err(field("operation", "is decided key by key: ask for DeleteObject"));
            }
            let operation = Operation::supposed(kind, target, prefix).ok_or_else(|| {
                field("operation", "does not go with the bucket and key that are given")
            })?;
            let folded = operation.folded().filter(|_| admin.names == StoreNames::Folded);
            let asked = [Some(&operation), folded.as_ref()];
            let asked: Vec<_> = asked.into_iter().flatten().flat_map(needs).collect();
            Explanation::of(&access, name, &asked)
        }
        _ => return Err(field("action", "give either `action` or `operation`")),
    };
    Ok(Json(Simulated { user: supposed.user, explanation }))
}

fn target(supposed: &Supposed) -> Result<Target, ApiError> {
    let fault = |name: &str, text: String| ApiError::invalid(vec![FieldError::new(name, text)]);
    let bucket = supposed.bucket.as_deref().map(BucketName::parse).transpose();
    let bucket = bucket.map_err(|error| fault("bucket", error.message))?;
    let key = supposed.key.as_deref().map(ObjectKey::parse).transpose();
    let key = key.map_err(|error| fault("key", error.message))?;
    match (bucket, key) {
        (None, None) => Ok(Target::Service),
        (Some(bucket), None) => Ok(Target::Bucket(bucket)),
        (Some(bucket), Some(key)) => Ok(Target::Object { bucket, key }),
        (None, Some(_)) => Err(fault("bucket", "is missing beside the key".into())),
    }
}

fn need<'a>(action: Action, target: &'a Target, prefix: &'a str) -> Need<'a> {
    match (action, target) {
        (Action::List, Target::Service) => Need::Buckets,
        (Action::List, Target::Bucket(bucket)) => {
            Need::Listing { bucket: bucket.as_str(), prefix, complete: false }
        }
        (action, Target::Service) => Need::Act(action, Resource::Service),
        (action, Target::Bucket(bucket)) => Need::Act(action, Resource::Bucket(bucket.as_str())),
        (action, Target::Object { bucket, key }) => {
            Need::Act(action, Resource::Object(bucket.as_str(), key.as_str()))
        }
    }
}
