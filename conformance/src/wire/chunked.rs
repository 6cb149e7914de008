//! aws-chunked bodies in each of their forms, open to tampering.

use super::request::Request;
use super::signer::{EMPTY, Seed, Signing, sha256};
use crate::failure::Failure;

/// The forms of a chunked upload, by their value of `x-amz-content-sha256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`.
    Signed,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`.
    SignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
    UnsignedTrailer,
}

impl Mode {
    /// The text that stands for the payload.
    pub fn sentinel(self) -> &'static str {
        match self {
            Self::Signed => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }
}

/// What a request says of the length of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// The truth.
    Truly,
    /// Another number of bytes.
    As(usize),
    /// Nothing.
    Not,
}

/// A chunked body before it is put on the wire, piece by piece.
#[derive(Debug, Clone)]
pub struct Chunks {
    /// Data and signature of each chunk; the last one is empty.
    pub chunks: Vec<(Vec<u8>, Option<String>)>,
    /// Trailing fields.
    pub trailer: Vec<(String, String)>,
    /// Signature of the trailer.
    pub trailer_signature: Option<String>,
}

impl Chunks {
    /// Cuts `content` at `size` bytes, signs request and chunks, and gives both.
    ///
    /// CRC32 trails where anything does.
    pub fn sign(
        signing: &Signing,
        request: &mut Request,
        mode: Mode,
        content: &[u8],
        size: usize,
        announced: Announced,
    ) -> Result<Self, Failure> {
        let signing = Signing { payload: Some(mode.sentinel().to_owned()), ..signing.clone() };
        request.headers.push(("content-encoding".to_owned(), "aws-chunked".to_owned()));
        let length = match announced {
            Announced::Truly => Some(content.len()),
            Announced::As(length) => Some(length),
            Announced::Not => None,
        };
        request.headers.extend(
            length.map(|length| ("x-amz-decoded-content-length".to_owned(), length.to_string())),
        );
        let trailing = mode != Mode::Signed;
        if trailing {
            request.headers.push(("x-amz-trailer".to_owned(), CRC32.to_owned()));
        }
        let mut seed = signing.header(request)?;
        let mut chunks = Vec::new();
        for data in content.chunks(size).chain([[].as_slice()]) {
            let tail = format!("{EMPTY}\n{}", sha256(data));
            let signature = (mode != Mode::UnsignedTrailer)
                .then(|| signing.link(&seed, "AWS4-HMAC-SHA256-PAYLOAD", &tail))
                .transpose()?;
            if let Some(signature) = &signature {
                seed = Seed { signature: signature.clone(), ..seed };
            }
            chunks.push((data.to_vec(), signature));
        }
        let trailer: Vec<_> =
            trailing.then(|| (CRC32.to_owned(), crc32(content))).into_iter().collect();
        let fields: String =
            trailer.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let trailer_signature = (mode == Mode::SignedTrailer)
            .then(|| signing.link(&seed, "AWS4-HMAC-SHA256-TRAILER", &sha256(fields.as_bytes())))
            .transpose()?;
        Ok(Self { chunks, trailer, trailer_signature })
    }

    /// The body as it stands on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (data, signature) in &self.chunks {
            let signature = signature
                .as_ref()
                .map(|text| format!(";chunk-signature={text}"))
                .unwrap_or_default();
            body.extend_from_slice(format!("{:x}{signature}\r\n", data.len()).as_bytes());
            body.extend_from_slice(data);
            if !data.is_empty() {
                body.extend_from_slice(b"\r\n");
            }
        }
        for (name, value) in &self.trailer {
            body.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
        }
        if let Some(signature) = &self.trailer_signature {
            body.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body
    }
}

/// The checksum that trails.
pub const CRC32: &str = "x-amz-checksum-crc32";

/// CRC32 as S3 writes it: big-endian, base64.
pub fn crc32(content: &[u8]) -> String {
    use base64::Engine as _;
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, content);
    let sum = u32::try_from(sum).unwrap_or_default();
    base64::engine::general_purpose::STANDARD.encode(sum.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::signer::tests::example;
    use super::*;

    #[test]
    fn the_published_chunks_come_out() {
        let mut put = Request::new("PUT", "examplebucket", "chunkObject.txt", "s3.amazonaws.com")
            .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .header("content-length", "66824");
        let content = vec![b'a'; 66560];
        let truly = Announced::Truly;
        let chunks =
            Chunks::sign(&example(), &mut put, Mode::Signed, &content, 65536, truly).unwrap();
        let signatures: Vec<_> = chunks.chunks.iter().map(|(_, it)| it.clone().unwrap()).collect();
        assert_eq!(
            signatures,
            [
                "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            ]
        );
        assert_eq!(chunks.bytes().len(), 66824);
    }

    #[test]
    fn a_checksum_is_the_one_that_the_standard_gives() {
        assert_eq!(crc32(b"123456789"), "y/Q5Jg==");
    }
}
