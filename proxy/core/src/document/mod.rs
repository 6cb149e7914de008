//! Configuration documents: YAML and JSON as one tree that knows its places, references to the
//! environment in it, merge-patches of it, and edits of its text that keep comments.

mod edit;
mod merge;
mod node;
mod path;
mod read;
mod reference;
mod write;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use edit::rewrite;
pub use merge::merge_patch;
pub use node::{Entry, Node, Scalar, Style, Value};
pub use path::Path;
pub use read::{LARGEST, read_yaml};
pub use reference::{
    ReferenceError, Variable, check_references, escape, expand, expand_tree, has_reference,
};
pub use write::to_yaml;

/// Something wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Place in the document, such as `access.iam_users[0].name`; empty for the whole.
    pub path: String,
    /// Line in the text, from 1, where there is a text.
    pub line: Option<usize>,
    /// What is wrong there, in a sentence without its capital; never a secret.
    pub message: String,
}

impl Fault {
    /// A fault at a place without a line.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, message: message.into() }
    }

    /// The same fault with its line.
    pub fn at_line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    /// What several readers of one document found, in the order of its lines; of a place, the
    /// first reader to speak of it is heard.
    pub fn gather(readers: impl IntoIterator<Item = Vec<Self>>) -> Vec<Self> {
        let mut all = Vec::<Self>::new();
        for found in readers {
            let told: HashSet<String> = all.iter().map(|it| it.path.clone()).collect();
            all.extend(found.into_iter().filter(|it| !told.contains(&it.path)));
        }
        all.sort_by_key(|fault| fault.line);
        all
    }

    /// `FILE:LINE: PLACE: message`, as compilers name places.
    pub fn in_file(&self, file: &std::path::Path) -> String {
        match self.line {
            Some(line) => format!("{}:{line}: {self}", file.display()),
            None => format!("{}: {self}", file.display()),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.path, self.message),
        }
    }
}
