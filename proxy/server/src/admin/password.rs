//! The administrator's password: kept as an Argon2id hash (PHC string), never as text.

use std::fmt;

use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

/// Longest password, in bytes; a longer one is never hashed.
pub(crate) const MAX_PASSWORD_BYTES: usize = 1024;
/// A PHC string has about a hundred characters, half as many again in base64.
const MAX_HASH_TEXT: usize = 1024;
/// The OWASP cheat sheet's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// What one verification may cost: a gibibyte held, four filled, sixteen lanes.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_FILLED_KIB: u64 = 4 << 20;
const MAX_LANES: u32 = 16;
/// Fewer bytes could be met by another password.
const MIN_OUTPUT_BYTES: usize = 16;
/// Argon2 itself refuses less.
const MIN_SALT_BYTES: usize = 8;

/// An Argon2id hash with bounded costs, which checks passwords.
pub struct PasswordHash(Zeroizing<String>);

/// Why a text is no usable password hash; never repeats the text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PasswordHashError {
    /// Longer than any PHC string.
    #[error("the password hash is longer than {MAX_HASH_TEXT} characters")]
    TooLong,
    /// Neither `$…` nor the base64 of it.
    #[error("the password hash is neither a PHC string ($argon2id$…) nor the base64 of one")]
    NotPhc,
    /// Another algorithm, such as argon2i or bcrypt.
    #[error("the password hash is not of the algorithm argon2id")]
    NotArgon2id,
    /// Another version than 19.
    #[error("the password hash is not of Argon2 version 19 (v=19)")]
    Version,
    /// Parameters missing, unknown or out of Argon2's own range.
    #[error("the password hash has parameters that Argon2 does not take (m, t and p)")]
    Parameters,
    /// A verification would take too much memory or time.
    #[error("the password hash costs too much: at most m=1048576, m×t=4194304 and p=16")]
    TooCostly,
    /// No salt, or under 8 bytes.
    #[error("the password hash has no salt of at least {MIN_SALT_BYTES} bytes")]
    Salt,
    /// No output, or under 16 bytes.
    #[error("the password hash has no output of at least {MIN_OUTPUT_BYTES} bytes")]
    Output,
}

/// Why a password cannot be hashed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Nothing was given.
    #[error("the password is empty")]
    Empty,
    /// More than 1024 bytes.
    #[error("the password is longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
    /// Argon2 failed, for want of memory for instance.
    #[error("the password could not be hashed")]
    Hashing,
}

impl PasswordHash {
    /// Takes a PHC string, plain or in base64 (line breaks allowed there).
    pub fn parse(text: &str) -> Result<Self, PasswordHashError> {
        if text.len() > MAX_HASH_TEXT {
            return Err(PasswordHashError::TooLong);
        }
        let phc = Zeroizing::new(match text.starts_with('$') {
            true => text.to_owned(),
            false => decoded(text).ok_or(PasswordHashError::NotPhc)?,
        });
        check(&phc)?;
        Ok(Self(phc))
    }

    /// Hashes a new password of 1 to 1024 bytes; takes tens of milliseconds and 19 MiB.
    pub fn make(password: &str) -> Result<Self, PasswordError> {
        Self::make_with((MEMORY_KIB, PASSES), password)
    }

    fn make_with((memory, passes): (u32, u32), password: &str) -> Result<Self, PasswordError> {
        match password.len() {
            0 => return Err(PasswordError::Empty),
            1..=MAX_PASSWORD_BYTES => {}
            _ => return Err(PasswordError::TooLong),
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| PasswordError::Random)?;
        let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordError::Hashing)?;
        let params =
            Params::new(memory, passes, LANES, None).map_err(|_| PasswordError::Hashing)?;
        let phc = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(password.as_bytes(), &salt)
            .map_err(|_| PasswordError::Hashing)?;
        Ok(Self(Zeroizing::new(phc.to_string())))
    }

    /// Compares in constant time after hashing; blocks for as long as the parameters say.
    #[must_use]
    pub fn verify(&self, password: &str) -> bool {
        password.len() <= MAX_PASSWORD_BYTES
            && password_hash::PasswordHash::new(&self.0)
                .and_then(|hash| Argon2::default().verify_password(password.as_bytes(), &hash))
                .is_ok()
    }

    /// The PHC string, for the place that keeps it.
    #[must_use]
    pub fn phc(&self) -> &str {
        &self.0
    }

    /// A hash that costs next to nothing, for tests of what stands around it.
    #[cfg(test)]
    pub(crate) fn cheap(password: &str) -> Self {
        Self::make_with((8, 1), password).unwrap()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// 24 characters of Crockford's base 32 (120 bits): nothing in it looks like another.
pub fn random_password() -> Result<Zeroizing<String>, PasswordError> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = Zeroizing::new([0; 24]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| PasswordError::Random)?;
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
    Ok(Zeroizing::new(bytes.iter().filter_map(letter).collect()))
}

/// Encoders wrap lines and drop the padding as they please.
fn decoded(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(&text).or_else(|_| STANDARD_NO_PAD.decode(&text)).ok()?;
    String::from_utf8(bytes).ok()
}

