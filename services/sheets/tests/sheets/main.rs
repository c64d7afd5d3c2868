//! Whole files: written with a real spreadsheet writer, read back, planned, reported.

mod support;

mod inspections;
mod office;
mod parts;
mod planning;
mod questions;
mod reading;
mod reporting;
mod rows;
mod sample;
mod works;
