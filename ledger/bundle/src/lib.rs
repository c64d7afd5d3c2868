//! A ledger in one file, for whoever has the public key and nothing else.
//!
//! A *year's* bundle holds all entries, in order, under a signed checkpoint, and what follows from them: the balances of everybody in a
//! year. That none is left out needs no proof, since the root is reckoned from the entries. A *person's* bundle holds the entries about
//! her and what they rest on, each proved to stand at its place, and that no other is about her ([`people`]).
//!
//! The checker folds the entries with the code with which every opening of a ledger does ([`fold`]), reckons again, and compares line by
//! line. There is no database, no runtime and no network here, nor in the program `keshi-verify`. How the bytes lie: [`mod@format`].
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

pub mod balances;
pub mod check;
pub mod compare;
pub mod failed;
pub mod figures;
pub mod fold;
pub mod format;
pub mod people;
pub mod program;
pub mod select;
pub mod trust;
pub mod write;
