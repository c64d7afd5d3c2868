//! Damage under recorded entries: what one copy of them lost comes from the other, what both lost is exit 4 with the
//! first index that cannot be served, and nothing is repaired away.

use std::fs;
use std::path::{Path, PathBuf};

use keshi_core::ids::EventId;
use keshi_tests::process::run;
use keshi_tests::{disk, ledger};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::tempdir;

use super::{assert_intact, flip, furnished, refused, up};
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

/// Flips a byte of this id wherever it stands in a file below `dir`; how often that is.
pub(super) fn flip_everywhere(dir: &Path, id: EventId) -> usize {
    let files = fs::read_dir(dir)
        .expect("a directory")
        .map(|file| file.expect("a file").path());
    let flipped = files.filter(|path| path.is_file()).map(|path| {
        let places = places(&fs::read(&path).expect("it can be read"), id.as_bytes());
        for at in &places {
            flip(&path, *at);
        }
        places.len()
    });
    flipped.sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_byte_in_both_copies_of_an_entry_is_exit_four_and_names_the_first_index() {
    let mut random = StdRng::seed_from_u64(seed());
    let (data, before) = furnished().await;
    let entries = ledger::entries_in(data.path());
    for _ in 0..4 {
        // The last ones do not fill a block yet: they stand in the journal alone.
        let index = random.random_range(0..before.size - 40);
        let entry = &entries[usize::try_from(index).expect("small")].entry;
        let event_id = entry.posted.event_id().expect("an event");
        let copy = tempdir().expect("a directory");
        disk::copy(data.path(), copy.path());
        let dir = ledger::dir(copy.path());
        for copy in ["blocks", "journal"] {
            // A block may stand in the file several times; sled reads the last one written.
            let flipped = flip_everywhere(&dir.join(copy), event_id);
            assert!(flipped > 0, "entry {index} does not stand in {copy} as it is");
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
        // The bytes put back, all is there again.
        for copy in ["blocks", "journal"] {
            put_back(&dir.join(copy), &ledger::dir(data.path()).join(copy));
        }
        assert_eq!(ledger::facts(copy.path()), before);
    }
    assert_intact(data.path(), before).await;
}

fn put_back(to: &Path, from: &Path) {
    for file in fs::read_dir(from).expect("a directory") {
        let file = file.expect("a file").path();
        if file.is_file() {
            fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
        }
    }
}

/// Does something to a ledger's directory.
type Spoil = fn(&Path);

fn cut(file: &Path, to: u64) {
    let file = fs::OpenOptions::new().write(true).open(file).expect("it can be opened");
    file.set_len(to).expect("it can be cut");
}

/// The one live segment.
fn segment(dir: &Path) -> PathBuf {
    dir.join("journal/00000000000000000000")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_flipped_cut_or_gone_of_one_copy_is_made_again_from_the_other_and_said() {
    let (data, before) = furnished().await;
    let spoil: [(&str, Spoil); 5] = [
        ("a flip", |dir| flip(&dir.join("blocks/db"), 3_000)),
        ("a cut db", |dir| cut(&dir.join("blocks/db"), 3_000)),
        ("no head", |dir| fs::remove_file(dir.join("head")).expect("removed")),
        ("no blocks", |dir| {
            fs::remove_dir_all(dir.join("blocks")).expect("removed");
        }),
        ("a flip in the journal", |dir| flip(&segment(dir), 4_096 + 300)),
    ];
    for (what, spoil) in spoil {
        let copy = tempdir().expect("a directory");
        disk::copy(data.path(), copy.path());
        spoil(&ledger::dir(copy.path()));
        let keshi = up(copy.path()).expect("it listens");
        keshi.wait_said("the disk is failing");
        assert_eq!(keshi.stop(), Some(0));
        assert_eq!(ledger::facts(copy.path()), before, "{what}");
        assert_intact(copy.path(), before).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_cut_or_gone_is_exit_four() {
    let (data, before) = furnished().await;
    let spoil: [(&str, Spoil); 2] = [
        ("a cut journal", |dir| cut(&segment(dir), 9_000)),
        ("no journal", |dir| {
            fs::remove_dir_all(dir.join("journal")).expect("removed");
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
