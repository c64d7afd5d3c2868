//! Making a log from a backup of its second copy.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use keshi_verify::second_copy::{CopyError, Verified, verify};

use crate::{
    copy::copy_files,
    error::OpenError,
    journal::segment::{self, SegmentHeader, SegmentRead},
    log::Log,
};

/// Why a backup was not restored. Nothing stands in the log's place then that was not there before.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is a log already, or something else.
    ///
    /// Handling: move it aside first; a damaged log may hold what the backup lacks.
    #[error("{} exists: move it aside first, it may hold what the backup lacks", dir.display())]
    Exists {
        /// The directory.
        dir: PathBuf,
    },
    /// The backup does not prove itself.
    ///
    /// Handling: use another backup.
    #[error("the backup does not verify: use another one")]
    Copy(#[from] CopyError),
    /// What was restored is not what the backup holds.
    ///
    /// Handling: try again; the disk has failed.
    #[error("the restored log is not what the backup holds: look after the disk and try again")]
    Differs,
    /// What was restored could not be opened.
    ///
    /// Handling: as for opening.
    #[error("the restored log could not be opened")]
    Open(#[from] OpenError),
    /// The system refused something.
    ///
    /// Handling: read the cause, repair that, try again.
    #[error("could not restore to {}", dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Makes the log `dir`, which must not exist, from the backup in `backup`. All entries are hashed twice: in the backup,
/// and in the log that was made of it, before it gets its name.
///
/// # Errors
///
/// [`RestoreError`].
pub fn restore(backup: &Path, dir: &Path) -> Result<Verified, RestoreError> {
    let failed = |source| RestoreError::Io {
        dir: dir.to_path_buf(),
        source,
    };
    if dir.exists() {
        return Err(RestoreError::Exists { dir: dir.to_path_buf() });
    }
    let verified = verify(backup, &mut |_, _| ())?;
    let making = dir.with_extension("restoring");
    clear(&making).map_err(failed)?;
    let made = make(backup, &making, &verified);
    if made.is_err() {
        // What cannot be cleared now is cleared by the next try.
        let _left = clear(&making);
    }
    made?;
    fs::rename(&making, dir).map_err(failed)?;
    let above = dir.parent().map_or(Path::new("."), |above| above);
    File::open(above).and_then(|above| above.sync_all()).map_err(failed)?;
    Ok(verified)
}

fn make(backup: &Path, making: &Path, verified: &Verified) -> Result<(), RestoreError> {
    let failed = |source| RestoreError::Io {
        dir: making.to_path_buf(),
        source,
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(making).map_err(failed)?;
    for part in ["sealed", "journal"] {
        copy_files(&backup.join(part), &making.join(part)).map_err(failed)?;
    }
    File::open(making)
        .and_then(|making| making.sync_all())
        .map_err(failed)?;
    go_on_after_sealed(&making.join("journal"), verified).map_err(failed)?;
    let log = Log::open(making)?;
    let same = (log.identity(), log.size(), log.root(), log.cursor())
        == (&verified.identity, verified.size, verified.root, verified.cursor);
    if same { Ok(()) } else { Err(RestoreError::Differs) }
}

/// A log goes on in its last live segment. A backup that was cut short may have sealed segments that reach beyond its live
/// ones; these hold nothing then that is not sealed, and one that begins at the end takes their place.
fn go_on_after_sealed(journal: &Path, verified: &Verified) -> io::Result<()> {
    let mut held = Vec::new();
    for read in segment::read_live(journal)? {
        match read {
            SegmentRead::Segment(segment) if segment.end() < verified.size => held.push(segment.path),
            // It reaches to the end, or opening the log says what is wrong with it.
            SegmentRead::Segment(_) | SegmentRead::NewerFormat(_) => return Ok(()),
        }
    }
    for path in held {
        fs::remove_file(path)?;
    }
    let header = SegmentHeader {
        identity: verified.identity.clone(),
        first_index: verified.size,
        cursor_before: verified.cursor,
        root_before: verified.root,
    };
    fs::write(journal.join(format!("{:020}", verified.size)), header.encode())?;
    File::open(journal)?.sync_all()
}

fn clear(making: &Path) -> io::Result<()> {
    match fs::remove_dir_all(making) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
