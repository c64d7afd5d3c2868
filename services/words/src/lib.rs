//! How the services' answers are put into words: one place for the command line and the pages.
//!
//! - [`names`]: verdicts, standings, meters, amounts and counts.
//! - [`time`]: days and moments.
//! - [`reason`]: why something was not taken.
//! - [`people`]: whom a name names.
//! - [`line`](mod@line): the lines of a balance, and how a requirement comes about.
//! - [`balance`], [`difference`], [`comparison`], [`tier`], [`shortfall`], [`school`], [`schools`], [`entry`], [`session`], [`reading`], [`held`],
//!   [`load`], [`calendar`], [`certificate`], [`claim`], [`policy`], [`account`], [`organisation`], [`rotation`], [`topic`], [`work`], [`national`], [`question`], [`inspection`], [`report`], [`year`]: the answers of those names.
//! - [`paper`]: what their papers have in common.
#![deny(missing_docs)]

pub mod account;
pub mod balance;
pub mod calendar;
pub mod certificate;
pub mod claim;
pub mod comparison;
pub mod difference;
pub mod entry;
pub mod held;
pub mod inspection;
pub mod line;
pub mod load;
pub mod merge;
pub mod names;
pub mod national;
pub mod organisation;
pub mod overlap;
pub mod paper;
pub mod people;
pub mod policy;
pub mod question;
pub mod reading;
pub mod reason;
pub mod report;
pub mod rotation;
pub mod school;
pub mod schools;
pub mod session;
pub mod shortfall;
pub mod tier;
pub mod time;
pub mod topic;
pub mod work;
pub mod year;
