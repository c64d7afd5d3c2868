//! Carrying a ledger's second copy elsewhere, from a ledger that is open or not, and proving what arrived.
//!
//! Sealed segments never change: those that a backup holds already are not copied again. Of live ones the whole records
//! are taken, without the zeros ahead. What is copied last may be a record that the ledger is just about to answer.

mod held;

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use self::held::{compare, held};
use crate::{
    Identity,
    sealed::{self, Sealed, SealedRead},
    second_copy::{CopyError, Verified, verify},
    segment::{self, HEADER_BYTES, Segment, SegmentRead},
};

/// How often to look again when the ledger sealed or wrote something meanwhile.
const ATTEMPTS: usize = 8;

/// What a backup holds beside the ledger, by whoever keeps that; it is left alone.
pub const BESIDE: &str = "office";

/// A file that is being written, until it has its name.
const NEW: &str = "new";

/// What a backup did.
#[derive(Debug)]
pub struct Backup {
    /// What the backup comes to now, every entry hashed.
    pub verified: Verified,
    /// Files that were written; the others were there.
    pub copied: usize,
}

/// Why no backup was made. What the directory held before is as it was, or has more of the same ledger.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The backup's directory holds something else.
    #[error("{} holds something else than a backup: name an empty directory, or that of the last backup", to.display())]
    NotABackup {
        /// The directory.
        to: PathBuf,
    },
    /// The backup holds more than the ledger: the ledger has lost something, or is another one.
    #[error("the backup in {} holds {backup} entries, the ledger {ledger}: do not overwrite it, restore from it", to.display())]
    Ahead {
        /// The directory.
        to: PathBuf,
        /// The index after the last entry of the backup.
        backup: u64,
        /// The index after the last entry of the ledger.
        ledger: u64,
    },
    /// The backup is another ledger's.
    #[error(
        "the backup in {} is that of ledger {} of office {}, this is ledger {} of office {}: name a directory of its own",
        to.display(), backup.ledger_id, backup.office, ledger.ledger_id, ledger.office
    )]
    OtherLedger {
        /// The directory.
        to: PathBuf,
        /// Whose backup it is.
        backup: Box<Identity>,
        /// Whose backup was to be made.
        ledger: Box<Identity>,
    },
    /// Backup and ledger were the same once and went on apart: the ledger was restored from an older backup, and this one
    /// holds what was lost then.
    #[error("the backup in {} holds other entries from {first_index} on than the ledger: keep it, and name another directory", to.display())]
    Parted {
        /// The directory.
        to: PathBuf,
        /// Before the first entry that may differ.
        first_index: u64,
    },
    /// The system refused a read or write.
    #[error("could not copy to {}", to.display())]
    Io {
        /// The directory.
        to: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The ledger changed too fast, or a segment of it is damaged.
    #[error("the live segments of {} cannot be read whole: let keshi doctor look at the ledger", from.display())]
    Unreadable {
        /// The ledger's directory.
        from: PathBuf,
    },
    /// What arrived does not prove itself.
    #[error("the backup does not verify")]
    Copy(#[from] CopyError),
}

/// What a ledger's second copy was when it was looked at.
struct Look {
    sealed: Vec<Sealed>,
    live: Vec<Live>,
}

/// A live segment's whole records, as a file of a backup.
struct Live {
    segment: Segment,
    bytes: Vec<u8>,
}

/// Copies the second copy in the ledger's directory `from` to the backup `to`, which is made if it is missing, and proves
/// what lies there then.
///
/// # Errors
///
/// [`BackupError`].
pub fn backup(from: &Path, to: &Path) -> Result<Backup, BackupError> {
    let failed = |source| BackupError::Io {
        to: to.to_path_buf(),
        source,
    };
    let known = ["sealed", "journal", BESIDE];
    let is_other = |file: &io::Result<fs::DirEntry>| {
        file.as_ref()
            .is_ok_and(|file| !known.iter().any(|name| file.file_name() == *name))
    };
    if to.exists() && fs::read_dir(to).map_err(failed)?.any(|file| is_other(&file)) {
        return Err(BackupError::NotABackup { to: to.to_path_buf() });
    }
    make_dirs(to).map_err(failed)?;
    let look = (0..ATTEMPTS).find_map(|_| look(from).transpose()).unwrap_or_else(|| {
        Err(BackupError::Unreadable {
            from: from.to_path_buf(),
        })
    })?;
    // Before anything is written: what the directory holds may be all that is left of it.
    compare(to, &held(to).map_err(failed)?, &look)?;
    let mut copied = 0;
    for sealed in &look.sealed {
        copied += usize::from(copy_sealed(&sealed.path, &to.join("sealed")).map_err(failed)?);
    }
    for live in &look.live {
        let name = format!("{:020}", live.segment.first_index);
        write(&to.join("journal"), &name, &live.bytes).map_err(failed)?;
        copied += 1;
    }
    let first_live = look.live.first().map_or(0, |live| live.segment.first_index);
    for file in fs::read_dir(to.join("journal")).map_err(failed)? {
        let path = file.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // It is sealed by now.
        if segment::index_in_name(name).is_some_and(|first_index| first_index < first_live) {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    let verified = verify(to, &mut |_, _| ())?;
    Ok(Backup { verified, copied })
}

/// Makes the backup's directories, durably: a file is there after a power cut only if every directory above it is.
fn make_dirs(to: &Path) -> io::Result<()> {
    let above = |dir: &Path| match dir.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Some(PathBuf::from(".")),
        parent => parent.map(Path::to_path_buf),
    };
    // The directories that get a new name in them.
    let mut changed = vec![to.to_path_buf()];
    let mut dir = to.to_path_buf();
    while !dir.exists()
        && let Some(parent) = above(&dir)
    {
        changed.push(parent.clone());
        dir = parent;
    }
    for dir in [to.to_path_buf(), to.join("sealed"), to.join("journal")] {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    changed.iter().try_for_each(|dir| File::open(dir)?.sync_all())
}

/// Looks at the sealed segments and reads the live ones; `None` if the ledger moved on in between.
fn look(from: &Path) -> Result<Option<Look>, BackupError> {
    // Not the backup's disk that failed.
    let failed = |source| {
        BackupError::Copy(CopyError::Io {
            dir: from.to_path_buf(),
            source,
        })
    };
    let mut sealed = Vec::new();
    for read in sealed::read_all(&from.join("sealed")).map_err(failed)? {
        match read {
            SealedRead::Whole(whole) => sealed.push(whole),
            SealedRead::NewerFormat(found) => return Err(CopyError::NewerFormat { found }.into()),
            SealedRead::Bad { .. } => {
                return Err(BackupError::Unreadable {
                    from: from.to_path_buf(),
                });
            }
        }
    }
    let mut live = Vec::new();
    let segments = match segment::read_live(&from.join("journal")) {
        // One was sealed while we looked.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        segments => segments.map_err(failed)?,
    };
    for read in segments {
        let segment = match read {
            SegmentRead::Segment(segment) if segment.is_whole() => segment,
            // A record that is just being written may look like anything.
            SegmentRead::Segment(_) => return Ok(None),
            SegmentRead::NewerFormat(found) => return Err(CopyError::NewerFormat { found }.into()),
        };
        let mut bytes = match fs::read(&segment.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(failed)?,
        };
        bytes.truncate(segment.records.end.max(HEADER_BYTES));
        live.push(Live { segment, bytes });
    }
    let sealed_end = sealed.iter().map(|sealed| sealed.end).max().unwrap_or(0);
    let follows = live.first().is_some_and(|live| live.segment.first_index <= sealed_end);
    Ok(follows.then_some(Look { sealed, live }))
}

/// Copies a sealed segment unless the same one is there.
fn copy_sealed(path: &Path, to: &Path) -> io::Result<bool> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let bytes = fs::read(path)?;
    if fs::read(to.join(name)).is_ok_and(|there| there == bytes) {
        return Ok(false);
    }
    write(to, name, &bytes)?;
    Ok(true)
}

/// Writes a file so that it is there whole and durable, or not at all.
fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let making = dir.join(NEW);
    let written = write_as(&making, dir, name, bytes);
    if written.is_err() {
        // On a full disk it would keep the room that others need. What cannot be removed is overwritten next time.
        let _left = fs::remove_file(&making);
    }
    written
}

fn write_as(making: &Path, dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(making)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(making, dir.join(name))?;
    File::open(dir)?.sync_all()
}
