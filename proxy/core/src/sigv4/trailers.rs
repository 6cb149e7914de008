//! Trailing fields of an aws-chunked body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::error::PayloadError;

const MOST_BYTES: usize = 4096;
const SIGNATURE: &str = "x-amz-trailer-signature";

/// Collects trailing fields, which must be exactly those that `x-amz-trailer` declares.
#[derive(Clone, Debug)]
pub(super) struct TrailerReader {
    declared: Vec<HeaderName>,
    fields: HeaderMap,
    canonical: Sha256,
    signature: Option<String>,
    bytes: usize,
}

impl TrailerReader {
    /// A reader for the fields named in the signed `x-amz-trailer` header.
    pub(super) fn new(declared: Vec<HeaderName>) -> Self {
        Self {
            declared,
            fields: HeaderMap::new(),
            canonical: Sha256::new(),
            signature: None,
            bytes: 0,
        }
    }

    /// Takes one line without its line break.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), PayloadError> {
        self.bytes = self.bytes.saturating_add(line.len());
        let text = std::str::from_utf8(line).map_err(|_| PayloadError::Trailer)?;
        let (name, value) = text.split_once(':').ok_or(PayloadError::Trailer)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        // Nothing may follow the signature: it would not be covered by it.
        if self.bytes > MOST_BYTES || self.signature.is_some() {
            return Err(PayloadError::Trailer);
        }
        if name == SIGNATURE {
            self.signature = Some(value.to_owned());
            return Ok(());
        }
        let field: HeaderName = name.parse().map_err(|_| PayloadError::Trailer)?;
        let parsed = HeaderValue::from_str(value).map_err(|_| PayloadError::Trailer)?;
        if !self.declared.contains(&field) || self.fields.contains_key(&field) {
            return Err(PayloadError::Trailer);
        }
        // A store is told the length of what trails before it has it, so that length has to
        // be the checksum's own.
        let size = STANDARD.decode(value).map_err(|_| PayloadError::Trailer)?.len();
        if checksum_size(&name) != Some(size) {
            return Err(PayloadError::Trailer);
        }
        self.canonical.update(format!("{name}:{value}\n"));
        self.fields.insert(field, parsed);
        Ok(())
    }

    /// The trailer signature that arrived, and the digest it must cover.
    pub(super) fn signed_part(&self) -> (Option<&str>, String) {
        (self.signature.as_deref(), hex::encode(self.canonical.clone().finalize()))
    }

    /// The fields, once every declared one has arrived.
    pub(super) fn complete(&self) -> Result<&HeaderMap, PayloadError> {
        let all = self.declared.iter().all(|name| self.fields.contains_key(name));
        if all { Ok(&self.fields) } else { Err(PayloadError::Trailer) }
    }
}

/// Bytes of a checksum by the name of its field; `None` for one that no store knows.
fn checksum_size(name: &str) -> Option<usize> {
    Some(match name.strip_prefix("x-amz-checksum-")? {
        "crc32" | "crc32c" => 4,
        "crc64nvme" => 8,
        "sha1" => 20,
        "sha256" => 32,
        _ => return None,
    })
}

/// Reads the names in `x-amz-trailer`; only known checksums may trail, each once.
pub(super) fn declared_names(value: &str) -> Option<Vec<HeaderName>> {
    let mut names = Vec::new();
    for name in value.split(',').map(|name| name.trim().to_ascii_lowercase()) {
        let field: HeaderName = name.parse().ok()?;
        if checksum_size(&name).is_none() || names.contains(&field) {
            return None;
        }
        names.push(field);
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_checksum_has_its_own_length_and_no_other() {
        let line = |text: &str| {
            let names = declared_names("x-amz-checksum-crc32, X-Amz-Checksum-SHA1").unwrap();
            TrailerReader::new(names).line(text.as_bytes())
        };
        assert_eq!(line("x-amz-checksum-crc32:AAAAAA=="), Ok(()));
        assert_eq!(line("X-Amz-Checksum-Crc32: AAAAAA== "), Ok(()));
        for value in ["AAAAAA==XXXX", "AAAAAAA=", "AAAAAAAAAAA=", "", "AAAA AA=", "////"] {
            assert!(line(&format!("x-amz-checksum-crc32:{value}")).is_err(), "{value}");
        }
    }

    #[test]
    fn only_known_checksums_trail() {
        for names in
            ["x-amz-checksum-md5", "x-amz-meta-a", "", "x-amz-checksum-crc32,x-amz-checksum-crc32"]
        {
            assert_eq!(declared_names(names), None, "{names}");
        }
    }
}
