//! A disk that fills up while posters post.

use std::collections::BTreeSet;

use keshi_core::event::Event;
use keshi_core::text::Text;
use keshi_proto::api_convert::is_in_ledger;
use keshi_tests::disk::{self, Disk};
use keshi_tests::process::Keshi;
use keshi_tests::{client, county, ledger};
use tempfile::tempdir;
use tonic::Code;

use super::{ARGUMENTS, post, up};

const PEOPLE: u64 = 100;

/// Small enough to fill in seconds, large enough for a few commits beyond what the log keeps in reserve.
const DISK_BYTES: u64 = 40 << 20;

/// Attendances that take much room.
fn bulky(numbers: std::ops::Range<u64>) -> Vec<Event> {
    let note = Text::new(&"很长的备注".repeat(40)).expect("a valid text");
    let numbers = numbers.map(|i| i / PEOPLE * county::TEACHERS + i % PEOPLE);
    numbers
        .map(|number| Event {
            note: Some(note.clone()),
            ..county::attendance(number)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_posts_get_a_clear_error_and_everything_recorded_is_there_on_a_larger_one() {
    let data = tempdir().expect("a directory");
    let path = data.path().to_str().expect("a plain path");
    let disk = Disk::of_size(data.path(), DISK_BYTES);
    let start = || {
        let mut command = disk.command(&["up", "--data", path, "--grpc", "127.0.0.1:0", "--http", "none"]);
        command.args(ARGUMENTS);
        Keshi::spawn(command)
    };
    let keshi = start().expect("it listens");
    post(&keshi, &county::register_of(PEOPLE, 13), 1 << 50).await;
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    let mut recorded = BTreeSet::new();
    let mut receipts = 0;
    let status = loop {
        let events = bulky(receipts * 500..(receipts + 1) * 500);
        match client.submit(client::request(receipts, &events)).await {
            Ok(answer) => {
                let receipt = answer.into_inner().receipt.expect("recorded");
                assert!(receipt.verdicts.iter().all(|verdict| is_in_ledger(verdict.verdict)));
                recorded.extend(receipt.verdicts.into_iter().map(|verdict| verdict.event_id));
                receipts += 1;
            }
            Err(status) => break status,
        }
        assert!(receipts < 1_000, "the disk does not fill");
    };
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(!status.message().is_empty(), "{status:?}");
    let ended = keshi.ended();
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(
        ended.said.contains("the ledger could not be written") && ended.said.contains("check the disk"),
        "{}",
        ended.said
    );
    println!(
        "{receipts} receipts, {} events before the disk was full",
        recorded.len()
    );
    assert!(receipts > 1);

    // Starting again on the full disk says so, or serves what there is.
    match start() {
        Ok(keshi) => assert_eq!(keshi.stop(), Some(0)),
        Err(ended) => {
            assert_eq!(ended.code, Some(1), "{}", ended.said);
            assert!(
                ended.said.contains("full") || ended.said.contains("No space left"),
                "{}",
                ended.said
            );
        }
    }

    let larger = tempdir().expect("a directory");
    disk::copy(&disk.outside(), larger.path());
    let keshi = up(larger.path()).expect("it listens");
    let open = bulky(receipts * 500..(receipts + 1) * 500);
    post(&keshi, &open, receipts).await;
    assert_eq!(keshi.stop(), Some(0));
    let facts = ledger::facts(larger.path());
    let engine = ledger::open(larger.path());
    let standing: BTreeSet<_> = ledger::entries(&engine)
        .iter()
        .filter_map(|stored| Some(stored.entry.posted.event_id()?.to_string()))
        .collect();
    assert!(recorded.is_subset(&standing), "recorded events are gone");
    let all = [county::register_of(PEOPLE, 13), bulky(0..(receipts + 1) * 500)].concat();
    assert_eq!(facts.size, all.len() as u64);
    assert_eq!(facts.digest, ledger::undisturbed(&all).digest);
}
