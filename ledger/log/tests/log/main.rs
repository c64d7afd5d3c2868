//! What a log promises, against the real sled on a real disk.
#![allow(clippy::cast_possible_truncation, reason = "the sizes in here are small")]

mod model;
mod opening;
mod reading;
mod support;
