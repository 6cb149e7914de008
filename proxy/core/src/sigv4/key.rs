//! Key material. A secret is absorbed once into two HMAC midstates and forgotten.

use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::scope::CredentialScope;

const BLOCK: usize = 64;
/// Bytes of a chaining value, with which a serialised hash begins.
const STATE: usize = 32;

/// HMAC-SHA256 key held as its two midstates (inner and outer pad absorbed).
#[derive(Clone)]
pub struct HmacKey {
    inner: Sha256,
    outer: Sha256,
}

impl HmacKey {
    /// Absorbs a key of any length; over 64 bytes it is hashed first, as HMAC does (RFC 2104).
    pub fn new(key: &[u8]) -> Self {
        let mut block = zeroize::Zeroizing::new([0u8; BLOCK]);
        if key.len() > BLOCK {
            fill(block.as_mut_slice(), Sha256::digest(key).as_slice());
        } else {
            fill(block.as_mut_slice(), key);
        }
        let padded = |pad: u8| {
            let bytes = zeroize::Zeroizing::new(block.map(|byte| byte ^ pad));
            Sha256::new_with_prefix(bytes.as_slice())
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// The MAC of a message given in parts.
    pub fn mac<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Mac {
        let mut inner = self.inner.clone();
        for part in parts {
            inner.update(part);
        }
        Mac(self.outer.clone().chain_update(inner.finalize()).finalize().into())
    }
}

/// A hash that has absorbed exactly one block and came to this chaining value.
fn after_one_block(chaining: &[u8]) -> Sha256 {
    let mut state = Sha256::new_with_prefix([0u8; BLOCK]).serialize();
    fill(&mut state, chaining);
    Sha256::deserialize(&state).unwrap_or_default()
}

fn fill(block: &mut [u8], bytes: &[u8]) {
    for (slot, byte) in block.iter_mut().zip(bytes) {
        *slot = *byte;
    }
}

/// A 32-byte MAC that the server computed; equality takes constant time.
#[derive(Clone, Copy, Eq)]
pub struct Mac([u8; 32]);

impl Mac {
    /// The raw 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Lower-case hexadecimal, 64 characters, as signatures travel.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads 64 lower-case hexadecimal characters; anything else is `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        // An upper-case digit would be a second spelling of the same signature.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let mut bytes = [0u8; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl PartialEq for Mac {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mac(..)")
    }
}

/// A secret access key as signing power: verifies and signs, does not give the text back.
#[derive(Clone)]
pub struct SigningSecret(HmacKey);

impl SigningSecret {
    /// Absorbs a secret access key; the text is not kept.
    pub fn new(secret_access_key: &str) -> Self {
        let mut prefixed = zeroize::Zeroizing::new(Vec::with_capacity(4 + secret_access_key.len()));
        prefixed.extend_from_slice(b"AWS4");
        prefixed.extend_from_slice(secret_access_key.as_bytes());
        Self(HmacKey::new(&prefixed))
    }

    /// The 64 bytes that a store keeps of it (INT-1): full signing power, so encrypt them.
    pub fn to_midstates(&self) -> zeroize::Zeroizing<[u8; 64]> {
        let mut bytes = zeroize::Zeroizing::new([0u8; 64]);
        let states = [self.0.inner.serialize(), self.0.outer.serialize()];
        for (half, state) in bytes.chunks_mut(STATE).zip(&states) {
            fill(half, state);
        }
        bytes
    }

    /// Takes back what [`Self::to_midstates`] gave.
    pub fn from_midstates(bytes: &[u8; 64]) -> Self {
        let (inner, outer) = bytes.split_at(STATE);
        Self(HmacKey { inner: after_one_block(inner), outer: after_one_block(outer) })
    }

    /// The signing key of a scope: date, region, service and terminator chained.
    pub fn derive(&self, scope: &CredentialScope) -> SigningKey {
        let mut key = self.0.clone();
        for part in [&scope.date, &scope.region, &scope.service, "aws4_request"] {
            key = HmacKey::new(key.mac([part.as_bytes()]).as_bytes());
        }
        SigningKey(key)
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

/// A secret narrowed to one date, region and service.
#[derive(Clone)]
pub struct SigningKey(HmacKey);

impl SigningKey {
    /// The signature of a string to sign.
    pub fn sign(&self, string_to_sign: &str) -> Mac {
        self.0.mac([string_to_sign.as_bytes()])
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_matches_rfc_4231_for_short_and_for_long_keys() {
        let short = HmacKey::new(b"Jefe").mac([b"what do ya want ".as_slice(), b"for nothing?"]);
        assert_eq!(
            short.to_hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = HmacKey::new(&[0xaa; 131])
            .mac([b"Test Using Larger Than Block-Size Key - Hash Key First".as_slice()]);
        assert_eq!(
            long.to_hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let mac = HmacKey::new(b"k").mac([b"m".as_slice()]);
        assert_eq!(Mac::from_hex(&mac.to_hex()), Some(mac));
        assert_eq!(Mac::from_hex(&mac.to_hex().to_uppercase()), None);
        assert_eq!(Mac::from_hex(&mac.to_hex()[1..]), None);
    }

    #[test]
    fn midstates_sign_like_the_secret_and_do_not_hold_it() {
        for secret in ["short", &"l".repeat(40), &"over 64 bytes ".repeat(9)] {
            let scope = CredentialScope {
                date: "20260101".into(),
                region: "eu-west-1".into(),
                service: "s3".into(),
            };
            let before = SigningSecret::new(secret);
            let kept = before.to_midstates();
            let after = SigningSecret::from_midstates(&kept);
            assert_eq!(before.derive(&scope).sign("x"), after.derive(&scope).sign("x"));
            assert!(!kept.windows(5).any(|part| part == &secret.as_bytes()[..5]));
        }
    }

    #[test]
    fn nothing_that_holds_key_material_prints_it() {
        assert_eq!(format!("{:?}", SigningSecret::new("visible?")), "SigningSecret(..)");
    }
}
