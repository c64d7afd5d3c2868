//! A ledger that runs is read over again: what the disk lost is told where somebody looks, and nothing else changes by it.

use std::fs;

use keshi_tests::process::{Keshi, run};
use keshi_tests::{county, disk, ledger};
use tempfile::TempDir;

use super::damage::places;
use super::{ARGUMENTS, flip, furnished, post};
use crate::watched::{figure, get, watched};

fn up(data: &TempDir, more: &[&str]) -> Keshi {
    let arguments = [&ARGUMENTS[..], &["--metrics", "127.0.0.1:0"], more].concat();
    Keshi::up(data.path(), &arguments).expect("it listens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_byte_under_a_running_ledger_is_told_and_what_is_posted_and_read_stays_true() {
    for (file, copy) in [("blocks/db", "blocks"), ("journal/00000000000000000000", "second copy")] {
        let (data, before) = furnished().await;
        let copied = tempfile::tempdir().expect("a directory");
        disk::copy(data.path(), copied.path());
        let keshi = up(&data, &["--scrub", "1048576"]);
        let address = watched(&keshi);
        // The copy has the same entries, and nobody has it open.
        let dir = ledger::dir(data.path());
        let index = {
            let entries = ledger::entries_in(copied.path());
            let index = entries.len() / 3;
            let id = entries[index].entry.posted.event_id().expect("an event");
            let path = dir.join(file);
            let found = places(&fs::read(&path).expect("it can be read"), id.as_bytes());
            assert!(!found.is_empty(), "entry {index} stands in {file}");
            for at in found {
                flip(&path, at);
            }
            index as u64
        };
        keshi.wait_said("the disk is failing: what is in it of the ledger is not what was written");
        let said = keshi.said();
        assert!(said.contains(file) && said.contains("first_entry="), "{said}");
        assert_eq!(get(address, "/ready").0, 200, "one copy of two is enough");
        assert!(get(address, "/ready").1.contains("copies: damaged"));
        let figures = get(address, "/metrics").1;
        assert_ne!(figure(&figures, "keshi_scrub_faults"), "0", "{figures}");
        let path = data.path().to_str().expect("a plain path");
        let doctor = run(&["doctor", "--data", path, "--lang", "en"]);
        assert_eq!(doctor.code, Some(1), "{}{}", doctor.out, doctor.err);
        assert!(
            doctor.out.contains(copy) && doctor.out.contains("restart, which"),
            "{}",
            doctor.out
        );
        // It goes on.
        post(&keshi, &(100..150).map(county::attendance).collect::<Vec<_>>(), 3).await;
        assert_eq!(keshi.stop(), Some(0));
        // The next start mends it from the other copy, and says so.
        let keshi = up(&data, &["--scrub", "1048576"]);
        keshi.wait_said("the disk is failing");
        let address = watched(&keshi);
        assert_eq!(get(address, "/ready").1, "questions: yes\nposts: yes\n");
        assert_eq!(keshi.stop(), Some(0));
        let after = ledger::facts(data.path());
        assert_eq!(after.size, before.size + 50, "{file}, entry {index}");
    }
}
