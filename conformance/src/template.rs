//! The two notations of a target file: `{name}` and `${env:NAME}`.

use crate::failure::Failure;

/// Replaces each `{name}` that `values` knows; other braces stay as they are.
pub fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// A value that may come from the environment. Errors name the variable, never a value.
pub fn from_env(value: &str) -> Result<String, Failure> {
    let Some(name) = value.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}')) else {
        return Ok(value.to_owned());
    };
    std::env::var(name).map_err(|_| Failure::new(format!("the variable `{name}` is not set")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_filled_and_others_left() {
        assert_eq!(
            fill("{a}-{b}-{c}", &[("a", "1".to_owned()), ("b", "{c}".to_owned())]),
            "1-{c}-{c}"
        );
    }

    #[test]
    fn an_unset_variable_is_named() {
        let error = from_env("${env:CONFORMANCE_SURELY_UNSET}").unwrap_err().to_string();
        assert!(error.contains("CONFORMANCE_SURELY_UNSET"), "{error}");
        assert_eq!(from_env("plain").unwrap(), "plain");
    }
}
