//! What an opening put right.

use std::{fmt, path::PathBuf};

/// What was damaged and is whole again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// sled's blocks were put together again from the journal; the damaged ones lie beside them.
    Blocks {
        /// What was wrong with them.
        cause: String,
        /// Where they are now.
        kept: PathBuf,
    },
    /// `head` was written anew from the journal.
    Head,
    /// A part of the journal was sealed again from the blocks.
    Journal {
        /// Its first entry.
        from: u64,
        /// The one after its last.
        to: u64,
    },
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocks { cause, kept } => write!(
                f,
                "the block table was damaged ({cause}) and was put together again from the journal; the damaged one is kept in {}",
                kept.display()
            ),
            Self::Head => write!(f, "head was lost and was written again from the journal"),
            Self::Journal { from, to } => {
                let last = to.saturating_sub(1);
                write!(
                    f,
                    "the journal's entries {from} to {last} were damaged or missing and were sealed again from the block table"
                )
            }
        }
    }
}
