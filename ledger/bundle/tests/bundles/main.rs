//! Bundles: what they show, and that nothing else passes for one.

mod compared;
mod documented;
mod made;
mod mutated;
mod people;
mod persons;
#[expect(
    dead_code,
    reason = "the core's own way to make ledgers, of which not all is needed here"
)]
mod support;
mod tampered;
mod year;
