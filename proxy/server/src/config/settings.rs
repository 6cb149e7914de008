//! One setting from up to three places: flag over environment over file.

use std::path::PathBuf;

use deltaglider_core::document::{Variable, expand};

use super::document::Scalar;
use super::error::ConfigError;
use super::source::Source;

/// A value and where it stood, for messages. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) struct Setting {
    /// The value, references expanded.
    pub(super) text: String,
    /// File, line and key, or the variable, or the flag.
    pub(super) place: String,
}

impl Setting {
    /// Reads the value as some type, or says what it must be.
    pub(super) fn parse<T>(
        &self,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        read(&self.text).ok_or_else(|| {
            ConfigError::value(&self.place, format!("`{}` is not {what}", self.text))
        })
    }
}

/// Looks settings up and notes what shadows what.
pub(super) struct Settings<'a> {
    source: &'a dyn Source,
    file: PathBuf,
    /// What the operator should know and need not mend.
    pub(super) warnings: Vec<String>,
}

impl<'a> Settings<'a> {
    /// Over a source and the file that the document came from.
    pub(super) fn new(source: &'a dyn Source, file: PathBuf) -> Self {
        Self { source, file, warnings: Vec::new() }
    }

    /// The setting of a variable and of a key in the document; an empty variable is unset.
    pub(super) fn find(
        &mut self,
        variable: Option<&str>,
        key: &str,
        scalar: &Scalar,
    ) -> Result<Option<Setting>, ConfigError> {
        let from_file = self.in_file(key, scalar)?;
        let from_env = variable.and_then(|name| self.variable(name));
        if let (Some(env), Some(file)) = (&from_env, &from_file) {
            self.warnings.push(format!("{} overrides {}", env.place, file.place));
        }
        Ok(from_env.or(from_file))
    }

    /// Expands every value of a document, also those that nothing will read.
    pub(super) fn check(&self, scalars: &[(&str, &Scalar)]) -> Result<(), ConfigError> {
        scalars.iter().try_for_each(|(key, scalar)| self.in_file(key, scalar).map(drop))
    }

    /// A setting that only the environment has.
    pub(super) fn variable(&self, name: &str) -> Option<Setting> {
        let text = self.source.var(name).filter(|text| !text.is_empty())?;
        Some(Setting { text, place: name.to_owned() })
    }

    fn in_file(&self, key: &str, scalar: &Scalar) -> Result<Option<Setting>, ConfigError> {
        let Some(spanned) = scalar else { return Ok(None) };
        let line = spanned.referenced.line();
        let place = format!("{}:{line}: {key}", self.file.display());
        let var = |name: &str| self.source.var(name).map_or(Variable::Unset, Variable::Set);
        let text = expand(&spanned.value, &var)
            .map_err(|error| ConfigError::value(&place, error.to_string()))?;
        Ok(Some(Setting { text, place }))
    }
}
