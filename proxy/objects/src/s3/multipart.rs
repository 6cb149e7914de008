//! Multipart uploads: create, upload parts, complete, abort.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::body::{self, Declared};
use super::errors::refuse;
use super::put::{Sums, checksum_type};
use super::{Answer, asides, conditions, headers};
use crate::model::{Algorithm, StoredChecksum, UploadChecksum, UploadRecord};
use crate::store::{Completion, NamedPart, Store};

const PART_NUMBERS: std::ops::RangeInclusive<u32> = 1..=10_000;

pub(super) async fn create(
    store: &Store,
    req: S3Request<CreateMultipartUploadInput>,
) -> Answer<CreateMultipartUploadOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let description = headers::description(&asides(&req), req.input.tagging.as_deref())?;
    let input = req.input;
    let checksum = upload_checksum(
        input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str),
        input.checksum_type.as_ref().map(ChecksumType::as_str),
    )?;
    let (bucket, key) = (input.bucket, input.key);
    let upload = store.create_upload(bucket.clone(), key.clone(), description, checksum).await?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(bucket),
        key: Some(key),
        upload_id: Some(upload),
        checksum_algorithm: checksum
            .map(|kind| ChecksumAlgorithm::from_static(kind.algorithm.name())),
        checksum_type: checksum.map(|kind| checksum_type(kind.composite)),
        ..Default::default()
    }))
}

pub(super) async fn upload_part(
    store: &Store,
    req: S3Request<UploadPartInput>,
) -> Answer<UploadPartOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let input = req.input;
    let number = part_number(input.part_number)?;
    let name = (input.bucket, input.key, input.upload_id);
    let upload = store.upload(name.0.clone(), name.1.clone(), name.2.clone()).await?;
    let declared = declared_part(&req.headers, input.content_length, &upload)?;
    let (received, checksum) = body::receive(store, input.body, &req.extensions, declared).await?;
    let part = store.put_part(name, number, received, checksum).await?;

    let sums = Sums::of(part.checksum.as_ref());
    Ok(S3Response::new(UploadPartOutput {
        e_tag: Some(ETag::Strong(part.etag)),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        ..Default::default()
    }))
}

pub(super) async fn complete(
    store: &Store,
    req: S3Request<CompleteMultipartUploadInput>,
) -> Answer<CompleteMultipartUploadOutput> {
    let condition = conditions::of_write(&asides(&req))?;
    let input = req.input;
    let expected = checksums([
        (Algorithm::Crc32, input.checksum_crc32),
        (Algorithm::Crc32c, input.checksum_crc32c),
        (Algorithm::Crc64Nvme, input.checksum_crc64nvme),
        (Algorithm::Sha1, input.checksum_sha1),
        (Algorithm::Sha256, input.checksum_sha256),
    ]);
    let kind = input.checksum_type.as_ref().map(|kind| kind.as_str().to_owned());
    let completion = Completion {
        parts: named_parts(input.multipart_upload)?,
        size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
        checksum: expected.into_iter().next(),
        condition,
    };
    let (bucket, key) = (input.bucket, input.key);
    let name = (bucket.clone(), key.clone(), input.upload_id);
    if let Some(kind) = kind {
        let upload = store.upload(name.0.clone(), name.1.clone(), name.2.clone()).await?;
        check_type(&kind, &upload)?;
    }
    let record = store.complete_upload(name, completion).await?;

    let sums = Sums::of(record.checksum.as_ref());
    Ok(S3Response::new(CompleteMultipartUploadOutput {
        location: Some(format!("/{bucket}/{key}")),
        bucket: Some(bucket),
        key: Some(key),
        e_tag: Some(ETag::Strong(record.etag)),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        checksum_type: sums.kind,
        ..Default::default()
    }))
}

