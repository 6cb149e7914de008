//! Trailing checksums on their way on: `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
//!
//! A checksum that trails the client's body is known only at its end, so it trails ours
//! too. Chunks have one size, which makes the encoded length known beforehand.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use crate::data::{BodyError, TrailerSlot, VerifiedBody};

const CHUNK: u64 = 64 * 1024;

/// Length in bytes of a trailing field's value by its name; `None` for no known checksum.
fn value_length(name: &str) -> Option<u64> {
    Some(match name {
        "x-amz-checksum-crc32" | "x-amz-checksum-crc32c" => 8,
        "x-amz-checksum-crc64nvme" => 12,
        "x-amz-checksum-sha1" => 28,
        "x-amz-checksum-sha256" => 44,
        _ => return None,
    })
}

/// Bytes on the wire of an object of this length with these trailing fields.
pub(super) fn encoded_length(object: u64, names: &[String]) -> Option<u64> {
    let framed = |size: u64| format!("{size:x}").len() as u64 + 4 + size;
    let (full, rest) = (object / CHUNK, object % CHUNK);
    let mut total = full.checked_mul(framed(CHUNK))?;
    if rest > 0 {
        total = total.checked_add(framed(rest))?;
    }
    for name in names {
        total = total.checked_add(name.len() as u64 + 3 + value_length(name)?)?;
    }
    // `0 CR LF` before the fields, an empty line behind them.
    total.checked_add(5)
}

/// Frames a verified body in chunks, its trailing fields at the end.
pub(super) struct AwsChunked {
    body: VerifiedBody,
    trailers: TrailerSlot,
    names: Vec<String>,
    pending: BytesMut,
    left: u64,
    done: bool,
}

impl AwsChunked {
    /// `encoded` is what [`encoded_length`] gave.
    pub(super) fn new(body: VerifiedBody, names: Vec<String>, encoded: u64) -> Self {
        let trailers = body.trailers();
        Self { body, trailers, names, pending: BytesMut::new(), left: encoded, done: false }
    }

    fn chunk(&mut self, size: usize) -> Bytes {
        let mut framed = BytesMut::with_capacity(size + 16);
        framed.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        framed.extend_from_slice(&self.pending.copy_to_bytes(size));
        framed.extend_from_slice(b"\r\n");
        framed.freeze()
    }

    fn last(&mut self) -> Result<Bytes, BodyError> {
        let mut framed = BytesMut::new();
        if !self.pending.is_empty() {
            framed.extend_from_slice(&self.chunk(self.pending.len()));
        }
        framed.extend_from_slice(b"0\r\n");
        let fields = self.trailers.get();
        for name in &self.names {
            let value = fields
                .and_then(|fields| fields.get(name))
                .ok_or_else(|| BodyError::new("a trailing field is missing"))?;
            framed.extend_from_slice(format!("{name}:").as_bytes());
            framed.extend_from_slice(value.as_bytes());
            framed.extend_from_slice(b"\r\n");
        }
        framed.extend_from_slice(b"\r\n");
        Ok(framed.freeze())
    }

    fn emit(&mut self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        // More than was announced would be cut off where nobody sees it.
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            self.done = true;
            return Poll::Ready(Some(Err(BodyError::new("the body outgrew its length"))));
        };
        self.left = left;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Body for AwsChunked {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        loop {
            if this.done {
                return Poll::Ready(None);
            }
            if this.pending.len() as u64 >= CHUNK {
                let chunk = this.chunk(CHUNK as usize);
                return this.emit(chunk);
            }
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        this.pending.extend_from_slice(&data);
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    this.done = true;
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => {
                    this.done = true;
                    return match this.last() {
                        Ok(bytes) => this.emit(bytes),
                        Err(error) => Poll::Ready(Some(Err(error))),
                    };
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoded_length_counts_frames_fields_and_the_empty_line() {
        let names = vec!["x-amz-checksum-crc32".to_owned()];
        let trailer = "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n".len() as u64;
        assert_eq!(encoded_length(0, &names), Some(trailer));
        assert_eq!(encoded_length(5, &names), Some("5\r\nhello\r\n".len() as u64 + trailer));
        assert_eq!(encoded_length(CHUNK, &names), Some(CHUNK + 9 + trailer));
        assert_eq!(encoded_length(CHUNK + 1, &names), Some(CHUNK + 9 + 6 + trailer));
        assert_eq!(encoded_length(1, &["x-amz-checksum-md4".to_owned()]), None);
    }
}
