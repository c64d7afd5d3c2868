//! The naive evaluator against the figures that the domain works out by hand.

mod policy;
mod sample;
