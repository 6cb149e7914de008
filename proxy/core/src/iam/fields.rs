//! What names, keys and secrets may be (INT-14, INT-16), for the API and documents alike.

/// Most rules of one user or group.
pub const MOST_RULES: usize = 500;
/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 1000;

/// Whether a key of a document holds strings; a reference anywhere else persists as what it
/// stood for (INT-21).
pub fn is_string_field(key: &str) -> bool {
    !matches!(key, "enabled" | "priority" | "force_path_style")
}

/// A name: 1–128 characters, no control characters, no leading `$`.
pub fn check_name(text: &str) -> Option<&'static str> {
    if text.is_empty() || text.chars().count() > 128 {
        Some("needs 1 to 128 characters")
    } else if text.contains(char::is_control) {
        Some("must not hold control characters")
    } else if text.starts_with('$') {
        Some("must not begin with `$`, which is reserved")
    } else {
        None
    }
}

/// A user's name: one by which the audit means nobody else (INT-6, INT-22).
pub fn check_user_name(text: &str) -> Option<&'static str> {
    if ["anonymous", "bootstrap"].contains(&text) {
        return Some("stands for another caller in the audit");
    }
    check_name(text)
}

/// Free text of at most [`LONGEST_DESCRIPTION`] characters.
pub fn check_description(text: &str) -> Option<&'static str> {
    (text.chars().count() > LONGEST_DESCRIPTION).then_some("is longer than 1000 characters")
}

/// An access key id of one's own: 3–128 of `[A-Za-z0-9._-]`, not the bootstrap pair's.
pub fn check_access_key_id(text: &str, bootstrap: Option<&str>) -> Option<&'static str> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !(3..=128).contains(&text.len()) || !text.bytes().all(known) {
        Some("needs 3 to 128 letters, digits, dots, underscores or hyphens")
    } else if bootstrap == Some(text) {
        Some("is the bootstrap pair's, which no user may take")
    } else {
        None
    }
}

/// A secret of one's own: 40–256 printable ASCII characters.
pub fn check_secret(text: &str) -> Option<&'static str> {
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let fits = (40..=256).contains(&text.len()) && text.bytes().all(printable);
    (!fits).then_some("needs 40 to 256 printable ASCII characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        for good in ["ana", "Ana María", "a/b", &"é".repeat(128)] {
            assert_eq!(check_name(good), None, "{good}");
        }
        for bad in ["", "$ana", "a\nb", "a\u{7f}", &"é".repeat(129)] {
            assert!(check_name(bad).is_some(), "{bad}");
            assert!(check_user_name(bad).is_some(), "{bad}");
        }
        for other in ["anonymous", "bootstrap"] {
            assert!(check_user_name(other).is_some() && check_name(other).is_none(), "{other}");
        }
        assert_eq!(check_user_name("bootstrap-2"), None);
    }

    #[test]
    fn keys_have_their_forms() {
        assert_eq!(check_access_key_id("my-key.1_A", Some("boot")), None);
        for bad in ["ab", "a/b", "a b c", "boot", &"a".repeat(129)] {
            assert!(check_access_key_id(bad, Some("boot")).is_some(), "{bad}");
        }
        assert_eq!(check_secret(&"a b".repeat(14)), None);
        for bad in [&"s".repeat(39), &"é".repeat(40), &format!("{}\n", "s".repeat(40))] {
            assert!(check_secret(bad).is_some(), "{bad}");
        }
    }
}
