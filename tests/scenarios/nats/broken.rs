//! A server that is not there, that lost its store, or that carries what nobody can read.

use std::time::Instant;

use keshi_bus::testing::{NatsServer, Options};
use keshi_core::ids::{PosterId, SubmissionId};
use keshi_core::submission::Taking;
use keshi_core::time::Millis;
use keshi_proto::api;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::store::{encode_event, encode_submission};
use keshi_tests::process::{Ended, Keshi};
use keshi_tests::{client, county, ledger};
use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::{assert_recorded, post, post_attendances, up, up_at};

/// Whether the posting services say that they serve.
async fn is_serving(url: &str) -> bool {
    let channel = tonic::transport::Endpoint::from_shared(url.to_owned()).expect("an address");
    let mut health = HealthClient::new(channel.connect().await.expect("connected"));
    let service = "keshi.v1.SubmissionService".to_owned();
    let answer = health.check(HealthCheckRequest { service }).await.expect("an answer");
    answer.into_inner().status() == ServingStatus::Serving
}

async fn wait_serving(url: &str, wanted: bool) {
    let give_up = Instant::now() + client::PATIENCE;
    while is_serving(url).await != wanted {
        assert!(Instant::now() < give_up, "health does not become {wanted}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nats_down_at_start_posts_are_unavailable_and_are_recorded_once_it_is_up() {
    let mut nats = NatsServer::start().await;
    nats.kill();
    let data = tempdir().expect("a directory");
    let keshi = up(data.path(), &nats, &[]).expect("it listens without nats");
    assert!(!is_serving(&keshi.url()).await);
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    let request = client::request(1, &county::register_of(10, 1));
    let status = client.submit(request.clone()).await.expect_err("nowhere to go");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let info = status.get_details_error_info().expect("a reason");
    assert_eq!(info.reason, "BusUnreachable");
    assert!(status.message().contains("消息总线连接不上"), "{status:?}");
    assert!(status.get_details_retry_info().is_some());
    // Reading needs no bus.
    assert_eq!(client::head(&keshi.url(), 0).await.size, 0);

    nats.restart().await;
    let receipt = client::post_until_recorded(&mut client, &request).await;
    assert_recorded(&receipt);
    wait_serving(&keshi.url(), true).await;
    nats.kill();
    wait_serving(&keshi.url(), false).await;
    assert_eq!(keshi.stop(), Some(0));
    assert_eq!(ledger::facts(data.path()).size, 12);
}

/// A ledger of some postings on its stream, stopped, with its server killed.
async fn furnished() -> (NatsServer, TempDir, ledger::Facts) {
    let mut nats = NatsServer::start().await;
    let data = tempdir().expect("a directory");
    let keshi = up(data.path(), &nats, &[]).expect("it listens");
    post(&keshi.url(), 20).await;
    assert_eq!(keshi.stop(), Some(0));
    nats.kill();
    let facts = ledger::facts(data.path());
    (nats, data, facts)
}

/// Starts on this server, and the end that it comes to by itself.
fn halts(data: &TempDir, nats: &NatsServer) -> Ended {
    match up(data.path(), nats, &["--lang", "en"]) {
        Ok(keshi) => keshi.ended(),
        Err(ended) => ended,
    }
}

/// Starts on this server, cannot follow its stream, says so with `text`, and still answers questions and nothing else.
async fn reads_only(data: &TempDir, nats: &NatsServer, text: &str, size: u64) {
    let keshi = up(data.path(), nats, &["--lang", "en"]).expect("it listens");
    is_reading_only(keshi, text, size).await;
}

async fn is_reading_only(keshi: Keshi, text: &str, size: u64) {
    keshi.wait_said("nothing more is recorded");
    assert!(keshi.said().contains(text), "{}", keshi.said());
    assert_eq!(client::head(&keshi.url(), size).await.size, size);
    wait_serving(&keshi.url(), false).await;
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    for (lang, is_said) in [("en", true), ("zh", false)] {
        let mut request = tonic::Request::new(client::request(77, &[county::attendance(77)]));
        request
            .metadata_mut()
            .insert("accept-language", lang.parse().expect("a header"));
        let status = client.submit(request).await.expect_err("nobody takes it");
        let reason = status.get_details_error_info().expect("a reason").reason;
        assert_eq!(reason, "BusUnfit", "{status:?}");
        assert_eq!(status.message().contains(text), is_said, "{lang}: {status:?}");
    }
    assert_eq!(keshi.stop(), Some(4));
}

/// It works as if nothing had been.
async fn goes_on(data: &TempDir, nats: &NatsServer, numbers: std::ops::Range<u64>) {
    let keshi = up(data.path(), nats, &[]).expect("it listens");
    post_attendances(&keshi.url(), numbers).await;
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_whose_stream_was_wiped_is_only_read_and_goes_on_once_it_is_back() {
    let (mut nats, data, before) = furnished().await;
    let store = nats.copy_store();
    nats.wipe_store();
    nats.restart().await;
    let lost = "does not exist, but the log contains it up to sequence";
    reads_only(&data, &nats, lost, before.size).await;
    assert_eq!(ledger::facts(data.path()), before, "nothing changed");

    // Also while it runs.
    nats.kill();
    nats.restore(&store);
    nats.restart().await;
    goes_on(&data, &nats, 20..30).await;
    let running = up(data.path(), &nats, &["--lang", "en"]).expect("it listens");
    wait_serving(&running.url(), true).await;
    nats.kill();
    let store = nats.copy_store();
    nats.wipe_store();
    nats.restart().await;
    is_reading_only(running, lost, before.size + 10).await;

    nats.kill();
    nats.restore(&store);
    nats.restart().await;
    goes_on(&data, &nats, 30..40).await;
    assert_eq!(ledger::facts(data.path()).size, before.size + 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_whose_stream_was_restored_from_yesterday_is_only_read_whether_or_not_it_grew_again() {
    let (mut nats, data, _) = furnished().await;
    let yesterday = nats.copy_store();
    nats.restart().await;
    goes_on(&data, &nats, 20..40).await;
    nats.kill();
    let today = nats.copy_store();
    let before = ledger::facts(data.path());

    nats.restore(&yesterday);
    nats.restart().await;
    reads_only(&data, &nats, "restored from an older copy", before.size).await;

    // Posters put other messages where the ledger had taken others.
    let elsewhere = tempdir().expect("a directory");
    let intake = up(elsewhere.path(), &nats, &["--roles", "intake"]).expect("it listens");
    let mut client = client::connect(&intake.url()).await.expect("connected");
    for number in 100..110 {
        let mut request = tonic::Request::new(client::request(number, &[county::attendance(number)]));
        request.set_timeout(std::time::Duration::from_millis(1_500));
        let answer = client.submit(request).await.expect("accepted").into_inner();
        assert_eq!(answer.state(), api::submit_response::State::Accepted);
    }
    assert_eq!(intake.stop(), Some(0));
    reads_only(&data, &nats, "holds another message at sequence", before.size).await;
    assert_eq!(ledger::facts(data.path()), before, "nothing changed");

    nats.kill();
    nats.restore(&today);
    nats.restart().await;
    goes_on(&data, &nats, 40..45).await;
    assert_eq!(ledger::facts(data.path()).size, before.size + 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_jetstream_the_ledger_halts_and_a_poster_is_told_that_nothing_was_recorded() {
    let options = Options {
        jetstream: false,
        ..Options::default()
    };
    let nats = NatsServer::start_with(options).await;
    let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let ended = halts(&data, &nats);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("jetstream is off at the server"), "{}", ended.said);
    assert_eq!(ledger::facts(data.path()).size, 0);

    let intake = up(other.path(), &nats, &["--roles", "intake"]).expect("it listens");
    let mut client = client::connect(&intake.url()).await.expect("connected");
    let status = client
        .submit(client::request(1, &county::register_of(1, 1)))
        .await
        .expect_err("nobody takes it");
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn intake_accepts_nothing_for_a_stream_that_keeps_it_in_memory_for_ten_seconds() {
    use async_nats::jetstream::{self, stream};
    let nats = NatsServer::start().await;
    let context = jetstream::new(async_nats::connect(nats.url()).await.expect("connected"));
    let forgetful = stream::Config {
        name: "KESHI_610729".into(),
        subjects: vec!["keshi.610729.*.*".into(), "keshi-claim.610729".into()],
        discard: stream::DiscardPolicy::New,
        storage: stream::StorageType::Memory,
        max_age: std::time::Duration::from_secs(10),
        ..Default::default()
    };
    context.create_stream(forgetful).await.expect("made");
    let data = tempdir().expect("a directory");
    let intake = up(data.path(), &nats, &["--roles", "intake"]).expect("it listens");
    let mut client = client::connect(&intake.url()).await.expect("connected");
    let status = client
        .submit(client::request(1, &county::register_of(1, 1)))
        .await
        .expect_err("nothing is promised");
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    assert_eq!(status.get_details_error_info().expect("a reason").reason, "BusUnfit");
    for wanted in ["storage file", "no max_age", "系统管理员"] {
        assert!(status.message().contains(wanted), "{wanted}: {status:?}");
    }
    assert!(!is_serving(&intake.url()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_does_not_follow_the_stream_of_another() {
    let (mut nats, data, before) = furnished().await;
    nats.restart().await;
    let other = tempdir().expect("a directory");
    // A ledger of the same office with entries of its own, made elsewhere.
    let embedded = Keshi::up(other.path(), &["--dev", "--office", "610729"]).expect("it listens");
    post(&embedded.url(), 3).await;
    assert_eq!(embedded.stop(), Some(0));
    let foreign = ledger::facts(other.path());
    let ended = halts(&other, &nats);
    assert_eq!(ended.code, Some(4), "{}", ended.said);
    assert!(ended.said.contains("belongs to ledger"), "{}", ended.said);
    assert_eq!(ledger::facts(other.path()), foreign);
    assert_eq!(ledger::facts(data.path()), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_on_the_stream_that_do_not_decode_become_one_refused_entry_and_block_nothing() {
    let nats = NatsServer::start().await;
    let data = tempdir().expect("a directory");
    let keshi = up_at(data.path(), &nats.url(), &[]).expect("it listens");
    post(&keshi.url(), 5).await;
    let before = client::head(&keshi.url(), 1).await;

    let connection = async_nats::connect(nats.url()).await.expect("connected");
    let stream = async_nats::jetstream::new(connection);
    let messages: [&[u8]; 3] = [b"", b"\xff\xff\xff\xff not a submission", &[0x0a, 0x7f, 1, 2, 3]];
    for message in messages {
        let published = stream
            .publish("keshi.610729.mixed.office", message.to_vec().into())
            .await;
        published.expect("sent").await.expect("stored");
    }
    // What comes behind is recorded as ever.
    post_attendances(&keshi.url(), 5..10).await;
    let after = client::head(&keshi.url(), before.size + 8).await;
    assert_eq!(after.size, before.size + 3 + 5);
    let channel = tonic::transport::Endpoint::from_shared(keshi.url()).expect("an address");
    let mut reader = LedgerServiceClient::new(channel.connect().await.expect("connected"));
    let request = api::ListEntriesRequest {
        from_index: before.size,
        page_size: 3,
        ..Default::default()
    };
    let entries = reader
        .list_entries(request)
        .await
        .expect("an answer")
        .into_inner()
        .entries;
    assert_eq!(entries.len(), messages.len());
    for (entry, message) in entries.iter().zip(messages) {
        assert_eq!(entry.verdict(), api::Verdict::Refused);
        assert_eq!(entry.unreadable_sha256, Sha256::digest(message).as_slice());
        let reason = entry.reason.as_ref().expect("a reason");
        assert_eq!(reason.code, "Unreadable");
        assert!(!reason.text_zh.is_empty() && !reason.remedy_zh.is_empty());
    }
    assert_eq!(keshi.stop(), Some(0));

    // Another ledger that reads the stream from its beginning records the same.
    let other = tempdir().expect("a directory");
    let standby = up(other.path(), &nats, &["--roles", "ledger", "--standby"]).expect("it listens");
    let head = client::head(&standby.url(), after.size).await;
    assert_eq!(head.root, after.root);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stream_carries_past_the_intake_is_held_to_the_same_bounds() {
    let nats = NatsServer::start().await;
    let data = tempdir().expect("a directory");
    let keshi = up_at(data.path(), &nats.url(), &[]).expect("it listens");
    post(&keshi.url(), 5).await;
    let before = client::head(&keshi.url(), 1).await;

    let stamped = |number: u64, received_at: i64| {
        encode_submission(
            SubmissionId::new(county::uuid(number | 1 << 62)),
            county::office(),
            PosterId::new("past-intake").expect("a valid id"),
            Millis(received_at),
            Taking::Each,
            vec![encode_event(&county::attendance(number))],
        )
    };
    // One in the form, as large as the server carries: beyond what any intake sends.
    let one = encode_event(&county::attendance(100));
    let many = vec![one.clone(); 990 * 1024 / (one.len() + 3)];
    let large = encode_submission(
        SubmissionId::new(county::uuid(1 << 61)),
        county::office(),
        PosterId::new("past-intake").expect("a valid id"),
        county::NOON,
        Taking::Each,
        many[..many.len().min(5_000)].to_vec(),
    );
    let connection = async_nats::connect(nats.url()).await.expect("connected");
    let stream = async_nats::jetstream::new(connection);
    let messages = [
        large,
        stamped(200, i64::MAX),
        stamped(201, i64::MIN),
        stamped(202, 4_070_908_800_000),
    ];
    for message in messages.clone() {
        let published = stream.publish("keshi.610729.mixed.office", message).await;
        published.expect("sent").await.expect("stored");
    }
    // What comes behind is recorded as ever, and the log is printed to its end.
    post_attendances(&keshi.url(), 5..10).await;
    let after = client::head(&keshi.url(), before.size + 5 + 2).await;
    let address = keshi.address.to_string();
    let log = keshi_tests::process::run(&["log", "--server", &address, "--office", "610729", "--json"]);
    assert_eq!(log.code, Some(0), "{}", log.err);
    let entries: Vec<serde_json::Value> = log
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(entries.len() as u64, after.size);
    let codes = |code: &str| entries.iter().filter(|entry| entry["reason"]["code"] == code).count();
    assert_eq!(codes("ClockNotCredible"), 2, "2^63-1 and 2099 are refused");
    let last = entries.last().expect("entries");
    assert!(
        !last["recordedAt"].as_str().expect("a time").starts_with("2099"),
        "{last}"
    );
    assert_eq!(keshi.stop(), Some(0));
}
