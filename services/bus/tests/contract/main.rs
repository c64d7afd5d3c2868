//! The contract of the bus, run against both buses, and what only NATS can get wrong.
//!
//! `behaviours` holds what any bus must do, as functions over the trait `System`; `embedded` and `nats_system` say
//! how to bring one up. The ledger at the far end is a small one in memory that checks the order of its deliveries.

mod behaviours;
mod embedded;
mod ledger;
mod nats_asking;
mod nats_attaching;
mod nats_cluster;
mod nats_conf;
mod nats_crashes;
mod nats_diagnosis;
mod nats_duty;
mod nats_fitness;
mod nats_halts;
mod nats_posting;
mod nats_system;
mod system;
