//! The canonical request and the string to sign, as S3 builds them.

use std::borrow::Cow;
use std::fmt::Write as _;

use http::HeaderMap;
use http::header::HeaderName;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::scope::{AmzDate, CredentialScope};
use crate::s3::Query;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// The parts of a canonical request that a verification may vary only in its path.
pub(super) struct Canonical<'a> {
    /// HTTP method.
    pub(super) method: &'a str,
    /// Canonical query string.
    pub(super) query: String,
    /// Canonical headers, a line each; bytes, since values need not be UTF-8.
    pub(super) headers: Vec<u8>,
    /// `SignedHeaders` exactly as presented.
    pub(super) signed_headers: &'a str,
    /// Payload hash or sentinel.
    pub(super) payload: &'a str,
}

impl Canonical<'_> {
    /// The canonical request for a canonical URI.
    pub(super) fn request(&self, path: &str) -> Vec<u8> {
        let before = format!("{}\n{path}\n{}\n", self.method, self.query);
        let after = format!("\n{}\n{}", self.signed_headers, self.payload);
        [before.as_bytes(), &self.headers, after.as_bytes()].concat()
    }
}

/// The string to sign of a canonical request.
pub(super) fn string_to_sign(
    date: &AmzDate,
    scope: &CredentialScope,
    canonical_request: &[u8],
) -> String {
    let digest = hex::encode(Sha256::digest(canonical_request));
    format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", date.text)
}

/// The path in S3's one canonical spelling: decoded, then encoded again.
///
/// Signers differ in what they leave unescaped on the wire (parentheses, `!`), so a
/// signature may stand on the received spelling or on this one; both name one key.
pub(super) fn canonical_path(raw: &str) -> Cow<'_, str> {
    let decoded: Cow<'_, [u8]> = percent_decode_str(raw).into();
    match std::str::from_utf8(&decoded) {
        Ok(text) => {
            let encoded = utf8_percent_encode(text, RESERVED_BUT_SLASH).to_string();
            if encoded == raw { Cow::Borrowed(raw) } else { Cow::Owned(encoded) }
        }
        Err(_) => Cow::Borrowed(raw),
    }
}

/// Parameters encoded, sorted by name then value; `X-Amz-Signature` is left out.
pub(super) fn canonical_query(query: &Query) -> String {
    let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut pairs: Vec<(String, String)> = query
        .iter()
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort_unstable();
    let mut text = String::new();
    for (name, value) in pairs {
        let separator = if text.is_empty() { "" } else { "&" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{separator}{name}={value}");
    }
    text
}

/// The canonical header block, or the name of a signed header that did not arrive.
pub(super) fn canonical_headers(
    headers: &HeaderMap,
    signed: &[HeaderName],
) -> Result<Vec<u8>, HeaderName> {
    let mut block = Vec::new();
    for name in signed {
        let mut values = headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            return Err(name.clone());
        }
        block.extend_from_slice(name.as_str().as_bytes());
        let mut separator = b':';
        for value in values {
            block.push(separator);
            block.extend_from_slice(&normalise(value.as_bytes()));
            separator = b',';
        }
        block.push(b'\n');
    }
    Ok(block)
}

/// Trims, and folds runs of spaces into one.
fn normalise(value: &[u8]) -> Vec<u8> {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_parameters_sort_by_name_then_value_and_are_re_encoded() {
        let query = Query::parse(Some("b=2&a=x+y&a=%2f&acl&X-Amz-Signature=00")).unwrap();
        assert_eq!(canonical_query(&query), "a=%2F&a=x%20y&acl=&b=2");
    }

    #[test]
    fn spaces_fold_and_repeats_join() {
        let mut headers = HeaderMap::new();
        headers.append("x-amz-meta-a", "  one   two ".parse().unwrap());
        headers.append("x-amz-meta-a", "three".parse().unwrap());
        let names = [HeaderName::from_static("x-amz-meta-a")];
        assert_eq!(canonical_headers(&headers, &names).unwrap(), b"x-amz-meta-a:one two,three\n");
    }

    #[test]
    fn two_spellings_of_a_letter_stay_two() {
        let block = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-meta-a", http::HeaderValue::from_bytes(value).unwrap());
            canonical_headers(&headers, &[HeaderName::from_static("x-amz-meta-a")]).unwrap()
        };
        assert_ne!(block(b"caf\xe9"), block("caf\u{e9}".as_bytes()));
    }

    #[test]
    fn a_signed_header_that_did_not_arrive_is_named() {
        let missing = HeaderName::from_static("x-amz-acl");
        let asked = std::slice::from_ref(&missing);
        assert_eq!(canonical_headers(&HeaderMap::new(), asked), Err(missing.clone()));
    }

    #[test]
    fn a_path_has_one_canonical_spelling() {
        assert_eq!(canonical_path("/b/a(1).txt"), "/b/a%281%29.txt");
        assert_eq!(canonical_path("/b/a%2fb//c"), "/b/a/b//c");
        assert_eq!(canonical_path("/b/%ff"), "/b/%ff");
    }
}
