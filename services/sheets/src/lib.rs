//! Spreadsheets in, submissions out: reading the national columns, planning events, reporting verdicts, and the
//! made-up county `liuba-2022`.
//!
//! Pure data in, data out: nothing here calls a server. The way of a file:
//!
//! 1. [`read::open`] takes an xlsx or csv file apart into [`read::Workbook`]: sheets whose kind ([`columns::Kind`])
//!    was recognised by the header row, and their rows, numbered as the spreadsheet shows them.
//! 2. [`plan::Rows::people`] lists whom the rows are about, each once. The caller finds out who they are (the people
//!    register knows) and says so in [`plan::People`]. No name goes any further.
//! 3. [`plan::Rows::plan`] turns rows into events with permanent ids, or into problems that name row, column, value,
//!    reason and remedy. The same rows give the same events, in whatever order and however often.
//! 4. [`plan::Plan::batches`] packs the events into submissions.
//! 5. [`report::verdicts`] joins what became of them with the rows again, and [`report::write_copy`] writes the
//!    checked copy of the workbook.
//!
//! Lists for people go out with [`write::write_table`], papers to be signed with [`paper::write_paper`]
//! or [`paper::paper_bytes`].
#![deny(missing_docs)]

pub mod cell;
pub mod columns;
mod error;
pub mod heading;
pub mod paper;
pub mod plan;
pub mod problem;
pub mod read;
pub mod report;
pub mod sample;
pub mod write;

pub use error::{FileError, WriteError};
