//! A ledger and its stream never part in silence, and one primary answers.

use bytes::Bytes;
use keshi_bus::testing::NatsServer;
use keshi_log::Log;
use keshi_proto::store::decode_entry;
use keshi_tests::process::{Keshi, Ran, run};
use keshi_tests::{client, county, ledger};
use tempfile::{TempDir, tempdir};

use super::{post, post_attendances, up};

/// A stopped ledger that has followed the stream of this server.
async fn followed(nats: &NatsServer) -> TempDir {
    let data = tempdir().expect("a directory");
    let keshi = up(data.path(), nats, &[]).expect("it listens");
    post(&keshi.url(), 20).await;
    assert_eq!(keshi.stop(), Some(0));
    data
}

fn keshi(data: &TempDir, args: &[&str]) -> Ran {
    let data = data.path().to_str().expect("a plain path");
    run(&[args, &["--data", data, "--lang", "en"]].concat())
}

/// Starts without a bus.
fn embedded(data: &TempDir) -> Result<Keshi, keshi_tests::process::Ended> {
    Keshi::up(data.path(), &["--dev", "--office", "610729", "--lang", "en"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_started_once_without_its_bus_is_refused_until_it_is_attached() {
    let nats = NatsServer::start().await;
    let data = followed(&nats).await;
    let before = ledger::facts(data.path());
    let ended = embedded(&data).err().expect("it does not start");
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    for text in [
        "follows stream KESHI_610729",
        "--bus nats://",
        "keshi bus attach embedded",
    ] {
        assert!(ended.said.contains(text), "{text}: {}", ended.said);
    }
    // A command that opens the directory itself reads it, and posts nothing either.
    let read = keshi(&data, &["log", "--json"]);
    assert_eq!(read.code, Some(0), "{}", read.err);
    let posted = keshi(
        &data,
        &["load", "open", "bulu-2021", "--period", "2021", "--reason", "test"],
    );
    assert_eq!(posted.code, Some(1), "{}{}", posted.out, posted.err);
    assert!(posted.err.contains("follows stream KESHI_610729"), "{}", posted.err);
    assert_eq!(ledger::facts(data.path()), before, "nothing changed");

    // Parted on purpose, it goes on alone, and is not taken back by its old stream.
    let attached = keshi(&data, &["bus", "attach", "embedded"]);
    assert_eq!(attached.code, Some(0), "{}", attached.err);
    let alone = embedded(&data).expect("it listens");
    post_attendances(&alone.url(), 20..30).await;
    assert_eq!(alone.stop(), Some(0));
    let ended = up(data.path(), &nats, &["--lang", "en"]).map_or_else(|ended| ended, Keshi::ended);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("came from no stream"), "{}", ended.said);
    let occupied = keshi(&data, &["bus", "attach", &nats.url()]);
    assert_eq!(occupied.code, Some(1), "{}", occupied.err);
    assert!(
        occupied.err.contains("does not continue this ledger"),
        "{}",
        occupied.err
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_whose_stream_is_gone_for_good_goes_on_on_a_new_one() {
    let lost = NatsServer::start().await;
    let data = followed(&lost).await;
    let before = ledger::facts(data.path());
    drop(lost);
    let nats = NatsServer::start().await;
    let shown = keshi(&data, &["bus", "show"]);
    assert!(shown.out.contains("follows stream KESHI_610729"), "{}", shown.out);
    let attached = keshi(&data, &["bus", "attach", &nats.url()]);
    assert_eq!(attached.code, Some(0), "{}", attached.err);
    let path = data.path().to_str().expect("a plain path");
    let zh = run(&["bus", "show", "--data", path, "--lang", "zh"]);
    assert!(zh.out.contains("台账跟随流"), "{}", zh.out);
    let keshi = up(data.path(), &nats, &[]).expect("it listens");
    post_attendances(&keshi.url(), 15..40).await;
    assert_eq!(keshi.stop(), Some(0));
    assert_eq!(ledger::facts(data.path()).size, before.size + 20);
    // It goes on after a restart, and an empty standby is told that it lacks what came before.
    let keshi = up(data.path(), &nats, &[]).expect("it listens");
    post_attendances(&keshi.url(), 40..45).await;
    let empty = tempdir().expect("a directory");
    let ended = up(empty.path(), &nats, &["--roles", "ledger", "--standby", "--lang", "en"])
        .map_or_else(|ended| ended, Keshi::ended);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("begin with a copy"), "{}", ended.said);
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_primaries_the_older_says_that_it_was_replaced_and_follows() {
    let nats = NatsServer::start().await;
    let (one, two) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let first = up(one.path(), &nats, &["--lang", "en"]).expect("it listens");
    post(&first.url(), 10).await;
    let second = up(two.path(), &nats, &["--roles", "ledger"]).expect("it listens");
    first.wait_said("another primary (");
    assert!(first.said().contains(&second.address.to_string()), "{}", first.said());
    // Its intake posts on; the other answers, and both have the same.
    post_attendances(&first.url(), 10..20).await;
    let head = client::head(&second.url(), 1).await;
    assert_eq!(client::head(&first.url(), head.size).await.root, head.root);
    // Without the second nobody answers: what is posted is accepted, and recorded without a word.
    second.kill();
    let mut client = client::connect(&first.url()).await.expect("connected");
    let mut request = tonic::Request::new(client::request(20, &[county::attendance(20)]));
    request.set_timeout(std::time::Duration::from_millis(1_500));
    let answer = client.submit(request).await.expect("accepted").into_inner();
    assert_eq!(
        answer.state(),
        keshi_proto::api::submit_response::State::Accepted,
        "{answer:?}"
    );
    assert_eq!(client::head(&first.url(), head.size + 1).await.size, head.size + 1);
    assert_eq!(first.stop(), Some(0));
    let again = up(one.path(), &nats, &[]).expect("it listens");
    post_attendances(&again.url(), 20..25).await;
    assert_eq!(again.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_recorded_past_the_stream_raises_an_alarm_and_names_the_entry() {
    let nats = NatsServer::start().await;
    let one = tempdir().expect("a directory");
    let first = up(one.path(), &nats, &[]).expect("it listens");
    post(&first.url(), 10).await;
    let head = client::head(&first.url(), 1).await;
    let two = tempdir().expect("a directory");
    let standby = up(two.path(), &nats, &["--roles", "ledger", "--standby"]).expect("it listens");
    client::head(&standby.url(), head.size).await;
    assert_eq!(standby.stop(), Some(0));
    // Somebody forces it apart, posts, and forces it back.
    assert_eq!(keshi(&two, &["bus", "attach", "embedded"]).code, Some(0));
    let alone = embedded(&two).expect("it listens");
    post_attendances(&alone.url(), 30..31).await;
    assert_eq!(alone.stop(), Some(0));
    std::fs::remove_file(two.path().join("610729/bus")).expect("removed");
    post_attendances(&first.url(), 10..15).await;
    let ended = up(two.path(), &nats, &["--roles", "ledger", "--standby", "--lang", "en"])
        .map_or_else(|ended| ended, Keshi::ended);
    assert_eq!(ended.code, Some(4), "{}", ended.said);
    let named = format!("differ first in entry {}", head.size);
    assert!(ended.said.contains(&named), "{named}: {}", ended.said);
    assert_eq!(first.stop(), Some(0));
}

/// Makes the log of a stopped ledger anew with one entry changed, so that it proves itself and is not what was recorded.
fn doctor_entry(data: &TempDir, index: u64) {
    let dir = ledger::dir(data.path());
    let true_one = Log::open(&dir).expect("it opens");
    let other = data.path().join("other");
    let mut log = Log::create(&other, true_one.identity()).expect("made");
    for block in true_one.reader().scan(0) {
        let block = block.expect("read");
        log.set_decide_version(block.decide_version());
        for (at, entry) in block.entries() {
            let mut entry = entry.to_vec();
            if at == index {
                // Another event, as far as anybody can tell.
                let known = decode_entry(Bytes::from(entry.clone())).expect("an entry");
                let id = known.posted.event_id().expect("an event");
                let place = entry.windows(16).position(|part| part == id.as_bytes());
                entry[place.expect("it has its id") + 15] ^= 1;
            }
            log.append(&entry).expect("appended");
        }
    }
    log.seal(true_one.cursor());
    log.commit().expect("committed");
    drop((log, true_one));
    std::fs::remove_dir_all(&dir).expect("removed");
    std::fs::rename(other, dir).expect("renamed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_with_one_entry_changed_raises_an_alarm_and_names_it_and_the_primary_serves_on() {
    let nats = NatsServer::start().await;
    let one = tempdir().expect("a directory");
    let first = up(one.path(), &nats, &[]).expect("it listens");
    post(&first.url(), 40).await;
    let head = client::head(&first.url(), 1).await;
    for index in [0, head.size / 2, head.size - 2] {
        let two = tempdir().expect("a directory");
        let standby = up(two.path(), &nats, &["--roles", "ledger", "--standby"]).expect("it listens");
        client::head(&standby.url(), head.size).await;
        assert_eq!(standby.stop(), Some(0));
        doctor_entry(&two, index);
        let replayed = keshi(&two, &["audit", "replay"]);
        assert_eq!(
            replayed.code,
            Some(0),
            "by itself it is sound: {}{}",
            replayed.out,
            replayed.err
        );
        let ended = up(two.path(), &nats, &["--roles", "ledger", "--standby", "--lang", "en"])
            .map_or_else(|ended| ended, Keshi::ended);
        assert_eq!(ended.code, Some(4), "{}", ended.said);
        let named = format!("differ first in entry {index} (");
        assert!(ended.said.contains(&named), "{named}: {}", ended.said);
    }
    post_attendances(&first.url(), 50..55).await;
    assert_eq!(first.stop(), Some(0));
}
