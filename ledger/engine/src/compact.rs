//! Putting a ledger together anew, with everything that follows from its entries compared.

use std::path::{Path, PathBuf};

use keshi_bundle::fold::Fold;
use keshi_core::decide::DECIDE_VERSION;
use keshi_core::ids::Sha256;
use keshi_log::{Committed, Log, Remade, Repair, disk_bytes};
use thiserror::Error;

use crate::error::EngineError;

/// Why a ledger was not put together anew. It is in its place as it was.
#[derive(Debug, Error)]
pub enum CompactError {
    /// The ledger could not be opened; nothing has been done.
    #[error(transparent)]
    Open(#[from] EngineError),
    /// The log could not be made anew, or not be exchanged.
    #[error(transparent)]
    Log(#[from] keshi_log::CompactError),
    /// What follows from the new entries is something else: a defect of the memory or of the program.
    ///
    /// Handling: nothing was exchanged; look after the machine and try again.
    #[error(
        "the new ledger comes to other answers than the old one: nothing was exchanged; look after the machine and try again"
    )]
    OtherAnswers,
    /// The new ledger is in its place and could not be opened there, or is not what it was; the old one is kept.
    ///
    /// Handling: exchange the names of both directories by hand.
    #[error("the new ledger in its place is not what it was: the old one is kept in {}, put it back", kept.display())]
    NotThere {
        /// Where the old one is.
        kept: PathBuf,
    },
}

/// What was done.
#[derive(Debug)]
pub struct Compacted {
    /// Size, root and cursor, before and after.
    pub committed: Committed,
    /// Digest of all balances and titles, before and after.
    pub digest: Sha256,
    /// Bytes on the disk before.
    pub before: u64,
    /// And after.
    pub after: u64,
    /// What was damaged in one copy before, and put right from the other.
    pub repairs: Vec<Repair>,
}

/// Puts the ledger in `dir` together anew: makes another of its entries beside it, compares size, root, cursor and the digest of all that
/// is derived, exchanges the two, opens the new one in its place, and deletes the old one last. `progress` gets entries done of
/// all that there is to do, each entry four times: read, written, read, and read in its place.
///
/// # Errors
///
/// [`CompactError`]; among them that another process has the ledger open.
pub fn compact(dir: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Compacted, CompactError> {
    let (hint, before) = (Log::size_hint(dir), disk_bytes(dir));
    let (old, digest) = read(dir, &mut |done| progress(done, hint.max(done) * 4))?;
    let (committed, repairs) = (old.committed(), old.repairs().to_vec());
    let size = committed.size;
    let made = Remade::of(&old, &mut |done| progress(size + done, size * 4))?;
    let (new, new_digest) = read(made.dir(), &mut |done| progress(size * 2 + done, size * 4))?;
    let is_same = new.committed() == committed && new.repairs().is_empty();
    // Before its name changes.
    drop(new);
    if !is_same || new_digest != digest {
        return Err(CompactError::OtherAnswers);
    }
    let replaced = made.take_place_of(old)?;
    let there = read(dir, &mut |done| progress(size * 3 + done, size * 4));
    if !there.is_ok_and(|(log, found)| log.committed() == committed && found == digest) {
        return Err(CompactError::NotThere {
            kept: replaced.dir().to_path_buf(),
        });
    }
    replaced.forget()?;
    Ok(Compacted {
        committed,
        digest,
        before,
        after: disk_bytes(dir),
        repairs,
    })
}

/// Opens a log, and digests all that follows from its entries.
fn read(dir: &Path, progress: &mut dyn FnMut(u64)) -> Result<(Log, Sha256), EngineError> {
    let mut fold = Fold::start(Log::size_hint(dir))?;
    let log = Log::open_with(dir, |block| {
        for (index, bytes) in block.entries() {
            fold.entry(index, bytes);
        }
        progress(block.end_index());
    })?;
    if log.highest_decide_version() > DECIDE_VERSION {
        return Err(EngineError::NewerRules {
            dir: dir.to_path_buf(),
            found: log.highest_decide_version(),
            known: DECIDE_VERSION,
        });
    }
    let state = fold.finish().map_err(|(index, source)| EngineError::Entry {
        dir: dir.to_path_buf(),
        index,
        source,
    })?;
    let digest = state.at(log.size()).digest();
    Ok((log, digest))
}
