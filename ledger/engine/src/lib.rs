//! Keshi's single writer, replayed state and queries.
