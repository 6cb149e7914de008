//! Globs: `*` for any run of characters, `?` for one, everything else a letter (INT-9).

use super::identity::{Identity, Variable};
use super::rule::Effect;

/// A pattern with its identity variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    tokens: Box<[Token]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Letter(char),
    One,
    Run,
}

impl Token {
    fn of(letter: char) -> Self {
        match letter {
            '*' => Self::Run,
            '?' => Self::One,
            letter => Self::Letter(letter),
        }
    }

    fn accepts(self, letter: char) -> bool {
        match self {
            Self::Letter(own) => own == letter,
            Self::One => true,
            Self::Run => false,
        }
    }
}

impl Glob {
    /// Whether the whole text matches, letter by letter and case-sensitively.
    pub(super) fn matches(&self, text: &str) -> bool {
        matches(&self.tokens, text)
    }

    /// Whether everything that begins with the prefix matches: the pattern ends in `*` and
    /// matches the prefix itself (INT-10).
    pub(super) fn covers(&self, prefix: &str) -> bool {
        self.tokens.last() == Some(&Token::Run) && self.matches(prefix)
    }

    /// Whether something that begins with the prefix matches: a beginning of the pattern
    /// matches it, and what is left of a pattern always matches something.
    pub(super) fn may_match_below(&self, prefix: &str) -> bool {
        let beginnings = (0..=self.tokens.len()).filter_map(|end| self.tokens.get(..end));
        beginnings.into_iter().any(|tokens| matches(tokens, prefix))
    }

    /// Whether it is a lone `*`.
    pub(super) fn is_run(&self) -> bool {
        *self.tokens == [Token::Run]
    }

    /// The letters before the first wildcard.
    pub(super) fn literal_start(&self) -> String {
        let letters = self.tokens.iter().map_while(|token| match token {
            Token::Letter(letter) => Some(*letter),
            _ => None,
        });
        letters.collect()
    }
}

/// Whether a text matches a glob in which nothing but `*` and `?` is special.
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    let tokens: Vec<Token> = pattern.chars().map(Token::of).collect();
    matches(&tokens, text)
}

fn matches(pattern: &[Token], text: &str) -> bool {
    let (mut tokens, mut rest) = (pattern, text.chars());
    // Where the last run ended, to let it take one letter more: O(pattern · text).
    let mut retry = None;
    loop {
        match tokens.split_first() {
            Some((Token::Run, [])) => return true,
            Some((Token::Run, after)) => {
                (tokens, retry) = (after, Some((after, rest.clone())));
                continue;
            }
            Some((token, after)) => {
                let mut ahead = rest.clone();
                if ahead.next().is_some_and(|letter| token.accepts(letter)) {
                    (tokens, rest) = (after, ahead);
                    continue;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((after, mut from)) = retry else { return false };
        if from.next().is_none() {
            return false;
        }
        (tokens, rest, retry) = (after, from.clone(), Some((after, from)));
    }
}

/// A pattern as written, identity variables still in it (INT-13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Token(Token),
    Variable(Variable),
}

impl Template {
    /// Reads a glob.
    pub(super) fn glob(text: &str) -> Result<Self, String> {
        Self::parse(text, Token::of)
    }

    /// Reads a text in which nothing but variables is special.
    pub(super) fn literal(text: &str) -> Result<Self, String> {
        Self::parse(text, Token::Letter)
    }

    fn parse(text: &str, token: impl Fn(char) -> Token) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(letter) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("${") {
                let (name, after) = after
                    .split_once('}')
                    .ok_or_else(|| format!("`{text}` has a `${{` without its `}}`"))?;
                let variable = Variable::parse(name).ok_or_else(|| {
                    format!("`${{{name}}}` is not known; there are {}", Variable::NAMES)
                })?;
                parts.push(Part::Variable(variable));
                rest = after;
            } else {
                parts.push(Part::Token(token(letter)));
                rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            }
        }
        Ok(Self { parts })
    }

    /// Whether it differs from one user to the next.
    pub(super) fn has_variables(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Variable(_)))
    }

    /// Fills the variables in as letters. One that expands to nothing gives an Allow no
    /// pattern at all, and counts as `*` in a Deny.
    pub(super) fn bind(&self, identity: &Identity<'_>, effect: Effect) -> Option<Glob> {
        let mut tokens = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            match part {
                Part::Token(token) => tokens.push(*token),
                Part::Variable(variable) => match (identity.expand(*variable), effect) {
                    (Some(text), _) => tokens.extend(text.chars().map(Token::Letter)),
                    (None, Effect::Allow) => return None,
                    (None, Effect::Deny) => tokens.push(Token::Run),
                },
            }
        }
        Some(Glob { tokens: tokens.into() })
    }

    /// Whether a variable in it expands to nothing for this identity.
    pub(super) fn is_void(&self, identity: &Identity<'_>) -> bool {
        self.bind(identity, Effect::Allow).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Template::glob(text).unwrap().bind(&Identity::default(), Effect::Allow).unwrap()
    }

    #[test]
    fn runs_take_slashes_and_nothing_else_is_special() {
        let yes =
            [("*", ""), ("a*", "a/b/c"), ("a?c", "aéc"), ("*b*d", "abcbd"), ("[a]{b}", "[a]{b}")];
        for (pattern, text) in yes {
            assert!(glob(pattern).matches(text), "{pattern} {text}");
        }
        let no = [
            ("a*", "ba"),
            ("a?c", "ac"),
            ("a", "A"),
            ("*b", "abc"),
            ("[a]", "a"),
            ("", "a"),
            ("a?", "a"),
        ];
        for (pattern, text) in no {
            assert!(!glob(pattern).matches(text), "{pattern} {text}");
        }
    }

    #[test]
    fn many_runs_take_bounded_time() {
        assert!(!glob(&format!("{}b", "a*".repeat(200))).matches(&"a".repeat(1024)));
        assert!(!glob(&format!("{}b", "*a".repeat(200))).matches(&"a".repeat(1024)));
    }

    #[test]
    fn only_a_pattern_that_ends_in_a_run_covers_a_prefix() {
        assert!(
            glob("rel/*").covers("rel/") && glob("rel/*").covers("rel/v2") && glob("*").covers("")
        );
        assert!(!glob("rel/*").covers("rel") && !glob("*.txt").covers("a.txt"));
        assert_eq!(glob("rel/v?.*").literal_start(), "rel/v");
    }
}
