//! Reading a log over again while it is open: whether the disk still gives what was written.
//!
//! An opening reads everything. A log that stays open for months is asked for a few entries only, and what rots meanwhile is
//! found by the next opening, when the other copy may have rotted, too. A scrub goes over all of it in small steps, at whatever
//! pace its caller takes them: sled's file as bytes (`table.rs`), since sled answers from memory; then the entries as readers are
//! served them, each full tile held against its hash from when it was written or read at the opening; then the second
//! copy, sealed and live segments, each of whose entries must lead from the root of the tree before it to that after it.
//!
//! It writes nothing and mends nothing: the next opening does that, with both copies at rest. It keeps no place across openings,
//! since each of these is a whole pass. The system is asked to forget what it holds of the files in memory first.

mod blocks;
mod segments;

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rustix::fs::{Advice, fadvise};

use crate::reader::Reader;

/// What is written just now may look like anything for a moment: so often it is looked at again, after so long.
const LOOKS: usize = 4;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Which of the copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Copy {
    /// sled's blocks.
    Blocks,
    /// The sealed and live segments.
    Segments,
}

/// Something on the disk that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Of which copy.
    pub copy: Copy,
    /// The file, below the log's directory.
    pub file: PathBuf,
    /// The first entry that it concerns; `None` where nothing tells.
    pub first_index: Option<u64>,
    /// The index after the last one; as `first_index`.
    pub end_index: Option<u64>,
    /// What was found.
    pub cause: String,
}

/// A part of the work.
#[derive(Debug)]
pub struct Step {
    /// Bytes that were read.
    pub bytes: u64,
    /// What was found.
    pub faults: Vec<Fault>,
    /// Whether a pass has ended with it; the next step begins another.
    pub ended: bool,
}

/// A scrub of an open log: a pass after the other, step by step.
pub struct Scrub {
    reader: Reader,
    stage: Stage,
    /// How far messages went in each segment of sled's file when it was looked at last, by its place: a flipped header of a message
    /// looks like their end.
    ends: BTreeMap<u64, (u64, usize)>,
}

/// What comes next.
#[derive(Debug)]
enum Stage {
    Table { segment: u64 },
    Tiles { number: u64 },
    Sealed { left: Vec<(u64, u64, PathBuf)>, next: u64 },
    Live { left: Vec<(u64, PathBuf)>, next: u64 },
}

// === impl Scrub ===

impl Scrub {
    /// Begins with the first step of a pass.
    pub fn new(reader: Reader) -> Self {
        Self {
            reader,
            stage: Stage::Table { segment: 0 },
            ends: BTreeMap::new(),
        }
    }

    /// Does the next part: reads one segment at most, of 8 MiB and rarely more, or 256 entries. Waits for the disk, and up to
    /// some 0.2 s where something is just being written.
    pub fn step(&mut self) -> Step {
        let mut step = Step {
            bytes: 0,
            faults: Vec::new(),
            ended: false,
        };
        let begin = Stage::Table { segment: 0 };
        let next = match std::mem::replace(&mut self.stage, begin) {
            Stage::Table { segment } => Some(self.table(segment, &mut step)),
            Stage::Tiles { number } => Some(self.tile(number, &mut step)),
            Stage::Sealed { left, next } => Some(self.sealed(left, next, &mut step)),
            Stage::Live { left, next } => self.live(left, next, &mut step),
        };
        match next {
            Some(stage) => self.stage = stage,
            None => step.ended = true,
        }
        step
    }

    fn fault(&self, copy: Copy, path: &Path, range: Option<(u64, u64)>, cause: String) -> Fault {
        let below = path.strip_prefix(&self.reader.shared.place.dir).unwrap_or(path);
        Fault {
            copy,
            file: below.to_path_buf(),
            first_index: range.map(|(first, _)| first),
            end_index: range.map(|(_, end)| end),
            cause,
        }
    }
}

impl fmt::Debug for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrub")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

// === free functions ===

/// Looks until it is sound, a few times.
fn look_again<T>(mut look: impl FnMut() -> io::Result<(T, bool)>) -> io::Result<T> {
    let mut left = LOOKS;
    loop {
        left -= 1;
        let (found, is_sound) = look()?;
        if is_sound || left == 0 {
            return Ok(found);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

/// Has the system read the file from the disk anew. What it has not written yet stays.
fn forget(file: &File) {
    // A file system that does not know of it reads from memory: less is found, nothing wrong is said.
    let _kept = fadvise(file, 0, None, Advice::DontNeed);
}
