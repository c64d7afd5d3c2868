//! What the whole-system scenarios and the benchmarks have in common.

pub mod county;
