//! `keshi backup` beside a running keshi, and `keshi restore` where the ledger is gone.

use std::fs;

use keshi_tests::process::run;
use keshi_tests::{county, ledger};
use tempfile::tempdir;

use super::{flip, furnished, post, up};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_is_lost_comes_back_from_a_backup_taken_while_it_ran() {
    let (data, _) = furnished().await;
    let path = data.path().to_str().expect("a plain path");
    let to = tempdir().expect("a directory");
    let backup = to.path().join("backup");
    let kept = backup.to_str().expect("a plain path");
    let keshi = up(data.path()).expect("it listens");
    for number in 3..5 {
        post(&keshi, &[county::attendance(100 + number)], number).await;
        let ran = run(&["backup", kept, "--data", path, "--lang", "en"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("each verified"), "{}", ran.out);
    }
    assert_eq!(keshi.stop(), Some(0));
    let facts = ledger::facts(data.path());
    let there = run(&["restore", kept, "--data", path, "--lang", "en"]);
    assert_eq!(there.code, Some(1), "{}{}", there.out, there.err);
    assert!(there.err.contains("move it aside first"), "{}", there.err);

    fs::remove_dir_all(ledger::dir(data.path())).expect("removed");
    let ran = run(&["restore", kept, "--data", path, "--lang", "en"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    super::assert_intact(data.path(), facts).await;

    // On a machine that has nothing of it, too.
    let elsewhere = tempdir().expect("a directory");
    let new = elsewhere.path().join("data");
    let new_path = new.to_str().expect("a plain path");
    let ran = run(&["restore", kept, "--data", new_path, "--lang", "en"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    for file in ["people.redb: ", "access.redb: "] {
        assert!(ran.out.contains(file), "{}", ran.out);
    }
    let log = run(&["log", "--json", "--data", new_path, "--lang", "en"]);
    assert_eq!(log.code, Some(0), "{}", log.err);
    assert_eq!(log.out.lines().count() as u64, facts.size);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_exit_four_and_restores_nothing() {
    let (data, _) = furnished().await;
    let path = data.path().to_str().expect("a plain path");
    let to = tempdir().expect("a directory");
    let kept = to.path().to_str().expect("a plain path");
    assert_eq!(run(&["backup", kept, "--data", path]).code, Some(0));
    let live = fs::read_dir(to.path().join("journal")).expect("it can be read");
    let live = live.map(|file| file.expect("a file").path()).next().expect("one");
    flip(&live, 5_000);
    fs::remove_dir_all(ledger::dir(data.path())).expect("removed");
    let ran = run(&["restore", kept, "--data", path, "--lang", "en"]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    assert!(!ledger::dir(data.path()).exists());
}
