//! Configuration errors: each names the place to mend.

use std::path::{Path, PathBuf};

/// Why no configuration came of what was given.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A document is not well-formed, has an unknown key or a value of the wrong kind.
    #[error("{place}: {text}")]
    Document {
        /// File and line.
        place: String,
        /// What is wrong there.
        text: String,
    },
    /// One setting has a value that it cannot have.
    #[error("{place}: {text}")]
    Value {
        /// File, line and key, or the variable.
        place: String,
        /// What is wrong with it.
        text: String,
    },
}

impl ConfigError {
    pub(super) fn document(path: &Path, line: Option<u64>, text: String) -> Self {
        let place = match line {
            Some(line) => format!("{}:{line}", path.display()),
            None => path.display().to_string(),
        };
        Self::Document { place, text }
    }

    pub(super) fn value(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Value { place: place.into(), text: text.into() }
    }
}
