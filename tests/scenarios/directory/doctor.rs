//! `keshi doctor` on a ledger that is sound, in use, and damaged: it looks at a copy and leaves the original alone.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use keshi_tests::process::{Keshi, Ran, run};
use keshi_tests::{disk, ledger};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use super::damage::{first_lost, flip_everywhere};
use super::furnished;

fn doctor(data: &Path, more: &[&str]) -> Ran {
    let data = data.to_str().expect("a plain path");
    run(&[&["doctor", "--data", data, "--lang", "en"], more].concat())
}

/// What was found, by its code.
fn found(ran: &Ran) -> BTreeMap<String, Value> {
    let finding = |line: &str| -> (String, Value) {
        let finding: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        (finding["code"].as_str().expect("a code").to_owned(), finding)
    };
    ran.out.lines().map(finding).collect()
}

/// Every file below a directory with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).expect("it can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            all.insert(path, bytes);
        }
    }
    all
}

/// A ledger of some entries with tokens, as a first start without `--dev` makes it.
async fn office() -> (TempDir, ledger::Facts) {
    let (data, facts) = furnished().await;
    // Where many work as one user, temporary directories may be open to all, which doctor would mention.
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o700)).expect("it is ours");
    let keshi = Keshi::up(data.path(), &["--office", "610729"]).expect("it listens");
    assert_eq!(keshi.stop(), Some(0));
    (data, facts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_ledger_is_found_good_and_left_as_it_was() {
    let (data, facts) = office().await;
    let ran = doctor(data.path(), &["--json"]);
    assert_eq!(found(&ran)["backup-none"]["level"], "warning", "{}", ran.out);
    let elsewhere = tempfile::tempdir().expect("a directory");
    let to = elsewhere.path().join("backup").display().to_string();
    let ran = run(&["backup", &to, "--data", &data.path().display().to_string()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let before = files(data.path());
    let ran = doctor(data.path(), &["--json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let found = found(&ran);
    for (code, finding) in &found {
        let is_disk = code == "disk-space";
        assert!(finding["level"] == "ok" || is_disk, "{finding}");
    }
    let said = found["ledger-verified"]["en"].as_str().expect("a text");
    assert!(said.contains(&format!("{} entries", facts.size)), "{said}");
    assert!(
        found.contains_key("access-tokens") && found.contains_key("clock"),
        "{found:?}"
    );
    assert_eq!(files(data.path()), before, "neither changed nor left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_in_use_is_not_copied_and_the_way_to_verify_it_is_said() {
    let (data, _) = office().await;
    let keshi = Keshi::up(data.path(), &["--office", "610729"]).expect("it listens");
    let ran = doctor(data.path(), &[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("is in use and was not copied"), "{}", ran.out);
    assert!(ran.out.contains("keshi audit replay"), "{}", ran.out);
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_ledger_is_exit_four_names_the_first_index_and_is_not_repaired_away() {
    let (data, before) = office().await;
    let entries = ledger::entries_in(data.path());
    let index = before.size / 3;
    let entry = &entries[usize::try_from(index).expect("small")].entry;
    let event_id = entry.posted.event_id().expect("an event");
    let copy = tempdir().expect("a directory");
    disk::copy(data.path(), copy.path());
    // In one copy of the entries only: that is mended by the next start, and said.
    let dir = ledger::dir(copy.path());
    assert!(flip_everywhere(&dir.join("blocks"), event_id) > 0);
    let half = files(&dir);
    let ran = doctor(copy.path(), &["--json"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert_eq!(found(&ran)["ledger-half-damaged"]["level"], "error");
    assert_eq!(files(&dir), half);
    assert!(flip_everywhere(&dir.join("journal"), event_id) > 0);
    let damaged = files(&ledger::dir(copy.path()));
    // Twice: looking must not repair anything away.
    for attempt in 1..=2 {
        let ran = doctor(copy.path(), &["--json"]);
        assert_eq!(ran.code, Some(4), "attempt {attempt}: {}{}", ran.out, ran.err);
        let found = found(&ran);
        let finding = &found["ledger-damaged"];
        assert_eq!(finding["level"], "error");
        let said = finding["en"].as_str().expect("a text");
        let shown = ledger::dir(copy.path()).display().to_string();
        assert!(said.contains(&shown), "the original is named, not the copy: {said}");
        assert!(first_lost(said) <= index, "entry {index}: {said}");
        let remedy = finding["remedy_en"].as_str().expect("a remedy");
        assert!(remedy.contains("restore"), "{remedy}");
        assert!(!finding["zh"].as_str().expect("a text").is_empty());
    }
    assert_eq!(files(&ledger::dir(copy.path())), damaged);
    // The sound one beside it is still found sound.
    assert_eq!(doctor(data.path(), &[]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_kept_outside_tells_that_a_directory_was_rolled_back_as_a_whole() {
    let (data, _) = office().await;
    let outside = tempdir().expect("a directory");
    let mark = outside.path().join("keshi.mark");
    let marked = |data: &Path| {
        let ran = doctor(data, &["--json", "--mark", mark.to_str().expect("a plain path")]);
        let found: Vec<String> = found(&ran).into_keys().collect();
        (ran.code, found)
    };
    let has = |(code, found): (Option<i32>, Vec<String>), what: &str| {
        assert!(found.iter().any(|code| code == what), "{code:?} {found:?}");
        code
    };
    assert_eq!(has(marked(data.path()), "mark"), Some(0));
    let yesterday = outside.path().join("yesterday");
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([data.path(), &yesterday])
        .status();
    assert!(copied.expect("cp runs").success());

    let post = |data: &Path, id: &str| {
        let keshi = Keshi::up(data, &["--dev", "--office", "610729"]).expect("it listens");
        let file = outside.path().join("post.jsonl");
        let line = format!(
            r#"{{"events":[{{"eventId":"{id}","occurredFrom":{{"year":2020,"month":1,"day":1}},"fact":{{"schoolRegistered":{{"schoolId":"S-{}","name":"后来小学","stage":"STAGE_PRIMARY"}}}}}}]}}"#,
            &id[..4]
        );
        fs::write(&file, line).expect("written");
        let address = keshi.address.to_string();
        let ran = run(&["post", file.to_str().expect("a plain path"), "--server", &address]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(keshi.stop(), Some(0));
    };
    post(data.path(), "6b65a2f0-0000-4000-8000-000000000001");
    assert_eq!(
        has(marked(data.path()), "mark"),
        Some(0),
        "it grew, and holds what was marked"
    );
    let said = fs::read_to_string(&mark).expect("a mark");

    assert_eq!(has(marked(&yesterday), "rolled-back"), Some(4));
    // Also once it has grown past the mark with other entries.
    post(&yesterday, "7c65a2f0-0000-4000-8000-000000000002");
    post(&yesterday, "8d65a2f0-0000-4000-8000-000000000003");
    assert_eq!(has(marked(&yesterday), "rolled-back"), Some(4));
    assert_eq!(
        fs::read_to_string(&mark).expect("a mark"),
        said,
        "what is wrong moves no mark"
    );
    assert_eq!(has(marked(data.path()), "mark"), Some(0));
}
