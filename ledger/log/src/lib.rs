//! An append-only, Merkle-hashed log of opaque entries in packed blocks on sled.
//!
//! The log knows bytes only. An *entry* is a byte string of at most [`MAX_ENTRY_BYTES`]; it gets the next *index*
//! (0, 1, 2 … without gaps) and never changes again. The *size* is the number of entries, the *root* the RFC 6962
//! Merkle root over them. This is the only crate that touches sled.
//!
//! ```text
//! <dir>/lock        held (flock) for the life of the process that has the log open
//! <dir>/head        two checksummed slots: identity, size, root, cursor            (see `head.rs`)
//! <dir>/blocks/     the sled directory: first_index (big-endian u64) -> one packed block (see `block.rs`)
//! ```
//!
//! # Writing
//!
//! One [`Log`] is the single writer. [`Log::append`] stages entries in memory, [`Log::seal`] says that what is staged
//! so far consists of whole submissions, [`Log::commit`] makes all sealed entries durable. When `commit` returns, the
//! blocks are on disk (sled flushed, then `fdatasync` on its file), and so is `head`, written and synced after them.
//! If anything fails on that way the log is *poisoned*: it refuses further writes until it is opened again, because
//! after a failed sync nobody knows what the disk holds.
//!
//! # Opening
//!
//! sled repairs silently: a damaged directory may simply open shorter. So opening reads every block once, checks its
//! checksum and that no index is missing, recomputes the root and compares it with `head`. A log longer than `head`
//! is fine (those entries were never answered); whole submissions beyond `head` are kept, the rest of a torn one is
//! dropped. A shorter log, another root, or a bad block is [`OpenError::Damaged`], naming the first index that cannot
//! be served. [`Log::open_with`] hands each verified block to the caller in the same pass, so that replay costs no
//! second scan.
//!
//! # Reading
//!
//! [`Reader`]s are cheap to clone, work from any thread beside the writer and never see beyond the committed size.
//!
//! # Invariants
//!
//! 1. `commit` returns only after `fdatasync` returned for the blocks and then for `head`.
//! 2. Only the tail block is ever rewritten, and only to grow; below the committed size no byte changes.
//! 3. No value in sled exceeds [`MAX_BLOCK_BYTES`]; sled's `blobs` directory, which it does not sync, stays empty.
//! 4. No sled panic passes this crate's boundary.
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

mod block;
mod copy;
mod error;
mod head;
mod log;
mod merkle;
mod open;
mod place;
mod reader;
mod repair;
mod reserve;
mod snapshot;
mod staged;
mod store;

pub use block::{Block, Entries, MAX_BLOCK_BYTES, MAX_ENTRY_BYTES};
pub use error::{AppendError, BlockDefect, CommitError, Damage, OpenError, ReadError, StorageError};
pub use head::{Identity, MAX_OFFICE_BYTES};
pub use log::{Committed, Log};
pub use merkle::{Hash, MerkleStack, leaf_hash, node_hash};
pub use reader::{Reader, Scan};
