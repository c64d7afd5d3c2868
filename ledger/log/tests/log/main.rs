//! What a log promises, against the real sled on a real disk.
#![allow(clippy::cast_possible_truncation, reason = "the sizes in here are small")]

mod backup;
mod child;
mod compact;
mod copies;
mod course;
mod damage;
mod faults;
mod model;
mod opening;
mod poison;
mod powercut;
mod proving;
mod reading;
mod scrub;
mod second_copy;
mod support;
mod trace;
