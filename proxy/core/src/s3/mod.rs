//! What S3 requests are: names, queries, operations and errors.

mod copy_source;
mod error;
mod form;
mod host;
mod identify;
mod kind;
mod names;
mod operation;
mod path;
mod post_policy;
mod query;
mod table;
mod values;

#[cfg(test)]
mod tests;

pub use copy_source::CopySource;
pub use error::{S3Error, S3ErrorCode};
pub use form::FormFields;
pub use host::{BaseDomain, host_bucket};
pub use identify::{RequestHead, form_upload, identify};
pub use kind::OperationKind;
pub use names::{BucketName, ObjectKey, fold, leads_through_dots};
pub use operation::{Action, BodyKind, Operation, Support, Target};
pub use path::{encode_key, encode_query, encode_segment};
pub use post_policy::{FormRequest, PostPolicy};
pub use query::Query;
