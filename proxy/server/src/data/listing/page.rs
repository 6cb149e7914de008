//! A page as the store gives it: names decoded, entries in one order.

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// Keys and common prefixes, in the order of their bytes.
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    pub(super) truncated: bool,
}

/// One line of a listing.
pub(super) enum Entry {
    Key(Object),
    Prefix(String),
}

impl Entry {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Key(object) => &object.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "IsTruncated", default)]
    truncated: bool,
    #[serde(rename = "Contents", default)]
    contents: Vec<Object>,
    #[serde(rename = "CommonPrefixes", default)]
    prefixes: Vec<CommonPrefix>,
}

/// A key and what S3 tells of it.
#[derive(Default, Deserialize)]
pub(super) struct Object {
    #[serde(rename = "Key")]
    pub(super) key: String,
    #[serde(rename = "LastModified")]
    pub(super) modified: Option<String>,
    #[serde(rename = "ETag")]
    pub(super) etag: Option<String>,
    #[serde(rename = "Size")]
    pub(super) size: Option<String>,
    #[serde(rename = "StorageClass")]
    pub(super) class: Option<String>,
    #[serde(rename = "ChecksumAlgorithm", default)]
    pub(super) checksums: Vec<String>,
    #[serde(rename = "ChecksumType")]
    pub(super) checksum_type: Option<String>,
    #[serde(rename = "Owner")]
    pub(super) owner: Option<Owner>,
}

/// Whose it is, to the store.
#[derive(Default, Deserialize)]
pub(super) struct Owner {
    #[serde(rename = "ID", default)]
    pub(super) id: String,
    #[serde(rename = "DisplayName", default)]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
struct CommonPrefix {
    #[serde(rename = "Prefix")]
    prefix: String,
}

pub(super) fn parse(document: &[u8]) -> Result<Page, quick_xml::DeError> {
    let document: Document = quick_xml::de::from_reader(document)?;
    let keys = document.contents.into_iter().map(|mut object| {
        object.key = decode(&object.key);
        Entry::Key(object)
    });
    let prefixes = document.prefixes.iter().map(|it| Entry::Prefix(decode(&it.prefix)));
    let mut entries: Vec<Entry> = keys.chain(prefixes).collect();
    entries.sort_by(|one, other| one.name().cmp(other.name()));
    Ok(Page { entries, truncated: document.truncated })
}

/// Stores write a blank as `+` or as `%20`, and a plus sign always as `%2B`.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
