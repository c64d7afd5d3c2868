//! The ledger as a running thing: one writer thread, the replayed state, and queries at any size.
//!
//! ```text
//!  Engine::submit ──▶ bounded inbox ──▶ writer thread ──▶ keshi-log (durable)
//!                                        │ decide, evolve
//!                                        ▼
//!  Engine::query ◀──────────────────── State ── asked only up to the durable size
//! ```
//!
//! The writer takes what waits, evolves the state ahead of the disk, packs the entries, makes them durable,
//! and only then moves the visible size and answers. A query may run while the state is ahead, because every
//! question names a size and folds only what stands below it.
//!
//! # Invariants
//!
//! 1. No receipt before [`keshi_log::Log::commit`] returned for its entries.
//! 2. No answer beyond the durable size.
//! 3. After a failed commit nothing more is taken, and the state that was ahead is never shown.
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

mod check;
mod compact;
mod engine;
mod error;
mod inbox;
mod prove;
mod read;
mod receipts;
mod shared;
mod waiters;
mod writer;

pub use check::DryRun;
pub use compact::{CompactError, Compacted, compact};
pub use engine::{Engine, OpenOptions};
pub use error::{EngineError, ReadError, SubmitError};
pub use inbox::{Done, INBOX_BYTES_MAX, INBOX_SUBMISSIONS_MAX, Place};
pub use keshi_log::{Copy, Fault, Repair, Scrub};
pub use read::{Replayed, StoredEntry};
pub use shared::{Head, Load};
