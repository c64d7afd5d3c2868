//! What `diagnose` finds on servers in various states.

use async_nats::jetstream;
use async_nats::jetstream::stream::Config;
use keshi_bus::Ledger as _;
use keshi_bus::nats::{self, Finding, Level, Role};
use keshi_bus::testing::{NatsServer, Options};
use uuid::Uuid;

use crate::ledger::TestLedger;
use crate::nats_system::{OFFICE, Serving, config, poster, raw_client};
use crate::system::{message, recorded, soon};

async fn findings(server: &NatsServer, ledger_id: Option<Uuid>) -> Vec<Finding> {
    nats::diagnose(&config(server), Some(&server.monitoring_url()), ledger_id).await
}

#[track_caller]
fn assert_found(findings: &[Finding], code: &str, level: Level) {
    let found = findings.iter().find(|finding| finding.code == code);
    let found = found.unwrap_or_else(|| panic!("{code} is not in {findings:#?}"));
    assert_eq!(found.level, level, "{found:#?}");
    assert!(found.level == Level::Ok || found.remedy.is_some(), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_server_is_found_good() {
    let server = NatsServer::start().await;
    let primary = Serving::start(&server, TestLedger::new(8), Role::Primary);
    let posted = message("x");
    assert_eq!(
        poster(&server).await.submit(posted.clone(), soon()).await,
        recorded(&posted)
    );
    let found = findings(&server, Some(primary.ledger.ledger_id())).await;
    for code in [
        "bus-reachable",
        "bus-version",
        "bus-jetstream",
        "bus-stream",
        "bus-ledger-id",
        "bus-sync-always",
    ] {
        assert_found(&found, code, Level::Ok);
    }
    assert!(found.iter().all(|finding| finding.level < Level::Error), "{found:#?}");
    assert_found(
        &findings(&server, Some(Uuid::nil())).await,
        "bus-ledger-id-differs",
        Level::Error,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_sync_is_found_out_loudly() {
    let server = NatsServer::start_with(Options {
        sync_always: false,
        ..Options::default()
    })
    .await;
    assert_found(&findings(&server, None).await, "bus-sync-off", Level::Error);
    let blind = nats::diagnose(&config(&server), None, None).await;
    assert_found(&blind, "bus-sync-unknown", Level::Warning);
    assert_found(&blind, "bus-stream-missing", Level::Warning);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_or_without_jetstream_is_named() {
    let mut server = NatsServer::start_with(Options {
        jetstream: false,
        ..Options::default()
    })
    .await;
    assert_found(&findings(&server, None).await, "bus-jetstream-off", Level::Error);
    server.kill();
    let found = findings(&server, None).await;
    assert_found(&found, "bus-unreachable", Level::Error);
    assert_found(&found, "bus-sync-unknown", Level::Warning);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_with_the_wrong_settings_or_a_hole_is_named() {
    let server = NatsServer::start().await;
    let context = jetstream::new(raw_client(&server).await);
    let subjects = vec![format!("keshi.{OFFICE}.*.*")];
    let wrong = Config {
        name: format!("KESHI_{OFFICE}"),
        subjects,
        ..Config::default()
    };
    let stream = context.create_stream(wrong).await.unwrap();
    for _ in 0..3 {
        context
            .publish(format!("keshi.{OFFICE}.mixed.office"), "x".into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    stream.delete_message(2).await.unwrap();
    let found = findings(&server, None).await;
    assert_found(&found, "bus-stream-settings", Level::Error);
    assert_found(&found, "bus-stream-gaps", Level::Error);
}
