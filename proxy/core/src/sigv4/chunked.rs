//! The aws-chunked decoder: a state machine over bytes, no I/O.
//!
//! Data leaves as it arrives, before its chunk is verified; whoever forwards it
//! holds the last piece back until [`ChunkedDecoder::finish`] has agreed.

use bytes::Bytes;
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::error::PayloadError;
use super::key::{Mac, SigningKey};
use super::trailers::TrailerReader;

const LONGEST_LINE: usize = 1024;
const SMALLEST_INNER_CHUNK: u64 = 8192;

/// The chain of chunk signatures: each covers the one before it.
#[derive(Clone, Debug)]
pub(super) struct ChunkSigner {
    /// Key of the request's own scope.
    pub(super) key: SigningKey,
    /// `x-amz-date` as signed.
    pub(super) date: String,
    /// Credential scope as signed.
    pub(super) scope: String,
    /// Signature of the request first, then of the chunk before.
    pub(super) previous: Mac,
}

impl ChunkSigner {
    fn check_chunk(&mut self, digest: &str, presented: &str) -> Result<(), PayloadError> {
        let empty = hex::encode(Sha256::digest(b""));
        self.check("AWS4-HMAC-SHA256-PAYLOAD", &format!("{empty}\n{digest}"), presented)
    }

    fn check(&mut self, kind: &str, tail: &str, presented: &str) -> Result<(), PayloadError> {
        let (date, scope, previous) = (&self.date, &self.scope, self.previous.to_hex());
        let expected = self.key.sign(&format!("{kind}\n{date}\n{scope}\n{previous}\n{tail}"));
        if Mac::from_hex(presented) != Some(expected) {
            return Err(PayloadError::ChunkSignature);
        }
        self.previous = expected;
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Data {
        remaining: u64,
    },
    /// The line break behind a chunk; after the last one the body is over.
    Break {
        last: bool,
    },
    Trailer,
    Done,
}

/// Decodes `STREAMING-*` bodies and checks framing, signatures, trailer and length.
#[derive(Debug)]
pub(super) struct ChunkedDecoder {
    signer: Option<ChunkSigner>,
    trailer: Option<TrailerReader>,
    length: u64,
    received: u64,
    state: State,
    line: Vec<u8>,
    digest: Sha256,
    chunk_signature: String,
    small_chunk_seen: bool,
}

impl ChunkedDecoder {
    /// `length` is the signed decoded length in bytes; no signer means unsigned chunks.
    pub(super) fn new(
        signer: Option<ChunkSigner>,
        trailer: Option<TrailerReader>,
        length: u64,
    ) -> Self {
        Self {
            signer,
            trailer,
            length,
            received: 0,
            state: State::Header,
            line: Vec::new(),
            digest: Sha256::new(),
            chunk_signature: String::new(),
            small_chunk_seen: false,
        }
    }

    /// Takes bytes as received and appends the object's bytes in them to `out`.
    pub(super) fn push(
        &mut self,
        mut input: Bytes,
        out: &mut Vec<Bytes>,
    ) -> Result<(), PayloadError> {
        while !input.is_empty() {
            if self.state == State::Done {
                return Err(PayloadError::Framing);
            }
            if let State::Data { remaining } = self.state {
                let take = usize::try_from(remaining).unwrap_or(usize::MAX).min(input.len());
                let piece = input.split_to(take);
                self.data(&piece, remaining)?;
                out.push(piece);
            } else if let Some(line) = self.take_line(&mut input)? {
                self.accept_line(&line)?;
            }
        }
        Ok(())
    }

    /// Agrees that the body was whole; the trailing fields are verified then.
    pub(super) fn finish(&self) -> Result<HeaderMap, PayloadError> {
        if self.state != State::Done || self.received != self.length {
            return Err(PayloadError::Length);
        }
        self.trailer.as_ref().map_or(Ok(HeaderMap::new()), |it| it.complete().cloned())
    }

