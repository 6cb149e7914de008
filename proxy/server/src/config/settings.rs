//! One setting from up to three places: flag over environment over file.

use std::path::PathBuf;

use deltaglider_core::document::{Node, Variable, expand};

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
    document: &'a Node,
    /// What the operator should know and need not mend.
    pub(super) warnings: Vec<String>,
}

impl<'a> Settings<'a> {
    /// Over a source and a document with the file that it came from.
    pub(super) fn new(source: &'a dyn Source, file: PathBuf, document: &'a Node) -> Self {
        Self { source, file, document, warnings: Vec::new() }
    }

    /// The setting of a variable and of a place in the document; an empty variable is unset.
    pub(super) fn find(
        &mut self,
        variable: Option<&str>,
        place: &str,
    ) -> Result<Option<Setting>, ConfigError> {
        let from_file = self.in_file(place)?;
        let from_env = variable.and_then(|name| self.variable(name));
        if let (Some(env), Some(file)) = (&from_env, &from_file) {
            self.warnings.push(format!("{} overrides {}", env.place, file.place));
        }
        Ok(from_env.or(from_file))
    }

    /// What stands in a place of the document; `None` for nothing.
    pub(super) fn node(&self, place: &str) -> Option<&'a Node> {
        let mut keys = place.split('.');
        let found = keys.try_fold(self.document, |node, key| node.get(key));
        found.filter(|node| !node.is_null())
    }

    /// Expands every value of the document, also those that nothing will read.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for section in self.document.entries() {
            for entry in section.node.entries() {
                self.in_file(&format!("{}.{}", section.key, entry.key))?;
            }
        }
        Ok(())
    }

    /// A setting that only the environment has.
    pub(super) fn variable(&self, name: &str) -> Option<Setting> {
        let text = self.source.var(name).filter(|text| !text.is_empty())?;
        Some(Setting { text, place: name.to_owned() })
    }

    fn in_file(&self, place: &str) -> Result<Option<Setting>, ConfigError> {
        let Some(node) = self.node(place) else { return Ok(None) };
        let Some(text) = node.text() else { return Ok(None) };
        let line = node.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = format!("{}{line}: {place}", self.file.display());
        let var = |name: &str| self.source.var(name).map_or(Variable::Unset, Variable::Set);
        let text =
            expand(text, &var).map_err(|error| ConfigError::value(&place, error.to_string()))?;
        Ok(Some(Setting { text, place }))
    }
}
