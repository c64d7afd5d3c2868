//! Which parts run in which process makes no difference to the ledger.

use keshi_bus::testing::NatsServer;
use keshi_proto::api;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county, ledger};
use tempfile::tempdir;

use super::{post, post_attendances, up};

const EACH: u64 = 200;

/// The same again gives nothing but duplicates, and the ledger does not grow.
async fn post_again_gives_duplicates(url: &str, count: u64) {
    let mut client = client::connect(url).await.expect("connected");
    let events: Vec<_> = (0..count).map(county::attendance).collect();
    let answer = client.submit(client::request(1 << 51, &events)).await;
    let receipt = answer.expect("an answer").into_inner().receipt.expect("recorded");
    for verdict in &receipt.verdicts {
        assert_eq!(verdict.verdict(), api::Verdict::Duplicate, "{verdict:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded_one_process_on_nats_and_two_give_the_same_digest_and_again_only_duplicates() {
    let embedded = {
        let data = tempdir().expect("a directory");
        let keshi = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
        post(&keshi.url(), EACH).await;
        post_again_gives_duplicates(&keshi.url(), EACH).await;
        assert_eq!(keshi.stop(), Some(0));
        ledger::facts(data.path())
    };
    let one_process = {
        let nats = NatsServer::start().await;
        let data = tempdir().expect("a directory");
        let keshi = up(data.path(), &nats, &[]).expect("it listens");
        post(&keshi.url(), EACH).await;
        post_again_gives_duplicates(&keshi.url(), EACH).await;
        assert_eq!(keshi.stop(), Some(0));
        ledger::facts(data.path())
    };
    let two_processes = {
        let nats = NatsServer::start().await;
        let (data, other) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
        let keeper = up(data.path(), &nats, &["--roles", "ledger"]).expect("it listens");
        let intake = up(other.path(), &nats, &["--roles", "intake"]).expect("it listens");
        post(&intake.url(), EACH).await;
        post_again_gives_duplicates(&intake.url(), EACH).await;
        // Asked across the bus, and read where the ledger is.
        let mut client = client::connect(&intake.url()).await.expect("connected");
        let id = client::request(0, &[]).submission_id;
        let answer = client
            .get_submission(api::GetSubmissionRequest { submission_id: id })
            .await;
        assert!(client::all_in_ledger(answer.expect("known").get_ref()));
        let head = client::head(&keeper.url(), 1).await;
        assert_eq!(intake.stop(), Some(0));
        assert_eq!(keeper.stop(), Some(0));
        let facts = ledger::facts(data.path());
        assert_eq!((head.size, head.root.as_slice()), (facts.size, facts.root.as_slice()));
        assert!(!ledger::dir(other.path()).exists(), "intake alone needs no ledger");
        facts
    };
    assert_eq!(embedded.size, one_process.size);
    assert_eq!(embedded.size, two_processes.size);
    assert_eq!(embedded.digest, one_process.digest);
    assert_eq!(embedded.digest, two_processes.digest);
    println!("{} entries, three times the same digest", embedded.size);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_and_a_standby_on_one_stream_have_the_same_root_also_after_a_change_of_roles() {
    let nats = NatsServer::start().await;
    let dirs = [(); 4].map(|()| tempdir().expect("a directory"));
    let [intake_dir, first_dir, second_dir, late_dir] = &dirs;
    let first = up(first_dir.path(), &nats, &["--roles", "ledger", "--primary"]).expect("it listens");
    let intake = up(intake_dir.path(), &nats, &["--roles", "intake"]).expect("it listens");
    post(&intake.url(), 50).await;
    let standby = ["--roles", "ledger", "--standby"];
    let second = up(second_dir.path(), &nats, &standby).expect("it listens");
    post_attendances(&intake.url(), 50..100).await;
    assert_same_root(&[&first, &second]).await;

    // A standby that was away catches up; one that begins later reads everything.
    second.kill();
    post_attendances(&intake.url(), 100..150).await;
    let second = up(second_dir.path(), &nats, &standby).expect("it listens again");
    let late = up(late_dir.path(), &nats, &standby).expect("it listens");
    assert_same_root(&[&first, &second, &late]).await;

    // The primary dies and the standby takes its place: posters get receipts again.
    first.kill();
    assert_eq!(second.stop(), Some(0));
    let second = up(second_dir.path(), &nats, &["--roles", "ledger", "--primary"]).expect("it listens");
    post_attendances(&intake.url(), 150..200).await;
    let first = up(first_dir.path(), &nats, &standby).expect("it listens as standby");
    assert_same_root(&[&second, &first, &late]).await;

    for keshi in [intake, first, second, late] {
        assert_eq!(keshi.stop(), Some(0));
    }
    let facts = ledger::facts(first_dir.path());
    assert_eq!(facts, ledger::facts(second_dir.path()));
    assert_eq!(facts, ledger::facts(late_dir.path()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_lost_its_directory_is_rebuilt_from_its_stream() {
    let nats = NatsServer::start().await;
    let lost = tempdir().expect("a directory");
    let keshi = up(lost.path(), &nats, &[]).expect("it listens");
    post(&keshi.url(), 100).await;
    assert_eq!(keshi.stop(), Some(0));
    let before = ledger::facts(lost.path());
    let id = ledger::open(lost.path()).ledger_id();
    drop(lost);
    let fresh = tempdir().expect("a directory");
    let keshi = up(fresh.path(), &nats, &[]).expect("it listens");
    let head = client::head(&keshi.url(), before.size).await;
    assert_eq!((head.size, head.root.as_slice()), (before.size, before.root.as_slice()));
    assert_eq!(head.ledger_id, id.to_string());
    post_again_gives_duplicates(&keshi.url(), 100).await;
    post_attendances(&keshi.url(), 100..110).await;
    assert_eq!(keshi.stop(), Some(0));
    assert_eq!(ledger::facts(fresh.path()).size, before.size + 10);
}

/// At the size of the first, all have its root.
async fn assert_same_root(ledgers: &[&Keshi]) {
    let mut wanted: Option<api::Head> = None;
    for ledger in ledgers {
        let min_size = wanted.as_ref().map_or(0, |head| head.size);
        let head = client::head(&ledger.url(), min_size).await;
        if let Some(wanted) = &wanted {
            assert_eq!((head.size, &head.root), (wanted.size, &wanted.root));
            assert_eq!(head.ledger_id, wanted.ledger_id, "one stream, one ledger");
        } else {
            assert!(head.size > 0);
            wanted = Some(head);
        }
    }
}