    fn data(&mut self, piece: &Bytes, remaining: u64) -> Result<(), PayloadError> {
        if self.signer.is_some() {
            self.digest.update(piece);
        }
        let remaining = remaining.saturating_sub(piece.len() as u64);
        self.state = State::Data { remaining };
        if remaining == 0 {
            self.close_chunk()?;
            self.state = State::Break { last: false };
        }
        Ok(())
    }

    fn close_chunk(&mut self) -> Result<(), PayloadError> {
        let digest = std::mem::take(&mut self.digest).finalize();
        match &mut self.signer {
            Some(signer) => signer.check_chunk(&hex::encode(digest), &self.chunk_signature),
            None => Ok(()),
        }
    }

    /// A line without its CR LF, once it is whole.
    fn take_line(&mut self, input: &mut Bytes) -> Result<Option<Vec<u8>>, PayloadError> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let taken = input.split_to(end.map_or(input.len(), |at| at + 1));
        self.line.extend_from_slice(&taken);
        if self.line.len() > LONGEST_LINE {
            return Err(PayloadError::Framing);
        }
        if end.is_none() {
            return Ok(None);
        }
        let line = std::mem::take(&mut self.line);
        line.strip_suffix(b"\r\n").map(|line| Some(line.to_vec())).ok_or(PayloadError::Framing)
    }

    fn accept_line(&mut self, line: &[u8]) -> Result<(), PayloadError> {
        match self.state {
            State::Header => self.chunk_header(line),
            State::Break { last } if line.is_empty() => {
                self.state = if last { State::Done } else { State::Header };
                Ok(())
            }
            State::Trailer if line.is_empty() => self.close_trailer(),
            State::Trailer => {
                self.trailer.as_mut().map_or(Err(PayloadError::Framing), |it| it.line(line))
            }
            State::Break { .. } | State::Done | State::Data { .. } => Err(PayloadError::Framing),
        }
    }

    fn chunk_header(&mut self, line: &[u8]) -> Result<(), PayloadError> {
        let text = std::str::from_utf8(line).map_err(|_| PayloadError::Framing)?;
        let size = match (&self.signer, text.split_once(";chunk-signature=")) {
            (Some(_), Some((size, signature))) => {
                signature.clone_into(&mut self.chunk_signature);
                size
            }
            (None, None) => text,
            _ => return Err(PayloadError::Framing),
        };
        let size = chunk_size(size)?;
        if size == 0 {
            self.close_chunk()?;
            let trailing = self.trailer.is_some();
            self.state = if trailing { State::Trailer } else { State::Break { last: true } };
            return Ok(());
        }
        if self.small_chunk_seen {
            return Err(PayloadError::SmallChunk);
        }
        self.small_chunk_seen = size < SMALLEST_INNER_CHUNK;
        self.received = self.received.checked_add(size).ok_or(PayloadError::Length)?;
        if self.received > self.length {
            return Err(PayloadError::Length);
        }
        self.state = State::Data { remaining: size };
        Ok(())
    }

    fn close_trailer(&mut self) -> Result<(), PayloadError> {
        let reader = self.trailer.as_ref().ok_or(PayloadError::Framing)?;
        reader.complete()?;
        let (presented, digest) = reader.signed_part();
        match (&mut self.signer, presented) {
            (Some(signer), Some(text)) => {
                signer.check("AWS4-HMAC-SHA256-TRAILER", &digest, text)?
            }
            (Some(_), None) => return Err(PayloadError::ChunkSignature),
            (None, Some(_)) => return Err(PayloadError::Trailer),
            (None, None) => {}
        }
        self.state = State::Done;
        Ok(())
    }
}

fn chunk_size(text: &str) -> Result<u64, PayloadError> {
    // `from_str_radix` takes a leading plus sign, which is no digit here.
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(PayloadError::Framing);
    }
    u64::from_str_radix(text, 16).map_err(|_| PayloadError::Framing)
}
