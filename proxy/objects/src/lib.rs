//! The embedded object store: S3 requests in, S3 answers out, files and an index below.
//!
//! [`Store`] is a folder. Bytes live in files that the store names itself, so a key is never a path:
//! `a` sits beside `a/b` and `a//b`. Names and metadata live in one ordered transactional index.
//! A change is acknowledged when its bytes and its index entry are both on the disk.
//!
//! [`Service`] speaks S3 over a store. It checks no signature and no permission: it is called with
//! requests that were authorised already.

mod checks;
mod model;
mod s3;
mod service;
mod store;

pub use checks::{BodyFault, check_body, content_md5};
pub use s3s::Body;
pub use service::{Service, Trailers};
pub use store::{OpenError, Store};
