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
use http_body_util::combinators::UnsyncBoxBody;

/// Why a body ended early, for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BodyError(String);

impl BodyError {
    pub(crate) fn new(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// A streaming body of either direction.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is already whole.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    use http_body_util::BodyExt as _;
    http_body_util::Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
