//! Sealed tokens: a position in a listing that its client can hold and not read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};

/// Tells our tokens from names and from the store's.
const START: &str = "dgp1.";
const NONCE: usize = 12;
/// Texts are filled up to a multiple of this many bytes: a token's length tells next to
/// nothing of the name in it.
const BLOCK: usize = 128;
/// Ends the text inside its filling.
const END: u8 = 0x80;

/// Seals and opens tokens with a key that stays here.
pub(crate) struct Sealer(ChaCha20Poly1305);

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(ChaCha20Poly1305::new(key.into()))
    }

    /// A token for a text, good only together with the same `binding`.
    pub(super) fn seal(&self, text: &str, binding: &str) -> String {
        let id = uuid::Uuid::new_v4();
        let nonce = id.as_bytes().get(..NONCE).unwrap_or_default();
        let mut filled = text.as_bytes().to_vec();
        filled.push(END);
        filled.resize(filled.len().next_multiple_of(BLOCK), 0);
        let payload = Payload { msg: &filled, aad: binding.as_bytes() };
        // Sealing fails past 256 GiB alone.
        let sealed = self.0.encrypt(Nonce::from_slice(nonce), payload).unwrap_or_default();
        format!("{START}{}", URL_SAFE_NO_PAD.encode([nonce, &sealed].concat()))
    }

    /// The text of a token that was sealed here with the same `binding`.
    pub(super) fn open(&self, token: &str, binding: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(START)?).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: binding.as_bytes() };
        let mut text = self.0.decrypt(Nonce::from_slice(nonce), payload).ok()?;
        while text.pop_if(|byte| *byte == 0).is_some() {}
        text.pop_if(|byte| *byte == END)?;
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_where_it_was_sealed_and_nowhere_else() {
        let (sealer, other) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let token = sealer.seal("hidden/key", "ana\0bucket");
        assert_eq!(sealer.open(&token, "ana\0bucket").as_deref(), Some("hidden/key"));
        assert_eq!(sealer.open(&token, "bea\0bucket"), None);
        assert_eq!(other.open(&token, "ana\0bucket"), None);
        let mut forged = token.clone();
        forged.replace_range(20..21, if &token[20..21] == "A" { "B" } else { "A" });
        assert_eq!(sealer.open(&forged, "ana\0bucket"), None);
        assert!(!token.contains("hidden") && token != sealer.seal("hidden/key", "ana\0bucket"));
        let length = |text: &str| sealer.seal(text, "").len();
        assert_eq!(length("a"), length(&"a".repeat(127)), "nor does its length tell");
        for text in ["", "\0", "a\0\0", "\u{80}", &"k".repeat(1028)] {
            assert_eq!(sealer.open(&sealer.seal(text, ""), "").as_deref(), Some(text));
        }
        for text in ["", "dgp1.", "dgp1.AAAA", "hidden/key"] {
            assert_eq!(sealer.open(text, ""), None, "{text}");
        }
    }
}
