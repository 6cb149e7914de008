//! CopyObject and UploadPartCopy.

use std::ops::Range;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::body::{self, BODY_LIMIT, Declared};
use super::errors::{refuse, unsupported};
use super::get::check_version;
use super::multipart::part_number;
use super::put::Sums;
use super::{Answer, asides, conditions, headers};
use crate::model::{
    Content, Description, EtagSet, Moment, ObjectRecord, StoredChecksum, WriteCondition,
};
use crate::store::{NewObject, Store};

pub(super) async fn object(
    store: &Store,
    req: S3Request<CopyObjectInput>,
) -> Answer<CopyObjectOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let asides = asides(&req);
    let condition = conditions::of_write(&asides)?;
    let input = req.input;
    let (source_bucket, source_key) = source(&input.copy_source)?;
    let replaced = Replaced {
        headers: is_replace(input.metadata_directive.as_ref().map(MetadataDirective::as_str))?,
        tags: is_replace(input.tagging_directive.as_ref().map(TaggingDirective::as_str))?,
        by: headers::description(&asides, input.tagging.as_deref())?,
    };
    let onto_itself = (&input.bucket, &input.key) == (&source_bucket, &source_key);
    if onto_itself && !replaced.headers && !replaced.tags {
        let message = "A copy of an object onto itself changes its metadata.";
        return Err(refuse(S3ErrorCode::InvalidRequest, message));
    }
    let wanted = body::named_algorithm(&req.headers)?;

    let pinned = store.pin(source_bucket, source_key).await?;
    conditions::check_copy(&req.headers, &pinned.record)?;
    let original = pinned.record.clone();
    let checksum = match wanted {
        Some(wanted) if original.checksum.as_ref().is_none_or(|sum| sum.algorithm != wanted) => {
            let value = pinned.checksum(wanted).await?;
            Some(StoredChecksum { algorithm: wanted, value, composite: false })
        }
        _ => original.checksum.clone(),
    };
    let record = if onto_itself {
        if condition.matches.as_ref().is_some_and(|tags| !tags.contains(&original.etag)) {
            return Err(crate::store::Error::PreconditionFailed.into());
        }
        let change = move |record: &mut ObjectRecord| {
            record.description = replaced.apply(&record.description);
            record.checksum = checksum;
            record.modified = Moment::now();
        };
        // The bytes that were checked and summed are the ones that get the new description.
        let same = Some(EtagSet::Of(vec![original.etag.clone()]));
        let condition = WriteCondition { matches: same, ..condition };
        store.describe_object(input.bucket, input.key, condition, change).await?
    } else {
        let (segments, staged) = pinned.duplicate().await?;
        let object = NewObject {
            etag: original.etag.clone(),
            checksum,
            description: replaced.apply(&original.description),
            segments,
            multipart: matches!(original.content, Content::Parts { .. }),
            staged,
        };
        store.put_object(input.bucket, input.key, object, condition).await?
    };

    let sums = Sums::of(record.checksum.as_ref());
    Ok(S3Response::new(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag: Some(ETag::Strong(record.etag)),
            last_modified: Some(record.modified.to_system_time().into()),
            checksum_crc32: sums.crc32,
            checksum_crc32c: sums.crc32c,
            checksum_crc64nvme: sums.crc64nvme,
            checksum_sha1: sums.sha1,
            checksum_sha256: sums.sha256,
            checksum_type: sums.kind,
        }),
        ..Default::default()
    }))
}

pub(super) async fn part(
    store: &Store,
    req: S3Request<UploadPartCopyInput>,
) -> Answer<UploadPartCopyOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let input = req.input;
    let number = part_number(input.part_number)?;
    let (source_bucket, source_key) = source(&input.copy_source)?;
    let name = (input.bucket, input.key, input.upload_id);
    let upload = store.upload(name.0.clone(), name.1.clone(), name.2.clone()).await?;
    let pinned = store.pin(source_bucket, source_key).await?;
    conditions::check_copy(&req.headers, &pinned.record)?;
    let bytes = source_range(input.copy_source_range.as_deref(), pinned.record.size)?;
    let length = bytes.end - bytes.start;
    if length > BODY_LIMIT {
        let message = "A part has at most 5 GiB.";
        return Err(refuse(S3ErrorCode::EntityTooLarge, message));
    }
    let declared = Declared::internal(length, upload.checksum.map(|kind| kind.algorithm));
    let content = StreamingBlob::new(pinned.read(bytes).await?);
    let (received, checksum) =
        body::receive(store, Some(content), &http::Extensions::new(), declared).await?;
    let part = store.put_part(name, number, received, checksum).await?;

    let sums = Sums::of(part.checksum.as_ref());
    Ok(S3Response::new(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            e_tag: Some(ETag::Strong(part.etag)),
            last_modified: Some(part.modified.to_system_time().into()),
            checksum_crc32: sums.crc32,
            checksum_crc32c: sums.crc32c,
            checksum_crc64nvme: sums.crc64nvme,
            checksum_sha1: sums.sha1,
            checksum_sha256: sums.sha256,
        }),
        ..Default::default()
    }))
}

/// What a copy says of the object in place of what its source says.
struct Replaced {
    headers: bool,
    tags: bool,
    by: Description,
}

impl Replaced {
    fn apply(&self, original: &Description) -> Description {
        let headers = if self.headers { &self.by.headers } else { &original.headers };
        let tags = if self.tags { &self.by.tags } else { &original.tags };
        Description { headers: headers.clone(), tags: tags.clone() }
    }
}

fn source(source: &CopySource) -> S3Result<(String, String)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            check_version(version_id.as_deref())?;
            Ok((bucket.to_string(), key.to_string()))
        }
        _ => Err(unsupported("access points")),
    }
}

fn is_replace(directive: Option<&str>) -> S3Result<bool> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => {
            let message = "A directive is COPY or REPLACE.";
            Err(refuse(S3ErrorCode::InvalidArgument, message))
        }
    }
}

/// Unlike the range of a read, that of a copy names both ends and lies within the source.
fn source_range(range: Option<&str>, size: u64) -> S3Result<Range<u64>> {
    let Some(range) = range else { return Ok(0..size) };
    let numbers = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let Some((Some(first), Some(last))) =
        numbers.map(|(first, last)| (number(first), number(last)))
    else {
        let message = "The range of a copy has the form `bytes=first-last`.";
        return Err(refuse(S3ErrorCode::InvalidArgument, message));
    };
    if first > last || last >= size {
        let message = "The range lies outside of the source.";
        return Err(refuse(S3ErrorCode::InvalidRange, message));
    }
    Ok(first..last + 1)
}
