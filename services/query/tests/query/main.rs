//! The read side on a real server, bus, ledger and register.

mod answers;
mod balances;
mod bounds;
mod bundles;
mod certificates;
mod claims;
mod comparisons;
mod contests;
mod corrected;
mod differences;
mod entries;
mod evidence;
mod explained;
mod growth;
mod inspections;
mod merges;
mod names;
mod national;
mod organisations;
mod overview;
mod places;
mod proofs;
mod questions;
mod reads;
mod ready;
mod revoked;
mod rights;
mod school;
mod sessions;
mod submissions;
#[path = "../../../intake/tests/intake/support.rs"]
mod support;
mod topics;
mod works;
mod years;
