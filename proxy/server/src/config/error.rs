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
    /// Settings that no server can run with.
    #[error("{}", lines(path, faults, outside))]
    Settings {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        faults: Vec<Fault>,
        /// The same of variables and flags, by name.
        outside: Vec<Fault>,
    },
}

impl ConfigError {
    pub(super) fn document(path: &Path, faults: Vec<Fault>) -> Self {
        Self::Settings { path: path.to_owned(), faults, outside: Vec::new() }
    }

    /// Everything that is wrong, in the document first.
    pub fn into_faults(self) -> Vec<Fault> {
        match self {
            Self::Settings { faults, outside, .. } => [faults, outside].concat(),
            unreadable @ Self::Unreadable { .. } => vec![Fault::new("", unreadable.to_string())],
        }
    }

    /// The same with what an earlier reader found in the document.
    pub(super) fn after(self, found: Vec<Fault>) -> Self {
        match self {
            Self::Settings { path, faults, outside } => {
                Self::Settings { path, faults: Fault::gather([found, faults]), outside }
            }
            unreadable @ Self::Unreadable { .. } => unreadable,
        }
    }
}

/// A line a fault.
fn lines(path: &Path, faults: &[Fault], outside: &[Fault]) -> String {
    let inside = faults.iter().map(|fault| fault.in_file(path));
    inside.chain(outside.iter().map(Fault::to_string)).collect::<Vec<_>>().join("\n")
}
