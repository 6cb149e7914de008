//! What the signature promises of the body, and the check that it was kept.

use bytes::Bytes;
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::authenticate::Authenticated;
use super::chunked::ChunkedDecoder;
use super::error::PayloadError;
use super::trailers::{TrailerReader, declared_names};
use crate::s3::{S3Error, S3ErrorCode};

/// The value of `x-amz-content-sha256`, understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadPromise {
    /// `UNSIGNED-PAYLOAD`: nothing is promised but the length.
    Unsigned,
    /// The SHA-256 of the whole body.
    Sha256([u8; 32]),
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, with or without `-TRAILER`.
    SignedChunks {
        /// Whether trailing fields follow, signed too.
        trailer: bool,
    },
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
    UnsignedChunks,
}

impl PayloadPromise {
    /// Reads the header's text; hashes are lower or upper case hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "UNSIGNED-PAYLOAD" => Self::Unsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Self::SignedChunks { trailer: false },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Self::SignedChunks { trailer: true },
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Self::UnsignedChunks,
            hash => {
                let mut digest = [0u8; 32];
                hex::decode_to_slice(hash, &mut digest).ok()?;
                Self::Sha256(digest)
            }
        })
    }

    /// Whether the body is framed as aws-chunked.
    pub fn is_streaming(self) -> bool {
        matches!(self, Self::SignedChunks { .. } | Self::UnsignedChunks)
    }
}

/// Follows a body and says at its end whether it was the promised one.
#[derive(Debug)]
pub struct PayloadVerifier {
    length: Option<u64>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Plain { received: u64, digest: Sha256, promised: Option<[u8; 32]> },
    Chunked(Box<ChunkedDecoder>),
}

impl PayloadVerifier {
    /// Prepares for the body of an authenticated request with these headers.
    pub fn new(caller: &Authenticated, headers: &HeaderMap) -> Result<Self, S3Error> {
        let promise = caller.payload();
        let trailing = matches!(
            promise,
            PayloadPromise::SignedChunks { trailer: true } | PayloadPromise::UnsignedChunks
        );
        if !trailing && headers.contains_key("x-amz-trailer") {
            let text = "x-amz-trailer needs a payload mode that has a trailer";
            return Err(S3Error::new(S3ErrorCode::InvalidRequest, text));
        }
        if !promise.is_streaming() {
            let promised = match promise {
                PayloadPromise::Sha256(digest) => Some(digest),
                _ => None,
            };
            let kind = Kind::Plain { received: 0, digest: Sha256::new(), promised };
            return Ok(Self { length: number(headers, "content-length")?, kind });
        }
        let length = number(headers, "x-amz-decoded-content-length")?.ok_or_else(|| {
            S3Error::new(
                S3ErrorCode::MissingContentLength,
                "x-amz-decoded-content-length is required with a streaming payload",
            )
        })?;
        let decoder = ChunkedDecoder::new(
            (promise != PayloadPromise::UnsignedChunks).then(|| caller.chunk_signer()),
            trailing.then(|| declared(headers).map(TrailerReader::new)).transpose()?,
            length,
        );
        Ok(Self { length: Some(length), kind: Kind::Chunked(Box::new(decoder)) })
    }

    /// The object's length in bytes, where it is known before the body.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Takes bytes as received and appends the object's bytes in them to `out`.
    pub fn push(&mut self, input: Bytes, out: &mut Vec<Bytes>) -> Result<(), PayloadError> {
        match &mut self.kind {
            Kind::Chunked(decoder) => decoder.push(input, out),
            Kind::Plain { received, digest, promised } => {
                *received = received.saturating_add(input.len() as u64);
                if self.length.is_some_and(|length| *received > length) {
                    return Err(PayloadError::Length);
                }
                if promised.is_some() {
                    digest.update(&input);
                }
                out.push(input);
                Ok(())
            }
        }
    }

    /// Agrees that the body was the promised one, and gives its trailing fields.
    pub fn finish(&mut self) -> Result<HeaderMap, PayloadError> {
        match &mut self.kind {
            Kind::Chunked(decoder) => decoder.finish(),
            Kind::Plain { received, digest, promised } => {
                if self.length.is_some_and(|length| *received != length) {
                    return Err(PayloadError::Length);
                }
                let actual: [u8; 32] = std::mem::take(digest).finalize().into();
                match promised {
                    Some(promised) if *promised != actual => Err(PayloadError::Hash),
                    _ => Ok(HeaderMap::new()),
                }
            }
        }
    }
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<Option<u64>, S3Error> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| {
        S3Error::new(S3ErrorCode::InvalidArgument, format!("{name} is not a number of bytes"))
    })
}

fn declared(headers: &HeaderMap) -> Result<Vec<http::HeaderName>, S3Error> {
    let Some(value) = headers.get("x-amz-trailer") else { return Ok(Vec::new()) };
    value.to_str().ok().and_then(declared_names).ok_or_else(|| {
        S3Error::new(S3ErrorCode::InvalidRequest, "x-amz-trailer may only name checksums")
    })
}
