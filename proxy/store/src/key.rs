//! The key of the database: given, or in a file beside it that is made once.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::OpenError;

/// 32 random bytes.
pub type DatabaseKey = Zeroizing<[u8; 32]>;

/// Where the key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// The operator keeps it.
    Given(DatabaseKey),
    /// `db.key` in the state folder.
    File,
}

pub(crate) const KEY_FILE: &str = "db.key";

impl KeySource {
    /// The key of a database that exists.
    pub(crate) fn existing(&self, folder: &Path) -> Result<DatabaseKey, OpenError> {
        match self {
            Self::Given(key) => Ok(key.clone()),
            Self::File => read(&folder.join(KEY_FILE)),
        }
    }

    /// The key of a database to be made; the file is made with it.
    pub(crate) fn fresh(&self, folder: &Path) -> Result<DatabaseKey, OpenError> {
        let path = folder.join(KEY_FILE);
        match self {
            Self::Given(key) => Ok(key.clone()),
            Self::File if path.exists() => {
                Err(OpenError::DatabaseMissing(folder.join(crate::open::DATABASE)))
            }
            Self::File => {
                let mut key = Zeroizing::new([0u8; 32]);
                getrandom::fill(key.as_mut_slice()).map_err(OpenError::Random)?;
                write(folder, &path, &key)
                    .map_err(|source| OpenError::Io { path: path.clone(), source })?;
                Ok(key)
            }
        }
    }
}

fn read(path: &PathBuf) -> Result<DatabaseKey, OpenError> {
    let text = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(OpenError::KeyMissing(path.clone()));
        }
        Err(source) => return Err(OpenError::Io { path: path.clone(), source }),
    };
    let unreadable = || OpenError::KeyUnreadable(path.clone());
    let bytes = STANDARD.decode(text.trim_ascii()).map_err(|_| unreadable())?;
    let bytes = Zeroizing::new(bytes);
    <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| unreadable())
}

/// Whole and durable, or not there at all: a database whose key is half written is lost.
fn write(folder: &Path, path: &Path, key: &DatabaseKey) -> std::io::Result<()> {
    let draft = folder.join("db.key.new");
    let mut file =
        File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(STANDARD.encode(key.as_slice()).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()
}
