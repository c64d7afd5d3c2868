//! The ledger's end of the bus: deliveries go to the engine, questions to [`crate::answers`].

use std::sync::Arc;

use bytes::Bytes;
use keshi_bus::{BoxFuture, Closed, Delivery, Ledger, Reply, TryRecordError};
use keshi_engine::{Done, Engine, SubmitError};
use keshi_proto::api_convert::receipt_to_api;
use prost::Message as _;
use uuid::Uuid;

use crate::Context;

/// An engine, and the read side that answers questions about it, as what a bus delivers to.
#[derive(Clone, Debug)]
pub struct LedgerEnd(Arc<Context>);

impl LedgerEnd {
    /// The end of the bus at the engine of `context`.
    pub fn new(context: &Arc<Context>) -> Self {
        Self(Arc::clone(context))
    }

    fn engine(&self) -> &Engine {
        &self.0.engine
    }
}

impl Ledger for LedgerEnd {
    fn ledger_id(&self) -> Uuid {
        self.engine().ledger_id()
    }

    fn cursor(&self) -> u64 {
        self.engine().head().cursor
    }

    fn size(&self) -> u64 {
        self.engine().head().size
    }

    fn root_at(&self, size: u64) -> Option<[u8; 32]> {
        self.engine().root_at(size).ok()
    }

    fn recognizes(&self, bytes: &Bytes) -> bool {
        self.engine().recognizes(bytes)
    }

    fn try_record(&self, delivery: Delivery) -> Result<(), TryRecordError> {
        match self.engine().try_reserve(delivery.bytes.len()) {
            Ok(place) => {
                let Delivery { bytes, cursor, reply } = delivery;
                place.submit(&bytes, cursor, done(reply));
                Ok(())
            }
            Err(SubmitError::Full) => Err(TryRecordError::Full(delivery)),
            Err(SubmitError::Closed) => Err(TryRecordError::Closed),
        }
    }

    fn record(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async move {
            let Delivery { bytes, cursor, reply } = delivery;
            let place = self.engine().reserve(bytes.len()).await.map_err(|_| Closed)?;
            place.submit(&bytes, cursor, done(reply));
            Ok(())
        })
    }

    fn answer(&self, topic: String, question: Bytes) -> BoxFuture<'_, Result<Bytes, String>> {
        Box::pin(async move { self.0.answer(&topic, question).await })
    }
}

fn done(reply: Reply) -> Done {
    Box::new(move |receipt| reply.send(move || receipt_to_api(&receipt).encode_to_vec().into()))
}
