//! ListObjectVersions. There is no versioning here: each object has the one version `null`, which is
//! what S3 answers for a bucket that never had versioning. Tools that empty a bucket ask this way.

use s3s::dto::*;
use s3s::{S3Request, S3Response};

use super::Answer;
use super::buckets::owner;
use super::listing::{Names, next_name, page_size};
use super::put::checksum_type;
use crate::model::ObjectRecord;
use crate::store::{Entry, PageRequest, Store};

/// The id of the only version.
const NULL: &str = "null";

pub(super) async fn list(
    store: &Store,
    req: S3Request<ListObjectVersionsInput>,
) -> Answer<ListObjectVersionsOutput> {
    let input = req.input;
    let max_keys = page_size(input.max_keys, "max-keys")?;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let request = PageRequest {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: delimiter.clone().unwrap_or_default(),
        // With one version a key, nothing follows a version of the marker's key.
        after: input.key_marker.clone().unwrap_or_default(),
        limit: usize::try_from(max_keys).unwrap_or_default(),
    };
    let page = store.list(request).await?;
    let ends_with_key = matches!(page.entries.last(), Some(Entry::Object(..)));
    let next = next_name(&page);
    let mut versions = Vec::new();
    let mut prefixes = Vec::new();
    for entry in &page.entries {
        match entry {
            Entry::Object(key, record) => versions.push(version(names.text(key), record)),
            Entry::CommonPrefix(prefix) => {
                prefixes.push(CommonPrefix { prefix: Some(names.text(prefix)) });
            }
        }
    }
    Ok(S3Response::new(ListObjectVersionsOutput {
        name: Some(input.bucket),
        prefix: Some(names.text(&input.prefix.unwrap_or_default())),
        key_marker: Some(names.text(&input.key_marker.unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        next_version_id_marker: (next.is_some() && ends_with_key).then(|| NULL.to_owned()),
        next_key_marker: next.map(|name| names.text(&name)),
        max_keys: Some(max_keys),
        is_truncated: Some(page.truncated),
        delimiter: delimiter.map(|delimiter| names.text(&delimiter)),
        encoding_type: input.encoding_type,
        versions: Some(versions),
        common_prefixes: Some(prefixes),
        ..Default::default()
    }))
}

fn version(key: String, record: &ObjectRecord) -> ObjectVersion {
    let checksum = record.checksum.as_ref();
    ObjectVersion {
        key: Some(key),
        version_id: Some(NULL.to_owned()),
        is_latest: Some(true),
        size: i64::try_from(record.size).ok(),
        e_tag: Some(ETag::Strong(record.etag.clone())),
        last_modified: Some(record.modified.to_system_time().into()),
        storage_class: Some(ObjectVersionStorageClass::from_static(
            ObjectVersionStorageClass::STANDARD,
        )),
        checksum_algorithm: checksum
            .map(|sum| vec![ChecksumAlgorithm::from_static(sum.algorithm.name())]),
        checksum_type: checksum.map(|sum| checksum_type(sum.composite)),
        owner: Some(owner()),
        ..Default::default()
    }
}
