//! Trailing fields of an aws-chunked body.

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

/// Reads the names in `x-amz-trailer`; only checksums may trail.
pub(super) fn declared_names(value: &str) -> Option<Vec<HeaderName>> {
    value
        .split(',')
        .map(|name| {
            let name: HeaderName = name.trim().to_ascii_lowercase().parse().ok()?;
            name.as_str().starts_with("x-amz-checksum-").then_some(name)
        })
        .collect()
}
