//! Proofs as files, to be checked by whoever has the ledger's public key and nothing else.
//!
//! That an entry is in the ledger, in the form of C2SP's `tlog-proof`; the entry itself stands in `extra`:
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64 of the entry's bytes>
//! index 811
//! <base64 of a hash>         from the entry's sibling up
//!                            an empty line
//! <the checkpoint>
//! ```
//!
//! That one checkpoint's ledger goes on from another's, in a form of our own:
//!
//! ```text
//! keshi/consistency-proof@v1
//! <base64 of a hash>
//!                            an empty line
//! <the older checkpoint>
//!                            an empty line
//! <the newer checkpoint>
//! ```

use std::fmt::{self, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Hash,
    checkpoint::{Checkpoint, NoCheckpoint, plain_number, read_hash, show_hash},
    key::VerifierKey,
    leaf_hash,
    note::{MAX_NOTE_BYTES, Note},
    proof::{MAX_PROOF_HASHES, Unproved, verify_consistency, verify_inclusion},
};

/// The largest file that is read: two checkpoints, an entry and the hashes fit.
pub const MAX_FILE_BYTES: usize = 3 * MAX_NOTE_BYTES;

const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
const CONSISTENCY: &str = "keshi/consistency-proof@v1";

/// A file that proves something about a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofFile {
    /// How far the ledger was.
    Checkpoint(Note),
    /// That an entry is in it.
    Inclusion(InclusionFile),
    /// That it goes on from where it was.
    Consistency(ConsistencyFile),
}

/// That an entry is in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionFile {
    /// The entry's place.
    pub index: u64,
    /// The entry's bytes; not in files of other makers, which then prove nothing here.
    pub entry: Option<Vec<u8>>,
    /// From the entry's sibling up.
    pub hashes: Vec<Hash>,
    /// The checkpoint that it leads to.
    pub checkpoint: Note,
}

/// That a ledger goes on from where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyFile {
    /// What leads from one to the other.
    pub hashes: Vec<Hash>,
    /// Where it was.
    pub older: Note,
    /// Where it is.
    pub newer: Note,
}

/// What a file has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// How far the ledger was.
    Checkpoint(Checkpoint),
    /// That this entry stands at this place of it.
    Inclusion {
        /// The entry's place.
        index: u64,
        /// The entry's bytes.
        entry: Vec<u8>,
        /// How far the ledger was.
        checkpoint: Checkpoint,
    },
    /// That the newer one begins with the older one.
    Consistency {
        /// Where it was.
        older: Checkpoint,
        /// Where it was later.
        newer: Checkpoint,
    },
}

/// Bytes that are no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProofFile {
    /// They are too many.
    #[error("a proof has at most {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// They are not in the form of one.
    #[error("that is neither a checkpoint nor a proof; save it as it was given out, byte for byte")]
    Form,
}

/// Why a file proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    /// Its checkpoint is not to be gone by.
    #[error(transparent)]
    Checkpoint(#[from] NoCheckpoint),
    /// Its hashes do not lead where they should.
    #[error(transparent)]
    Proof(#[from] Unproved),
    /// It does not say which entry it is about.
    #[error("the entry itself is not in the file: have it made by `keshi audit prove`")]
    NoEntry,
    /// Its two checkpoints are of two ledgers.
    #[error("its two checkpoints speak for two ledgers")]
    OtherLedger,
}

// === impl ProofFile ===

impl ProofFile {
    /// Reads a checkpoint, or a proof of either kind; nothing of it is checked yet.
    ///
    /// # Errors
    ///
    /// [`NoProofFile`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoProofFile> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(NoProofFile::TooLarge);
        }
        let text = str::from_utf8(bytes).map_err(|_| NoProofFile::Form)?;
        let read = match text.split_once('\n') {
            Some((INCLUSION, rest)) => InclusionFile::parse(rest).map(Self::Inclusion),
            Some((CONSISTENCY, rest)) => ConsistencyFile::parse(rest).map(Self::Consistency),
            _ => Note::parse(bytes).ok().map(Self::Checkpoint),
        };
        read.ok_or(NoProofFile::Form)
    }

    /// The checkpoint that it leads to, the newer one of two; nothing of it is checked.
    pub fn newest(&self) -> &Note {
        match self {
            Self::Checkpoint(note) => note,
            Self::Inclusion(file) => &file.checkpoint,
            Self::Consistency(file) => &file.newer,
        }
    }

    /// The size of the newest ledger that it speaks of, whoever may have signed that.
    pub fn size(&self) -> Option<u64> {
        Checkpoint::parse(self.newest().unverified_text()).map(|checkpoint| checkpoint.size)
    }

    /// What it proves to whoever trusts `keys`.
    ///
    /// # Errors
    ///
    /// [`NotProved`], which says why it proves nothing.
    pub fn check(&self, keys: &[VerifierKey]) -> Result<Proved, NotProved> {
        match self {
            Self::Checkpoint(note) => Ok(Proved::Checkpoint(open(note, keys)?)),
            Self::Inclusion(file) => file.check(keys),
            Self::Consistency(file) => file.check(keys),
        }
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint(note) => note.fmt(f),
            Self::Inclusion(file) => {
                writeln!(f, "{INCLUSION}")?;
                if let Some(entry) = &file.entry {
                    writeln!(f, "extra {}", STANDARD.encode(entry))?;
                }
                writeln!(f, "index {}", file.index)?;
                write_hashes(f, &file.hashes)?;
                write!(f, "\n{}", file.checkpoint)
            }
            Self::Consistency(file) => {
                writeln!(f, "{CONSISTENCY}")?;
                write_hashes(f, &file.hashes)?;
                write!(f, "\n{}\n{}", file.older, file.newer)
            }
        }
    }
}

