//! The path, decoded once and encoded again in one spelling.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::error::{S3Error, S3ErrorCode};
use super::names::{BucketName, ObjectKey};
use super::operation::Target;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// Splits a raw path into bucket and key; with a host bucket all of it is the key.
pub(super) fn target(raw: &str, host_bucket: Option<&str>) -> Result<Target, S3Error> {
    let rest = raw.strip_prefix('/').ok_or_else(|| invalid("the path does not begin with /"))?;
    let (bucket, key) = match host_bucket {
        Some(bucket) => (bucket.to_owned(), Some(rest)),
        None => {
            let (bucket, key) = match rest.split_once('/') {
                Some((bucket, key)) => (bucket, Some(key)),
                None => (rest, None),
            };
            (decode(bucket)?, key)
        }
    };
    // A host that names an empty bucket asks for that bucket, not for all of them.
    if host_bucket.is_none() && bucket.is_empty() && key.is_none_or(str::is_empty) {
        return Ok(Target::Service);
    }
    let bucket = BucketName::parse(&bucket)?;
    match key {
        None | Some("") => Ok(Target::Bucket(bucket)),
        Some(key) => Ok(Target::Object { bucket, key: ObjectKey::parse(&decode(key)?)? }),
    }
}

/// Decodes percent escapes; a plus sign stays one.
pub(super) fn decode(text: &str) -> Result<String, S3Error> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) if !has_bad_escape(text) => Ok(decoded.into_owned()),
        _ => Err(invalid("the path cannot be decoded")),
    }
}

/// Whether a percent sign stands without two hexadecimal digits behind it.
pub(super) fn has_bad_escape(text: &str) -> bool {
    text.split('%').skip(1).any(|rest| {
        !rest.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}

/// One path segment, its slashes escaped.
pub fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A key, its slashes kept.
pub fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, RESERVED_BUT_SLASH).to_string()
}

/// Parameters as a query string without its question mark.
pub fn encode_query(pairs: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| {
        format!("{}={}", encode_segment(name), encode_segment(value))
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn invalid(text: &str) -> S3Error {
    S3Error::new(S3ErrorCode::InvalidURI, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &str, host_bucket: Option<&str>) -> (Option<String>, Option<String>) {
        match target(raw, host_bucket).unwrap() {
            Target::Service => (None, None),
            Target::Bucket(bucket) => (Some(bucket.to_string()), None),
            Target::Object { bucket, key } => (Some(bucket.to_string()), Some(key.to_string())),
        }
    }

    fn pair(bucket: &str, key: &str) -> (Option<String>, Option<String>) {
        (Some(bucket.into()), (!key.is_empty()).then(|| key.into()))
    }

    #[test]
    fn a_bucket_reads_with_and_without_its_slash() {
        assert_eq!(names("/", None), (None, None));
        assert_eq!(names("/bucket", None), pair("bucket", ""));
        assert_eq!(names("/bucket/", None), pair("bucket", ""));
        assert_eq!(names("/bucket//", None), pair("bucket", "/"));
    }

    #[test]
    fn with_a_host_bucket_the_whole_path_is_the_key() {
        assert_eq!(names("/", Some("bucket")), pair("bucket", ""));
        assert_eq!(names("/a/b%20c", Some("bucket")), pair("bucket", "a/b c"));
        assert_eq!(names("//a", Some("bucket")), pair("bucket", "/a"));
        for path in ["/", "/a"] {
            assert!(target(path, Some("")).is_err() && target(path, Some("..")).is_err());
        }
    }

    #[test]
    fn a_path_is_decoded_once_and_a_plus_stays() {
        assert_eq!(names("/bucket/a%252Fb+c%2B", None), pair("bucket", "a%2Fb+c+"));
    }

    #[test]
    fn what_cannot_be_decoded_is_an_invalid_uri() {
        for raw in ["", "bucket", "*", "/bucket/%", "/bucket/%4", "/bucket/%zz", "/bucket/%c3%28"] {
            assert_eq!(target(raw, None).unwrap_err().code, S3ErrorCode::InvalidURI, "{raw}");
        }
    }

    #[test]
    fn only_unreserved_characters_stay_as_they_are() {
        assert_eq!(encode_key("Az09-._~/é +&=%*'"), "Az09-._~/%C3%A9%20%2B%26%3D%25%2A%27");
        assert_eq!(encode_segment("a/b"), "a%2Fb");
        let pairs = [("acl".into(), String::new()), ("prefix".into(), "a/b c".into())];
        assert_eq!(encode_query(&pairs), "acl=&prefix=a%2Fb%20c");
    }
}
