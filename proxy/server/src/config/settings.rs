//! One setting from up to three places: flag over environment over file.

use std::path::Path;

use deltaglider_core::document::{Fault, Node};

use super::error::ConfigError;
use super::source::Source;

/// A value and where it stood. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) struct Setting {
    /// The value, references filled in.
    pub(super) text: String,
    /// Where it stood.
    pub(super) place: Place,
}

/// Where a setting stood.
#[derive(Clone)]
pub(super) enum Place {
    /// A key of the document, and its line.
    Document(String, Option<usize>),
    /// A variable or a flag.
    Outside(String),
}

/// Looks settings up, and notes all that is wrong with them and what shadows what.
pub(super) struct Settings<'a> {
    source: &'a dyn Source,
    file: &'a Path,
    document: &'a Node,
    faults: Vec<Fault>,
    outside: Vec<Fault>,
    /// What the operator should know and need not mend.
    pub(super) warnings: Vec<String>,
}

impl<'a> Settings<'a> {
    /// Over a source and a document, references filled in, with the file that it came from.
    pub(super) fn new(source: &'a dyn Source, file: &'a Path, document: &'a Node) -> Self {
        let (faults, outside, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Self { source, file, document, faults, outside, warnings }
    }

    /// The setting of a variable and of a place in the document; an empty variable is unset.
    pub(super) fn find(&mut self, variable: &str, place: &str) -> Option<Setting> {
        let (from_env, from_file) = (self.variable(variable), self.in_file(place));
        if let (Some(_), Some(Setting { place: Place::Document(place, line), .. })) =
            (&from_env, &from_file)
        {
            let shadowed = Fault::new("", place).at_line(*line).in_file(self.file);
            self.warnings.push(format!("{variable} overrides {shadowed}"));
        }
        from_env.or(from_file)
    }

    /// A setting that only the environment has.
    pub(super) fn variable(&self, name: &str) -> Option<Setting> {
        let text = self.source.var(name).filter(|text| !text.is_empty())?;
        Some(Setting { text, place: Place::Outside(name.to_owned()) })
    }

    /// A setting that only the document has.
    pub(super) fn in_file(&self, place: &str) -> Option<Setting> {
        let node = self.node(place)?;
        // What is no single value is a fault of the form, and told as that.
        let text = node.text().unwrap_or_default().to_owned();
        Some(Setting { text, place: Place::Document(place.to_owned(), node.line) })
    }

    /// What stands in a place of the document; `None` for nothing.
    pub(super) fn node(&self, place: &str) -> Option<&'a Node> {
        let mut keys = place.split('.');
        let found = keys.try_fold(self.document, |node, key| node.get(key));
        found.filter(|node| !node.is_null())
    }

    /// The value as some type; where it is none, notes what it must be.
    pub(super) fn parse<T>(
        &mut self,
        setting: &Setting,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(&setting.text);
        if value.is_none() {
            self.fault(&setting.place, format!("`{}` is not {what}", setting.text));
        }
        value
    }

    /// A variable as some type, or what holds without it.
    pub(super) fn variable_or<T>(
        &mut self,
        name: &str,
        default: T,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let setting = self.variable(name);
        setting.and_then(|setting| self.parse(&setting, what, read)).unwrap_or(default)
    }

    /// Notes that something is wrong in a place; what was said of it before says more.
    pub(super) fn fault(&mut self, place: &Place, text: impl Into<String>) {
        let (faults, path, line) = match place {
            Place::Document(path, line) => (&mut self.faults, path, *line),
            Place::Outside(name) => (&mut self.outside, name, None),
        };
        if !faults.iter().any(|fault| fault.path == *path) {
            faults.push(Fault::new(path, text).at_line(line));
        }
    }

    /// All warnings, or all that was wrong.
    pub(super) fn finish(self) -> Result<Vec<String>, ConfigError> {
        if self.faults.is_empty() && self.outside.is_empty() {
            return Ok(self.warnings);
        }
        let faults = Fault::gather([self.faults]);
        Err(ConfigError::Settings { path: self.file.to_owned(), faults, outside: self.outside })
    }
}