// === impl InclusionFile ===

impl InclusionFile {
    fn parse(rest: &str) -> Option<Self> {
        let (line, after) = rest.split_once('\n')?;
        let (entry, rest) = match line.strip_prefix("extra ") {
            Some(entry) => (Some(STANDARD.decode(entry).ok()?), after),
            None => (None, rest),
        };
        let (line, rest) = rest.split_once('\n')?;
        let index = plain_number(line.strip_prefix("index ")?)?;
        let (hashes, checkpoint) = read_hashes(rest)?;
        Some(Self {
            index,
            entry,
            hashes,
            checkpoint: Note::parse(checkpoint.as_bytes()).ok()?,
        })
    }

    fn check(&self, keys: &[VerifierKey]) -> Result<Proved, NotProved> {
        let checkpoint = open(&self.checkpoint, keys)?;
        let entry = self.entry.clone().ok_or(NotProved::NoEntry)?;
        let leaf = leaf_hash(&entry);
        verify_inclusion(leaf, self.index, checkpoint.size, &self.hashes, checkpoint.root)?;
        Ok(Proved::Inclusion {
            index: self.index,
            entry,
            checkpoint,
        })
    }
}

// === impl ConsistencyFile ===

impl ConsistencyFile {
    fn parse(rest: &str) -> Option<Self> {
        let (hashes, both) = read_hashes(rest)?;
        // The text of a checkpoint has no empty line: the first one ends it, the second the signatures.
        let text = both.find("\n\n")? + 2;
        let end = text + both.get(text..)?.find("\n\n")? + 1;
        let (older, newer) = (both.get(..end)?, both.get(end + 1..)?);
        Some(Self {
            hashes,
            older: Note::parse(older.as_bytes()).ok()?,
            newer: Note::parse(newer.as_bytes()).ok()?,
        })
    }

    fn check(&self, keys: &[VerifierKey]) -> Result<Proved, NotProved> {
        let (older, newer) = (open(&self.older, keys)?, open(&self.newer, keys)?);
        if older.origin != newer.origin {
            return Err(NotProved::OtherLedger);
        }
        verify_consistency((older.size, older.root), (newer.size, newer.root), &self.hashes)?;
        Ok(Proved::Consistency { older, newer })
    }
}

// === free functions ===

fn open(note: &Note, keys: &[VerifierKey]) -> Result<Checkpoint, NoCheckpoint> {
    Checkpoint::open(note.to_string().as_bytes(), keys)
}

fn write_hashes(f: &mut fmt::Formatter<'_>, hashes: &[Hash]) -> fmt::Result {
    hashes.iter().try_for_each(|hash| {
        f.write_str(&show_hash(hash))?;
        f.write_char('\n')
    })
}

/// The hashes up to an empty line, and what follows it.
fn read_hashes(text: &str) -> Option<(Vec<Hash>, &str)> {
    let mut hashes = Vec::new();
    let mut rest = text;
    loop {
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        if line.is_empty() {
            return Some((hashes, rest));
        }
        if hashes.len() == MAX_PROOF_HASHES {
            return None;
        }
        hashes.push(read_hash(line)?);
    }
}
