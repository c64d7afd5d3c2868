//! The write side on a real server, bus, ledger and register.

mod attendance;
mod buses;
mod documents;
mod door;
mod fields;
mod inspections;
mod kinds;
mod people;
mod posting;
mod questions;
mod revoked;
mod rights;
mod streams;
mod support;
