//! The embedded bus: a poster and the ledger in one process.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use keshi_core::lang::Say;
use tokio::time::timeout_at;

use crate::{Answer, AskError, Closed, Delivery, Ledger, Message, Reply, SubmitError, TryRecordError};

/// How long a poster is asked to wait when the ledger's queue is full.
///
/// The writer empties a full queue within a few group commits, so about ten disk syncs of patience suffice.
const FULL_RETRY_AFTER: Duration = Duration::from_millis(100);

/// Hands submissions straight to the ledger of this process: no task, no copy, one small allocation for the answer.
#[derive(Clone)]
pub struct Embedded {
    ledger: Arc<dyn Ledger>,
    withheld: Arc<OnceLock<Say>>,
}

impl Embedded {
    /// A bus that delivers to `ledger`.
    pub fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self {
            ledger,
            withheld: Arc::default(),
        }
    }

    /// As [`Bus::withhold`](crate::Bus::withhold).
    pub(crate) fn withhold(&self, reason: Say) {
        // The first reason stands.
        drop(self.withheld.set(reason));
    }

    /// Whether submissions are taken.
    pub(crate) fn is_open(&self) -> bool {
        self.withheld.get().is_none()
    }

    pub(crate) async fn submit(&self, message: Message, deadline: Instant) -> Result<Answer, SubmitError> {
        if let Some(reason) = self.withheld.get() {
            let reason = reason.clone();
            return Err(SubmitError::Unfit { reason });
        }
        let (reply, pending) = Reply::channel();
        self.ledger
            .try_record(Delivery {
                bytes: message.bytes,
                cursor: None,
                reply,
            })
            .map_err(|error| match error {
                TryRecordError::Full(_) => SubmitError::Full {
                    retry_after: FULL_RETRY_AFTER,
                },
                TryRecordError::Closed => SubmitError::Closed,
            })?;
        match timeout_at(deadline.into(), pending).await {
            Ok(Ok(receipt)) => Ok(Answer::Recorded(receipt)),
            Ok(Err(Closed)) => Err(SubmitError::Closed),
            Err(_elapsed) => Err(SubmitError::DeadlineExceeded),
        }
    }

    pub(crate) async fn ask(&self, topic: &str, question: Bytes, deadline: Instant) -> Result<Bytes, AskError> {
        match timeout_at(deadline.into(), self.ledger.answer(topic.to_owned(), question)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(reason)) => Err(AskError::Refused { reason }),
            Err(_elapsed) => Err(AskError::DeadlineExceeded),
        }
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("ledger_id", &self.ledger.ledger_id())
            .field("withheld", &self.withheld.get())
            .finish_non_exhaustive()
    }
}
