//! The gRPC read side: balances, tiers, shortfalls, entries and the audit's replay, at any size of the ledger; and the
//! ledger's answers to what the write side asks over the bus.
//!
//! ```text
//!  Ledger, Audit ──▶ may she read? ──▶ at which size? ──▶ Engine::query ──▶ names from the people register
//!                          └─ a line in the read log          ▲
//!  Bus::ask ──▶ answers::answer ──────────────────────────────┘
//! ```
//!
//! # What holds
//!
//! - An answer is a function of the ledger at the size that it names, and of today's date where it counts weeks.
//! - Nobody sees another's data without the right to, and every such reading leaves a line in the read log.
//! - The state's lock is held for one teacher or some milliseconds, never across an await. What is heavy is worked at in such
//!   steps on threads of its own, and leaves the machine to others (`desk`).
//! - No question costs more than its limits say (`bounds`), and no answer is larger than what a client takes (`page`).
#![deny(missing_docs)]

pub mod answers;
mod attendance;
mod audit;
mod balances;
mod bounds;
mod bundles;
mod calendars;
mod certificates;
mod claims;
mod comparisons;
mod contests;
mod counted;
mod deliveries;
mod desk;
mod differences;
mod entries;
mod entry;
mod error;
mod everybody;
mod evidence;
mod growth;
mod held;
mod inspections;
mod ledger;
mod listing;
mod loads;
mod merges;
mod national;
mod organisations;
mod overlaps;
mod overview;
mod page;
mod people;
mod place;
mod policies;
mod posts;
mod proofs;
mod questions;
mod reads;
mod ready;
mod rotations;
mod school_balances;
mod schools;
mod scope;
mod sessions;
mod shortfalls;
mod submissions;
mod tiers;
mod topics;
mod words;
mod works;
mod years;

use std::fmt;
use std::sync::Arc;

pub use deliveries::LedgerEnd;
use jiff::civil::Date;
use keshi_core::time::Millis;
use keshi_door::{CHECK, Dressed, GET_TILE, Guard, LIST_PUBLICITY, MESSAGE_BYTES_MAX};
use keshi_engine::Engine;
use keshi_office::evidence::Evidence;
use keshi_office::people::Register;
use keshi_office::reads::ReadLog;
use keshi_office::signing::Signing;
use keshi_proto::api::audit_service_server::AuditServiceServer;
use keshi_proto::api::certificate_register_service_server::CertificateRegisterServiceServer;
use keshi_proto::api::claim_service_server::ClaimServiceServer;
use keshi_proto::api::ledger_service_server::LedgerServiceServer;
use keshi_proto::api::tile_service_server::TileServiceServer;
use keshi_proto::api::year_service_server::YearServiceServer;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

/// Replays at once: each needs the memory of a second state and one core.
const REPLAYS_AT_ONCE_MAX: usize = 1;

/// Dry runs judged at once: each holds the state's lock for one submission after the other.
const JUDGED_AT_ONCE_MAX: usize = 1;

/// Old receipts searched for in the whole log at once: each keeps a core busy for up to seconds, and the rest of the machine is
/// for posting.
const SEARCHES_AT_ONCE_MAX: usize = 2;

/// What the read side is made of.
#[derive(Debug)]
pub struct Parts {
    /// The people register of the office.
    pub people: Arc<Register>,
    /// The files behind claims.
    pub evidence: Arc<Evidence>,
    /// Where readings are noted.
    pub reads: Arc<ReadLog>,
    /// What signs checkpoints.
    pub signing: Arc<Signing>,
    /// The door, shared with the write side where both run in one process.
    pub guard: Guard,
    /// Ends the streams that would otherwise go on for ever.
    pub shutdown: CancellationToken,
}

/// What all services of the read side share.
pub struct Context {
    engine: Engine,
    parts: Parts,
    checks: answers::Checks,
    arriving: evidence::Arriving,
    certificates: certificates::Checks,
    tiles: proofs::Tiles,
    persons: bundles::Persons,
    shortfalls: shortfalls::Lists,
    overviews: counted::Counted<overview::Found>,
    funnels: counted::Counted<contests::Funnel>,
    years: counted::Counted<years::YearFigures>,
    replays: Arc<Semaphore>,
    judging: Arc<Semaphore>,
    desk: desk::Desk,
    searching: Semaphore,
}

impl Context {
    /// The read side over `engine`.
    pub fn new(engine: Engine, parts: Parts) -> Arc<Self> {
        let (guard, recorded) = (parts.guard.clone(), engine.heads());
        let desk = desk::Desk::new(move || guard.let_in_so_far().wrapping_add(recorded.borrow().size));
        Arc::new(Self {
            engine,
            parts,
            checks: answers::Checks::default(),
            arriving: evidence::Arriving::default(),
            certificates: certificates::Checks::default(),
            tiles: proofs::Tiles::default(),
            persons: bundles::Persons::default(),
            shortfalls: shortfalls::Lists::default(),
            overviews: counted::Counted::default(),
            funnels: counted::Counted::default(),
            years: counted::Counted::keeping(years::KEPT_MAX),
            replays: Arc::new(Semaphore::new(REPLAYS_AT_ONCE_MAX)),
            judging: Arc::new(Semaphore::new(JUDGED_AT_ONCE_MAX)),
            desk,
            searching: Semaphore::new(SEARCHES_AT_ONCE_MAX),
        })
    }

    /// Today in China.
    fn today(&self) -> Date {
        Millis(self.parts.guard.now().as_millisecond()).local_date()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

/// The adapter of all services.
#[derive(Clone, Debug)]
pub(crate) struct Query(Arc<Context>);

/// Adds the services of the read side to a server's routes.
pub fn add_services(context: &Arc<Context>, routes: &mut RoutesBuilder) {
    macro_rules! add {
        ($($server:ident)*) => { $(
            let service = $server::new(Query(Arc::clone(context)));
            let service = service.max_decoding_message_size(MESSAGE_BYTES_MAX);
            routes.add_service(Dressed::new(context.parts.guard.clone(), service));
        )* };
    }
    add! { LedgerServiceServer AuditServiceServer YearServiceServer }
    let register = CertificateRegisterServiceServer::new(Query(Arc::clone(context)));
    let register = register.max_decoding_message_size(MESSAGE_BYTES_MAX);
    routes.add_service(Dressed::new(context.parts.guard.clone(), register).with_check(CHECK));
    let tiles = TileServiceServer::new(Query(Arc::clone(context))).max_decoding_message_size(MESSAGE_BYTES_MAX);
    routes.add_service(Dressed::new(context.parts.guard.clone(), tiles).with_check(GET_TILE));
    let claims = ClaimServiceServer::new(Query(Arc::clone(context))).max_decoding_message_size(MESSAGE_BYTES_MAX);
    // What is before the public, is so for whoever asks.
    routes.add_service(Dressed::new(context.parts.guard.clone(), claims).with_check(LIST_PUBLICITY));
}
