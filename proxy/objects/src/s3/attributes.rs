//! GetObjectAttributes.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::errors::refuse;
use super::get::check_version;
use super::listing::page_size;
use super::put::Sums;
use super::{Answer, headers};
use crate::model::{Algorithm, ObjectRecord, Segment, StoredChecksum};
use crate::store::Store;

pub(super) async fn get(
    store: &Store,
    req: S3Request<GetObjectAttributesInput>,
) -> Answer<GetObjectAttributesOutput> {
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let asked = asked(&input.object_attributes)?;
    let max_parts = page_size(input.max_parts, "max-parts")?;
    let marker = input.part_number_marker.unwrap_or_default();
    let (record, segments) = store.object_with_segments(input.bucket, input.key).await?;

    let mut output = GetObjectAttributesOutput {
        last_modified: Some(record.modified.to_system_time().into()),
        ..Default::default()
    };
    if asked.contains(&ObjectAttributes::ETAG) {
        output.e_tag = Some(ETag::Strong(record.etag.clone()));
    }
    if asked.contains(&ObjectAttributes::OBJECT_SIZE) {
        output.object_size = i64::try_from(record.size).ok();
    }
    if asked.contains(&ObjectAttributes::STORAGE_CLASS) {
        output.storage_class = Some(StorageClass::from_static(StorageClass::STANDARD));
    }
    if asked.contains(&ObjectAttributes::CHECKSUM) {
        output.checksum = record.checksum.as_ref().map(checksum);
    }
    if asked.contains(&ObjectAttributes::OBJECT_PARTS) {
        output.object_parts = parts(&record, &segments, marker, max_parts);
    }
    Ok(S3Response::new(output))
}

/// Clients send the names in one header or in several.
fn asked(attributes: &[ObjectAttributes]) -> S3Result<Vec<&str>> {
    let known = [
        ObjectAttributes::ETAG,
        ObjectAttributes::OBJECT_SIZE,
        ObjectAttributes::STORAGE_CLASS,
        ObjectAttributes::CHECKSUM,
        ObjectAttributes::OBJECT_PARTS,
    ];
    let names = attributes.iter().flat_map(|names| names.as_str().split(',')).map(str::trim);
    let names: Vec<&str> = names.collect();
    if names.iter().all(|name| known.contains(name)) {
        return Ok(names);
    }
    Err(refuse(S3ErrorCode::InvalidArgument, "An attribute is unknown."))
}

fn checksum(stored: &StoredChecksum) -> Checksum {
    let sums = Sums::of(Some(stored));
    Checksum {
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        checksum_type: sums.kind,
    }
}

/// The parts of an object that was uploaded in parts. Each is listed only where it has a checksum,
/// as in S3.
fn parts(
    record: &ObjectRecord,
    segments: &[Segment],
    marker: i32,
    max_parts: i32,
) -> Option<GetObjectAttributesParts> {
    let total = headers::parts_count(record)?;
    let algorithm = record.checksum.as_ref().map(|checksum| checksum.algorithm);
    let after = |segment: &&Segment| {
        segment.part.as_ref().is_some_and(|part| i64::from(part.number) > i64::from(marker))
    };
    let mut remaining = segments.iter().filter(after);
    let limit = usize::try_from(max_parts).unwrap_or_default();
    let page: Vec<&Segment> = remaining.by_ref().take(limit).collect();
    let truncated = remaining.next().is_some();
    let last = page.last().and_then(|segment| segment.part.as_ref());
    let next = last.and_then(|part| i32::try_from(part.number).ok());
    Some(GetObjectAttributesParts {
        total_parts_count: Some(total),
        part_number_marker: Some(marker),
        next_part_number_marker: next.filter(|_| truncated),
        max_parts: Some(max_parts),
        is_truncated: Some(truncated),
        parts: algorithm.map(|algorithm| {
            page.into_iter().filter_map(|segment| listed(segment, algorithm)).collect()
        }),
    })
}

fn listed(segment: &Segment, algorithm: Algorithm) -> Option<ObjectPart> {
    let part = segment.part.as_ref()?;
    let stored = part.checksum.clone();
    let stored = stored.map(|value| StoredChecksum { algorithm, value, composite: false });
    let sums = Sums::of(stored.as_ref());
    Some(ObjectPart {
        part_number: i32::try_from(part.number).ok(),
        size: i64::try_from(segment.size).ok(),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
    })
}
