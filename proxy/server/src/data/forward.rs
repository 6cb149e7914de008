//! From a permit to a request to the store, built from what was authorised.

use deltaglider_core::policy::{Denial, Permit};
use deltaglider_core::s3::{
    BodyKind, Operation, OperationKind, Target, encode_key, encode_query, encode_segment,
};
use deltaglider_core::s3::{S3Error, S3ErrorCode};
use deltaglider_core::sigv4::{PayloadPromise, PayloadVerifier};
use http::header::HeaderValue;
use http::{HeaderMap, Method};

use super::batch::Batch;
use super::verified_body::FailureSlot;
use super::{ClientBody, VerifiedBody, document, headers};
use crate::backend::{Outgoing, OutgoingBody, StreamedBody};

/// A request to the store, and where its body says why it failed.
pub(super) struct Prepared {
    pub(super) outgoing: Outgoing,
    pub(super) failure: Option<FailureSlot>,
    /// A batch delete, as far as it was admitted.
    pub(super) batch: Option<Batch>,
    /// Its keys that were not.
    pub(super) denied: Vec<Denial>,
}

/// What came with the request beside its operation.
pub(super) struct Arrived<'a> {
    pub(super) method: &'a Method,
    /// Headers, hoisted parameters among them.
    pub(super) headers: &'a HeaderMap,
    pub(super) promise: PayloadPromise,
    pub(super) verifier: PayloadVerifier,
    pub(super) body: ClientBody,
}

/// The largest object, or part of one, that a single request may bring, in bytes.
pub(super) const LARGEST_OBJECT: u64 = 5 * 1024 * 1024 * 1024;

/// Objects up to this many bytes are verified whole before anything is sent.
const SMALL: u64 = 128 * 1024;

/// Reads and verifies what is small, prepares to stream what is not.
pub(super) async fn prepare(permit: &Permit, arrived: Arrived<'_>) -> Result<Prepared, S3Error> {
    let operation = permit.operation();
    let mut headers = headers::forwarded(arrived.headers)?;
    if let Some(source) = &operation.copy_source {
        let value = HeaderValue::from_str(&source.to_header_value()).map_err(|_| {
            S3Error::new(S3ErrorCode::InvalidArgument, "the copy source cannot be sent")
        })?;
        headers.insert("x-amz-copy-source", value);
    }
    let (mut batch, mut denied) = (None, Vec::new());
    let (body, failure) = match operation.body_kind() {
        BodyKind::Object => {
            object(arrived.promise, arrived.verifier, arrived.body, arrived.headers, &mut headers)
                .await?
        }
        kind => {
            if arrived.promise.is_streaming() {
                let text = "streaming payloads are for PutObject and UploadPart only";
                return Err(S3Error::new(S3ErrorCode::InvalidRequest, text));
            }
            let (mut bytes, _) = document::read_whole(arrived.body, arrived.verifier).await?;
            if kind == BodyKind::None {
                bytes.clear();
            } else if !bytes.is_empty() {
                document::check_xml(&bytes)?;
            }
            if operation.kind == OperationKind::DeleteObjects {
                let (read, denials) = Batch::read(&bytes, arrived.headers, permit)?;
                bytes = read.document().unwrap_or_default();
                headers::redeclare(&mut headers, &bytes)?;
                (batch, denied) = (Some(read), denials);
            }
            (OutgoingBody::Whole(bytes), None)
        }
    };
    let outgoing = Outgoing {
        method: arrived.method.clone(),
        bucket: operation.bucket().map(|name| name.as_str().to_owned()),
        path: path(operation),
        query: encode_query(&operation.parameters),
        headers,
        body,
    };
    Ok(Prepared { outgoing, failure, batch, denied })
}

fn refuse_too_large(length: u64) -> Result<(), S3Error> {
    if length <= LARGEST_OBJECT {
        return Ok(());
    }
    let text = format!("one request brings {LARGEST_OBJECT} bytes at most; upload in parts");
    Err(S3Error::new(S3ErrorCode::EntityTooLarge, text))
}

async fn object(
    promise: PayloadPromise,
    verifier: PayloadVerifier,
    body: ClientBody,
    received: &HeaderMap,
    headers: &mut HeaderMap,
) -> Result<(OutgoingBody, Option<FailureSlot>), S3Error> {
    let length = verifier.length().ok_or_else(|| {
        S3Error::new(S3ErrorCode::MissingContentLength, "a Content-Length is required")
    })?;
    refuse_too_large(length)?;
    // Nothing of a small body goes out before all of it has verified; an empty one, which
    // a store has as soon as it has the head, could not be held back any other way. What
    // trailed it is known by then, and travels as a header.
    if length <= SMALL {
        let (bytes, fields) = document::read_whole(body, verifier).await?;
        headers.extend(fields);
        return Ok((OutgoingBody::Whole(bytes), None));
    }
    let trailer = received.get("x-amz-trailer").cloned();
    let body = VerifiedBody::new(body, verifier, length);
    let failure = body.failure();
    let sha256 = match promise {
        PayloadPromise::Sha256(digest) => Some(hex::encode(digest)),
        _ => None,
    };
    let streamed = StreamedBody { body, length, sha256, trailer };
    Ok((OutgoingBody::Streamed(Box::new(streamed)), Some(failure)))
}

/// The path in its canonical encoding: what was authorised is what is sent.
pub(super) fn path(operation: &Operation) -> String {
    match &operation.target {
        Target::Service => "/".into(),
        Target::Bucket(bucket) => format!("/{}", encode_segment(bucket.as_str())),
        Target::Object { bucket, key } => {
            format!("/{}/{}", encode_segment(bucket.as_str()), encode_key(key.as_str()))
        }
    }
}
