//! Damage under recorded entries: exit 4, the first index that cannot be served, and no second chance.

use std::fs;
use std::path::Path;

use keshi_tests::process::run;
use keshi_tests::{county, disk, ledger};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::tempdir;

use super::{assert_intact, flip, furnished, refused};
use crate::seed;

/// All places of `wanted` in `bytes`.
pub(super) fn places(bytes: &[u8], wanted: &[u8]) -> Vec<u64> {
    let windows = (0..).zip(bytes.windows(wanted.len()));
    windows
        .filter(|(_, window)| *window == wanted)
        .map(|(at, _)| at)
        .collect()
}

/// The index that the text names as the first one lost.
pub(super) fn first_lost(said: &str) -> u64 {
    let (_, rest) = said.split_once("is damaged: entry ").expect(said);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect(said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_byte_under_a_recorded_entry_is_exit_four_and_names_the_first_index() {
    let mut random = StdRng::seed_from_u64(seed());
    let (data, before) = furnished().await;
    let entries = ledger::entries(&ledger::open(data.path()));
    for _ in 0..4 {
        let index = random.random_range(0..before.size);
        let entry = &entries[usize::try_from(index).expect("small")].entry;
        let event_id = entry.posted.event_id().expect("an event");
        let copy = tempdir().expect("a directory");
        disk::copy(data.path(), copy.path());
        let db = ledger::dir(copy.path()).join("blocks/db");
        let bytes = fs::read(&db).expect("it can be read");
        let places = places(&bytes, event_id.as_bytes());
        assert!(!places.is_empty(), "entry {index} does not stand in the file as it is");
        // A block may stand in the file several times; sled reads the last one written.
        for at in places {
            flip(&db, at);
        }
        // Twice: the first opening must not repair anything away.
        for attempt in 1..=2 {
            let ended = refused(copy.path());
            assert_eq!(ended.code, Some(4), "entry {index}, attempt {attempt}: {}", ended.said);
            let lost = first_lost(&ended.said);
            assert!(
                lost <= index,
                "entry {index} is damaged, the first lost is said to be {lost}"
            );
            assert!(ended.said.contains("restore"), "{}", ended.said);
        }
        // Neither does a query serve anything from it.
        let path = copy.path().to_str().expect("a plain path");
        let log = run(&["log", "--data", path, "--lang", "en"]);
        assert_eq!((log.code, log.out.as_str()), (Some(4), ""), "{}", log.err);
    }
    assert_intact(data.path(), before).await;
}

/// Does something to a ledger's directory.
type Spoil = fn(&Path);

/// Cuts the file within the last entry.
fn cut_db(dir: &Path) {
    let db = dir.join("blocks/db");
    let bytes = fs::read(&db).expect("it can be read");
    let last = county::attendance(99).event_id;
    let at = *places(&bytes, last.as_bytes()).first().expect("it is there");
    let file = fs::OpenOptions::new().write(true).open(&db).expect("it can be opened");
    file.set_len(at).expect("it can be cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_cut_or_gone_is_exit_four() {
    let (data, before) = furnished().await;
    let spoil: [(&str, Spoil); 3] = [
        ("a cut db", cut_db),
        ("no head", |dir| fs::remove_file(dir.join("head")).expect("removed")),
        ("no blocks", |dir| {
            fs::remove_dir_all(dir.join("blocks")).expect("removed");
        }),
    ];
    for (what, spoil) in spoil {
        let copy = tempdir().expect("a directory");
        disk::copy(data.path(), copy.path());
        spoil(&ledger::dir(copy.path()));
        for attempt in 1..=2 {
            let ended = refused(copy.path());
            assert_eq!(ended.code, Some(4), "{what}, attempt {attempt}: {}", ended.said);
            assert!(first_lost(&ended.said) < before.size, "{what}: {}", ended.said);
        }
    }
    assert_intact(data.path(), before).await;
}
