//! Names of buckets and keys of objects, checked once.

use super::error::{S3Error, S3ErrorCode};

/// A bucket name that is safe to address; stores hold older names than S3 now creates.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketName(String);

impl BucketName {
    /// 3–255 of `[A-Za-z0-9._-]`, beginning with a letter or digit; else 400 `InvalidBucketName`.
    pub fn parse(text: &str) -> Result<Self, S3Error> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let starts = text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        if starts && (3..=255).contains(&text.len()) && text.bytes().all(known) {
            return Ok(Self(text.into()));
        }
        Err(S3Error::new(S3ErrorCode::InvalidBucketName, "the bucket name is not valid"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether S3 would create it today: 3–63 lower-case letters, digits, dots and hyphens.
    pub fn is_valid_new(&self) -> bool {
        let text = self.as_str();
        let edge = |byte: Option<u8>| {
            byte.is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        let known = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        };
        text.len() <= 63
            && text.bytes().all(known)
            && edge(text.bytes().next())
            && edge(text.bytes().last())
            && !text.contains("..")
            && text.parse::<std::net::Ipv4Addr>().is_err()
            && !text.starts_with("xn--")
    }
}

impl std::fmt::Display for BucketName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An object key, decoded: 1–1024 bytes of UTF-8, any characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// 400 `KeyTooLongError` past 1024 bytes; a NUL, which no store keeps, is 400 `InvalidURI`.
    pub fn parse(text: &str) -> Result<Self, S3Error> {
        if text.len() > 1024 {
            return Err(S3Error::new(
                S3ErrorCode::KeyTooLongError,
                "the key is longer than 1024 bytes",
            ));
        }
        if text.is_empty() || text.contains('\0') {
            return Err(S3Error::new(S3ErrorCode::InvalidURI, "the key is empty or holds a NUL"));
        }
        Ok(Self(text.into()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that a store takes it for which drops slashes at the start and doubled ones;
    /// `None` where it is the same key.
    pub fn folded(&self) -> Option<Self> {
        let folded = fold(&self.0);
        (folded != self.0 && !folded.is_empty()).then_some(Self(folded))
    }

    /// Whether a store that maps keys to paths would resolve a part of it away.
    pub fn has_dot_segment(&self) -> bool {
        self.0.split(['/', '\\']).any(is_dots)
    }
}

/// A key or prefix without the slashes that some stores drop: those at the start, and of
/// doubled ones all but one.
pub fn fold(text: &str) -> String {
    let (before, last) = text.rsplit_once('/').unwrap_or(("", text));
    let parts = before.split('/').filter(|part| !part.is_empty());
    parts.flat_map(|part| [part, "/"]).chain([last]).collect()
}

/// Whether every key below a prefix has a segment that such a store would resolve away; a
/// prefix may end in the first letters of a name, dots among them.
pub fn leads_through_dots(prefix: &str) -> bool {
    prefix
        .rfind(['/', '\\'])
        .and_then(|end| prefix.get(..end))
        .is_some_and(|segments| segments.split(['/', '\\']).any(is_dots))
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

impl std::fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_wider_than_creations() {
        for name in ["my-bucket", "Old_Bucket", "a.b", "192.168.0.1", "xn--a"] {
            assert!(BucketName::parse(name).is_ok() == (name.len() >= 3), "{name}");
        }
        for name in ["", "..", "_", "a/b", "-ab", "a b", "ab", ".hidden"] {
            assert!(BucketName::parse(name).is_err(), "{name}");
        }
        let new = |name| BucketName::parse(name).unwrap().is_valid_new();
        assert!(new("my-bucket.eu") && new("123"));
        assert!(!new("Old_Bucket") && !new("192.168.0.1") && !new("a..b") && !new("abc-"));
    }

    #[test]
    fn dot_segments_are_whole_segments() {
        let of = |text| ObjectKey::parse(text).unwrap().has_dot_segment();
        assert!(of("..") && of("a/../b") && of("a/.") && of("./a") && of("a\\..\\b"));
        assert!(!of("a..b") && !of(".../x") && !of(".hidden") && !of("a//b"));
        for prefix in ["../", "a/./b", "a/..\\b", "./"] {
            assert!(leads_through_dots(prefix), "{prefix}");
        }
        for prefix in ["", ".", "..", "a/.", "a/..", ".../", ".hidden/", "a..b/", "//"] {
            assert!(!leads_through_dots(prefix), "{prefix}");
        }
    }

    #[test]
    fn folding_drops_the_slashes_that_some_stores_drop() {
        let of = |text| ObjectKey::parse(text).unwrap().folded().map(|key| key.to_string());
        assert_eq!(of("/a//b/").as_deref(), Some("a/b/"));
        assert_eq!(of("//a").as_deref(), Some("a"));
        assert_eq!((of("a/b/"), of("a"), of("/")), (None, None, None));
        assert_eq!((fold("/"), fold(""), fold("a//b//c")), ("".into(), "".into(), "a/b/c".into()));
    }

    #[test]
    fn a_key_is_at_most_1024_bytes() {
        assert!(ObjectKey::parse(&"é".repeat(512)).is_ok());
        let error = ObjectKey::parse(&"é".repeat(513)).unwrap_err();
        assert_eq!(error.code, S3ErrorCode::KeyTooLongError);
    }
}
