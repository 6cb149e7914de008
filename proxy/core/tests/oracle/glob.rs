//! Patterns by sets of positions (INT-9), and what identity variables become in them (INT-13).

/// The caller's names, as variables see them.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) username: &'a str,
    pub(crate) access_key_id: &'a str,
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Piece {
    Letter(char),
    One,
    Run,
}

/// How a text is read.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Letters {
    /// `*` and `?` are special.
    Wild,
    /// Only variables are.
    Plain,
}

/// Reads a pattern; none where a name expands to nothing and nothing stands in for it.
pub(crate) fn pieces(
    text: &str,
    names: Names<'_>,
    letters: Letters,
    denies: bool,
) -> Option<Vec<Piece>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, after)) = variable(rest, names) {
            rest = after;
            match (usable(name), denies) {
                (true, _) => found.extend(name.chars().map(Piece::Letter)),
                (false, true) => found.push(Piece::Run),
                (false, false) => return None,
            }
            continue;
        }
        found.push(match (letters, letter) {
            (Letters::Wild, '*') => Piece::Run,
            (Letters::Wild, '?') => Piece::One,
            (_, letter) => Piece::Letter(letter),
        });
        rest = &rest[letter.len_utf8()..];
    }
    Some(found)
}

fn variable<'a>(text: &'a str, names: Names<'a>) -> Option<(&'a str, &'a str)> {
    let username = text.strip_prefix("${iam:username}").map(|after| (names.username, after));
    let key = || text.strip_prefix("${iam:access_key_id}");
    username.or_else(|| key().map(|after| (names.access_key_id, after)))
}

/// A name with `/` or control characters expands to nothing.
fn usable(name: &str) -> bool {
    !name.chars().any(|it| it == '/' || it < ' ' || ('\u{7f}'..='\u{9f}').contains(&it))
}

/// Whether all of the text is matched: after each piece, bit n says that n letters may be used up.
pub(crate) fn matches(pattern: &[Piece], text: &str) -> bool {
    let letters = text.chars().count();
    assert!(letters < 128, "the oracle reads short texts");
    let within = u128::MAX >> (127 - letters);
    let mut reached: u128 = 1;
    for piece in pattern {
        reached = match piece {
            Piece::Run if reached == 0 => 0,
            Piece::Run => (u128::MAX << reached.trailing_zeros()) & within,
            Piece::One => (reached << 1) & within,
            Piece::Letter(wanted) => {
                let there = text.chars().enumerate().filter(|(_, it)| it == wanted);
                (reached & there.map(|(at, _)| 1_u128 << at).sum::<u128>()) << 1
            }
        };
    }
    reached >> letters & 1 == 1
}

/// Whether a pattern covers a prefix (INT-10).
pub(crate) fn covers(pattern: &[Piece], prefix: &str) -> bool {
    pattern.last() == Some(&Piece::Run) && matches(pattern, prefix)
}

/// Whether some text that begins with the prefix is matched: what is left of a pattern whose
/// beginning has matched can always be matched by something.
pub(crate) fn reaches_below(pattern: &[Piece], prefix: &str) -> bool {
    (0..=pattern.len()).any(|end| matches(&pattern[..end], prefix))
}

/// Whether what stands before the first special letter begins with a common prefix (INT-10).
pub(crate) fn leads_into(pattern: &[Piece], prefix: &str) -> bool {
    let mut steps = pattern.iter();
    prefix.chars().all(|letter| steps.next() == Some(&Piece::Letter(letter)))
}
