//! The ledger's side of the bus: what a bus delivers to.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::nats::Remote;

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a bus delivers to. The composition root implements it over the engine.
///
/// A bus calls [`try_record`](Self::try_record) and [`record`](Self::record) in stream order and never again for the
/// same delivery within one run; after a restart it starts behind [`cursor`](Self::cursor), so the ledger sees again
/// what it had not yet made durable.
pub trait Ledger: Send + Sync + 'static {
    /// The identity of this ledger, the same in its log and in the metadata of its stream.
    fn ledger_id(&self) -> Uuid;

    /// The last stream sequence contained in the durable log; 0 if there is none.
    ///
    /// It trails what was delivered. It is read when a run starts, not for every message.
    fn cursor(&self) -> u64;

    /// The number of entries that are durable.
    fn size(&self) -> u64;

    /// The RFC 6962 root over the first `size` entries; `None` if that many are not durable, or cannot be read.
    ///
    /// May read and hash some ten thousand entries: not to be called on an async thread.
    fn root_at(&self, size: u64) -> Option<[u8; 32]>;

    /// Whether the log holds what these bytes (the stream's message at [`cursor`](Self::cursor)) say.
    ///
    /// Asked once when a run starts, so that a stream which was restored from an older copy and then grew past the
    /// cursor with *other* messages is noticed. Answer `true` if it cannot be told.
    fn recognizes(&self, bytes: &Bytes) -> bool {
        let _ = bytes;
        true
    }

    /// Takes a delivery if there is room, without waiting.
    ///
    /// # Errors
    ///
    /// [`TryRecordError::Full`] gives the delivery back; [`TryRecordError::Closed`] drops it.
    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError>;

    /// Takes a delivery, waiting for room.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the ledger takes nothing any more.
    fn record(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), Closed>>;

    /// Answers a question of a poster. `Err` is a refusal in words for the asking program.
    fn answer(&self, topic: String, question: Bytes) -> BoxFuture<'_, Result<Bytes, String>>;
}

/// One submission as it reaches the ledger.
#[derive(Debug)]
pub struct Delivery {
    /// The payload, exactly as the poster sent it.
    pub bytes: Bytes,
    /// Its sequence in the stream, to be stored in the same block as its entries. `None` on the embedded bus.
    pub cursor: Option<u64>,
    /// The way back to the poster.
    pub reply: Reply,
}

/// The way back to a poster. Dropping it unused tells an embedded poster that the ledger closed.
pub struct Reply(pub(crate) Route);

/// Where a receipt goes.
pub(crate) enum Route {
    /// Nobody waits, or this ledger must not speak.
    Nobody,
    /// A poster in this process, who makes the bytes in her own task.
    Waiting(oneshot::Sender<Late>),
    /// A poster's inbox on NATS.
    Remote(Remote),
}

/// Bytes that are made when somebody reads them.
pub(crate) type Late = Box<dyn FnOnce() -> Bytes + Send>;

/// The poster's end of a [`Reply`]: resolves to the receipt, or to [`Closed`] if the reply was dropped.
pub struct PendingReply(oneshot::Receiver<Late>);

/// The ledger did not take a delivery.
#[derive(Debug, thiserror::Error)]
pub enum TryRecordError {
    /// No room now.
    #[error("the queue to the ledger is full")]
    Full(Delivery),
    /// It takes nothing any more.
    #[error("the ledger is closed")]
    Closed,
}

/// The ledger takes nothing any more: it was shut down, or its writer stopped after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger is closed")]
pub struct Closed;

// === impl Reply ===

impl Reply {
    /// A reply that goes nowhere.
    pub fn nobody() -> Self {
        Self(Route::Nobody)
    }

    /// A reply and the end at which it arrives.
    pub fn channel() -> (Self, PendingReply) {
        let (sender, receiver) = oneshot::channel();
        (Self(Route::Waiting(sender)), PendingReply(receiver))
    }

    /// Sends the receipt that `encode` makes. To be called after the submission is durable, and not otherwise.
    ///
    /// Never blocks and needs no runtime, so the writer thread may call it; for a poster of this process `encode` runs
    /// in her task. A poster who no longer waits is no error.
    pub fn send(self, encode: impl FnOnce() -> Bytes + Send + 'static) {
        match self.0 {
            Route::Nobody => {}
            // The poster's deadline may have passed; sending the same submission again brings an answer.
            Route::Waiting(sender) => drop(sender.send(Box::new(encode))),
            Route::Remote(inbox) => inbox.send(encode()),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Route::Nobody => "Reply(nobody)",
            Route::Waiting(_) => "Reply(waiting)",
            Route::Remote(_) => "Reply(remote)",
        })
    }
}

// === impl PendingReply ===

impl fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingReply")
    }
}

impl Future for PendingReply {
    type Output = Result<Bytes, Closed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answered = Pin::new(&mut self.0).poll(cx);
        answered.map(|late| late.map(|encode| encode()).map_err(|_dropped| Closed))
    }
}
