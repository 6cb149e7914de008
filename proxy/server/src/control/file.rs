//! The file on disk: replaced whole and durably, or left as it was.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A replacement that can be taken back.
pub(super) struct Replacement {
    path: PathBuf,
    text: String,
    /// Only the owner may read it: it holds what only an operator's shell knew.
    private: bool,
    before: Option<Before>,
}

/// Bytes and mode of what stood there; `None` where nothing did.
struct Before(Option<(Vec<u8>, u32)>);

impl Replacement {
    pub(super) fn new(path: &Path, text: String, private: bool) -> Self {
        // A link (as a mounted ConfigMap has) is followed: the link itself is not ours.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Self { path, text, private, before: None }
    }

    /// Puts the new text in place: temporary file, fsync, rename, fsync of the folder.
    pub(super) fn put(&mut self) -> io::Result<()> {
        let (before, mode) = match fs::metadata(&self.path) {
            Ok(held) => {
                let mode = held.permissions().mode();
                if mode & 0o222 == 0 {
                    let text = "it is read-only";
                    return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
                }
                (Some((fs::read(&self.path)?, mode & 0o777)), mode & 0o777)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (None, 0o600),
            Err(error) => return Err(error),
        };
        let mode = if self.private { mode & 0o600 } else { mode };
        self.before = Some(Before(before));
        write(&self.path, self.text.as_bytes(), mode)
    }

    /// Puts back what was there, where anything was changed.
    pub(super) fn undo(&mut self) {
        let Some(Before(before)) = self.before.take() else { return };
        let undone = match before {
            Some((bytes, _)) if fs::read(&self.path).is_ok_and(|now| now == bytes) => Ok(()),
            Some((bytes, mode)) => write(&self.path, &bytes, mode),
            None => match fs::remove_file(&self.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            },
        };
        if let Err(error) = undone {
            tracing::error!(%error, path = %self.path.display(), "the file could not be put back");
        }
    }
}

/// Whether others than its owner may read it, where this process may change that.
pub(super) fn is_open_to_others(path: &Path) -> bool {
    let mode = fs::metadata(path).map_or(0, |held| held.permissions().mode());
    mode & 0o222 != 0 && mode & 0o077 != 0
}

/// Removes what writes left behind that a kill ended: it holds secrets, and nobody else will.
/// Young ones may be another replica's.
pub(super) fn sweep(path: &Path) {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
    let start = format!(".{}.", name.to_string_lossy());
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let middle = name.strip_prefix(&start).and_then(|it| it.strip_suffix(".new"));
        let ours =
            middle.is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()));
        let written = entry.metadata().and_then(|it| it.modified()).ok();
        let age = written.and_then(|it| it.elapsed().ok()).unwrap_or_default();
        if ours && age > ABANDONED && fs::remove_file(entry.path()).is_ok() {
            tracing::info!(file = %entry.path().display(), "removed what an ended write left");
        }
    }
}

/// Age from which no write is still at work on its temporary file; one takes milliseconds.
const ABANDONED: Duration = Duration::from_secs(60);

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.new", std::process::id()));
    // One that a kill left behind, under another mode perhaps.
    let _ = fs::remove_file(&temporary);
    let written = (|| {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(mode).open(&temporary)?;
        if let Ok(held) = fs::metadata(path) {
            // Whoever edits the file goes on owning it, where this process may say so.
            let _ = fchown(&file, Some(held.uid()), Some(held.gid()));
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_is_whole_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        let mut first = Replacement::new(&path, "one".into(), false);
        first.put().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        first.undo();
        assert!(!path.exists());
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let mut second = Replacement::new(&path, "new".into(), true);
        second.put().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        second.undo();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_replacement_belongs_to_who_owned_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        fs::write(&path, "old").unwrap();
        // Only root gives files away; everybody else finds their own kept.
        let _ = std::os::unix::fs::chown(&path, Some(12_345), Some(12_345));
        let before = fs::metadata(&path).unwrap();
        Replacement::new(&path, "new".into(), false).put().unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_ne!(after.ino(), before.ino());
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    }

    #[test]
    fn what_an_ended_write_left_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        let old = std::time::SystemTime::now() - 2 * ABANDONED;
        for (name, written) in [
            ("config.yaml", old),
            (".config.yaml.17.new", old),
            (".config.yaml.18.new", std::time::SystemTime::now()),
            (".config.yaml.x.new", old),
            (".config.yaml.17.newer", old),
        ] {
            File::create(folder.path().join(name)).unwrap().set_modified(written).unwrap();
        }
        sweep(&path);
        assert!(!folder.path().join(".config.yaml.17.new").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let mut refused = Replacement::new(&path, "new".into(), false);
        assert!(refused.put().is_err());
        refused.undo();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}