pub(super) async fn abort(
    store: &Store,
    req: S3Request<AbortMultipartUploadInput>,
) -> Answer<AbortMultipartUploadOutput> {
    let input = req.input;
    store.abort_upload(input.bucket, input.key, input.upload_id).await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

fn check_type(kind: &str, upload: &UploadRecord) -> S3Result<()> {
    match upload.checksum {
        Some(checksum) if checksum_type(checksum.composite).as_str() == kind => Ok(()),
        _ => {
            let message = "The checksum type is not the one that the upload began with.";
            Err(refuse(S3ErrorCode::InvalidRequest, message))
        }
    }
}

pub(super) fn part_number(number: i32) -> S3Result<u32> {
    match u32::try_from(number) {
        Ok(number) if PART_NUMBERS.contains(&number) => Ok(number),
        _ => {
            let message = "A part number is from 1 to 10000.";
            Err(refuse(S3ErrorCode::InvalidArgument, message))
        }
    }
}

/// Which checksum an upload carries. A CRC of 64 bits is always of the whole object, a hash is
/// always one of the parts' hashes.
fn upload_checksum(
    algorithm: Option<&str>,
    kind: Option<&str>,
) -> S3Result<Option<UploadChecksum>> {
    let invalid = |message: &str| Err(refuse(S3ErrorCode::InvalidRequest, message));
    let Some(algorithm) = algorithm else {
        return match kind {
            None => Ok(None),
            Some(_) => invalid("A checksum type needs a checksum algorithm."),
        };
    };
    let Some(algorithm) = Algorithm::from_name(algorithm) else {
        return invalid("The checksum algorithm is unknown.");
    };
    let composite = match (algorithm, kind) {
        (Algorithm::Crc64Nvme, None | Some(ChecksumType::FULL_OBJECT)) => false,
        (Algorithm::Crc64Nvme, _) => return invalid("CRC64NVME is of the full object."),
        (_, None | Some(ChecksumType::COMPOSITE)) => true,
        (Algorithm::Crc32 | Algorithm::Crc32c, Some(ChecksumType::FULL_OBJECT)) => false,
        (_, Some(_)) => return invalid("The checksum type does not suit the algorithm."),
    };
    Ok(Some(UploadChecksum { algorithm, composite }))
}

/// A part is checksummed as its upload asks, or as the part itself does where the upload does not.
fn declared_part(
    headers: &http::HeaderMap,
    length: Option<i64>,
    upload: &UploadRecord,
) -> S3Result<Declared> {
    let wanted = upload.checksum.map(|kind| kind.algorithm);
    let declared = Declared::read(headers, length, wanted)?;
    match (wanted, declared.algorithm()) {
        (Some(wanted), Some(other)) if wanted != other => {
            let message = format!("The checksum of this upload is {}.", wanted.name());
            Err(refuse(S3ErrorCode::InvalidRequest, message))
        }
        _ => Ok(declared),
    }
}

fn named_parts(upload: Option<CompletedMultipartUpload>) -> S3Result<Vec<NamedPart>> {
    let parts = upload.and_then(|upload| upload.parts).unwrap_or_default();
    if parts.is_empty() {
        let message = "An upload is completed with at least one part.";
        return Err(refuse(S3ErrorCode::MalformedXML, message));
    }
    let mut named: Vec<NamedPart> = Vec::with_capacity(parts.len());
    for part in parts {
        let Some(number) = part.part_number else {
            return Err(refuse(S3ErrorCode::MalformedXML, "A part has no number."));
        };
        let number = part_number(number)?;
        if named.last().is_some_and(|previous| previous.number >= number) {
            let message = "The parts are not in ascending order.";
            return Err(refuse(S3ErrorCode::InvalidPartOrder, message));
        }
        let sums = checksums([
            (Algorithm::Crc32, part.checksum_crc32),
            (Algorithm::Crc32c, part.checksum_crc32c),
            (Algorithm::Crc64Nvme, part.checksum_crc64nvme),
            (Algorithm::Sha1, part.checksum_sha1),
            (Algorithm::Sha256, part.checksum_sha256),
        ]);
        let etag = part.e_tag.map(ETag::into_value);
        named.push(NamedPart { number, etag, checksums: sums });
    }
    Ok(named)
}

fn checksums(fields: [(Algorithm, Option<String>); 5]) -> Vec<StoredChecksum> {
    let present = fields.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
    present
        .map(|(algorithm, value)| StoredChecksum { algorithm, value, composite: false })
        .collect()
}
