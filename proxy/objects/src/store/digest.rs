//! The checksums of the S3 API, computed while bytes pass.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};

use crate::model::Algorithm;

impl Algorithm {
    pub(crate) const ALL: [Algorithm; 5] = [
        Algorithm::Crc32,
        Algorithm::Crc32c,
        Algorithm::Crc64Nvme,
        Algorithm::Sha1,
        Algorithm::Sha256,
    ];

    /// The name in requests and answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64Nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// The header or trailing field that carries a value.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "x-amz-checksum-crc32",
            Algorithm::Crc32c => "x-amz-checksum-crc32c",
            Algorithm::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Algorithm::Sha1 => "x-amz-checksum-sha1",
            Algorithm::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn from_header(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))
    }

    /// Length of the value before base64, in bytes.
    pub(crate) fn length(self) -> usize {
        match self {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64Nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    /// The checksum of `data`, before base64.
    pub(crate) fn of(self, data: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(self);
        hasher.update(data);
        hasher.finish()
    }

    /// The checksum of two texts one after the other, from theirs; `None` for hashes, which cannot.
    pub(crate) fn combine(self, first: &[u8], second: &[u8], second_size: u64) -> Option<Vec<u8>> {
        let algorithm = match self {
            Algorithm::Crc32 => crc_fast::CrcAlgorithm::Crc32IsoHdlc,
            Algorithm::Crc32c => crc_fast::CrcAlgorithm::Crc32Iscsi,
            Algorithm::Crc64Nvme => crc_fast::CrcAlgorithm::Crc64Nvme,
            Algorithm::Sha1 | Algorithm::Sha256 => return None,
        };
        let number =
            |bytes: &[u8]| bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let combined =
            crc_fast::checksum_combine(algorithm, number(first), number(second), second_size);
        combined.to_be_bytes().get(8 - self.length()..).map(<[u8]>::to_vec)
    }
}

/// The digests of one body.
pub(crate) struct Digests {
    md5: Md5,
    checksum: Option<(Algorithm, Hasher)>,
}

/// What the digests came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digested {
    pub(crate) md5: [u8; 16],
    /// Base64.
    pub(crate) checksum: Option<(Algorithm, String)>,
}

impl Digests {
    pub(crate) fn new(algorithm: Option<Algorithm>) -> Digests {
        let checksum = algorithm.map(|algorithm| (algorithm, Hasher::new(algorithm)));
        Digests { md5: Md5::new(), checksum }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        self.md5.update(data);
        if let Some((_, hasher)) = &mut self.checksum {
            hasher.update(data);
        }
    }

    pub(crate) fn finish(self) -> Digested {
        let mut md5 = [0; 16];
        let sum = self.md5.finalize();
        md5.iter_mut().zip(AsRef::<[u8]>::as_ref(&sum)).for_each(|(to, from)| *to = *from);
        let checksum =
            self.checksum.map(|(algorithm, hasher)| (algorithm, STANDARD.encode(hasher.finish())));
        Digested { md5, checksum }
    }
}

/// One algorithm at work.
pub(super) enum Hasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(super) fn new(algorithm: Algorithm) -> Hasher {
        match algorithm {
            Algorithm::Crc32 => Hasher::Crc32(Crc32::new()),
            Algorithm::Crc32c => Hasher::Crc32c(Crc32c::new()),
            Algorithm::Crc64Nvme => Hasher::Crc64Nvme(Crc64Nvme::new()),
            Algorithm::Sha1 => Hasher::Sha1(Sha1::new()),
            Algorithm::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        match self {
            Hasher::Crc32(hasher) => hasher.update(data),
            Hasher::Crc32c(hasher) => hasher.update(data),
            Hasher::Crc64Nvme(hasher) => hasher.update(data),
            Hasher::Sha1(hasher) => hasher.update(data),
            Hasher::Sha256(hasher) => hasher.update(data),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Hasher::Crc32(hasher) => hasher.finalize().to_vec(),
            Hasher::Crc32c(hasher) => hasher.finalize().to_vec(),
            Hasher::Crc64Nvme(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha1(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha256(hasher) => AsRef::<[u8]>::as_ref(&hasher.finalize()).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_standard_check_text_are_the_published_ones() {
        let text = b"123456789";
        let expected = [
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ];
        for (algorithm, value) in expected {
            assert_eq!(hex::encode(algorithm.of(text)), value, "{algorithm:?}");
            assert_eq!(algorithm.of(text).len(), algorithm.length());
        }
    }

    #[test]
    fn combined_checksums_of_two_texts_equal_the_checksum_of_both_together() {
        let (first, second) = (b"123456".as_slice(), b"789".as_slice());
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let combined = algorithm.combine(&algorithm.of(first), &algorithm.of(second), 3);
            assert_eq!(combined, Some(algorithm.of(b"123456789")), "{algorithm:?}");
        }
        assert_eq!(Algorithm::Sha256.combine(b"", b"", 0), None);
    }
}
