//! Three servers that keep the stream together, two of which die: no answer is a promise that cannot be kept.

use keshi_bus::nats::{NatsConfig, Role};
use keshi_bus::testing::NatsCluster;
use keshi_bus::{Answer, Bus, Nats, SubmitError};

use crate::ledger::TestLedger;
use crate::nats_system::{OFFICE, Serving};
use crate::system::{message, soon, within_ms};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_two_of_three_servers_gone_nothing_is_accepted_and_once_they_are_back_nothing_is_lost() {
    let mut cluster = NatsCluster::start().await;
    let config = NatsConfig {
        replicas: 3,
        ..NatsConfig::new(cluster.url(), OFFICE)
    };
    let mut primary = Serving::start_with(config.clone(), TestLedger::new(64), Role::Primary);
    primary.wait_primary(true).await;
    let bus = Bus::Nats(Nats::connect(config).await.unwrap());
    let first = message("with all three");
    assert!(matches!(
        bus.submit(first.clone(), soon()).await,
        Ok(Answer::Recorded(_))
    ));

    for number in [0, 1] {
        cluster.servers[number].kill();
    }
    let mut posted = vec![first];
    for number in 0..6 {
        let message = message(format!("with one, {number}"));
        let error = bus.submit(message.clone(), within_ms(700)).await.unwrap_err();
        assert!(
            matches!(error, SubmitError::DeadlineExceeded | SubmitError::Unreachable { .. }),
            "{error}"
        );
        posted.push(message);
    }
    for number in [0, 1] {
        cluster.servers[number].restart().await;
    }
    // Sent again, each is recorded, and once.
    for message in &posted {
        let give_up = soon();
        while !matches!(bus.submit(message.clone(), soon()).await, Ok(Answer::Recorded(_))) {
            assert!(std::time::Instant::now() < give_up);
        }
    }
    let log = primary.ledger.log();
    for message in &posted {
        assert!(log.count(&message.bytes) >= 1, "{message:?}");
    }
    assert!(primary.is_running());
}
