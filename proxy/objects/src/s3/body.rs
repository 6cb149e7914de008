//! Bodies on their way into the store: length, MD5 and checksums are verified before anything
//! refers to the bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use http::{Extensions, HeaderMap};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::errors::refuse;
use crate::model::{Algorithm, StoredChecksum};
use crate::service::Trailers;
use crate::store::{Digested, Received, Store};

/// The largest body of one request, in bytes.
pub(super) const BODY_LIMIT: u64 = 5 << 30;

/// What a client declares about a body.
pub(super) struct Declared {
    length: u64,
    md5: Option<Vec<u8>>,
    /// From a header.
    checksum: Option<(Algorithm, Vec<u8>)>,
    /// A trailing field will carry the value.
    trailing: Option<Algorithm>,
    /// Wanted, whether or not a value is declared.
    wanted: Option<Algorithm>,
}

impl Declared {
    /// Reads the declarations of a request. `wanted` is the algorithm that the upload asked for.
    pub(super) fn read(
        headers: &HeaderMap,
        length: Option<i64>,
        wanted: Option<Algorithm>,
    ) -> S3Result<Declared> {
        let Some(length) = length.and_then(|length| u64::try_from(length).ok()) else {
            let message = "An upload says how long it is.";
            return Err(refuse(S3ErrorCode::MissingContentLength, message));
        };
        if length > BODY_LIMIT {
            let message = "One request uploads at most 5 GiB.";
            return Err(refuse(S3ErrorCode::EntityTooLarge, message));
        }
        let named = named_algorithm(headers)?;
        Ok(Declared {
            length,
            md5: declared_md5(headers)?,
            checksum: declared_checksum(headers)?,
            trailing: declared_trailer(headers)?,
            wanted: wanted.or(named),
        })
    }

    /// A body that the store reads from itself.
    pub(super) fn internal(length: u64, wanted: Option<Algorithm>) -> Declared {
        Declared { length, md5: None, checksum: None, trailing: None, wanted }
    }

    /// What is computed while the body passes.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.checksum.as_ref().map(|(algorithm, _)| *algorithm).or(self.trailing).or(self.wanted)
    }
}

/// Takes a body in and verifies it. Nothing is left of a body that fails.
pub(super) async fn receive(
    store: &Store,
    body: Option<StreamingBlob>,
    extensions: &Extensions,
    declared: Declared,
) -> S3Result<(Received, Option<StoredChecksum>)> {
    let mut incoming = store.receive(declared.length, declared.algorithm())?;
    let mut seen = 0u64;
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|source| {
                tracing::debug!(%source, "an upload broke off");
                incomplete()
            })?;
            seen += chunk.len() as u64;
            if seen > declared.length {
                return Err(incomplete());
            }
            incoming.push(chunk).await?;
        }
    }
    if seen != declared.length {
        return Err(incomplete());
    }
    let trailers = extensions.get::<Trailers>().and_then(|trailers| trailers.0.get());
    let expected = expected_checksum(&declared, trailers)?;
    let received = incoming.finish().await?;
    verify(&declared, expected.as_ref(), &received.digested)?;
    let checksum = received.digested.checksum.clone();
    let checksum =
        checksum.map(|(algorithm, value)| StoredChecksum { algorithm, value, composite: false });
    Ok((received, checksum))
}

/// The value that the body must have, from a header or from a trailing field.
fn expected_checksum(
    declared: &Declared,
    trailers: Option<&HeaderMap>,
) -> S3Result<Option<(Algorithm, Vec<u8>)>> {
    let in_trailer = trailers.map(declared_checksum).transpose()?.flatten();
    match (&declared.checksum, declared.trailing, in_trailer) {
        (Some(checksum), None, None) => Ok(Some(checksum.clone())),
        (None, Some(named), Some(sent)) if named == sent.0 => Ok(Some(sent)),
        (None, None, None) => Ok(None),
        _ => Err(refuse(
            S3ErrorCode::InvalidRequest,
            "The checksum in the trailing fields is not the one that the headers announce.",
        )),
    }
}

fn verify(
    declared: &Declared,
    expected: Option<&(Algorithm, Vec<u8>)>,
    digested: &Digested,
) -> S3Result<()> {
    if declared.md5.as_ref().is_some_and(|md5| md5.as_slice() != digested.md5) {
        let message = "The Content-MD5 is not the MD5 of the body received.";
        return Err(refuse(S3ErrorCode::BadDigest, message));
    }
    let Some((algorithm, value)) = expected else { return Ok(()) };
    let same = digested
        .checksum
        .as_ref()
        .is_some_and(|(computed, sum)| computed == algorithm && *sum == STANDARD.encode(value));
    if same {
        return Ok(());
    }
    let message = format!("The {} is not that of the body received.", algorithm.name());
    Err(refuse(S3ErrorCode::BadDigest, message))
}

/// The algorithm that a request asks for by name.
pub(super) fn named_algorithm(headers: &HeaderMap) -> S3Result<Option<Algorithm>> {
    let names = ["x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"];
    let Some(value) = names.iter().find_map(|name| headers.get(*name)) else { return Ok(None) };
    match value.to_str().ok().and_then(Algorithm::from_name) {
        Some(algorithm) => Ok(Some(algorithm)),
        None => {
            let message = "The checksum algorithm is unknown.";
            Err(refuse(S3ErrorCode::InvalidRequest, message))
        }
    }
}

fn declared_md5(headers: &HeaderMap) -> S3Result<Option<Vec<u8>>> {
    let Some(value) = headers.get("content-md5") else { return Ok(None) };
    match STANDARD.decode(value.as_bytes()) {
        Ok(md5) if md5.len() == 16 => Ok(Some(md5)),
        _ => Err(refuse(S3ErrorCode::InvalidDigest, "The Content-MD5 is not an MD5 in base64.")),
    }
}

/// The checksum that a header block carries; two of them contradict each other.
pub(super) fn declared_checksum(headers: &HeaderMap) -> S3Result<Option<(Algorithm, Vec<u8>)>> {
    let mut found = None;
    for algorithm in Algorithm::ALL {
        for value in headers.get_all(algorithm.header()) {
            if found.is_some() {
                let message = "A request carries one checksum.";
                return Err(refuse(S3ErrorCode::InvalidRequest, message));
            }
            match STANDARD.decode(value.as_bytes()) {
                Ok(sum) if sum.len() == algorithm.length() => found = Some((algorithm, sum)),
                _ => {
                    let message =
                        format!("The value of `{}` is not a checksum.", algorithm.header());
                    return Err(refuse(S3ErrorCode::InvalidRequest, message));
                }
            }
        }
    }
    Ok(found)
}

fn declared_trailer(headers: &HeaderMap) -> S3Result<Option<Algorithm>> {
    let Some(value) = headers.get("x-amz-trailer") else { return Ok(None) };
    let names = value.to_str().unwrap_or_default();
    match Algorithm::from_header(names.trim()) {
        Some(algorithm) => Ok(Some(algorithm)),
        None => {
            let message = "The value of `x-amz-trailer` names no checksum.";
            Err(refuse(S3ErrorCode::InvalidRequest, message))
        }
    }
}

fn incomplete() -> S3Error {
    refuse(S3ErrorCode::IncompleteBody, "The body does not have the length announced.")
}
