//! The server dies, stalls or forgets; nothing is lost and nothing is recorded twice under one sequence.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures::TryStreamExt as _;
use keshi_bus::nats::Role;
use keshi_bus::testing::NatsServer;
use keshi_bus::{Answer, AskError, Bus, Ledger as _, SubmitError};

use crate::ledger::TestLedger;
use crate::nats_system::{NatsSystem, Serving, poster, raw_stream};
use crate::system::{System, eventually, message, recorded, soon, within_ms};

/// Sends one submission until it is answered as recorded, as a patient clerk would.
async fn post_until_recorded(bus: &Bus, text: String) -> Bytes {
    let posted = message(text);
    let give_up = soon();
    loop {
        match bus.submit(posted.clone(), within_ms(1500)).await {
            Ok(Answer::Recorded(_)) => return posted.bytes,
            Ok(Answer::Accepted) => {}
            Err(error) => {
                let is_final = matches!(error, SubmitError::TooLarge { .. } | SubmitError::InvalidToken { .. });
                assert!(!is_final, "{error}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        assert!(Instant::now() < give_up, "not recorded within 30 s");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recorded_answer_is_in_the_ledger_although_the_server_is_killed_again_and_again() {
    let mut system = NatsSystem::start(64).await;
    let posters: Vec<_> = (0..8)
        .map(|poster| {
            let bus = system.bus.clone();
            tokio::spawn(async move {
                let mut posted = Vec::new();
                for number in 0..60 {
                    posted.push(post_until_recorded(&bus, format!("{poster}/{number}")).await);
                }
                posted
            })
        })
        .collect();
    for kill in 1..=3 {
        let ledger = Arc::clone(&system.primary.ledger);
        eventually("posting makes progress", move || {
            ledger.log().recorded.len() > kill * 60
        })
        .await;
        system.server.kill();
        system.server.restart().await;
    }
    let mut posted = Vec::new();
    for poster in posters {
        posted.extend(poster.await.unwrap());
    }
    let log = system.primary.ledger.log(); // The ledger itself checks that the sequences have no gap.
    for payload in &posted {
        assert!(log.count(payload) >= 1, "{payload:?} was answered as recorded");
    }
    assert!(system.primary.is_running());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_at_the_start_is_waited_for() {
    let mut server = NatsServer::start().await;
    server.kill();
    let primary = Serving::start(&server, TestLedger::new(8), Role::Primary);
    let bus = poster(&server).await;
    let error = bus.submit(message("too early"), within_ms(300)).await.unwrap_err();
    assert!(matches!(error, SubmitError::Unreachable { .. }), "{error}");
    assert!(error.is_outcome_known());
    let error = bus.ask("echo", Bytes::new(), within_ms(300)).await.unwrap_err();
    assert!(matches!(error, AskError::Unreachable { .. }), "{error}");
    server.restart().await;
    let posted = post_until_recorded(&bus, "in time".into()).await;
    assert_eq!(
        primary.ledger.log().payloads(),
        [posted],
        "what was answered as unreachable was never stored"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_server_is_named_long_before_a_long_deadline() {
    let mut server = NatsServer::start().await;
    server.kill();
    let bus = poster(&server).await;
    let started = Instant::now();
    let error = bus.submit(message("x"), soon()).await.unwrap_err();
    assert!(matches!(error, SubmitError::Unreachable { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_answering_costs_a_call_its_deadline_and_loses_nothing() {
    let system = NatsSystem::start(8).await;
    post_until_recorded(&system.bus, "before".into()).await;
    system.server.pause();
    let deadline = within_ms(500);
    let posted = message("meanwhile");
    assert_eq!(
        system.bus.submit(posted.clone(), deadline).await,
        Err(SubmitError::DeadlineExceeded)
    );
    assert!(Instant::now().saturating_duration_since(deadline) < Duration::from_secs(2));
    system.server.resume();
    assert!(matches!(
        system.bus.submit(posted.clone(), soon()).await,
        Ok(Answer::Recorded(_))
    ));
    assert!(system.primary.ledger.log().count(&posted.bytes) >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_ledger_goes_on_behind_its_own_cursor() {
    let system = NatsSystem::start(8).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    let ledger = system.primary.stop().await;
    let second = message("second");
    assert_eq!(
        system.bus.submit(second.clone(), within_ms(500)).await,
        Ok(Answer::Accepted)
    );
    let ledger = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8);
    let primary = Serving::start(&system.server, ledger, Role::Primary);
    let ledger = Arc::clone(&primary.ledger);
    eventually("the accepted submission is recorded", move || {
        ledger.log().recorded.len() == 2
    })
    .await;
    assert_eq!(primary.ledger.log().payloads(), [first.bytes, second.bytes]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_handed_over_but_never_became_durable_is_delivered_again() {
    let system = NatsSystem::start(64).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    system.primary.ledger.hold();
    for number in 0..10 {
        // All are handed over; the held-up writer records one of them at most.
        let answer = system.bus.submit(message(format!("{number}")), within_ms(150)).await;
        assert!(number == 0 || answer == Ok(Answer::Accepted), "{answer:?}");
    }
    let ledger = system.primary.stop().await;
    assert!(ledger.log().recorded.len() <= 2);
    let primary = Serving::start(
        &system.server,
        TestLedger::reopen(ledger.ledger_id(), ledger.log(), 64),
        Role::Primary,
    );
    let ledger = Arc::clone(&primary.ledger);
    eventually("all are delivered again", move || ledger.log().recorded.len() == 11).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_deleted_behind_our_back_is_made_again() {
    let system = NatsSystem::start(8).await;
    post_until_recorded(&system.bus, "before".into()).await;
    let stream = raw_stream(&system.server).await;
    stream.delete_consumer(&consumer_names(&stream).await[0]).await.unwrap();
    post_until_recorded(&system.bus, "after".into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_stalls_without_a_word_is_replaced() {
    let system = NatsSystem::start(8).await;
    post_until_recorded(&system.bus, "before".into()).await;
    let stream = raw_stream(&system.server).await;
    let stalled = consumer_names(&stream).await;
    assert_eq!(stalled.len(), 1);
    // A paused consumer keeps sending heartbeats and delivers nothing, as the stalls seen in the field.
    let in_an_hour = stream.get_info().await.unwrap().created + Duration::from_hours(1);
    stream.pause_consumer(&stalled[0], in_an_hour).await.unwrap();
    post_until_recorded(&system.bus, "after".into()).await;
    assert_ne!(consumer_names(&stream).await, stalled);
}

async fn consumer_names(stream: &Stream) -> Vec<String> {
    stream.consumer_names().try_collect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_larger_than_the_ledgers_queue_arrives_in_order() {
    let system = NatsSystem::start(1).await;
    post_until_recorded(&system.bus, "before".into()).await;
    system.primary.ledger.hold();
    let posters: Vec<_> = (0..500)
        .map(|number| {
            let bus = system.bus().clone();
            tokio::spawn(async move { bus.submit(message(format!("{number}")), soon()).await })
        })
        .collect();
    let stream = raw_stream(&system.server).await;
    let give_up = soon();
    // No more than the permits for acknowledgements is ever in flight, so they all get there without the ledger.
    while stream.get_info().await.unwrap().state.messages < 502 {
        assert!(Instant::now() < give_up);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    system.primary.ledger.go_on();
    for poster in posters {
        assert!(matches!(poster.await.unwrap(), Ok(Answer::Recorded(_))));
    }
    assert_eq!(system.primary.ledger.log().recorded.len(), 501);
}