/// Whatever passes can be verified, at a bounded cost.
fn check(phc: &str) -> Result<(), PasswordHashError> {
    let hash = password_hash::PasswordHash::new(phc).map_err(|_| PasswordHashError::NotPhc)?;
    if hash.algorithm != Algorithm::Argon2id.ident() {
        return Err(PasswordHashError::NotArgon2id);
    }
    if hash.version != Some(Version::V0x13.into()) {
        return Err(PasswordHashError::Version);
    }
    let given = |name| hash.params.get(name).is_some();
    if !(given("m") && given("t") && given("p")) || given("keyid") {
        return Err(PasswordHashError::Parameters);
    }
    let params = Params::try_from(&hash).map_err(|_| PasswordHashError::Parameters)?;
    let filled = u64::from(params.m_cost()) * u64::from(params.t_cost());
    let held = params.m_cost();
    if held > MAX_MEMORY_KIB || filled > MAX_FILLED_KIB || params.p_cost() > MAX_LANES {
        return Err(PasswordHashError::TooCostly);
    }
    let mut bytes = [0; 64];
    let salt = hash.salt.and_then(|salt| salt.decode_b64(&mut bytes).ok());
    if salt.is_none_or(|salt| salt.len() < MIN_SALT_BYTES) {
        return Err(PasswordHashError::Salt);
    }
    if hash.hash.is_none_or(|output| output.len() < MIN_OUTPUT_BYTES) {
        return Err(PasswordHashError::Output);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "password", from the tests of the reference implementation in C.
    const REFERENCE: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$\
                             CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    const SALT: &str = "c29tZXNhbHRzb21lc2FsdA";
    const OUTPUT: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";

    fn phc(parameters: &str) -> String {
        format!("$argon2id$v=19${parameters}${SALT}${OUTPUT}")
    }

    fn refused(text: &str) -> PasswordHashError {
        PasswordHash::parse(text).unwrap_err()
    }

    #[test]
    fn the_password_passes_and_its_neighbours_do_not() {
        let hash = PasswordHash::make("correct horse").unwrap();
        assert!(hash.phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.phc());
        assert!(hash.verify("correct horse"));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!hash.verify(wrong), "{wrong:?}");
        }
        assert_ne!(PasswordHash::make("correct horse").unwrap().phc(), hash.phc(), "salted");
    }

    #[test]
    fn a_hash_made_elsewhere_is_understood() {
        let hash = PasswordHash::parse(REFERENCE).unwrap();
        assert!(hash.verify("password") && !hash.verify("differentpassword"));
    }

    #[test]
    fn a_hash_is_read_plain_and_in_base64() {
        let made = PasswordHash::cheap("pa$$wörd");
        let wrapped = STANDARD.encode(made.phc()).replacen('Q', "Q\n", 1);
        let bare = STANDARD_NO_PAD.encode(made.phc());
        for text in [made.phc(), &STANDARD.encode(made.phc()), &bare, &wrapped] {
            let read = PasswordHash::parse(text).unwrap();
            assert_eq!(read.phc(), made.phc());
            assert!(read.verify("pa$$wörd") && !read.verify("pa$$word"));
        }
    }

    #[test]
    fn what_is_no_hash_is_refused_by_name_and_not_repeated() {
        use PasswordHashError as E;
        let cases = [
            ("".to_owned(), E::NotPhc),
            ("hunter2hunter2".to_owned(), E::NotPhc),
            (STANDARD.encode("hunter2hunter2"), E::NotPhc),
            (format!(" {}", phc("m=19456,t=2,p=1")), E::NotPhc),
            (phc("m=19456,t=2,p=1").replace("argon2id", "argon2i"), E::NotArgon2id),
            (phc("m=19456,t=2,p=1").replace("v=19", "v=16"), E::Version),
            (phc("m=19456,t=2,p=1").replace("$v=19", ""), E::Version),
            (phc("m=19456,t=2"), E::Parameters),
            (phc("m=4,t=2,p=1"), E::Parameters),
            (phc("m=19456,t=0,p=1"), E::Parameters),
            (phc("m=19456,t=2,p=1,x=1"), E::Parameters),
            (phc("m=19456,t=2,p=1,keyid=YWJj"), E::Parameters),
            (format!("$argon2id$v=19$m=19456,t=2,p=1$YWJjZA${OUTPUT}"), E::Salt),
            (format!("$argon2id$v=19$m=19456,t=2,p=1${SALT}$MTIzNDU2Nzg5MDEy"), E::Output),
            (format!("$argon2id$v=19$m=19456,t=2,p=1${SALT}"), E::Output),
            ("$".repeat(MAX_HASH_TEXT + 1), E::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(refused(&text), error, "{text}");
        }
        assert!(!refused("hunter2hunter2").to_string().contains("hunter2"));
        assert!(PasswordHash::parse(&phc("m=19456,t=2,p=1")).is_ok());
    }

    #[test]
    fn a_verification_is_bounded() {
        for dear in
            ["m=1048577,t=1,p=1", "m=1048576,t=5,p=1", "m=19456,t=216,p=1", "m=512,t=1,p=17"]
        {
            assert_eq!(refused(&phc(dear)), PasswordHashError::TooCostly, "{dear}");
        }
        for fair in ["m=1048576,t=4,p=1", "m=19456,t=215,p=1", "m=512,t=1,p=16"] {
            assert!(PasswordHash::parse(&phc(fair)).is_ok(), "{fair}");
        }
    }

    #[test]
    fn the_length_of_a_password_is_bounded() {
        let longest = "x".repeat(MAX_PASSWORD_BYTES);
        assert!(PasswordHash::cheap(&longest).verify(&longest));
        assert_eq!(PasswordHash::make(&(longest + "x")).unwrap_err(), PasswordError::TooLong);
        assert_eq!(PasswordHash::make("").unwrap_err(), PasswordError::Empty);
    }

    #[test]
    fn nothing_shows_the_hash() {
        let hash = PasswordHash::cheap("x");
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
    }

    #[test]
    fn random_passwords_are_readable_and_unlike() {
        let (one, other) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 24);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() && !"ilouILOU".contains(c)));
        assert_ne!(*one, *other);
    }
}
