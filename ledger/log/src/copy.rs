//! Copying a closed log, without writing anything where it came from.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use crate::{error::OpenError, place::Place};

/// Copies `head`, the journal and all of sled's files, holding the log's lock meanwhile.
pub(crate) fn copy(from: &Place, to: &Place) -> Result<(), OpenError> {
    if !from.head().exists() && !from.blocks().exists() {
        return Err(OpenError::NotFound { dir: from.dir.clone() });
    }
    let lock = from.lock_for_copy()?;
    fs::create_dir_all(&to.dir).map_err(|error| to.error("create", &to.dir, error))?;
    let mut existing = fs::read_dir(&to.dir).map_err(|error| to.error("list", &to.dir, error))?;
    if existing.next().is_some() {
        return Err(OpenError::AlreadyExists { dir: to.dir.clone() });
    }
    for (from, to_file) in [(from.head(), to.head()), (from.stamp(), to.stamp())] {
        if from.exists() {
            copy_file(&from, &to_file).map_err(|error| to.error("copy", &from, error))?;
        }
    }
    let dirs = [
        (from.blocks(), to.blocks()),
        (from.blobs(), to.blobs()),
        (from.journal(), to.journal()),
        (from.sealed_dir(), to.sealed_dir()),
    ];
    for (from, to_dir) in dirs {
        if from.exists() {
            copy_files(&from, &to_dir).map_err(|error| to.error("copy", &from, error))?;
        }
    }
    drop(lock);
    Ok(())
}

/// Copies the files of one directory, not of those below it, and makes the copies durable.
pub(crate) fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    if !from.exists() {
        return File::open(to)?.sync_all();
    }
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            copy_file(&file.path(), &to.join(file.file_name()))?;
        }
    }
    // Their names, too: a file that was synced in a directory that was not may be gone.
    File::open(to)?.sync_all()
}

/// Copies the contents only: a read-only original must not make the copy read-only.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = File::create(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}
