//! What the writer and the readers have in common.

use keshi_core::state::State;
use keshi_core::time::Millis;
use keshi_log::Reader;
use parking_lot::{Mutex, RwLock};
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::watch;

use crate::receipts::Receipts;
use crate::waiters::Waiters;

/// The durable end of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: [u8; 32],
    /// `recorded_at` of the last one.
    pub recorded_at: Millis,
    /// The stream position that contains exactly these entries; 0 on the embedded bus.
    pub cursor: u64,
}

/// What the writer has done since the start, and what waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Group commits.
    pub commits: u64,
    /// How long the disk took for all of them.
    pub commit_time: Duration,
    /// Submissions that wait.
    pub waiting: usize,
    /// Their bytes, in whole KiB.
    pub waiting_bytes: usize,
}

/// What the writer and the readers have in common.
pub(crate) struct Shared {
    /// Held by whoever changes the state, from the first change until it is what the disk has: by the writer from its
    /// first entry until the head has moved over all, by a dry run until it has taken everything back. Taken before the
    /// state's own lock.
    pub(crate) turn: Mutex<()>,
    /// Ahead of the disk while the writer works; ask it only about sizes up to the head's.
    pub(crate) state: RwLock<State>,
    pub(crate) head: watch::Sender<Head>,
    /// Why the writer stopped, if a commit failed.
    pub(crate) failure: watch::Sender<Option<String>>,
    pub(crate) waiters: Waiters,
    pub(crate) receipts: Mutex<Receipts>,
    pub(crate) reader: Reader,
    /// How many group commits there were since the start, and how long the disk took for them.
    pub(crate) commits: AtomicU64,
    pub(crate) commit_nanos: AtomicU64,
}
