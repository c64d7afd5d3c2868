//! How the services' answers are put into words: one place for the command line and the pages.
//!
//! - [`names`]: verdicts, standings, meters, amounts and counts.
//! - [`time`]: days and moments.
//! - [`reason`]: why something was not taken.
//! - [`line`](mod@line): the lines of a balance, and how a requirement comes about.
#![deny(missing_docs)]

pub mod line;
pub mod names;
pub mod reason;
pub mod time;
