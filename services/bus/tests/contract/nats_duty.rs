//! One primary answers, and whoever follows it compares.

use std::sync::Arc;

use bytes::Bytes;
use keshi_bus::nats::{Duty, Role, ServeError};
use keshi_bus::testing::{NatsServer, Options};
use keshi_bus::{Answer, Ledger as _};
use uuid::Uuid;

use crate::ledger::{Log, TestLedger};
use crate::nats_system::{NatsSystem, OFFICE, Serving, raw_client};
use crate::system::{System as _, duplicate, eventually, message, recorded, soon, within_ms};

/// A second primary of the same ledger, which has taken over.
async fn second_primary(system: &NatsSystem) -> Serving {
    let ledger = TestLedger::reopen(system.primary.ledger.ledger_id(), Log::default(), 8);
    let mut second = Serving::start(&system.server, ledger, Role::Primary);
    second.wait_primary(true).await;
    second
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_primaries_only_the_one_that_claimed_last_answers() {
    let mut system = NatsSystem::start(8).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    let second = second_primary(&system).await;
    system.primary.wait_primary(false).await;
    let duty = system.primary.duty.borrow().clone();
    assert!(
        matches!(&duty, Duty::Deposed { by, .. } if by == "the test's"),
        "{duty:?}"
    );

    // Both are asked; the one that answers is the second.
    assert_eq!(
        system.bus.ask("echo", Bytes::from("who"), soon()).await,
        Ok(Bytes::from("who"))
    );
    let posted = message("to the second");
    assert_eq!(system.bus.submit(posted.clone(), soon()).await, recorded(&posted));
    second.ledger.hold();
    let plug = message("the held-up writer may still take this one");
    drop(system.bus.submit(plug, within_ms(150)).await);
    let silent = message("the first records it and says nothing");
    assert_eq!(
        system.bus.submit(silent.clone(), within_ms(1_000)).await,
        Ok(Answer::Accepted)
    );
    assert_eq!(system.primary.ledger.log().count(&silent.bytes), 1);
    assert_eq!(second.ledger.log().count(&silent.bytes), 0);
    assert!(system.primary.is_running(), "it follows as a standby does");

    // Without the second nobody answers, until the first is started again.
    second.ledger.go_on();
    second.stop().await;
    assert!(system.bus.ask("echo", Bytes::new(), within_ms(300)).await.is_err());
    let ledger = system.primary.stop().await;
    let again = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8);
    let _again = Serving::start(&system.server, again, Role::Primary);
    assert_eq!(system.bus.submit(silent.clone(), soon()).await, duplicate(&silent));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_that_a_dead_primary_left_unsent_are_sent_by_the_next() {
    let mut system = NatsSystem::start(8).await;
    system.primary.wait_primary(true).await;
    let id = system.primary.ledger.ledger_id();
    system.primary.ledger.hold();
    let bus = system.bus.clone();
    let posted = message("posted while nobody records");
    let waiting = tokio::spawn({
        let posted = posted.clone();
        async move { bus.submit(posted, soon()).await }
    });
    let stream = crate::nats_system::raw_stream(&system.server).await;
    while stream.get_info().await.unwrap().state.messages < 2 {
        tokio::task::yield_now().await;
    }
    drop(system.primary);
    let ledger = TestLedger::reopen(id, Log::default(), 8);
    let _second = Serving::start(&system.server, ledger, Role::Primary);
    assert_eq!(waiting.await.unwrap(), recorded(&posted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_whose_entries_differ_raises_an_alarm_that_names_the_first_size() {
    let system = NatsSystem::start(8).await;
    for number in 0..60 {
        let posted = message(format!("{number}"));
        assert_eq!(system.bus.submit(posted.clone(), soon()).await, recorded(&posted));
    }
    let log = system.primary.ledger.log();
    for wrong in [0, 17, 59] {
        let mut other = log.clone();
        if wrong < 59 {
            // The last one is what the stream is recognised by.
            other.recorded[wrong].bytes = Bytes::from("something else");
        } else {
            let last = other.recorded.pop().unwrap();
            let mut between = last.clone();
            between.bytes = Bytes::from("posted past the stream");
            other.recorded.extend([between, last]);
        }
        let ledger = TestLedger::reopen(system.primary.ledger.ledger_id(), other, 8);
        match Serving::start(&system.server, ledger, Role::Standby).halt().await {
            ServeError::RootDiffers { size, is_exact, .. } => {
                assert_eq!((size, is_exact), (wrong as u64 + 1, true));
            }
            other => panic!("unexpected: {other}"),
        }
    }
    // One that is right goes on.
    let right = TestLedger::reopen(system.primary.ledger.ledger_id(), log, 8);
    let standby = Serving::start(&system.server, right, Role::Standby);
    let mut heads = {
        use futures::StreamExt as _;
        let client = raw_client(&system.server).await;
        client.subscribe(format!("keshi-head.{OFFICE}")).await.unwrap().take(3)
    };
    while futures::StreamExt::next(&mut heads).await.is_some() {}
    assert!(standby.is_running());
    assert!(system.primary.is_running(), "the primary serves on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_may_not_claim_says_which_right_it_needs() {
    let options = Options {
        extra: format!(
            "authorization {{ users: [ {{ user: unfit, password: secret, permissions {{ publish: {{ deny: \"keshi-claim.{OFFICE}\" }} }} }} ] }}"
        ),
        ..Options::default()
    };
    let server = NatsServer::start_with(options).await;
    let mut config = crate::nats_system::config(&server);
    // Name and password in the address are used, too.
    config.url = server.url().replace("nats://", "nats://unfit:secret@");
    let error = Serving::start_with(config, TestLedger::new(8), Role::Primary)
        .halt()
        .await;
    let text = error.to_string();
    assert!(matches!(error, ServeError::MayNotClaim { .. }), "{text}");
    assert!(text.contains(&format!("keshi-claim.{OFFICE}")), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_claim_deposes_nobody() {
    let mut system = NatsSystem::start(8).await;
    system.primary.wait_primary(true).await;
    let context = async_nats::jetstream::new(raw_client(&system.server).await);
    for bytes in ["", "{}", "\u{0}", "{\"instance\":\"x\"}"] {
        let sent = context
            .publish(format!("keshi-claim.{OFFICE}"), bytes.into())
            .await
            .unwrap();
        sent.await.unwrap();
    }
    let posted = message(Uuid::new_v4().to_string());
    assert_eq!(system.bus.submit(posted.clone(), soon()).await, recorded(&posted));
    let ledger = Arc::clone(&system.primary.ledger);
    eventually("only the submission is delivered", move || {
        ledger.log().recorded.len() == 1
    })
    .await;
}
