//! What the last scrub of a ledger found, told by the process that has it open: so that somebody who may not open it knows.
//!
//! ```text
//! <data>/<office>/scrubbed
//! {"passed_at":"2022-09-01T08:00:00Z","size":5908,"faults":[]}
//! ```
//!
//! It is a note and proves nothing: whoever opens the ledger reads all of it.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;

/// Most faults that are noted.
pub const FAULTS_MAX: usize = 16;

/// A scrub, as far as it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scrubbed {
    /// When the last whole pass ended; the opening of the ledger was one, too.
    pub passed_at: Timestamp,
    /// Entries of the ledger then.
    pub size: u64,
    /// What is not as it was written, the first [`FAULTS_MAX`].
    pub faults: Vec<NotedFault>,
}

/// Something on the disk that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotedFault {
    /// Whether it is of the blocks; else of the second copy.
    pub of_blocks: bool,
    /// The file, below the ledger's directory.
    pub file: String,
    /// The first entry that it concerns, and the index after the last, where that is known.
    pub entries: Option<(u64, u64)>,
    /// What was found.
    pub cause: String,
}

impl Scrubbed {
    /// Whether entries may be wrong in both copies: the next opening cannot mend that.
    pub fn is_lost(&self) -> bool {
        let of = |blocks: bool| self.faults.iter().filter(move |fault| fault.of_blocks == blocks);
        of(true).any(|one| of(false).any(|other| one.meets(other)))
    }
}

impl NotedFault {
    /// Whether both may concern one entry.
    fn meets(&self, other: &Self) -> bool {
        match (self.entries, other.entries) {
            (Some((first, end)), Some((other_first, other_end))) => first < other_end && other_first < end,
            (None, _) | (_, None) => true,
        }
    }
}

/// The scrub noted in `file`; `None` if there is no such file, or what it says cannot be read.
///
/// # Errors
///
/// What the system said.
pub fn noted(file: &Path) -> io::Result<Option<Scrubbed>> {
    match fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes a scrub in `file`.
///
/// # Errors
///
/// What the system said.
pub fn note(file: &Path, scrubbed: &Scrubbed) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(scrubbed)?;
    bytes.push(b'\n');
    write_atomically(file, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(of_blocks: bool, entries: Option<(u64, u64)>) -> NotedFault {
        NotedFault {
            of_blocks,
            file: "blocks/db".to_owned(),
            entries,
            cause: "it is not what was written".to_owned(),
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_one_that_is_damaged_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("scrubbed");
        assert_eq!(noted(&file).unwrap(), None);
        let scrubbed = Scrubbed {
            passed_at: Timestamp::from_second(1_700_000_000).unwrap(),
            size: 7,
            faults: vec![fault(true, Some((1, 3))), fault(false, None)],
        };
        note(&file, &scrubbed).unwrap();
        assert_eq!(noted(&file).unwrap(), Some(scrubbed));
        fs::write(&file, "nonsense").unwrap();
        assert_eq!(noted(&file).unwrap(), None);
    }

    #[test]
    fn entries_are_lost_only_where_both_copies_of_them_are_wrong() {
        let is_lost = |faults| {
            let passed_at = Timestamp::UNIX_EPOCH;
            Scrubbed {
                passed_at,
                size: 9,
                faults,
            }
            .is_lost()
        };
        assert!(!is_lost(vec![]));
        assert!(!is_lost(vec![fault(true, Some((1, 3))), fault(true, Some((2, 4)))]));
        assert!(!is_lost(vec![fault(true, Some((1, 3))), fault(false, Some((3, 4)))]));
        assert!(is_lost(vec![fault(true, Some((1, 3))), fault(false, Some((2, 4)))]));
        assert!(is_lost(vec![fault(true, None), fault(false, Some((2, 4)))]));
    }
}
