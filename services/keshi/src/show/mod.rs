//! How answers are printed: protobuf JSON for programs, tables for people.

pub(crate) mod json;
pub(crate) mod table;
