//! Which headers travel: allow-lists in both directions.

use deltaglider_core::s3::{S3Error, S3ErrorCode};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// Request headers without the `x-amz-` prefix that mean something to a store.
const REQUEST: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
];

/// What follows `x-amz-` in headers that are forwarded; a final `*` stands for any rest.
const REQUEST_AMZ: &[&str] = &[
    "acl",
    "bucket-object-lock-enabled",
    "bypass-governance-retention",
    "checksum-algorithm",
    "checksum-crc32",
    "checksum-crc32c",
    "checksum-crc64nvme",
    "checksum-mode",
    "checksum-sha1",
    "checksum-sha256",
    "checksum-type",
    "copy-source-if-*",
    "copy-source-range",
    "copy-source-server-side-encryption-*",
    "expected-bucket-owner",
    "grant-*",
    "if-match-*",
    "max-parts",
    "meta-*",
    "metadata-directive",
    "mfa",
    "mp-object-size",
    "object-attributes",
    "object-lock-*",
    "object-ownership",
    "optional-object-attributes",
    "part-number-marker",
    "request-payer",
    "sdk-checksum-algorithm",
    "server-side-encryption*",
    "source-expected-bucket-owner",
    "storage-class",
    "tagging",
    "tagging-directive",
    "transition-default-minimum-object-size",
    "website-redirect-location",
];

/// What follows `x-amz-` in headers that are for this proxy alone or carry nothing.
const CONSUMED_AMZ: &[&str] = &[
    "cf-id",
    "content-sha256",
    "copy-source",
    "date",
    "decoded-content-length",
    "security-token",
    // What the client would understand in the answer, as `TE` says it: the Java SDK offers
    // `append-md5` on every GET, and takes an answer without.
    "te",
    "trailer",
    "user-agent",
];

/// Response headers, `x-amz-` ones apart, that come from the store.
const RESPONSE: &[&str] = &[
    "accept-ranges",
    "age",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "last-modified",
    "retry-after",
];

/// The headers to forward; 501 for one whose meaning would be lost, 400 for one that no
/// store takes: S3 has ASCII alone in its own headers.
pub(super) fn forwarded(received: &HeaderMap) -> Result<HeaderMap, S3Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in received {
        match name.as_str().strip_prefix("x-amz-") {
            None if REQUEST.contains(&name.as_str()) => {
                headers.append(name.clone(), value.clone());
            }
            None => {}
            Some(_) if value.to_str().is_err() => {
                let text = format!("the header {name} is not ASCII");
                return Err(S3Error::new(S3ErrorCode::InvalidArgument, text));
            }
            Some(rest) if matches_any(REQUEST_AMZ, rest) => {
                headers.append(name.clone(), value.clone());
            }
            Some(rest) if matches_any(CONSUMED_AMZ, rest) => {}
            Some(_) => {
                let text = format!("the header {name} asks for something that is not implemented");
                return Err(S3Error::new(S3ErrorCode::NotImplemented, text));
            }
        }
    }
    strip_aws_chunked(&mut headers);
    Ok(headers)
}

/// Declares the checksum of a document that the proxy wrote, in place of the client's.
pub(super) fn redeclare(headers: &mut HeaderMap, document: &[u8]) -> Result<(), S3Error> {
    let declares = |name: &HeaderName| {
        let name = name.as_str();
        name == "content-md5"
            || name == "x-amz-sdk-checksum-algorithm"
            || name.starts_with("x-amz-checksum-")
    };
    let names: Vec<HeaderName> = headers.keys().filter(|name| declares(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
    let digest = deltaglider_objects::content_md5(document);
    let value = HeaderValue::from_str(&digest)
        .map_err(|_| S3Error::new(S3ErrorCode::InternalError, "the batch cannot be passed on"))?;
    headers.insert("content-md5", value);
    Ok(())
}

/// The store's headers that its client gets.
pub(super) fn returned(received: &HeaderMap) -> HeaderMap {
    let ours = ["x-amz-request-id", "x-amz-id-2"];
    let kept = |name: &HeaderName| {
        let text = name.as_str();
        RESPONSE.contains(&text) || (text.starts_with("x-amz-") && !ours.contains(&text))
    };
    let pairs = received.iter().filter(|(name, _)| kept(name));
    pairs.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn matches_any(patterns: &[&str], rest: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => rest.starts_with(start),
        None => rest == *pattern,
    })
}

/// `aws-chunked` is how the body travelled here, not how the object is encoded.
fn strip_aws_chunked(headers: &mut HeaderMap) {
    let encodings: Vec<String> = headers
        .get_all("content-encoding")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|coding| coding.trim().to_owned())
        .filter(|coding| !coding.is_empty())
        .collect();
    if !encodings.iter().any(|coding| coding == "aws-chunked") {
        return;
    }
    headers.remove("content-encoding");
    let rest: Vec<String> = encodings.into_iter().filter(|it| it != "aws-chunked").collect();
    if let Ok(value) = HeaderValue::from_str(&rest.join(", "))
        && !rest.is_empty()
    {
        headers.insert("content-encoding", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        pairs.iter().map(pair).collect::<HeaderMap>()
    }

    #[test]
    fn what_means_something_is_forwarded_and_the_rest_stays_here() {
        let received = map(&[
            ("host", "a"),
            ("authorization", "b"),
            ("connection", "close"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-amz-date", "c"),
            ("x-amz-te", "append-md5"),
            ("x-amz-meta-colour", "red"),
            ("x-amz-server-side-encryption", "AES256"),
            ("content-type", "text/plain"),
        ]);
        let headers = forwarded(&received).unwrap();
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "x-amz-meta-colour", "x-amz-server-side-encryption"]);
    }

    #[test]
    fn an_unknown_request_is_refused_rather_than_weakened() {
        for (name, value) in [("x-amz-write-offset-bytes", "5"), ("x-amz-checksum-md4", "AAAA")] {
            let error = forwarded(&map(&[(name, value)])).unwrap_err();
            assert_eq!(error.code, S3ErrorCode::NotImplemented, "{name}");
        }
        assert_eq!(forwarded(&map(&[("x-amz-checksum-sha256", "AAAA")])).unwrap().len(), 1);
    }

    #[test]
    fn aws_chunked_leaves_the_content_encoding() {
        let of = |value: &str| forwarded(&map(&[("content-encoding", value)])).unwrap();
        assert_eq!(of("aws-chunked,gzip").get("content-encoding").unwrap(), "gzip");
        assert!(of("aws-chunked").get("content-encoding").is_none());
        assert_eq!(of("gzip, br").get("content-encoding").unwrap(), "gzip, br");
    }

    #[test]
    fn the_store_does_not_name_itself_to_clients() {
        let headers = returned(&map(&[
            ("server", "x"),
            ("set-cookie", "y"),
            ("x-amz-request-id", "z"),
            ("etag", "\"e\""),
            ("location", "http://store:9000/b"),
            ("x-amz-version-id", "v"),
        ]));
        assert_eq!(headers.len(), 2);
    }
}
