//! A ledger follows one stream, and another one only if it was attached to it.

use std::sync::Arc;

use async_nats::jetstream;
use keshi_bus::nats::{self, AttachError, Moved, Role, ServeError};
use keshi_bus::testing::NatsServer;
use keshi_bus::{Follows, Ledger as _, LogEnd, Parted};
use uuid::Uuid;

use crate::ledger::{Log, TestLedger};
use crate::nats_system::{OFFICE, Serving, config, poster, raw_client};
use crate::system::{eventually, message, recorded, soon};

fn moved(ledger: &TestLedger) -> Moved {
    Moved {
        ledger_id: ledger.ledger_id(),
        size: ledger.size(),
        root: ledger.root_at(ledger.size()).unwrap(),
        cursor: ledger.cursor(),
    }
}

fn again(ledger: &TestLedger) -> Arc<TestLedger> {
    TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8)
}

/// A stopped ledger of a few entries, and what its data directory remembers.
async fn followed(server: &NatsServer, count: usize) -> (Arc<TestLedger>, Arc<Follows>) {
    let follows = Arc::new(Follows::forgetful());
    let ledger = follow(server, TestLedger::new(8), &follows, count).await;
    (ledger, follows)
}

/// Runs as primary, posts, and stops.
async fn follow(server: &NatsServer, ledger: Arc<TestLedger>, follows: &Arc<Follows>, count: usize) -> Arc<TestLedger> {
    let primary = Serving::start_following(config(server), ledger, Role::Primary, Arc::clone(follows));
    let bus = poster(server).await;
    for _ in 0..count {
        let posted = message(Uuid::new_v4().to_string());
        assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
    }
    primary.stop().await
}

async fn halt(server: &NatsServer, ledger: &TestLedger, follows: &Arc<Follows>) -> ServeError {
    Serving::start_following(config(server), again(ledger), Role::Primary, Arc::clone(follows))
        .halt()
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_made_anew_under_the_same_name_and_for_the_same_ledger_is_refused() {
    let server = NatsServer::start().await;
    let (ledger, follows) = followed(&server, 3).await;
    let context = jetstream::new(raw_client(&server).await);
    let mut stream = context.get_stream(config(&server).stream()).await.unwrap();
    let mut twin = stream.info().await.unwrap().config.clone();
    context.delete_stream(&twin.name).await.unwrap();
    twin.metadata
        .insert("keshi-stream-id".into(), Uuid::new_v4().to_string());
    context.create_stream(twin).await.unwrap();
    let error = halt(&server, &ledger, &follows).await;
    assert!(
        matches!(error, ServeError::Parted(Parted::OtherStream { .. })),
        "{error}"
    );
    assert!(error.to_string().contains("keshi bus attach"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_filled_without_a_stream_follows_one_only_once_it_is_attached() {
    let server = NatsServer::start().await;
    let follows = Arc::new(Follows::forgetful());
    follows.admit_embedded(LogEnd::default()).unwrap();
    let mut log = Log::default();
    log.record_embedded("posted past any stream");
    let ledger = TestLedger::reopen(Uuid::new_v4(), log, 8);
    let error = halt(&server, &ledger, &follows).await;
    assert!(
        matches!(error, ServeError::Parted(Parted::FollowsNone { size: 1 })),
        "{error}"
    );
    nats::attach(&config(&server), &follows, moved(&ledger)).await.unwrap();
    let ledger = follow(&server, again(&ledger), &follows, 2).await;
    assert_eq!(ledger.size(), 3);
    let error = follows.admit_embedded(LogEnd::default()).unwrap_err();
    assert!(matches!(error, Parted::FollowsStream { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_lost_its_stream_goes_on_on_a_new_one_and_so_do_copies_of_it() {
    let lost = NatsServer::start().await;
    let (ledger, follows) = followed(&lost, 4).await;
    drop(lost);
    let server = NatsServer::start().await;
    let error = halt(&server, &ledger, &follows).await;
    assert!(matches!(error, ServeError::StreamMissing { .. }), "{error}");
    let to = nats::attach(&config(&server), &follows, moved(&ledger)).await.unwrap();
    // Asked again, it is the same stream.
    let same = nats::attach(&config(&server), &follows, moved(&ledger)).await.unwrap();
    assert_eq!(to, same);
    let copy = again(&ledger);
    let ledger = follow(&server, again(&ledger), &follows, 3).await;
    assert_eq!(ledger.size(), 7);
    // Its cursors have only grown, and it goes on after a restart.
    let cursors: Vec<_> = ledger.log().recorded.iter().map(|it| it.cursor.unwrap()).collect();
    assert!(cursors.is_sorted_by(|a, b| a < b), "{cursors:?}");
    let ledger = follow(&server, again(&ledger), &follows, 2).await;

    // A standby that has all entries before the stream begins catches up.
    let its_follows = Arc::new(Follows::forgetful());
    let standby = Serving::start_following(config(&server), copy, Role::Standby, its_follows);
    let its = Arc::clone(&standby.ledger);
    let size = ledger.size();
    eventually("the standby catches up", move || its.size() == size).await;
    assert_eq!(standby.ledger.root_at(size), ledger.root_at(size));

    // One that lacks some, or has others, does not.
    let mut shorter = ledger.log();
    shorter.recorded.truncate(2);
    let shorter = TestLedger::reopen(ledger.ledger_id(), shorter, 8);
    let fresh = || Arc::new(Follows::forgetful());
    let error = halt(&server, &shorter, &fresh()).await;
    assert!(
        matches!(error, ServeError::BeginsLater { begins: 4, size: 2, .. }),
        "{error}"
    );
    let mut other = ledger.log();
    other.recorded[1].bytes = "something else".into();
    let other = TestLedger::reopen(ledger.ledger_id(), other, 8);
    let error = halt(&server, &other, &fresh()).await;
    assert!(
        matches!(error, ServeError::ContinuesAnother { begins: 4, .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_does_not_continue_the_ledger_is_not_attached_to() {
    let server = NatsServer::start().await;
    let (ledger, follows) = followed(&server, 3).await;
    // Of another ledger.
    let stranger = Moved {
        ledger_id: Uuid::new_v4(),
        ..moved(&ledger)
    };
    let fresh = Follows::forgetful();
    let error = nats::attach(&config(&server), &fresh, stranger).await.unwrap_err();
    assert!(error.to_string().contains("belongs to ledger"), "{error}");
    // Parted from it, and grown since.
    follows.follow(keshi_bus::Followed::Embedded, ledger.size()).unwrap();
    nats::attach(&config(&server), &follows, moved(&ledger)).await.unwrap();
    follows.follow(keshi_bus::Followed::Embedded, ledger.size()).unwrap();
    let grown = Moved {
        size: ledger.size() + 1,
        ..moved(&ledger)
    };
    let error = nats::attach(&config(&server), &follows, grown).await.unwrap_err();
    assert!(matches!(error, AttachError::Occupied { size: 4, .. }), "{error}");
    // Badly set.
    let context = jetstream::new(raw_client(&server).await);
    context.delete_stream(format!("KESHI_{OFFICE}")).await.unwrap();
    let bad = jetstream::stream::Config {
        name: format!("KESHI_{OFFICE}"),
        subjects: vec![format!("keshi.{OFFICE}.*.*")],
        ..jetstream::stream::Config::default()
    };
    context.create_stream(bad).await.unwrap();
    let error = nats::attach(&config(&server), &follows, moved(&ledger))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("deny_delete"), "{error}");
}
