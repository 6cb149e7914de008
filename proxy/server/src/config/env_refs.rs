//! `${env:NAME}` and `${env:NAME:-default}` inside string values (INT-21).

/// Why a text cannot be expanded; names the variable, never a value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReferenceError {
    /// No value and no default.
    #[error("the environment variable `{0}` is not set, and the reference gives no default")]
    Unset(String),
    /// `${` without its end, or with something other than `env:NAME`; the text may be a secret.
    #[error(
        "`${{` does not begin a reference of the form ${{env:NAME}} or ${{env:NAME:-default}}; \
         write `$${{` for a literal one"
    )]
    Malformed,
}

/// Expands every reference once; what a variable holds is data and is not looked at again.
pub(super) fn expand(
    text: &str,
    var: impl Fn(&str) -> Option<String>,
) -> Result<String, ReferenceError> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(literal) = before.strip_suffix('$') {
            expanded.push_str(literal);
            expanded.push_str("${");
            rest = from.strip_prefix("${").unwrap_or_default();
            continue;
        }
        expanded.push_str(before);
        let malformed = || ReferenceError::Malformed;
        let (inside, after) =
            from.strip_prefix("${").and_then(|it| it.split_once('}')).ok_or_else(malformed)?;
        let reference = inside.strip_prefix("env:").ok_or_else(malformed)?;
        expanded.push_str(&resolve(reference, &var).ok_or_else(malformed)??);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn resolve(
    reference: &str,
    var: &impl Fn(&str) -> Option<String>,
) -> Option<Result<String, ReferenceError>> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if !starts || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return None;
    }
    let value = var(name).or_else(|| default.map(str::to_owned));
    Some(value.ok_or_else(|| ReferenceError::Unset(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<String, ReferenceError> {
        expand(text, |name| (name == "A").then(|| "${env:B} $".to_owned()))
    }

    #[test]
    fn a_reference_expands_once_and_its_value_stays_data() {
        assert_eq!(with("x${env:A}y").unwrap(), "x${env:B} $y");
        assert_eq!(with("${env:B:-d}").unwrap(), "d");
        assert_eq!(with("${env:B:-}").unwrap(), "");
        assert_eq!(with("$5 and $").unwrap(), "$5 and $");
    }

    #[test]
    fn a_doubled_dollar_is_a_literal() {
        assert_eq!(with("$${env:A}").unwrap(), "${env:A}");
    }

    #[test]
    fn an_unset_variable_is_named() {
        assert_eq!(with("${env:B}").unwrap_err(), ReferenceError::Unset("B".into()));
    }

    #[test]
    fn anything_else_in_braces_is_refused() {
        for text in ["${A}", "${env:}", "${env:1A}", "${env:A", "${env:A B}"] {
            assert!(matches!(with(text), Err(ReferenceError::Malformed)), "{text}");
        }
    }
}
