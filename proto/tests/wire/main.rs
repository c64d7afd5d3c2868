//! The wire forms: round trips, golden files, names and numbers, damage, field paths, sizes.

mod codes;
mod damage;
mod fixtures;
mod generate;
mod paths;
mod round_trips;
mod samples;
mod sizes;
