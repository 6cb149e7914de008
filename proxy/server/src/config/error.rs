//! Configuration errors: each names the place to mend.

use std::path::{Path, PathBuf};

use deltaglider_core::document::Fault;

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
    #[error("{}", lines(path, faults))]
    Document {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        faults: Vec<Fault>,
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
    pub(super) fn document(path: &Path, faults: Vec<Fault>) -> Self {
        Self::Document { path: path.to_owned(), faults }
    }

    pub(super) fn value(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Value { place: place.into(), text: text.into() }
    }
}

/// A line a fault.
fn lines(path: &Path, faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.in_file(path)).collect::<Vec<_>>().join("\n")
}
