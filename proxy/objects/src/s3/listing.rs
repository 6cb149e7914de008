//! ListObjects, version 1 and 2.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::Answer;
use super::buckets::owner;
use super::errors::refuse;
use super::put::checksum_type;
use crate::model::ObjectRecord;
use crate::store::{Entry, Page, PageRequest, Store};

/// The most names on a page.
pub(super) const PAGE_LIMIT: i32 = 1000;

/// What `encoding-type=url` leaves as it is.
const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

pub(super) async fn version_1(
    store: &Store,
    req: S3Request<ListObjectsInput>,
) -> Answer<ListObjectsOutput> {
    let input = req.input;
    let max_keys = page_size(input.max_keys, "max-keys")?;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let request = PageRequest {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: delimiter.clone().unwrap_or_default(),
        after: input.marker.clone().unwrap_or_default(),
        limit: usize::try_from(max_keys).unwrap_or_default(),
    };
    let page = store.list(request).await?;
    // Without a delimiter the last key is the marker, and S3 leaves it out.
    let next_marker = next_name(&page).filter(|_| delimiter.is_some());
    let (contents, common_prefixes) = names.entries(&page, true);
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.text(&input.prefix.unwrap_or_default())),
        marker: Some(names.text(&input.marker.unwrap_or_default())),
        max_keys: Some(max_keys),
        is_truncated: Some(page.truncated),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: delimiter.map(|delimiter| names.text(&delimiter)),
        next_marker: next_marker.map(|marker| names.text(&marker)),
        encoding_type: input.encoding_type,
        ..Default::default()
    }))
}

pub(super) async fn version_2(
    store: &Store,
    req: S3Request<ListObjectsV2Input>,
) -> Answer<ListObjectsV2Output> {
    let input = req.input;
    let max_keys = page_size(input.max_keys, "max-keys")?;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let after = match &input.continuation_token {
        Some(token) => open_token(token)?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let request = PageRequest {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: delimiter.clone().unwrap_or_default(),
        after,
        limit: usize::try_from(max_keys).unwrap_or_default(),
    };
    let page = store.list(request).await?;
    let next = next_name(&page).map(|name| make_token(&name));
    let (contents, common_prefixes) = names.entries(&page, input.fetch_owner == Some(true));
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.text(&input.prefix.unwrap_or_default())),
        max_keys: Some(max_keys),
        key_count: i32::try_from(page.entries.len()).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(page.truncated),
        next_continuation_token: next,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: delimiter.map(|delimiter| names.text(&delimiter)),
        encoding_type: input.encoding_type,
        start_after: input.start_after.map(|start| names.text(&start)),
        ..Default::default()
    }))
}

/// The size of a page: what is asked for, though no more than S3 gives.
pub(super) fn page_size(asked: Option<i32>, parameter: &str) -> S3Result<i32> {
    match asked.unwrap_or(PAGE_LIMIT) {
        negative if negative < 0 => {
            let message = format!("`{parameter}` is negative.");
            Err(refuse(S3ErrorCode::InvalidArgument, message))
        }
        size => Ok(size.min(PAGE_LIMIT)),
    }
}

/// How names are written in an answer.
pub(super) struct Names {
    encoded: bool,
}

impl Names {
    pub(super) fn asked(encoding: Option<&EncodingType>) -> S3Result<Names> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Names { encoded: false }),
            Some(EncodingType::URL) => Ok(Names { encoded: true }),
            Some(_) => {
                let message = "The only encoding type is `url`.";
                Err(refuse(S3ErrorCode::InvalidArgument, message))
            }
        }
    }

    pub(super) fn text(&self, name: &str) -> String {
        if self.encoded {
            utf8_percent_encode(name, UNRESERVED).to_string()
        } else {
            name.to_owned()
        }
    }

    fn entries(&self, page: &Page, with_owner: bool) -> (Vec<Object>, Vec<CommonPrefix>) {
        let mut objects = Vec::new();
        let mut prefixes = Vec::new();
        for entry in &page.entries {
            match entry {
                Entry::Object(key, record) => {
                    let owner = with_owner.then(owner);
                    objects.push(object(self.text(key), record, owner));
                }
                Entry::CommonPrefix(prefix) => {
                    prefixes.push(CommonPrefix { prefix: Some(self.text(prefix)) });
                }
            }
        }
        (objects, prefixes)
    }
}

fn object(key: String, record: &ObjectRecord, owner: Option<Owner>) -> Object {
    let checksum = record.checksum.as_ref();
    Object {
        key: Some(key),
        size: i64::try_from(record.size).ok(),
        e_tag: Some(ETag::Strong(record.etag.clone())),
        last_modified: Some(record.modified.to_system_time().into()),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        checksum_algorithm: checksum
            .map(|sum| vec![ChecksumAlgorithm::from_static(sum.algorithm.name())]),
        checksum_type: checksum.map(|sum| checksum_type(sum.composite)),
        owner,
        ..Default::default()
    }
}

/// The last name of a page that others follow.
pub(super) fn next_name(page: &Page) -> Option<String> {
    page.entries.last().filter(|_| page.truncated).map(|entry| entry.name().to_owned())
}

/// A token names the last entry of its page. It is encoded because clients must not read it, not
/// to keep a secret.
fn make_token(name: &str) -> String {
    format!("1{}", URL_SAFE_NO_PAD.encode(name))
}

fn open_token(token: &str) -> S3Result<String> {
    token
        .strip_prefix('1')
        .and_then(|name| URL_SAFE_NO_PAD.decode(name).ok())
        .and_then(|name| String::from_utf8(name).ok())
        .ok_or_else(|| {
            let message = "The continuation token is not one of this store.";
            refuse(S3ErrorCode::InvalidArgument, message)
        })
}
