//! `${env:NAME}` and `${env:NAME:-default}` inside string values (INT-21).

use super::Fault;
use super::node::{Node, Scalar, Style, Value};
use super::read::LARGEST;

/// Why a text cannot be expanded; names the variable, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// No value and no default.
    #[error("the environment variable `{0}` is not set, and the reference gives no default")]
    Unset(String),
    /// The variable is not for documents to read.
    #[error(
        "the environment variable `{0}` is the server's own; a posted document may not name it"
    )]
    Forbidden(String),
    /// `${` without its end, or with something other than `env:NAME`; the text may be a secret.
    #[error(
        "`${{` does not begin a reference of the form ${{env:NAME}} or ${{env:NAME:-default}}; \
         write `$${{` for a literal one"
    )]
    Malformed,
    /// A default that would have to be expanded itself.
    #[error("a default is a plain text: it cannot hold `${{`")]
    NestedDefault,
    /// Longer than any document.
    #[error("its references stand for more than {LARGEST} bytes")]
    TooLong,
}

/// What a variable is worth.
pub enum Variable {
    /// It has this value.
    Set(String),
    /// It has none.
    Unset,
    /// It may not be asked for.
    Forbidden,
}

/// Expands every reference once; what a variable holds is data and is not looked at again.
///
/// Identity variables of rules, `${iam:…}`, are no references and stay as they are.
pub fn expand(text: &str, var: &impl Fn(&str) -> Variable) -> Result<String, ReferenceError> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        let after_opening = from.strip_prefix("${").unwrap_or_default();
        if let Some(literal) = before.strip_suffix('$') {
            expanded.push_str(literal);
            expanded.push_str("${");
            rest = after_opening;
            continue;
        }
        expanded.push_str(before);
        let (inside, after) = after_opening.split_once('}').ok_or(ReferenceError::Malformed)?;
        if inside.starts_with("iam:") {
            expanded.push_str("${");
            rest = after_opening;
            continue;
        }
        let reference = inside.strip_prefix("env:").ok_or(ReferenceError::Malformed)?;
        expanded.push_str(&resolve(reference, var)?);
        if expanded.len() > LARGEST {
            return Err(ReferenceError::TooLong);
        }
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The tree with references filled in, and all that cannot be, each with its place; those stay as
/// they are written.
pub fn expand_tree(raw: &Node, var: &impl Fn(&str) -> Variable) -> (Node, Vec<Fault>) {
    let (mut node, mut faults, mut total) = (raw.clone(), Vec::new(), 0);
    node.visit_mut(&mut |place, node| {
        let line = node.line;
        let Value::Scalar(scalar) = &mut node.value else { return };
        if !scalar.text.contains("${") {
            return;
        }
        match expand(&scalar.text, var) {
            // A short document of many references must not fill the memory either.
            Ok(text) if total + text.len() > LARGEST => {
                let error = ReferenceError::TooLong;
                faults.push(Fault::new(place.to_string(), error.to_string()).at_line(line));
            }
            Ok(text) => {
                total += text.len();
                let refers = has_reference(&scalar.text);
                let style = if refers { Style::Expanded } else { scalar.style };
                *scalar = Scalar { text, style };
            }
            Err(error) => {
                faults.push(Fault::new(place.to_string(), error.to_string()).at_line(line));
            }
        }
    });
    (node, faults)
}

/// All references that cannot be filled in, each with its place.
pub fn check_references(raw: &Node, var: &impl Fn(&str) -> Variable) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    raw.visit(&mut |place, node| {
        let Some(text) = node.text().filter(|text| text.contains("${")) else { return };
        if let Err(error) = expand(text, var) {
            faults.push(Fault::new(place.to_string(), error.to_string()).at_line(node.line));
        }
    });
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether anything in the text would be expanded.
pub fn has_reference(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if !before.ends_with('$') && from.starts_with("${env:") {
            return true;
        }
        rest = from.get(2..).unwrap_or_default();
    }
    false
}

/// The text as a document writes it, so that expansion gives it back.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        escaped.push_str(before);
        // An identity variable stays readable, unless a dollar before it would make it an escape.
        let readable = is_identity_variable(from) && !before.ends_with('$');
        escaped.push_str(if readable { "${" } else { "$${" });
        rest = from.strip_prefix("${").unwrap_or_default();
    }
    escaped.push_str(rest);
    escaped
}

fn is_identity_variable(text: &str) -> bool {
    text.starts_with("${iam:") && text.contains('}')
}

fn resolve(reference: &str, var: &impl Fn(&str) -> Variable) -> Result<String, ReferenceError> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if !starts || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Err(ReferenceError::Malformed);
    }
    if default.is_some_and(|it| it.contains("${")) {
        return Err(ReferenceError::NestedDefault);
    }
    match var(name) {
        Variable::Set(value) => Ok(value),
        Variable::Forbidden => Err(ReferenceError::Forbidden(name.to_owned())),
        Variable::Unset => {
            default.map(str::to_owned).ok_or_else(|| ReferenceError::Unset(name.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(text: &str) -> Result<String, ReferenceError> {
        expand(text, &|name| match name {
            "A" => Variable::Set("${env:B} $".to_owned()),
            "DGP_DB_KEY" => Variable::Forbidden,
            _ => Variable::Unset,
        })
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
    fn an_identity_variable_is_left_to_the_rules() {
        assert_eq!(with("home/${iam:username}/*").unwrap(), "home/${iam:username}/*");
        assert!(!has_reference("home/${iam:username}/*") && has_reference("${env:A}"));
    }

    #[test]
    fn an_unset_or_forbidden_variable_is_named() {
        assert_eq!(with("${env:B}").unwrap_err(), ReferenceError::Unset("B".into()));
        let forbidden = with("${env:DGP_DB_KEY:-x}").unwrap_err();
        assert_eq!(forbidden, ReferenceError::Forbidden("DGP_DB_KEY".into()));
    }

    #[test]
    fn a_default_is_not_expanded_and_so_holds_no_reference() {
        for text in ["${env:B:-${env:A}}", "${env:A:-${env:B}}", "${env:B:-$${x}}"] {
            assert_eq!(with(text).unwrap_err(), ReferenceError::NestedDefault, "{text}");
        }
        assert_eq!(with("${env:B:-$5}").unwrap(), "$5");
    }

    #[test]
    fn references_stand_for_no_more_than_a_document_may_hold() {
        let long = |_: &str| Variable::Set("x".repeat(LARGEST / 4));
        let text = "${env:L}".repeat(3);
        assert_eq!(expand(&text, &long).map(|it| it.len()), Ok(LARGEST / 4 * 3));
        let text = "${env:L}".repeat(5);
        assert_eq!(expand(&text, &long), Err(ReferenceError::TooLong));
        let tree = Node::list((0..6).map(|_| Node::string("${env:L}")));
        let faults: Vec<_> = expand_tree(&tree, &long).1.into_iter().map(|it| it.path).collect();
        assert_eq!(faults, ["[4]", "[5]"]);
    }

    #[test]
    fn anything_else_in_braces_is_refused() {
        for text in ["${A}", "${env:}", "${env:1A}", "${env:A", "${env:A B}", "${iam:x"] {
            assert!(matches!(with(text), Err(ReferenceError::Malformed)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_expands_to_itself(text in r"[$\{\}a:]{0,12}|(\$|\{|iam:|env:|x|\}){0,9}") {
            prop_assert_eq!(with(&escape(&text)), Ok(text));
        }
    }
}
