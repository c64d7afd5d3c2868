//! When the stream cannot be the one the log was written from, the ledger halts and says why.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, DiscardPolicy};
use keshi_bus::nats::{self, InspectError, Role, ServeError};
use keshi_bus::testing::{NatsServer, Options, StoreCopy};
use keshi_bus::{Answer, Bus, Ledger as _};
use uuid::Uuid;

use crate::ledger::{Log, TestLedger};
use crate::nats_system::{NatsSystem, OFFICE, Serving, config, messages_on, poster, raw_client};
use crate::system::{System, eventually, message, recorded, soon, within_ms};

async fn post(bus: &Bus, count: usize) {
    for number in 0..count {
        let posted = message(format!("{number} {}", Uuid::new_v4()));
        assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
    }
}

/// Stores submissions that no ledger takes.
async fn post_unheard(bus: &Bus, count: usize) {
    for number in 0..count {
        let posted = message(format!("unheard {number} {}", Uuid::new_v4()));
        assert_eq!(bus.submit(posted, within_ms(150)).await, Ok(Answer::Accepted));
    }
}

/// Kills the server, copies its store and starts it again.
async fn backup(server: &mut NatsServer) -> StoreCopy {
    server.kill();
    let copy = server.copy_store();
    server.restart().await;
    copy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_server_halts_a_connected_ledger() {
    let mut system = NatsSystem::start(8).await;
    post(&system.bus, 3).await;
    system.server.kill();
    system.server.wipe_store();
    system.server.restart().await;
    let error = system.primary.halt().await;
    assert!(matches!(error, ServeError::StreamMissing { cursor: 4, .. }), "{error}");
    assert!(error.to_string().contains("keshi bus attach"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_restored_from_an_older_copy_halts_a_connected_ledger() {
    let mut system = NatsSystem::start(8).await;
    post(&system.bus, 5).await;
    let copy = backup(&mut system.server).await;
    post(&system.bus, 5).await;
    let cursor = system.primary.ledger.cursor();
    system.server.kill();
    system.server.restore(&copy);
    system.server.restart().await;
    match system.primary.halt().await {
        ServeError::StreamBehind {
            last_sequence: 6,
            cursor: found,
            ..
        } => assert_eq!(found, cursor),
        other => panic!("unexpected: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_restored_from_an_older_copy_halts_a_ledger_that_starts() {
    let mut system = NatsSystem::start(8).await;
    post(&system.bus, 5).await;
    let copy = backup(&mut system.server).await;
    post(&system.bus, 5).await;
    let ledger = system.primary.stop().await;
    system.server.kill();
    system.server.restore(&copy);
    system.server.restart().await;
    let ledger = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8);
    let error = Serving::start(&system.server, ledger, Role::Primary).halt().await;
    assert!(
        matches!(error, ServeError::StreamBehind { last_sequence: 6, .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_that_grew_past_the_cursor_again_halts_a_ledger_that_starts() {
    let mut system = NatsSystem::start(8).await;
    post(&system.bus, 5).await;
    let copy = backup(&mut system.server).await;
    post(&system.bus, 5).await;
    let ledger = system.primary.stop().await;
    let cursor = ledger.cursor();
    system.server.kill();
    system.server.restore(&copy);
    system.server.restart().await;
    // A poster that saw the stream before knows that it had more.
    post_unheard(&poster(&system.server).await, 10).await;
    let ledger = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8);
    match Serving::start(&system.server, ledger, Role::Primary).halt().await {
        ServeError::StreamDiffers { sequence, .. } => assert_eq!(sequence, cursor),
        other => panic!("unexpected: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_that_grew_past_the_cursor_again_halts_a_connected_ledger() {
    let mut system = NatsSystem::start(8).await;
    post(&system.bus, 5).await;
    let copy = backup(&mut system.server).await;
    post(&system.bus, 5).await;
    // The old copy grows on another server, where no ledger listens, before it comes back in place of the new one.
    let mut elsewhere = NatsServer::start().await;
    elsewhere.kill();
    elsewhere.restore(&copy);
    elsewhere.restart().await;
    post_unheard(&poster(&elsewhere).await, 10).await;
    elsewhere.kill();
    system.server.kill();
    system.server.restore(&elsewhere.copy_store());
    system.server.restart().await;
    let error = system.primary.halt().await;
    assert!(matches!(error, ServeError::StreamDiffers { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_jetstream_halts_the_ledger() {
    let server = NatsServer::start_with(Options {
        jetstream: false,
        ..Options::default()
    })
    .await;
    let primary = Serving::start(&server, TestLedger::new(8), Role::Primary);
    let bus = poster(&server).await;
    let error = bus.submit(message("x"), within_ms(300)).await.unwrap_err();
    assert!(error.is_outcome_known(), "{error}");
    let error = primary.halt().await;
    assert!(matches!(error, ServeError::JetStreamOff { .. }), "{error}");
    let error = nats::inspect(&config(&server)).await.unwrap_err();
    assert!(matches!(error, InspectError::JetStreamOff { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_ledgers_stream_halts_the_ledger() {
    let system = NatsSystem::start(8).await;
    post(&system.bus, 1).await;
    let owner = system.primary.stop().await.ledger_id();
    let stranger = TestLedger::new(8);
    match Serving::start(&system.server, Arc::clone(&stranger), Role::Primary)
        .halt()
        .await
    {
        ServeError::LedgerIdDiffers { expected, found, .. } => {
            assert_eq!((expected, found), (stranger.ledger_id(), owner.to_string()));
        }
        other => panic!("unexpected: {other}"),
    }
    assert!(stranger.log().recorded.is_empty());
    let summary = nats::inspect(&config(&system.server))
        .await
        .unwrap()
        .expect("the stream exists");
    assert_eq!(
        (summary.ledger_id, summary.last_sequence, summary.differences.len()),
        (Some(owner), 2, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_may_forget_halts_the_ledger() {
    let server = NatsServer::start().await;
    let ledger = TestLedger::new(8);
    let forgetful = Config {
        max_age: Duration::from_hours(1),
        ..by_hand(&ledger)
    };
    jetstream::new(raw_client(&server).await)
        .create_stream(forgetful)
        .await
        .unwrap();
    match Serving::start(&server, ledger, Role::Primary).halt().await {
        ServeError::SettingsDiffer { differences, .. } => {
            let differences = differences.join("\n");
            for name in ["max_age", "deny_delete", "deny_purge"] {
                assert!(differences.contains(name), "{name} is not in:\n{differences}");
            }
        }
        other => panic!("unexpected: {other}"),
    }
}

/// A stream as an operator might make it, without the locks.
fn by_hand(ledger: &TestLedger) -> Config {
    Config {
        name: format!("KESHI_{OFFICE}"),
        subjects: vec![format!("keshi.{OFFICE}.*.*"), format!("keshi-claim.{OFFICE}")],
        discard: DiscardPolicy::New,
        metadata: [
            ("keshi-ledger-id".to_owned(), ledger.ledger_id().to_string()),
            ("keshi-stream-id".to_owned(), Uuid::nil().to_string()),
        ]
        .into(),
        ..Config::default()
    }
}

/// A stream of five messages that lost one of them before it was locked.
async fn with_a_hole_at(sequence: u64, ledger: &TestLedger) -> NatsServer {
    let server = NatsServer::start().await;
    let context = jetstream::new(raw_client(&server).await);
    let stream = context.create_stream(by_hand(ledger)).await.unwrap();
    for number in 1..=5 {
        let subject = format!("keshi.{OFFICE}.mixed.office");
        context
            .publish(subject, format!("{number}").into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    stream.delete_message(sequence).await.unwrap();
    context
        .update_stream(Config {
            deny_delete: true,
            deny_purge: true,
            ..by_hand(ledger)
        })
        .await
        .unwrap();
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_in_the_stream_halts_the_ledger_before_it() {
    for (hole, expected_found) in [(1, 2), (3, 4), (5, 5)] {
        let ledger = TestLedger::new(8);
        let server = with_a_hole_at(hole, &ledger).await;
        match Serving::start(&server, Arc::clone(&ledger), Role::Primary).halt().await {
            ServeError::Gap { expected, found, .. } => assert_eq!((expected, found), (hole, expected_found)),
            other => panic!("unexpected: {other}"),
        }
        let before = usize::try_from(hole).unwrap() - 1;
        let its_log = Arc::clone(&ledger);
        eventually("everything before the hole is recorded", move || {
            its_log.log().recorded.len() == before
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_contains_the_hole_halts_too() {
    let system = NatsSystem::start(8).await;
    post(&system.bus, 2).await;
    let ledger = system.primary.stop().await;
    drop(system.server);
    let cursor = ledger.cursor();
    let server = with_a_hole_at(cursor, &ledger).await;
    let ledger = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8);
    let error = Serving::start(&server, ledger, Role::Primary).halt().await;
    assert!(
        matches!(error, ServeError::Gap { expected, .. } if expected == cursor),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_ledger_ends_the_service() {
    let system = NatsSystem::start(8).await;
    system.ledger().close();
    assert_eq!(
        system.bus.submit(message("x"), within_ms(500)).await,
        Ok(Answer::Accepted)
    );
    let error = system.primary.halt().await;
    assert!(matches!(error, ServeError::LedgerClosed), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_without_cursor_takes_a_stream_from_its_beginning() {
    let system = NatsSystem::start(8).await;
    post(&system.bus, 4).await;
    let first = system.primary.stop().await;
    let mut rebuilt = Serving::start(
        &system.server,
        TestLedger::reopen(first.ledger_id(), Log::default(), 8),
        Role::Primary,
    );
    rebuilt.wait_primary(true).await;
    let ledger = Arc::clone(&rebuilt.ledger);
    eventually("the log is rebuilt", move || ledger.log().recorded.len() == 4).await;
    assert_eq!(rebuilt.ledger.log().payloads(), first.log().payloads());
    assert_eq!(
        messages_on(&system.server).await,
        4 + 2,
        "and the claims of the two primaries"
    );
}
