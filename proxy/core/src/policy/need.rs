//! What an operation asks of the rules: its main target, and every secondary one.

use super::resource::Resource;
use crate::s3::{Action, Operation, OperationKind, Target};

/// One question that has to be answered with yes before an operation is forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// To be an enabled user: what else is asked stands in the body.
    Attendance,
    /// An action on one resource.
    Act(Action, Resource<'a>),
    /// Any Allow in the bucket: clients probe with such requests (INT-8).
    AnyIn(&'a str),
    /// The names of buckets, as far as they may be told (INT-11).
    Buckets,
    /// Names in a bucket (INT-10).
    Listing {
        /// The bucket.
        bucket: &'a str,
        /// The requested prefix; empty for none.
        prefix: &'a str,
        /// Whether it is served whole or not at all: versions and uploads.
        complete: bool,
    },
}

impl Action {
    /// The name that rules use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::List => "list",
            Self::Admin => "admin",
        }
    }
}

impl Need<'_> {
    /// The category that rules are asked for.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Act(action, _) => action.as_str(),
            Self::AnyIn(_) | Self::Attendance => "any",
            Self::Buckets | Self::Listing { .. } => "list",
        }
    }

    /// Bucket, key and prefix, where there are such.
    pub fn place(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        match self {
            Self::Act(_, Resource::Service) | Self::Buckets | Self::Attendance => {
                (None, None, None)
            }
            Self::Act(_, Resource::Bucket(bucket)) | Self::AnyIn(bucket) => {
                (Some(bucket), None, None)
            }
            Self::Act(_, Resource::Object(bucket, key)) => (Some(bucket), Some(key), None),
            Self::Listing { bucket, prefix, .. } => (Some(bucket), None, Some(prefix)),
        }
    }
}

impl std::fmt::Display for Need<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Act(action, resource) => write!(f, "{} on {resource}", action.as_str()),
            Self::AnyIn(bucket) => write!(f, "anything in {bucket}"),
            Self::Attendance => f.write_str("anything"),
            Self::Buckets => f.write_str("list on the service"),
            Self::Listing { bucket, prefix: "", .. } => write!(f, "list on {bucket}"),
            Self::Listing { bucket, prefix, .. } => write!(f, "list on {bucket}/{prefix}*"),
        }
    }
}

/// Everything that an operation asks; the keys of a batch delete stand in its body and are
/// asked one by one, through [`super::Permit::admits`].
pub fn needs(operation: &Operation) -> Vec<Need<'_>> {
    if operation.kind == OperationKind::DeleteObjects {
        return vec![Need::Attendance];
    }
    let mut needs = vec![main_need(operation)];
    if operation.raised {
        // The target once more: a header grants access or sets a lock.
        needs.push(Need::Act(Action::Admin, resource(&operation.target)));
    }
    if let Some(source) = &operation.copy_source {
        let resource = Resource::Object(source.bucket.as_str(), source.key.as_str());
        needs.push(Need::Act(Action::Read, resource));
    }
    needs
}

fn main_need(operation: &Operation) -> Need<'_> {
    use OperationKind as K;
    let bucket = operation.bucket().map(|name| name.as_str()).unwrap_or_default();
    let listing = |complete| Need::Listing { bucket, prefix: operation.prefix(), complete };
    match operation.kind {
        K::ListBuckets => Need::Buckets,
        K::ListObjects | K::ListObjectsV2 => listing(false),
        K::ListObjectVersions | K::ListMultipartUploads => listing(true),
        _ if operation.asks_any_allow_in_bucket() => Need::AnyIn(bucket),
        _ => Need::Act(operation.action, resource(&operation.target)),
    }
}

fn resource(target: &Target) -> Resource<'_> {
    match target {
        Target::Service => Resource::Service,
        Target::Bucket(bucket) => Resource::Bucket(bucket.as_str()),
        Target::Object { bucket, key } => Resource::Object(bucket.as_str(), key.as_str()),
    }
}
