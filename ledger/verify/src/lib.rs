//! What proves a ledger's bytes, without the ledger: the RFC 6962 Merkle tree, and the segments of the journal, live and
//! sealed, that together hold every entry. No database, no runtime, no network.
//!
//! What is given out of it proves itself, too: a [`checkpoint`] says how far the ledger is and is signed, a [`proof`] shows
//! that an entry lies in it, or that it goes on from where it was, and a [`tile`] is a piece of the tree to make proofs from.
//!
//! [`second_copy::verify`] reads a whole second copy, hashes every entry and holds the tree against every root that the
//! copy states. How the bytes lie is in `ledger/docs/format.md` and at the head of each module.
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

pub mod backup;
pub mod checkpoint;
pub mod entry;
mod identity;
pub mod key;
mod merkle;
pub mod note;
pub mod proof;
pub mod proof_file;
pub mod record;
pub mod sample;
pub mod sealed;
pub mod second_copy;
pub mod segment;
pub mod tile;
pub mod tiled;
pub mod witness;

pub use identity::{Identity, MAX_OFFICE_BYTES};
pub use merkle::{Hash, MerkleStack, leaf_hash, node_hash};
