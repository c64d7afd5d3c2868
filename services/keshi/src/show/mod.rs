//! How answers are printed: protobuf JSON for programs, tables for people.

pub(crate) mod json;
pub(crate) mod table;

/// Adds to a text that is being put together.
pub(crate) fn add(text: &mut String, more: impl AsRef<str>) {
    text.push_str(more.as_ref());
}
