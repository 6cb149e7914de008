//! The S3 port: accept, identify, authenticate, authorise, forward, respond.

mod access_log;
mod batch;
mod bucket_list;
mod client_body;
mod cors;
mod denial;
mod dispatch;
mod document;
mod form;
mod forward;
mod headers;
mod listing;
mod location;
mod pipeline;
mod refusal;
mod replay;
mod respond;
mod seal;
mod source;
mod spool;
mod verified_body;
mod xml;

pub(crate) use client_body::ClientBody;
pub(crate) use denial::agent;
pub(crate) use pipeline::{DataPlane, DataSettings, request_id};
pub(crate) use seal::Sealer;
pub(crate) use source::source;
pub(crate) use spool::FileBody;
pub(crate) use verified_body::{TrailerSlot, VerifiedBody};

use self::xml::is_xml_letter;
use bytes::Bytes;
use deltaglider_core::s3::{S3Error, S3ErrorCode};
use http_body_util::combinators::UnsyncBoxBody;

/// Why a body ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// A client that had more to send kept silent for too long.
    #[error("the client sent nothing for too long")]
    Idle,
    /// Anything else.
    #[error("{0}")]
    Broken(String),
}

impl BodyError {
    pub(crate) fn new(cause: impl std::fmt::Display) -> Self {
        Self::Broken(cause.to_string())
    }
}

impl From<BodyError> for S3Error {
    /// Of a client's body.
    fn from(error: BodyError) -> Self {
        let code = match error {
            BodyError::Idle => S3ErrorCode::RequestTimeout,
            BodyError::Broken(_) => S3ErrorCode::IncompleteBody,
        };
        Self::new(code, format!("the body ended early: {error}"))
    }
}

/// A streaming body of either direction.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is already whole.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    use http_body_util::BodyExt as _;
    http_body_util::Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
