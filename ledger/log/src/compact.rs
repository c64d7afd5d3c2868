//! Putting a log together anew beside itself, from its entries, and in its place.
//!
//! The way to a later format of any file, and from files that were mended to a set of one make. The new log is made in a directory beside, by the code that writes
//! every log, from what was read and verified. It takes the place of the old one in one step, in which the two exchange their
//! names: at every moment there is a whole log under the log's name. The old one goes when the new one has been opened there.
//!
//! ```text
//! <dir>              the log; a whole one, always
//! <dir>.compacting   the new one while it is made; after the exchange the old one
//! ```
//!
//! What is left of a run that was cut short is cleared by the next: it has the log open, which is whole, and so needs neither.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::{
    error::{AppendError, CommitError, OpenError, ReadError},
    log::Log,
    place::Place,
    shared::Committed,
    survey::Survey,
};

/// The directory beside a log in which another is made of it. One that stands there without a compaction is left of one that was
/// cut short, and may be deleted.
pub fn beside(dir: &Path) -> PathBuf {
    dir.with_extension("compacting")
}

/// Bytes of entries in one record: few syncs, and little in memory.
const RECORD_BYTES: usize = 256 * 1024;

/// Why a log was not put together anew, or did not take the other's place. The log is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// An entry could not be read.
    ///
    /// Handling: as for reading; the log has failed since it was opened.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new log could not be made or opened.
    ///
    /// Handling: as for opening; mostly there is no room for another log.
    #[error("the new log could not be made")]
    Make(#[source] OpenError),
    /// The new log could not be written.
    ///
    /// Handling: make room on the disk, try again.
    #[error("the new log could not be written")]
    Write(#[from] CommitError),
    /// An entry did not go into the new log.
    #[error("the new log could not be written")]
    Append(#[from] AppendError),
    /// What was made is not what it was made of.
    ///
    /// Handling: look after the memory and the disk, try again.
    #[error("the new log has {} entries with the root {}, the old one {} with {}: look after the machine and try again",
        made.size, made.root, old.size, old.root)]
    Differs {
        /// What was made.
        made: Committed,
        /// What it was made of.
        old: Committed,
    },
    /// Somebody else opened the log, and perhaps wrote to it, just before the exchange.
    ///
    /// Handling: stop the other one, try again.
    #[error("{} was opened by another process meanwhile: stop that first, then try again", dir.display())]
    Moved {
        /// The log's directory.
        dir: PathBuf,
    },
    /// The log could not be looked at again.
    ///
    /// Handling: as for opening.
    #[error(transparent)]
    Look(#[from] OpenError),
    /// The file system does not exchange names, or refused something else.
    ///
    /// Handling: read the cause, repair that, try again.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A new log that holds what another holds.
#[derive(Debug)]
pub struct Remade {
    place: Place,
    old: Place,
    committed: Committed,
}

/// The old log, out of the way.
#[derive(Debug)]
pub struct Replaced {
    place: Place,
}

// === impl Remade ===

impl Remade {
    /// Makes a new log beside `old`, which is open and so has been verified. `progress` gets the number of entries written.
    ///
    /// # Errors
    ///
    /// [`CompactError`]. What was begun is cleared away, or by the next try.
    pub fn of(old: &Log, progress: &mut dyn FnMut(u64)) -> Result<Self, CompactError> {
        let made = Self::make(old, progress);
        if made.is_err() {
            // What cannot be cleared now is cleared by the next try.
            let _left = clear(&Place::new(&beside(old.dir())));
        }
        made
    }

    fn make(old: &Log, progress: &mut dyn FnMut(u64)) -> Result<Self, CompactError> {
        let (old_place, place) = (Place::new(old.dir()), Place::new(&beside(old.dir())));
        clear(&place)?;
        let committed = old.committed();
        let mut new = Log::create(&place.dir, old.identity()).map_err(CompactError::Make)?;
        let mut bytes = 0;
        for block in old.reader().scan(0) {
            let block = block?;
            if bytes > 0 && (bytes >= RECORD_BYTES || block.decide_version() != new.highest_decide_version()) {
                bytes = 0;
                // The position is known at the end of the log only; nothing asks for it in between.
                new.seal(committed.cursor);
                progress(new.commit()?.size);
            }
            new.set_decide_version(block.decide_version());
            for (_, entry) in block.entries() {
                new.append(entry)?;
                bytes += entry.len();
            }
        }
        new.seal(committed.cursor);
        let made = new.commit()?;
        progress(made.size);
        let is_same = made == committed && new.identity() == old.identity();
        if !is_same || new.highest_decide_version() != old.highest_decide_version() {
            return Err(CompactError::Differs { made, old: committed });
        }
        drop(new);
        old_place.sync_parent()?;
        Ok(Self {
            place,
            old: old_place,
            committed,
        })
    }

    /// Where it is. Whoever has something to compare opens it there, and closes it again.
    pub fn dir(&self) -> &Path {
        &self.place.dir
    }

    /// Closes the old log and lets the new one take its place, durably.
    ///
    /// # Errors
    ///
    /// [`CompactError`]; the old log is in its place then.
    pub fn take_place_of(self, old: Log) -> Result<Replaced, CompactError> {
        drop(old);
        let Self { place, old, committed } = self;
        // Both, while their names change: whoever comes in between is sent away.
        let locks = match (old.lock(), place.lock()) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(OpenError::InUse { .. }), _) => return Err(CompactError::Moved { dir: old.dir }),
            (Err(error), _) | (_, Err(error)) => return Err(error.into()),
        };
        let survey = Survey::take(&old)?;
        if (survey.end, survey.cursor) != (committed.size, committed.cursor) {
            return Err(CompactError::Moved { dir: old.dir });
        }
        let exchanged = renameat_with(CWD, &place.dir, CWD, &old.dir, RenameFlags::EXCHANGE);
        exchanged.map_err(|error| CompactError::Io {
            doing: "exchange the new log with the old one in",
            path: old.dir.clone(),
            source: error.into(),
        })?;
        old.sync_parent()?;
        drop(locks);
        Ok(Replaced { place })
    }
}

// === impl Replaced ===

impl Replaced {
    /// Where the old log is now.
    pub fn dir(&self) -> &Path {
        &self.place.dir
    }

    /// Deletes the old log. Only once the new one has been opened in its place.
    ///
    /// # Errors
    ///
    /// What the system said; what is left is cleared by the next compaction.
    pub fn forget(self) -> Result<(), CompactError> {
        clear(&self.place)
    }
}

// === free functions ===

fn clear(place: &Place) -> Result<(), CompactError> {
    match fs::remove_dir_all(&place.dir) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(CompactError::Io {
            doing: "clear",
            path: place.dir.clone(),
            source,
        }),
        _ => Ok(place.sync_parent_if_there()?),
    }
}

/// What the files below a directory take on the disk; those that cannot be looked at count nothing. A log that is open takes more
/// than one that is closed.
pub fn disk_bytes(dir: &Path) -> u64 {
    let Ok(files) = fs::read_dir(dir) else { return 0 };
    let bytes = files.flatten().map(|file| match file.metadata() {
        Ok(found) if found.is_dir() => disk_bytes(&file.path()),
        Ok(found) => found.blocks() * 512,
        Err(_) => 0,
    });
    bytes.sum()
}

impl Place {
    /// As [`Place::sync_parent`], of a directory that is gone.
    fn sync_parent_if_there(&self) -> Result<(), OpenError> {
        let above = self.dir.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        File::open(above)
            .and_then(|above| above.sync_all())
            .map_err(|error| self.error("sync", above, error))
    }
}
