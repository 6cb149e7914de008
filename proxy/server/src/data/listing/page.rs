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
    /// Every listing says it: what does not is none.
    #[serde(rename = "IsTruncated")]
    truncated: bool,
    #[serde(rename = "EncodingType")]
    encoding: Option<String>,
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

/// Reads a `ListBucketResult` of version 1.
pub(super) fn parse(document: &[u8]) -> Result<Page, quick_xml::DeError> {
    let document: Document = quick_xml::de::from_reader(document)?;
    let encoded = document.encoding.as_deref() == Some("url");
    // A store that does not encode says so by its silence.
    let plain = |name: String| if encoded { decode(&name) } else { name };
    let keys = document.contents.into_iter().map(|mut object| {
        object.key = plain(object.key);
        Entry::Key(object)
    });
    let prefixes = document.prefixes.into_iter().map(|it| Entry::Prefix(plain(it.prefix)));
    let mut entries: Vec<Entry> = keys.chain(prefixes).collect();
    entries.sort_by(|one, other| one.name().cmp(other.name()));
    Ok(Page { entries, truncated: document.truncated })
}

/// Stores write a blank as `+` or as `%20`, and a plus sign always as `%2B`.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inner: &str) -> Vec<String> {
        let document = format!("<ListBucketResult xmlns=\"x\">{inner}</ListBucketResult>");
        let page = parse(document.as_bytes()).unwrap();
        page.entries.iter().map(|entry| entry.name().to_owned()).collect()
    }

    #[test]
    fn names_are_decoded_and_stand_in_the_order_of_their_bytes() {
        let inner = "<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>\
                     <Contents><Key>c+d%2Be%20f</Key><Size>1</Size></Contents>\
                     <CommonPrefixes><Prefix>b%252F/</Prefix></CommonPrefixes>\
                     <Contents><Key>%C3%A9%0D</Key></Contents>\
                     <CommonPrefixes><Prefix>a</Prefix></CommonPrefixes>";
        assert_eq!(names(inner), ["a", "b%2F/", "c d+e f", "é\r"]);
    }

    #[test]
    fn a_store_that_does_not_encode_is_taken_at_its_word() {
        let inner = "<IsTruncated>true</IsTruncated><Contents><Key> a+b%20 </Key></Contents>";
        assert_eq!(names(inner), [" a+b%20 "]);
    }

    #[test]
    fn what_is_no_listing_is_not_an_empty_one() {
        for document in ["", "<Error><Code>SlowDown</Code></Error>"] {
            assert!(parse(document.as_bytes()).is_err(), "{document}");
        }
    }
}
