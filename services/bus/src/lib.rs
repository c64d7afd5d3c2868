//! The one way into the ledger: an embedded queue or NATS JetStream behind one contract.
//!
//! ```text
//!  poster: Bus::submit ──┬── Embedded ──────────────────────────────┬──▶ Ledger::try_record ─▶ Delivery
//!                        └── Nats ─▶ stream KESHI_<code> ─▶ serve ──┘         (the engine)       │
//!          Answer  ◀──────────────── receipt (oneshot, or core NATS to the poster's inbox) ◀─────┘ Reply::send
//!  poster: Bus::ask ────────────────────────────────────────────────▶ Ledger::answer   (never stored)
//! ```
//!
//! The bus carries opaque bytes. It knows neither events nor the engine, of the core only its languages and how hashes are written, and it is the only crate that touches
//! `async-nats`.
//!
//! # What both buses promise
//!
//! - [`Answer::Recorded`] carries exactly the bytes the ledger passed to [`Reply::send`], which the ledger calls only
//!   once the submission is durable in its log.
//! - Deliveries reach the ledger in one order, the order of the bus; what one poster sends one after another (each
//!   after the answer to the one before) keeps its order.
//! - Sending the same submission again is always safe and is always answered: the bus never swallows a second copy
//!   for which somebody waits.
//! - A call ends by its deadline, whatever happened to the ledger or the server. An error says whether anything may
//!   have happened: [`SubmitError::is_outcome_known`].
//! - The payload arrives as sent, byte for byte, whether or not it decodes to anything.
#![deny(missing_docs)]

mod embedded;
mod error;
mod follows;
mod ledger;
mod message;
pub mod nats;
#[cfg(feature = "testing")]
pub mod testing;

use std::time::Instant;

use bytes::Bytes;
use keshi_core::lang::Say;

pub use embedded::Embedded;
pub use error::{AskError, SubmitError};
pub use follows::{Followed, Follows, FollowsError, LogEnd, Parted, StreamId};
pub use ledger::{BoxFuture, Closed, Delivery, Ledger, PendingReply, Reply, TryRecordError};
pub use message::{Answer, MESSAGE_BYTES_MAX, Message};
pub use nats::Nats;

/// The poster's side of the bus. Cloning is cheap; clones share everything.
#[derive(Clone, Debug)]
pub enum Bus {
    /// Straight to the ledger of the same process.
    Embedded(Embedded),
    /// Over a stream of NATS JetStream to a ledger in this process or another.
    Nats(Nats),
}

impl Bus {
    /// Sends one submission and waits for its receipt.
    ///
    /// [`Answer::Recorded`] means the ledger has it durably. [`Answer::Accepted`] (NATS only) means the stream has it
    /// durably and the ledger will take it, but no receipt came until 100 ms before `deadline`: ask again later by
    /// sending the same submission.
    ///
    /// # Errors
    ///
    /// See [`SubmitError`]; [`SubmitError::is_outcome_known`] tells whether the ledger may have it nevertheless.
    /// Sending the same submission again is safe after every error.
    pub async fn submit(&self, message: Message, deadline: Instant) -> Result<Answer, SubmitError> {
        message.check()?;
        match self {
            Self::Embedded(bus) => bus.submit(message, deadline).await,
            Self::Nats(bus) => bus.submit(message, deadline).await,
        }
    }

    /// Whether a submission has a way to go right now. The embedded bus is always connected, unless withheld.
    pub fn is_connected(&self) -> bool {
        match self {
            Self::Embedded(bus) => bus.is_open(),
            Self::Nats(bus) => bus.is_connected(),
        }
    }

    /// Takes nothing more, from now on and for the reason given; questions are asked as before.
    ///
    /// For a process whose ledger cannot take what the bus would: it follows another bus, or its stream is lost.
    pub fn withhold(&self, reason: Say) {
        match self {
            Self::Embedded(bus) => bus.withhold(reason),
            Self::Nats(bus) => bus.withhold(reason),
        }
    }

    /// Puts a question to the primary ledger beside the stream: nothing of it is stored on the bus.
    ///
    /// `topic` is one subject token (letters, digits, `-`, `_`). The question is asked once and never repeated by the
    /// bus, so after [`AskError::DeadlineExceeded`] the ledger may have acted on it.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub async fn ask(&self, topic: &str, question: Bytes, deadline: Instant) -> Result<Bytes, AskError> {
        message::check_question(topic, &question)?;
        match self {
            Self::Embedded(bus) => bus.ask(topic, question, deadline).await,
            Self::Nats(bus) => bus.ask(topic, question, deadline).await,
        }
    }
}
