//! What an office keeps beside its ledger.
//!
//! Nothing in here is part of the ledger: it may change and be erased, and no figure rests on it.
//!
//! - [`layout`]: where everything lies in the data directory.
//! - [`contents`]: what a data directory should hold, so that what was lost is noticed.
//! - [`access`]: who may call (tokens, kept as hashes) and what each role may do, as one table.
//! - [`accounts`]: who may sign in with a password, their sessions, and what was changed about them.
//! - [`backups`]: which backups were made.
//! - [`evidence`]: the files that stand behind claims.
//! - [`keyring`]: where the office's keys are looked for, made and changed.
//! - [`people`]: the people register: names, ID documents, phones, birth dates; one record per teacher.
//! - [`reads`]: who read whose balance, one JSON line each.
//! - [`scrubbed`]: what reading the ledger over again has found.
//! - [`signing`]: the office's signature under checkpoints of its ledger, and which was the largest that it gave out.
//! - [`witness`]: the files of somebody who cosigns the checkpoints of other offices' ledgers.
//!
//! What is deliberately absent: no gRPC, no ledger, no environment variables, and no wall clock where a
//! result depends on it (the time is an argument).
#![deny(missing_docs)]

pub mod access;
pub mod accounts;
pub mod backups;
pub mod contents;
pub mod evidence;
mod files;
pub mod keyring;
pub mod layout;
mod monthly;
pub mod people;
pub mod reads;
pub mod scrubbed;
pub mod signing;
mod store;
pub mod witness;

pub use self::files::write_atomically;
pub use self::store::{StoreError, carry};

use jiff::tz::{Offset, TimeZone};

/// China Standard Time, UTC+8 without daylight saving: the days and months of an office.
fn china() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// Whether `text` is an id as the ledger writes them: 1 to 32 of `A-Z a-z 0-9 . _ -`, the first a letter or digit.
fn is_ledger_id(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}
