//! The access file on disk: read, written, locked, and recognised when it has changed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tracing::warn;

use super::error::{ChangeError, OpenError};
use super::{Token, file};
use crate::files;

/// A file changed less than this long ago may change again without a new time stamp, so it is read once more.
const SETTLED_AFTER: Duration = Duration::from_secs(1);

/// What was last seen of the file.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pub(super) stamp: Option<Stamp>,
    /// SHA-256 of the text last read, good or broken.
    pub(super) text: Option<[u8; 32]>,
    pub(super) settled: bool,
    pub(super) unreadable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

pub(super) fn read(path: &Path) -> Result<(String, Watch), OpenError> {
    let failed = |cause: io::Error| {
        let path = path.to_owned();
        if cause.kind() == io::ErrorKind::NotFound {
            OpenError::Missing { path }
        } else {
            OpenError::Io { path, cause }
        }
    };
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let mut text = String::new();
    io::Read::read_to_string(&mut file, &mut text).map_err(failed)?;
    let age = metadata
        .modified()
        .ok()
        .and_then(|modified| SystemTime::now().duration_since(modified).ok());
    let watch = Watch {
        stamp: Some(Stamp::of(&metadata)),
        text: Some(Sha256::digest(text.as_bytes()).into()),
        settled: age.is_some_and(|age| age >= SETTLED_AFTER),
        unreadable: false,
    };
    Ok((text, watch))
}

pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Token>, OpenError> {
    file::parse(text).map_err(|cause| OpenError::Broken {
        path: path.to_owned(),
        cause,
    })
}

pub(super) fn write(path: &Path, tokens: &[Token]) -> Result<(), ChangeError> {
    let text = file::render(tokens)?;
    files::write_atomically(path, text.as_bytes()).map_err(|cause| ChangeError::Io {
        path: path.to_owned(),
        cause,
    })
}

/// Waits for and holds the lock file beside `path`; released when dropped, also by a crash.
pub(super) fn lock(path: &Path) -> Result<File, ChangeError> {
    let beside = files::beside(path, "lock");
    let locked = files::open_private_append(&beside).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|cause| ChangeError::Io { path: beside, cause })
}

pub(super) fn warn_if_readable_by_others(path: &Path) {
    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        warn!(path = %path.display(), "access file is open to other users: set its mode to 0600");
    }
}

impl Stamp {
    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}
