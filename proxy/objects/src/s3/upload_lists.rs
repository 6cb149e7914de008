//! ListParts and ListMultipartUploads.

use s3s::dto::*;
use s3s::{S3Request, S3Response};

use super::Answer;
use super::buckets::owner;
use super::listing::{Names, page_size};
use super::put::{Sums, checksum_type};
use crate::model::PartRecord;
use crate::store::{Store, UploadPageRequest};

pub(super) async fn parts(
    store: &Store,
    req: S3Request<ListPartsInput>,
) -> Answer<ListPartsOutput> {
    let input = req.input;
    let max_parts = page_size(input.max_parts, "max-parts")?;
    let after = input.part_number_marker.unwrap_or_default();
    let name = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let limit = usize::try_from(max_parts).unwrap_or_default();
    let page = store.parts(name, u32::try_from(after).unwrap_or_default(), limit).await?;

    let last = page.parts.last().and_then(|(number, _)| i32::try_from(*number).ok());
    let checksum = page.upload.checksum;
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        max_parts: Some(max_parts),
        part_number_marker: Some(after),
        next_part_number_marker: last.filter(|_| page.truncated),
        is_truncated: Some(page.truncated),
        checksum_algorithm: checksum
            .map(|kind| ChecksumAlgorithm::from_static(kind.algorithm.name())),
        checksum_type: checksum.map(|kind| checksum_type(kind.composite)),
        parts: Some(page.parts.into_iter().map(|(number, part)| listed(number, part)).collect()),
        initiator: Some(initiator()),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..Default::default()
    }))
}

pub(super) async fn uploads(
    store: &Store,
    req: S3Request<ListMultipartUploadsInput>,
) -> Answer<ListMultipartUploadsOutput> {
    let input = req.input;
    let max_uploads = page_size(input.max_uploads, "max-uploads")?;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let request = UploadPageRequest {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: delimiter.clone().unwrap_or_default(),
        key_marker: input.key_marker.clone().unwrap_or_default(),
        upload_marker: input.upload_id_marker.clone().filter(|marker| !marker.is_empty()),
        limit: usize::try_from(max_uploads).unwrap_or_default(),
    };
    let page = store.uploads(request).await?;
    let (next_key, next_upload) = page.next.unzip();
    let uploads = page.uploads.into_iter().map(|(key, upload, record)| MultipartUpload {
        key: Some(names.text(&key)),
        upload_id: Some(upload),
        initiated: Some(record.initiated.to_system_time().into()),
        checksum_algorithm: record
            .checksum
            .map(|kind| ChecksumAlgorithm::from_static(kind.algorithm.name())),
        checksum_type: record.checksum.map(|kind| checksum_type(kind.composite)),
        initiator: Some(initiator()),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
    });
    let prefixes =
        page.common_prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(names.text(prefix)) });
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: Some(names.text(&input.prefix.unwrap_or_default())),
        delimiter: delimiter.map(|delimiter| names.text(&delimiter)),
        key_marker: Some(names.text(&input.key_marker.unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        next_key_marker: next_key.as_deref().map(|key| names.text(key)),
        is_truncated: Some(next_key.is_some()),
        next_upload_id_marker: next_upload,
        max_uploads: Some(max_uploads),
        encoding_type: input.encoding_type,
        uploads: Some(uploads.collect()),
        common_prefixes: Some(prefixes.collect()),
        ..Default::default()
    }))
}

fn listed(number: u32, part: PartRecord) -> Part {
    let sums = Sums::of(part.checksum.as_ref());
    Part {
        part_number: i32::try_from(number).ok(),
        size: i64::try_from(part.size).ok(),
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(part.modified.to_system_time().into()),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
    }
}

fn initiator() -> Initiator {
    let owner = owner();
    Initiator { id: owner.id, display_name: owner.display_name }
}
