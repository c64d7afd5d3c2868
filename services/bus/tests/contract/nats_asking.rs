//! Questions over NATS.

use bytes::Bytes;
use futures::StreamExt as _;
use keshi_bus::AskError;
use keshi_bus::nats::Role;
use keshi_bus::testing::NatsServer;

use crate::ledger::TestLedger;
use crate::nats_system::{NatsSystem, OFFICE, Serving, poster, raw_client};
use crate::system::{System, soon, within_ms};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_nobody_hears_was_seen_by_nobody() {
    let server = NatsServer::start().await;
    let bus = poster(&server).await;
    let error = bus.ask("echo", Bytes::new(), within_ms(3_000)).await.unwrap_err();
    assert!(matches!(error, AskError::Unreachable { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_asked_while_the_primary_starts_is_answered() {
    let server = NatsServer::start().await;
    let bus = poster(&server).await;
    let question = tokio::spawn(async move { bus.ask("echo", Bytes::from("早"), soon()).await });
    let _primary = Serving::start(&server, TestLedger::new(8), Role::Primary);
    assert_eq!(question.await.unwrap(), Ok(Bytes::from("早")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_hearer_died_over_it_is_asked_again() {
    let server = NatsServer::start().await;
    let bus = poster(&server).await;
    let client = raw_client(&server).await;
    let mut heard = client.subscribe(format!("keshi-ask.{OFFICE}.echo")).await.unwrap();
    client.flush().await.unwrap();
    let question = tokio::spawn(async move { bus.ask("echo", Bytes::from("who"), soon()).await });
    let unanswered = heard.next().await.unwrap();
    let again = heard.next().await.unwrap();
    assert_eq!((&again.payload, &again.reply), (&unanswered.payload, &unanswered.reply));
    client.publish(again.reply.unwrap(), Bytes::from("I")).await.unwrap();
    assert_eq!(question.await.unwrap(), Ok(Bytes::from("I")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_too_large_for_the_bus_is_refused_with_both_sizes() {
    let system = NatsSystem::start(8).await;
    let error = system.bus().ask("big", Bytes::new(), soon()).await.unwrap_err();
    let AskError::Refused { reason } = error else {
        panic!("unexpected: {error}")
    };
    assert!(reason.contains("2097152") && reason.contains("1048576"), "{reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_questions_do_not_hold_up_the_others() {
    let system = NatsSystem::start(8).await;
    let slow: Vec<_> = (0..32)
        .map(|_| {
            let bus = system.bus().clone();
            tokio::spawn(async move { bus.ask("slow", Bytes::new(), within_ms(1000)).await })
        })
        .collect();
    assert_eq!(
        system.bus().ask("echo", Bytes::from("quick"), soon()).await,
        Ok(Bytes::from("quick"))
    );
    for question in slow {
        assert_eq!(question.await.unwrap(), Err(AskError::DeadlineExceeded));
    }
}
