//! Whoever promises looks first: a stream that would not keep what it acknowledges is not posted to.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use keshi_bus::nats::{PostsTo, Role};
use keshi_bus::testing::NatsServer;
use keshi_bus::{Bus, Ledger as _, Nats, SubmitError};
use uuid::Uuid;

use crate::ledger::TestLedger;
use crate::nats_system::{NatsSystem, OFFICE, Serving, config, poster, raw_client, raw_stream};
use crate::system::{System as _, eventually, message, recorded, soon, within_ms};

/// Settings that a primary would have chosen.
fn good() -> Config {
    Config {
        name: format!("KESHI_{OFFICE}"),
        subjects: vec![format!("keshi.{OFFICE}.*.*"), format!("keshi-claim.{OFFICE}")],
        discard: DiscardPolicy::New,
        deny_delete: true,
        deny_purge: true,
        metadata: ["keshi-ledger-id", "keshi-stream-id"]
            .map(|key| (key.to_owned(), Uuid::new_v4().to_string()))
            .into(),
        ..Config::default()
    }
}

/// A setting that is wrong, by the name under which it is reported.
type Wrong = (&'static str, fn(&mut Config));

const WRONG: [Wrong; 11] = [
    ("storage file", |config| config.storage = StorageType::Memory),
    ("no max_age", |config| config.max_age = Duration::from_secs(10)),
    ("deny_delete", |config| config.deny_delete = false),
    ("deny_purge", |config| config.deny_purge = false),
    ("discard new", |config| config.discard = DiscardPolicy::Old),
    ("retention limits", |config| {
        config.retention = RetentionPolicy::WorkQueue;
    }),
    ("no max_msgs_per_subject", |config| config.max_messages_per_subject = 1),
    ("no allow_rollup_hdrs", |config| {
        config.deny_purge = false;
        config.allow_rollup = true;
    }),
    ("no allow_msg_ttl", |config| config.allow_message_ttl = true),
    ("subjects", |config| config.subjects = vec![format!("keshi.{OFFICE}.>")]),
    ("names no ledger", |config| config.metadata.clear()),
];

async fn make(server: &NatsServer, config: Config) {
    let context = jetstream::new(raw_client(server).await);
    context.create_stream(config).await.expect("the server takes it");
}

/// Posts until the answer is a refusal for what the stream is; nothing may be called accepted or recorded before.
async fn refusal(bus: &Bus) -> String {
    match bus.submit(message("not to be promised"), within_ms(5_000)).await {
        Err(error @ SubmitError::Unfit { .. }) => {
            assert!(error.is_outcome_known());
            error.to_string()
        }
        other => panic!("unexpected: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_with_wrong_settings_is_not_posted_to_and_the_setting_is_named() {
    let server = NatsServer::start().await;
    for (name, spoil) in WRONG {
        let mut wrong = good();
        spoil(&mut wrong);
        make(&server, wrong).await;
        let reason = refusal(&poster(&server).await).await;
        assert!(reason.contains(name), "{name} is not named: {reason}");
        let mut stream = raw_stream(&server).await;
        assert_eq!(
            stream.info().await.unwrap().state.messages,
            0,
            "{name}: nothing is stored"
        );
        let context = jetstream::new(raw_client(&server).await);
        context.delete_stream(format!("KESHI_{OFFICE}")).await.unwrap();
    }
    // The same stream, well set, is posted to: what was refused was the setting.
    make(&server, good()).await;
    let answer = poster(&server).await.submit(message("kept"), within_ms(1_000)).await;
    assert_eq!(answer, Ok(keshi_bus::Answer::Accepted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_replicas_than_asked_for_are_refused() {
    let server = NatsServer::start().await;
    make(&server, good()).await;
    let mut wanted = config(&server);
    wanted.replicas = 3;
    let bus = Bus::Nats(Nats::connect(wanted).await.unwrap());
    let reason = refusal(&bus).await;
    assert!(reason.contains("replicas 3 is wanted, found 1"), "{reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_of_another_ledger_is_not_posted_to() {
    let server = NatsServer::start().await;
    make(&server, good()).await;
    let ours = Uuid::new_v4();
    let bus = Bus::Nats(
        Nats::connect_to(config(&server), PostsTo::LedgerOf(ours))
            .await
            .unwrap(),
    );
    let reason = refusal(&bus).await;
    assert!(
        reason.contains("belongs to ledger") && reason.contains(&ours.to_string()),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_set_wrong_while_it_is_posted_to_is_never_called_accepted() {
    let system = NatsSystem::start(8).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    system.ledger().hold();
    let plug = message("the held-up writer may still take this one");
    drop(system.bus.submit(plug, within_ms(150)).await);
    let stream = raw_stream(&system.server).await;
    let mut changed = stream.cached_info().config.clone();
    // No less than the window for duplicates: the server demands that.
    changed.max_age = changed.duplicate_window;
    jetstream::new(raw_client(&system.server).await)
        .update_stream(changed)
        .await
        .unwrap();
    // Before the next regular look it may be published; then the look before accepting finds out.
    let answer = system.bus.submit(message("too late"), within_ms(700)).await;
    assert!(
        matches!(answer, Err(SubmitError::DeadlineExceeded | SubmitError::Unfit { .. })),
        "{answer:?}"
    );
    let reason = refusal(&system.bus).await;
    assert!(reason.contains("no max_age"), "{reason}");
    assert!(!system.bus.is_connected(), "health says so, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_ledgers_stream_behind_the_same_address_is_refused_after_the_reconnection() {
    let mut system = NatsSystem::start(8).await;
    let first = message("first");
    assert_eq!(system.bus.submit(first.clone(), soon()).await, recorded(&first));
    let mut other = NatsSystem::start(8).await;
    let second = message("second");
    assert_eq!(other.bus.submit(second.clone(), soon()).await, recorded(&second));
    other.server.kill();
    system.server.kill();
    system.server.restore(&other.server.copy_store());
    system.server.restart().await;
    let reason = refusal(&system.bus).await;
    assert!(reason.contains("belongs to ledger"), "{reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_lost_what_it_had_acknowledged_is_refused_until_it_is_back() {
    let mut server = NatsServer::start().await;
    let primary = Serving::start(&server, TestLedger::new(8), Role::Primary);
    let bus = poster(&server).await;
    let posted = message("first");
    assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
    server.kill();
    let yesterday = server.copy_store();
    server.restart().await;
    let posted = message("second");
    assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
    let id = primary.stop().await.ledger_id();
    server.kill();
    let today = server.copy_store();
    // What is posted before the loss is noticed may fill the gap; then the stream is not fit again by itself.
    eventually("the loss is noticed", {
        let bus = bus.clone();
        move || !bus.is_connected()
    })
    .await;
    server.restore(&yesterday);
    server.restart().await;
    let reason = refusal(&bus).await;
    assert!(reason.contains("restored from an older copy"), "{reason}");
    server.kill();
    server.restore(&today);
    server.restart().await;
    eventually("the stream is fit again", {
        let bus = bus.clone();
        move || bus.is_connected()
    })
    .await;
    assert_eq!(
        bus.submit(message("third"), within_ms(1_000)).await,
        Ok(keshi_bus::Answer::Accepted),
        "of ledger {id}"
    );
}
