//! New access keys: absorbed at once, shown once.

use deltaglider_core::sigv4::SigningSecret;
use deltaglider_store::NewKey;
use zeroize::Zeroizing;

use super::error::ApiError;

/// A key and the text that its owner gets to see this one time.
pub(super) struct FreshKey {
    pub(super) row: NewKey,
    pub(super) secret: Zeroizing<String>,
}

const ID_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A key of the given parts; what is not given is drawn: 20 and 40 characters (INT-14).
pub(super) fn fresh(id: Option<String>, secret: Option<String>) -> Result<FreshKey, ApiError> {
    let id = match id {
        Some(id) => id,
        None => draw(ID_LETTERS, 20)?.to_string(),
    };
    let secret = match secret {
        Some(secret) => Zeroizing::new(secret),
        None => draw(SECRET_LETTERS, 40)?,
    };
    let midstates = SigningSecret::new(&secret).to_midstates();
    Ok(FreshKey { row: NewKey { access_key_id: id, midstates }, secret })
}

/// Letters of an alphabet whose size divides 256, each as likely as any other.
fn draw(alphabet: &[u8], length: usize) -> Result<Zeroizing<String>, ApiError> {
    let mut bytes = Zeroizing::new(vec![0u8; length]);
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gives no random bytes");
        let status = http::StatusCode::INTERNAL_SERVER_ERROR;
        ApiError::new(status, "internal", "the system gives no random bytes")
    })?;
    let letter = |byte: &u8| alphabet.get(usize::from(*byte) % alphabet.len()).copied();
    Ok(Zeroizing::new(bytes.iter().filter_map(letter).map(char::from).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_keys_have_20_and_40_characters_and_are_unlike() {
        let (one, other) = (fresh(None, None).unwrap(), fresh(None, None).unwrap());
        assert_eq!((one.row.access_key_id.len(), one.secret.len()), (20, 40));
        assert_ne!(one.row.access_key_id, other.row.access_key_id);
        assert_ne!(one.secret, other.secret);
        let own = fresh(Some("mine".into()), Some("s".repeat(40))).unwrap();
        assert_eq!((own.row.access_key_id.as_str(), own.secret.len()), ("mine", 40));
    }
}
