//! What the behaviours need of a bus, and small helpers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use keshi_bus::{Answer, Bus, Message, SubmitError};
use uuid::Uuid;

use crate::ledger::TestLedger;

/// A bus with a ledger behind it.
pub trait System: Sized {
    /// Brings it up; the ledger's queue holds `queue` deliveries.
    async fn start(queue: usize) -> Self;
    fn bus(&self) -> &Bus;
    fn ledger(&self) -> &Arc<TestLedger>;
}

/// Time enough for anything on a busy machine.
pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

pub fn within_ms(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

pub fn message(text: impl Into<String>) -> Message {
    Message {
        submission_id: Uuid::new_v4(),
        kind: "attendance".into(),
        school: "s0042".into(),
        bytes: Bytes::from(text.into()),
    }
}

/// The answer to a submission the ledger sees for the first time.
#[expect(clippy::unnecessary_wraps, reason = "compared with what `submit` returns")]
pub fn recorded(message: &Message) -> Result<Answer, SubmitError> {
    Ok(Answer::Recorded([b"recorded ", &message.bytes[..]].concat().into()))
}

/// The answer to one it has seen before.
#[expect(clippy::unnecessary_wraps, reason = "compared with what `submit` returns")]
pub fn duplicate(message: &Message) -> Result<Answer, SubmitError> {
    Ok(Answer::Recorded([b"duplicate ", &message.bytes[..]].concat().into()))
}

/// Polls until `is_so`, for half a minute at most.
#[track_caller]
pub fn eventually(what: &'static str, is_so: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let give_up = soon();
        while !is_so() {
            assert!(Instant::now() < give_up, "{caller}: {what} did not happen within 30 s");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
