//! The state at a size: the one thing of which questions are asked.

use super::State;

/// The state as the ledger of `size` entries has it.
///
/// The state may be ahead of the disk, and a question may be about an earlier day; so no question can be asked of a
/// [`State`] alone. A size beyond the entries folded is the state as it is.
#[derive(Clone, Copy, Debug)]
pub struct At<'s> {
    pub(crate) state: &'s State,
    pub(crate) size: u64,
}

impl State {
    /// The state as the ledger of `size` entries has it.
    pub const fn at(&self, size: u64) -> At<'_> {
        At { state: self, size }
    }
}

impl At<'_> {
    /// Number of entries.
    pub const fn size(self) -> u64 {
        self.size
    }

    /// The state as a ledger of `size` entries has it, and never more than this one.
    #[must_use]
    pub const fn back_to(self, size: u64) -> Self {
        Self {
            size: if size < self.size { size } else { self.size },
            ..self
        }
    }
}
