//! Private files and directories, written so that a power cut leaves the old or the new content.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Makes `dir` and its missing parents, readable by the owner only whatever the umask. One that exists keeps its mode.
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))?;
    sync_dir(parent(dir))
}

/// Opens `path` for appending, made with mode 0600 if it is missing.
pub(crate) fn open_private_append(path: &Path) -> io::Result<File> {
    private(
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?,
    )
}

/// Makes `path`, which must not exist, an empty file with mode 0600.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    private(
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?,
    )
}

/// Opens `path`, which must exist, for reading and for changing it in place; others lose the right to read it.
pub(crate) fn open_in_place(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).open(path)?)
}

/// Takes the file from everybody but its owner: the umask, or whoever copied it, may have left it otherwise.
fn private(file: File) -> io::Result<File> {
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.permissions().mode() & 0o777 != 0o600 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Whether `file`, opened from `path`, still lies there: neither removed nor replaced.
pub(crate) fn is_in_place(path: &Path, file: &File) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (fs::metadata(path), file.metadata()) {
        (Ok(there), Ok(open)) => identity(there) == identity(open),
        _ => false,
    }
}

/// A file handle kept for the moment when the process has no others, so that what must be opened then can be.
#[derive(Debug)]
pub(crate) struct Spare {
    dir: PathBuf,
    /// `None` after it was given up, until there is a handle for it again.
    held: Option<File>,
}

impl Spare {
    /// A handle of `dir`, which must exist; one that cannot be had now is taken later.
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            held: File::open(dir).ok(),
        }
    }

    /// Opens a file, if need be in place of the spare handle.
    pub(crate) fn open(&mut self, open: impl Fn() -> io::Result<File>) -> io::Result<File> {
        match open() {
            Err(error) if is_out_of_handles(&error) && self.held.take().is_some() => open(),
            opened => {
                if self.held.is_none() {
                    self.held = File::open(&self.dir).ok();
                }
                opened
            }
        }
    }
}

fn is_out_of_handles(error: &io::Error) -> bool {
    // Of the process, and of the whole system. Linux has them by these numbers on every machine.
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    matches!(error.raw_os_error(), Some(EMFILE | ENFILE))
}

/// Removes `path` if it exists.
pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Replaces `path` by a file of mode 0600 with `content`: temporary file, sync, rename, sync of the directory.
///
/// After `Ok` the new content survives a power cut.
///
/// # Errors
///
/// What the system said; then `path` holds the old or the new content, whole.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(&beside(path, &format!("{}.tmp", std::process::id())), path, content)
}

/// As [`write_atomically`]; a file that takes the place of another, or is new in somebody's directory, is its owner's also where
/// root writes it.
pub(crate) fn write_for_its_owner(path: &Path, content: &[u8]) -> io::Result<()> {
    let owned = fs::metadata(path).or_else(|_| fs::metadata(parent(path)))?;
    write_atomically(path, content)?;
    let written = fs::metadata(path)?;
    if (written.uid(), written.gid()) == (owned.uid(), owned.gid()) {
        return Ok(());
    }
    match chown(path, Some(owned.uid()), Some(owned.gid())) {
        // Only root gives a file away; whoever else wrote it is the one to read it.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        given => given,
    }
}

/// As [`write_atomically`], by way of the file `temporary`: whoever writes alone takes the same name each time, so that what
/// a crash left half-way goes with the next change.
pub(crate) fn replace(temporary: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let written = write_new(temporary, content).and_then(|()| fs::rename(temporary, path));
    if let Err(error) = written {
        // Best effort: the error that counts is the first one.
        let _ = fs::remove_file(temporary);
        return Err(error);
    }
    sync_dir(parent(path))
}

/// The bytes of `path`, of which there are to be at most `bytes_max`.
pub(crate) fn read_up_to(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    // A file of a process that died half-way may carry our number again.
    remove_if_there(path)?;
    let mut file = create_private(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// `path` with `.suffix` added to the file name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// The directory that holds `path`.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the names in `dir` durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_private_and_leaves_no_temporary_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_spare_handle_is_given_up_for_what_must_be_opened_and_taken_again_later() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "x").unwrap();
        let mut spare = Spare::new(dir.path());
        let calls = std::cell::Cell::new(0);
        // As a process without handles meets it: the first attempt fails, the one after the spare was closed does not.
        let scarce = || {
            calls.set(calls.get() + 1);
            match calls.get() {
                1 => Err(io::Error::from_raw_os_error(24)),
                _ => File::open(&path),
            }
        };
        spare.open(scarce).unwrap();
        assert_eq!((calls.get(), spare.held.is_some()), (2, false));
        spare.open(|| File::open(&path)).unwrap();
        assert!(spare.held.is_some());
        let missing = spare.open(|| File::open(dir.path().join("none"))).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_failed_replacement_leaves_the_old_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        fs::create_dir_all(path.join("inside")).unwrap();
        assert!(write_atomically(&path, b"x").is_err());
        assert!(path.join("inside").is_dir());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
