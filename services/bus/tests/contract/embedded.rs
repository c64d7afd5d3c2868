//! The embedded bus.

use std::sync::Arc;
use std::time::Duration;

use keshi_bus::{BoxFuture, Bus, Closed, Delivery, Embedded, Ledger, SubmitError, TryRecordError};

use crate::behaviours::contract;
use crate::ledger::TestLedger;
use crate::system::{System, message, soon, within_ms};

struct EmbeddedSystem {
    ledger: Arc<TestLedger>,
    bus: Bus,
}

impl System for EmbeddedSystem {
    async fn start(queue: usize) -> Self {
        let ledger = TestLedger::new(queue);
        let bus = Bus::Embedded(Embedded::new(Arc::clone(&ledger) as Arc<dyn Ledger>));
        Self { ledger, bus }
    }

    fn bus(&self) -> &Bus {
        &self.bus
    }

    fn ledger(&self) -> &Arc<TestLedger> {
        &self.ledger
    }
}

contract!(EmbeddedSystem);

#[tokio::test]
async fn a_full_queue_is_named_with_a_delay() {
    let system = EmbeddedSystem::start(1).await;
    system.ledger.hold();
    let mut full = None;
    for number in 0..4 {
        match system.bus.submit(message(format!("{number}")), within_ms(20)).await {
            Err(SubmitError::Full { retry_after }) => full = Some(retry_after),
            Err(SubmitError::DeadlineExceeded) | Ok(_) => {}
            Err(other) => panic!("unexpected: {other}"),
        }
    }
    assert!(full.is_some_and(|retry_after| retry_after > Duration::ZERO));
}

/// Takes every delivery and drops it, as a writer does that dies after a failed sync.
struct DyingLedger;

impl Ledger for DyingLedger {
    keshi_bus::empty_ledger!();

    fn try_record(&self, _: Delivery) -> Result<(), TryRecordError> {
        Ok(())
    }

    fn record(&self, _: Delivery) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async { Ok(()) })
    }

    fn answer(&self, _: String, _: bytes::Bytes) -> BoxFuture<'_, Result<bytes::Bytes, String>> {
        Box::pin(async { Err("dead".to_owned()) })
    }
}

#[tokio::test]
async fn a_writer_that_dies_with_a_submission_leaves_its_outcome_unknown() {
    let bus = Bus::Embedded(Embedded::new(Arc::new(DyingLedger)));
    let error = bus.submit(message("lost?"), soon()).await.unwrap_err();
    assert_eq!(error, SubmitError::Closed);
    assert!(!error.is_outcome_known());
}
