//! One hash over all that the state keeps and all balances that follow from it, to compare ledgers with each other.
//!
//! It names events, never indices, and sorts, so two ledgers that recorded the same events in different orders agree. Every
//! row is taken apart field by field (`rows`), so that a new field does not compile until it is folded or left out
//! with a reason. With each row goes a fingerprint of its event's whole content, also of what no row keeps (a session's
//! place, evidence); of `source` and `note`, which are no content, nothing.
//!
//! What was refused is left out, and when: another order of arrival refuses other events. Ledgers agree if they recorded
//! the same ones.
#![deny(
    clippy::wildcard_enum_match_arm,
    reason = "a new kind must not fall through in silence"
)]

mod answers;
mod inspections;
mod questions;
mod rows;
mod words;

use sha2::Digest as _;

use self::words::Rows;
use crate::balance::Assessor;
use crate::ids::{Sha256, TeacherId};
use crate::state::At;

/// Teachers folded in one step: some milliseconds under a policy of five years.
const TEACHERS_A_STEP: usize = 16;

/// A digest at some size, folded step by step so that whoever guards the state need not give it away for long.
///
/// The state may grow between two steps; the digest stays that of the size it began with.
pub struct Digest {
    size: u64,
    hasher: sha2::Sha256,
    next: Step,
}

enum Step {
    /// Schools, projects, policies and whatever is no teacher's.
    Rest,
    /// The teachers left, from the end of the list on.
    Teachers(Vec<TeacherId>),
}

impl Digest {
    /// Begins the digest of the first `size` entries.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            hasher: sha2::Sha256::new(),
            next: Step::Rest,
        }
    }

    /// Folds some more of `state`, which must be the same ledger at each step. Answers whether more is left.
    pub fn step(&mut self, at: At<'_>) -> bool {
        let state = at.state;
        match &mut self.next {
            Step::Rest => {
                let mut rows = Rows::new(state, self.size);
                rows.of_no_teacher(&mut self.hasher);
                let mut teachers = state.at(self.size).registered_ids();
                teachers.reverse();
                self.next = Step::Teachers(teachers);
                true
            }
            Step::Teachers(left) => {
                let now = left.split_off(left.len().saturating_sub(TEACHERS_A_STEP));
                let mut rows = Rows::new(state, self.size);
                let assessor = Assessor::new(state.at(self.size));
                for id in now.iter().rev() {
                    rows.of_teacher(*id, &mut self.hasher);
                    rows.answers_about(&assessor, *id, &mut self.hasher);
                }
                !left.is_empty()
            }
        }
    }

    /// The digest, once [`Digest::step`] has answered that nothing is left.
    pub fn finish(self) -> Sha256 {
        Sha256(self.hasher.finalize().into())
    }
}

impl At<'_> {
    /// The [`Digest`] at `size`, in one go.
    pub fn digest(self) -> Sha256 {
        let mut digest = Digest::new(self.size);
        while digest.step(self) {}
        digest.finish()
    }
}
