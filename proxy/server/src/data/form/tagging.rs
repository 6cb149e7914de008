//! The tags of a form: a document in a field, a header on an upload.

use deltaglider_core::s3::{S3Error, S3ErrorCode, encode_query};
use http::header::HeaderValue;
use serde::Deserialize;

use crate::data::document::check_xml;

#[derive(Deserialize)]
#[serde(rename = "Tagging", rename_all = "PascalCase")]
struct Tagging {
    tag_set: TagSet,
}

#[derive(Default, Deserialize)]
struct TagSet {
    #[serde(rename = "Tag", default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

/// What `x-amz-tagging` would say in place of the document.
pub(super) fn header(document: &str) -> Result<HeaderValue, S3Error> {
    check_xml(document.as_bytes())?;
    let malformed = |text: String| {
        let text = format!("the field tagging is no document of tags: {text}");
        S3Error::new(S3ErrorCode::MalformedXML, text)
    };
    let read: Tagging =
        quick_xml::de::from_str(document).map_err(|error| malformed(error.to_string()))?;
    let pairs: Vec<_> = read.tag_set.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    HeaderValue::from_str(&encode_query(&pairs)).map_err(|error| malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_a_query() {
        let text = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&amp;2</Value></Tag>\
                    <Tag><Key>c</Key><Value></Value></Tag></TagSet></Tagging>";
        assert_eq!(header(text).unwrap(), "a%20b=1%262&c=");
        assert_eq!(header("<Tagging><TagSet/></Tagging>").unwrap(), "");
        for wrong in ["", "a=b", "<Tagging/>", "<Tagging><TagSet><Tag/></TagSet></Tagging>"] {
            assert!(header(wrong).is_err(), "{wrong}");
        }
    }
}
