//! `x-amz-copy-source`: the object that a copy reads.

use percent_encoding::percent_decode_str;

use super::error::{S3Error, S3ErrorCode};
use super::names::{BucketName, ObjectKey};
use super::path::{encode_key, encode_segment, has_bad_escape};

/// A source as it will be authorised and sent: decoded once, encoded anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// Its version, where one is named.
    pub version_id: Option<String>,
}

impl CopySource {
    /// Reads the header; the version is split off before anything is decoded, so that an
    /// escaped question mark stays part of the key.
    pub fn parse(value: &str) -> Result<Self, S3Error> {
        let invalid =
            || S3Error::new(S3ErrorCode::InvalidArgument, "the copy source is not /bucket/key");
        if value.starts_with("arn:") {
            let text = "access points are not implemented as copy sources";
            return Err(S3Error::new(S3ErrorCode::NotImplemented, text));
        }
        let (path, version_id) = match value.split_once('?') {
            None => (value, None),
            Some((path, query)) => {
                let version = query
                    .strip_prefix("versionId=")
                    .filter(|it| !it.is_empty() && !it.contains('&'));
                (path, Some(decode(version.ok_or_else(invalid)?).ok_or_else(invalid)?))
            }
        };
        let decoded = decode(path).ok_or_else(invalid)?;
        let (bucket, key) =
            decoded.strip_prefix('/').unwrap_or(&decoded).split_once('/').ok_or_else(invalid)?;
        Ok(Self { bucket: BucketName::parse(bucket)?, key: ObjectKey::parse(key)?, version_id })
    }

    /// The header in its one canonical spelling.
    pub fn to_header_value(&self) -> String {
        let path = format!("/{}/{}", self.bucket, encode_key(self.key.as_str()));
        match &self.version_id {
            Some(version) => format!("{path}?versionId={}", encode_segment(version)),
            None => path,
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    (!has_bad_escape(text)).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reads_with_and_without_slash_and_escapes() {
        for value in ["bucket/a b", "/bucket/a%20b", "%2Fbucket%2Fa%20b"] {
            assert_eq!(CopySource::parse(value).unwrap().to_header_value(), "/bucket/a%20b");
        }
        let doubled = CopySource::parse("/bucket//a").unwrap();
        assert_eq!(doubled.key.as_str(), "/a");
    }

    #[test]
    fn an_escaped_question_mark_belongs_to_the_key() {
        let source = CopySource::parse("/bucket/a%3FversionId=1").unwrap();
        assert_eq!((source.key.as_str(), source.version_id), ("a?versionId=1", None));
        let source = CopySource::parse("/bucket/a?versionId=1").unwrap();
        assert_eq!((source.key.as_str(), source.version_id.as_deref()), ("a", Some("1")));
    }

    #[test]
    fn what_names_no_object_is_refused() {
        for value in [
            "",
            "bucket",
            "/bucket/",
            "/../key",
            "/bucket/a?version=1",
            "/bucket/%zz",
            "/bucket/a?versionId=1&x=2",
        ] {
            assert!(CopySource::parse(value).is_err(), "{value}");
        }
    }
}
