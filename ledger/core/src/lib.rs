//! Keshi's domain, pure.
#![deny(missing_docs)]
