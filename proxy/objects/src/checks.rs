//! Declared checksums of a small body, for whoever does not pass the body on as it came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use s3s::crypto::{Checksum as _, Md5};

use crate::model::Algorithm;

/// What is wrong with a declared checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// The header of this name holds no checksum.
    Malformed(&'static str),
    /// The body is not the one that the header of this name speaks of.
    Mismatch(&'static str),
    /// The header of this name asks for a checksum that nobody here can compute.
    Unknown(&'static str),
}

const NAMED: &str = "x-amz-sdk-checksum-algorithm";

/// Compares a whole body with `Content-MD5` and every `x-amz-checksum-*` of its headers.
///
/// The caller has refused checksums of other names: what is not compared must not pass for
/// compared.
pub fn check_body(headers: &HeaderMap, body: &[u8]) -> Result<(), BodyFault> {
    let known = |value: &HeaderValue| value.to_str().ok().and_then(Algorithm::from_name).is_some();
    if !headers.get_all(NAMED).iter().all(known) {
        return Err(BodyFault::Unknown(NAMED));
    }
    check(headers, "content-md5", 16, || md5(body))?;
    Algorithm::ALL.into_iter().try_for_each(|algorithm| {
        check(headers, algorithm.header(), algorithm.length(), || algorithm.of(body))
    })
}

/// The value of `Content-MD5` for a body.
pub fn content_md5(body: &[u8]) -> String {
    STANDARD.encode(md5(body))
}

fn md5(body: &[u8]) -> Vec<u8> {
    let mut hasher = Md5::new();
    hasher.update(body);
    AsRef::<[u8]>::as_ref(&hasher.finalize()).to_vec()
}

fn check(
    headers: &HeaderMap,
    name: &'static str,
    length: usize,
    compute: impl Fn() -> Vec<u8>,
) -> Result<(), BodyFault> {
    for value in headers.get_all(name) {
        let declared = STANDARD.decode(value.as_bytes()).unwrap_or_default();
        if declared.len() != length {
            return Err(BodyFault::Malformed(name));
        }
        if declared != compute() {
            return Err(BodyFault::Mismatch(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &'static str, value: &str) -> Result<(), BodyFault> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        check_body(&headers, b"123456789")
    }

    #[test]
    fn every_declared_checksum_is_compared() {
        assert!(outcome("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==").is_ok());
        assert!(outcome("x-amz-checksum-crc32", "y/Q5Jg==").is_ok());
        for name in ["content-md5", "x-amz-checksum-crc32", "x-amz-checksum-sha256"] {
            assert_eq!(outcome(name, "y/Q5"), Err(BodyFault::Malformed(name)));
        }
        let other = "AAAAAAAAAAAAAAAAAAAAAA==";
        assert_eq!(outcome("content-md5", other), Err(BodyFault::Mismatch("content-md5")));
        assert!(check_body(&HeaderMap::new(), b"").is_ok());
    }

    #[test]
    fn an_algorithm_that_nobody_can_compute_is_refused() {
        assert!(outcome(NAMED, "CRC32").is_ok() && outcome(NAMED, "sha256").is_ok());
        assert_eq!(outcome(NAMED, "MD4"), Err(BodyFault::Unknown(NAMED)));
        assert_eq!(outcome(NAMED, ""), Err(BodyFault::Unknown(NAMED)));
    }
}
