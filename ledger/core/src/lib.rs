//! The domain of Keshi (课时), pure: no clock, no IO, no randomness, no floats.
//!
//! Start with [`event`] (what may happen), then [`decide`] (what becomes of a submission) and
//! [`state`] (what the recorded entries add up to). Everything that is asked is a fold over the
//! state up to some size: [`balance`], [`tier`], [`digest`]. Policies are data: [`policy`].
//!
//! Two functions carry the ledger. [`decide::decide`] judges a submission once, at recording;
//! [`state::State::evolve`] folds a recorded entry and never fails, so a replay of old entries
//! always succeeds and a later release cannot change history.
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::float_arithmetic
    )
)]

pub mod balance;
pub mod calendar;
mod canonical;
pub mod certificate;
pub mod codes;
pub mod decide;
pub mod definitions;
pub mod digest;
pub mod document;
pub mod entry;
pub mod event;
pub mod figures;
pub mod hex;
pub mod hours;
pub mod ids;
mod intern;
pub mod lang;
pub mod period;
pub mod policy;
pub mod reason;
pub mod record;
pub mod registry;
pub mod review;
pub mod state;
pub mod submission;
pub mod text;
pub mod tier;
pub mod time;
pub mod title;
pub mod violation;
pub mod works;

pub use crate::event::check;
