//! Posting over NATS: accepted and recorded, duplicates, standbys, foreign messages.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use keshi_bus::nats::{NatsConfig, Role};
use keshi_bus::testing::NatsServer;
use keshi_bus::{Answer, Bus, Ledger as _, Nats, SubmitError};
use uuid::Uuid;

use crate::ledger::{Log, TestLedger};
use crate::nats_system::{NatsSystem, OFFICE, Serving, config, messages_on, poster, raw_client};
use crate::system::{System, duplicate, eventually, message, recorded, soon, within_ms};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_stream_nothing_is_stored_and_the_poster_hears_it() {
    let server = NatsServer::start().await;
    let bus = poster(&server).await;
    let error = bus.submit(message("x"), within_ms(300)).await.unwrap_err();
    assert!(matches!(error, SubmitError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("there is no stream"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_submission_sent_again_gets_its_receipt() {
    let system = NatsSystem::start(8).await;
    system.ledger().hold();
    let plug = message("the held-up writer may still take this one");
    drop(system.bus.submit(plug, within_ms(150)).await);
    let posted = message("accepted first");
    assert_eq!(
        system.bus.submit(posted.clone(), within_ms(300)).await,
        Ok(Answer::Accepted)
    );
    assert_eq!(system.ledger().log().count(&posted.bytes), 0);
    system.ledger().go_on();
    assert_eq!(system.bus.submit(posted.clone(), soon()).await, duplicate(&posted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_poster_gets_a_receipt_within_the_duplicate_window() {
    let system = NatsSystem::start(8).await;
    let posted = message("sent by a process that died");
    assert_eq!(system.bus.submit(posted.clone(), soon()).await, recorded(&posted));
    let again = poster(&system.server).await;
    assert_eq!(again.submit(posted.clone(), soon()).await, duplicate(&posted));
    assert_eq!(messages_on(&system.server).await, 2 + 1, "and the primary's claim");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_follows_the_stream_and_sends_no_receipts() {
    let system = NatsSystem::start(8).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    let standby = TestLedger::reopen(system.ledger().ledger_id(), Log::default(), 8);
    let standby = Serving::start(&system.server, standby, Role::Standby);
    let primary = system.primary.stop().await;
    let second = message("second");
    assert_eq!(
        system.bus.submit(second.clone(), within_ms(500)).await,
        Ok(Answer::Accepted)
    );
    let ledger = Arc::clone(&standby.ledger);
    eventually("the standby takes both", move || ledger.log().recorded.len() == 2).await;
    assert_eq!(standby.ledger.log().payloads(), [first.bytes, second.bytes.clone()]);
    assert!(
        system.bus.ask("echo", Bytes::new(), within_ms(300)).await.is_err(),
        "a standby answers no questions"
    );
    assert_eq!(primary.log().recorded.len(), 1);
    // The standby takes over where it stands.
    let standby = standby.stop().await;
    let _primary = Serving::start(&system.server, standby, Role::Primary);
    assert_eq!(system.bus.submit(second.clone(), soon()).await, duplicate(&second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_waits_for_the_primary_to_create_the_stream() {
    let server = NatsServer::start().await;
    let primary = TestLedger::new(8);
    let standby = TestLedger::reopen(primary.ledger_id(), Log::default(), 8);
    let standby = Serving::start(&server, standby, Role::Standby);
    let bus = poster(&server).await;
    assert!(bus.submit(message("x"), within_ms(300)).await.is_err());
    let _primary = Serving::start(&server, primary, Role::Primary);
    let posted = message("now");
    assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
    let ledger = Arc::clone(&standby.ledger);
    eventually("the standby follows", move || ledger.log().count(&posted.bytes) == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_from_elsewhere_is_delivered_and_answered_to_nobody() {
    let system = NatsSystem::start(8).await;
    let first = message("before them");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    let client = raw_client(&system.server).await;
    let jetstream = async_nats::jetstream::new(client.clone());
    let mut everything_else = client.subscribe("foreign.>").await.unwrap();
    for inbox in [
        "foreign.subject",
        "keshi.610729.mixed.office",
        "keshi-inbox.999999.poster.1",
        "keshi-inbox.610729.>",
    ] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Keshi-Inbox", inbox);
        let subject = format!("keshi.{OFFICE}.mixed.office");
        let payload = Bytes::from_static(b"\xff not a submission");
        let ack = jetstream.publish_with_headers(subject, headers, payload).await.unwrap();
        ack.await.unwrap();
    }
    let posted = message("behind them");
    assert_eq!(system.bus.submit(posted.clone(), soon()).await, recorded(&posted));
    let log = system.ledger().log();
    assert_eq!(
        log.recorded.len(),
        6,
        "a receipt sent to a named subject would have become a message"
    );
    assert_eq!(log.count(&Bytes::from_static(b"\xff not a submission")), 4);
    client.publish("foreign.end", Bytes::new()).await.unwrap();
    assert_eq!(everything_else.next().await.unwrap().subject.as_str(), "foreign.end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_without_room_is_named_as_full() {
    let server = NatsServer::start().await;
    let config = NatsConfig {
        bytes_max: Some(100_000),
        ..config(&server)
    };
    let _primary = Serving::start_with(config, TestLedger::new(8), Role::Primary);
    let bus = poster(&server).await;
    let big = || {
        let mut posted = message("");
        posted.bytes = Bytes::from(Uuid::new_v4().to_string().repeat(1000));
        posted
    };
    for _ in 0..2 {
        let posted = big();
        assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
    }
    match bus.submit(big(), soon()).await {
        Err(SubmitError::Full { retry_after }) => assert!(retry_after >= Duration::from_secs(1)),
        other => panic!("unexpected: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offices_on_one_server_do_not_meet() {
    let server = NatsServer::start().await;
    let mut offices = Vec::new();
    for office in ["610729", "610730"] {
        let config = NatsConfig {
            office: office.into(),
            ..config(&server)
        };
        let primary = Serving::start_with(config.clone(), TestLedger::new(8), Role::Primary);
        offices.push((
            primary,
            Bus::Nats(Nats::connect(config).await.unwrap()),
            message(office),
        ));
    }
    for (_, bus, posted) in &offices {
        assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(posted));
    }
    for (primary, _, posted) in offices {
        assert_eq!(primary.ledger.log().payloads(), [posted.bytes]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_waiting_are_fetched_in_order() {
    let system = NatsSystem::start(64).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    let ledger = system.primary.stop().await;
    let client = async_nats::jetstream::new(raw_client(&system.server).await);
    let mut acks = Vec::new();
    for number in 0..3000 {
        // Some are large, so that the limit in bytes of a pull counts as well as the limit in messages.
        let payload = if number % 60 == 0 {
            vec![b'x'; 700_000]
        } else {
            format!("{number}").into_bytes()
        };
        acks.push(
            client
                .publish(format!("keshi.{OFFICE}.mixed.office"), payload.into())
                .await
                .unwrap(),
        );
    }
    for ack in acks {
        ack.await.unwrap();
    }
    let ledger = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 64);
    let primary = Serving::start(&system.server, ledger, Role::Primary);
    let ledger = Arc::clone(&primary.ledger);
    eventually("all are fetched", move || ledger.log().recorded.len() == 3001).await;
}
