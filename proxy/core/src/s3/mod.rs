//! What S3 requests are: names, queries, operations and errors.

mod copy_source;
mod error;
mod host;
mod identify;
mod kind;
mod names;
mod operation;
mod path;
mod query;
mod table;
mod values;

#[cfg(test)]
mod tests;

pub use copy_source::CopySource;
pub use error::{S3Error, S3ErrorCode};
pub use host::{BaseDomain, host_bucket};
pub use identify::{RequestHead, identify};
pub use kind::OperationKind;
pub use names::{BucketName, ObjectKey};
pub use operation::{Action, BodyKind, Operation, Support, Target};
pub use path::{encode_key, encode_query, encode_segment};
pub use query::Query;
