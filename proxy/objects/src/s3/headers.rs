//! What a client says about an object in headers, and how it gets it back.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use s3s::{S3ErrorCode, S3Result};

use super::errors::{refuse, unsupported};
use crate::model::{Content, Description, ObjectRecord};

/// Names and values of user metadata together, in bytes.
const METADATA_LIMIT: usize = 2048;
const TAGS_LIMIT: usize = 10;
const METADATA: &str = "x-amz-meta-";

const SYSTEM: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];

/// Reads what `asides` say about an object.
pub(super) fn description(asides: &HeaderMap, tagging: Option<&str>) -> S3Result<Description> {
    let mut headers = BTreeMap::new();
    let mut metadata_bytes = 0;
    for name in asides.keys() {
        let metadata = name.as_str().strip_prefix(METADATA);
        if metadata.is_none() && !SYSTEM.contains(name) {
            continue;
        }
        let value = joined(asides, name)?;
        if let Some(metadata) = metadata {
            metadata_bytes += metadata.len() + value.len();
        }
        headers.insert(name.as_str().to_owned(), value);
    }
    if metadata_bytes > METADATA_LIMIT {
        let message = "User metadata is longer than 2 KiB.";
        return Err(refuse(S3ErrorCode::MetadataTooLarge, message));
    }
    let tags = match tagging {
        Some(tagging) => tags(form_pairs(tagging)?)?,
        None => BTreeMap::new(),
    };
    Ok(Description { headers, tags })
}

/// The headers of an answer that carries or describes an object.
pub(super) fn of_object(record: &ObjectRecord) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("binary/octet-stream"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    for (name, value) in &record.description.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            headers.insert(name, value);
        }
    }
    if !record.description.tags.is_empty() {
        headers.insert("x-amz-tagging-count", HeaderValue::from(record.description.tags.len()));
    }
    headers
}

/// How many parts the object was uploaded in, if it was.
pub(super) fn parts_count(record: &ObjectRecord) -> Option<i32> {
    match record.content {
        Content::Parts { count, .. } => i32::try_from(count).ok(),
        _ => None,
    }
}

/// Refuses what this store would otherwise silently not do.
pub(super) fn refuse_unsupported(headers: &HeaderMap) -> S3Result<()> {
    for (name, value) in headers {
        let name = name.as_str();
        let value = value.as_bytes();
        if name == "x-amz-acl" && value != b"private" && value != b"bucket-owner-full-control"
            || name.starts_with("x-amz-grant-")
        {
            return Err(unsupported("access control lists"));
        }
        if name.starts_with("x-amz-object-lock-") {
            return Err(unsupported("object lock"));
        }
        if name.starts_with("x-amz-server-side-encryption")
            || name.starts_with("x-amz-copy-source-server-side-encryption")
        {
            return Err(unsupported("server-side encryption"));
        }
        if name == "x-amz-website-redirect-location" {
            return Err(unsupported("website redirects"));
        }
        if name == "x-amz-write-offset-bytes" {
            return Err(unsupported("appending to objects"));
        }
        if name == "x-amz-storage-class" && value != b"STANDARD" {
            let message = "The embedded store has the storage class STANDARD alone.";
            return Err(refuse(S3ErrorCode::InvalidStorageClass, message));
        }
    }
    Ok(())
}

/// Checks tags against the limits of S3.
pub(super) fn tags(
    pairs: impl IntoIterator<Item = (String, String)>,
) -> S3Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for (key, value) in pairs {
        let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !fits {
            let message = "A tag key has 1 to 128 characters, a tag value at most 256.";
            return Err(refuse(S3ErrorCode::InvalidTag, message));
        }
        if tags.insert(key, value).is_some() {
            return Err(refuse(S3ErrorCode::InvalidTag, "A tag key is repeated."));
        }
    }
    if tags.len() > TAGS_LIMIT {
        let message = "An object has at most 10 tags.";
        return Err(refuse(S3ErrorCode::InvalidTag, message));
    }
    Ok(tags)
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> S3Result<String> {
    let mut values = Vec::new();
    for value in headers.get_all(name) {
        let text = std::str::from_utf8(value.as_bytes()).map_err(|_| {
            refuse(S3ErrorCode::InvalidArgument, format!("The header `{name}` is not UTF-8."))
        })?;
        values.push(text);
    }
    Ok(values.join(","))
}

fn form_pairs(text: &str) -> S3Result<Vec<(String, String)>> {
    let decode = |part: &str| -> S3Result<String> {
        let spaced = part.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| refuse(S3ErrorCode::InvalidArgument, "The tagging is not UTF-8."))
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(key)?, decode(value)?))
        })
        .collect()
}
