//! An append-only, Merkle-hashed log of opaque entries: a journal that makes them durable, packed blocks on sled.
//!
//! The log knows bytes only. An *entry* is a byte string of at most [`MAX_ENTRY_BYTES`]; it gets the next *index*
//! (0, 1, 2 … without gaps) and never changes again. The *size* is the number of entries, the *root* the RFC 6962
//! Merkle root over them. This is the only crate that touches sled.
//!
//! ```text
//! <dir>/lock        held (flock) for the life of the process that has the log open
//! <dir>/journal/    live segments: one record a commit                             (see `journal/`)
//! <dir>/sealed/     closed segments, compressed and immutable                      (see `keshi_verify::sealed`)
//! <dir>/blocks/     the sled directory: first_index (big-endian u64) -> one packed block (see `block.rs`)
//! <dir>/head        two checksummed slots: identity, size, root, cursor at the last checkpoint (see `head.rs`)
//! <dir>/stamp       what sled's files were when it closed them                     (see `stamp.rs`)
//! ```
//!
//! # Writing
//!
//! One [`Log`] is the single writer. [`Log::append`] stages entries in memory, [`Log::seal`] says that what is staged
//! so far consists of whole submissions, [`Log::commit`] makes all sealed entries durable: one write to the journal,
//! into zeros that were written ahead, and one `fdatasync`. If anything fails on that way the log is *poisoned*: it
//! refuses further writes until it is opened again, because after a failed sync nobody knows what the disk holds.
//!
//! Off that path a thread files what was committed (`filer.rs`): full blocks go into sled in large batches, then `head`
//! moves; closed segments of the journal are sealed. So every entry is held twice, once it fills a block: in sled, and
//! in the journal, live or sealed.
//!
//! # Opening
//!
//! sled repairs silently: a damaged directory may simply open shorter, and is cut short by that. So sled opens its
//! directory only if its files are as it left them, else a copy. Opening reads every block once, checks its checksum
//! and that no index is missing, recomputes the root and compares it with every root that `head` and the journal
//! recorded. What one copy has lost is put together again from the other and said ([`Log::repairs`]); what neither has
//! is [`OpenError::Damaged`], naming the first index that cannot be served, and then nothing has been changed. A record
//! that a power cut left unfinished is told from one that was damaged (`keshi_verify::record`) and forgotten.
//! [`Log::open_with`] hands each verified block to the caller in the same pass, so that replay costs no second scan.
//!
//! # Reading
//!
//! [`Reader`]s are cheap to clone, work from any thread beside the writer and never see beyond the committed size. Of the tree they
//! have all that is above its tiles of 256 leaves in memory, and hash the entries of a tile when a proof needs them (`prove.rs`).
//!
//! A log that stays open is read over again by a [`Scrub`], as slowly as its caller likes.
//!
//! # Invariants
//!
//! 1. `commit` returns only after `fdatasync` returned for its record in the journal.
//! 2. No block and no record is ever rewritten; below the committed size no byte changes.
//! 3. No value in sled exceeds [`MAX_BLOCK_BYTES`]; sled's `blobs` directory, which it does not sync, stays empty.
//! 4. No sled panic passes this crate's boundary.
//! 5. A live segment is removed only when it is sealed and sled holds its entries durably.
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
mod compact;
mod copy;
mod create;
mod error;
mod filer;
mod head;
mod heal;
mod journal;
mod log;
mod open;
mod place;
mod prove;
mod reader;
mod recent;
mod repair;
mod restore;
mod scan;
mod scrub;
mod shared;
mod snapshot;
mod staged;
mod stamp;
mod store;
mod survey;
mod table;
mod walk;
mod whole;

pub use block::{Block, Entries, MAX_BLOCK_BYTES, MAX_ENTRY_BYTES};
pub use compact::{CompactError, Remade, Replaced, beside, disk_bytes};
pub use error::{AppendError, BlockDefect, CommitError, Damage, OpenError, ReadError, StorageError};
pub use keshi_verify::{Hash, Identity, MAX_OFFICE_BYTES, MerkleStack, leaf_hash, node_hash, tile::TILE_WIDTH};
pub use log::Log;
pub use reader::{Reader, Scan};
pub use repair::Repair;
pub use restore::{RestoreError, restore};
pub use scrub::{Copy, Fault, Scrub, Step};
pub use shared::Committed;
