//! Where configuration comes from: an environment and files, both injected.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The outside world as configuration sees it; tests bring their own.
pub trait Source: Send + Sync {
    /// All environment variables whose names begin with `DGP_`, and any that references name.
    fn var(&self, name: &str) -> Option<String>;
    /// Names of all variables that begin with `DGP_`.
    fn own_names(&self) -> Vec<String>;
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The process environment and the file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process;

impl Source for Process {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn own_names(&self) -> Vec<String> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        names.filter(|name| name.starts_with("DGP_")).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// Settings of the program's own making over the file system: nothing called `DGP_` comes from
/// the process environment, everything else does.
#[derive(Clone, Debug, Default)]
pub struct Given(pub BTreeMap<String, String>);

impl Source for Given {
    fn var(&self, name: &str) -> Option<String> {
        match name.starts_with("DGP_") {
            true => self.0.get(name).cloned(),
            false => Process.var(name),
        }
    }

    fn own_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Process.read(path)
    }
}

/// A made-up environment with files in memory.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// Variables by name.
    pub vars: BTreeMap<String, String>,
    /// File contents by path.
    pub files: BTreeMap<std::path::PathBuf, Vec<u8>>,
}

#[cfg(test)]
impl Source for Fixed {
    fn var(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }

    fn own_names(&self) -> Vec<String> {
        self.vars.keys().filter(|name| name.starts_with("DGP_")).cloned().collect()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
