//! The engine as what a bus delivers to.

use std::sync::Arc;

use bytes::Bytes;
use keshi_bus::{BoxFuture, Closed, Delivery, Ledger, Reply, TryRecordError};
use keshi_core::entry::Posted;
use keshi_engine::{Done, Engine, SubmitError};
use keshi_proto::store::decode_submission;
use keshi_query::Context;
use parking_lot::Mutex;
use uuid::Uuid;

/// The engine, with the read side that answers questions about it.
pub(super) struct EngineLedger {
    engine: Engine,
    answers: Arc<Context>,
}

impl EngineLedger {
    pub(super) fn new(engine: Engine, answers: Arc<Context>) -> Arc<Self> {
        Arc::new(Self { engine, answers })
    }
}

impl Ledger for EngineLedger {
    fn ledger_id(&self) -> Uuid {
        self.engine.ledger_id()
    }

    fn cursor(&self) -> u64 {
        self.engine.head().cursor
    }

    fn size(&self) -> u64 {
        self.engine.head().size
    }

    fn root_at(&self, size: u64) -> Option<[u8; 32]> {
        self.engine.root_at(size).ok()
    }

    /// One of its events is known, whatever became of it: the log has seen this message. Of a message that does not
    /// decode, or has no events, nothing can be told.
    fn recognizes(&self, bytes: &Bytes) -> bool {
        let events = decode_submission(bytes, self.engine.office()).submission.events;
        let is_known = || {
            self.engine.query(|state, size| {
                let mut keys = events.iter().map(Posted::key);
                keys.any(|key| state.indices_of(key).any(|index| index < size))
            })
        };
        events.is_empty() || is_known()
    }

    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError> {
        let Delivery { bytes, cursor, reply } = delivery;
        let Some(cursor) = cursor else {
            return match self.engine.try_submit(&bytes, None, done(reply)) {
                Ok(()) => Ok(()),
                // The embedded bus tells its poster at once and does not try this delivery again.
                Err((SubmitError::Full, _)) => Err(TryRecordError::Full(Delivery {
                    bytes,
                    cursor: None,
                    reply: Reply::nobody(),
                })),
                Err((SubmitError::Closed, _)) => Err(TryRecordError::Closed),
            };
        };
        // The stream's delivery is tried again, so its reply must come back whole.
        let kept = Arc::new(Mutex::new(Some(reply)));
        let shared = Arc::clone(&kept);
        let done: Done = Box::new(move |receipt| {
            if let Some(reply) = shared.lock().take() {
                reply.send(receipt);
            }
        });
        let refused = self.engine.try_submit(&bytes, Some(cursor), done);
        match refused.map_err(|(error, _)| error) {
            Ok(()) => Ok(()),
            Err(SubmitError::Closed) => Err(TryRecordError::Closed),
            Err(SubmitError::Full) => {
                let reply = kept.lock().take().unwrap_or_else(Reply::nobody);
                Err(TryRecordError::Full(Delivery {
                    bytes,
                    cursor: Some(cursor),
                    reply,
                }))
            }
        }
    }

    fn record(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async move {
            let Delivery { bytes, cursor, reply } = delivery;
            let submitted = self.engine.submit(&bytes, cursor, done(reply)).await;
            submitted.map_err(|_| Closed)
        })
    }

    fn answer(&self, topic: String, question: Bytes) -> BoxFuture<'_, Result<Bytes, String>> {
        Box::pin(async move { self.answers.answer(&topic, question).await })
    }
}

fn done(reply: Reply) -> Done {
    Box::new(move |receipt| reply.send(receipt))
}
