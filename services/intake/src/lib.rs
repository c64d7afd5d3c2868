//! The gRPC write side: lets callers in, reads every field once, checks rights, and hands submissions to the bus.
//!
//! ```text
//!  Training, Outreach, Competition, Registry ─┐ items -> events
//!  Submission ────────────────────────────────┴─▶ submit::post ─▶ Bus::submit ─▶ receipt
//!                              names, dry runs ─▶ ask ──────────▶ Bus::ask ───▶ answer
//! ```
//!
//! It knows a bus, the tokens and the office's code, and nothing of the ledger: it runs also in a process without
//! one. What it must know of the ledger it asks over the bus ([`keshi_door::topics`], messages in `keshi/log/v1/ask.proto`).
//!
//! # What holds
//!
//! - Nothing is published of a submission with one wrong field, or one event that the caller may not post.
//! - `RECORDED` is passed on from the ledger's receipt and never said by this crate.
//! - Every error says what to do next, in the caller's language, and carries `google.rpc.ErrorInfo` of domain `keshi`.
//! - No name, ID document or phone number goes onto the stream.
#![deny(missing_docs)]

mod adopt;
mod ask;
mod check;
mod closing;
mod error;
mod form;
mod mistaken;
mod people;
mod read;
mod review;
mod screen;
mod services;
mod stream;
mod submit;
mod years;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use keshi_bus::Bus;
use keshi_door::{Guard, Shares};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

/// What all services of the write side share.
pub struct Context {
    bus: Bus,
    guard: Guard,
    /// Tells that the server is to end, which is waited for by streams that may be quiet for long.
    shutdown: CancellationToken,
    /// Names still free to be resolved, by token. Held for a few instructions.
    resolving: Mutex<HashMap<String, people::Allowance>>,
    /// Dry runs at once.
    checks: Shares,
    /// Bytes that dry runs keep until they are told.
    checked: Shares,
}

impl Context {
    /// The write side of the office behind `guard`, posting over `bus`.
    pub fn new(bus: Bus, guard: Guard) -> Arc<Self> {
        Self::until(CancellationToken::new(), bus, guard)
    }

    /// The same; streams take nothing more once `shutdown` is cancelled, and end when what they took is answered.
    pub fn until(shutdown: CancellationToken, bus: Bus, guard: Guard) -> Arc<Self> {
        Arc::new(Self {
            bus,
            guard,
            shutdown,
            resolving: Mutex::default(),
            checks: Shares::new(check::CHECKS_AT_ONCE),
            checked: Shares::new(check::KEPT_BYTES_AT_ONCE),
        })
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

/// Adds the services of the write side to a server's routes.
pub fn add_services(context: &Arc<Context>, routes: &mut RoutesBuilder) {
    services::add(context, routes);
}
