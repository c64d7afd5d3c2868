//! What the whole-system scenarios and the benchmarks have in common: a made-up stream of postings, and the real
//! binary as a process of its own.

pub mod caller;
pub mod client;
pub mod county;
pub mod disk;
pub mod ledger;
pub mod process;
pub mod raw;
pub mod sheet;
pub mod site;
pub mod web;
