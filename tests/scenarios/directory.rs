//! A data directory that is taken, read-only, of a later release, on a full disk, damaged, or of another office. Each
//! ends with a clear text and an exit code of its own, and what was recorded is there afterwards.

mod backup;
mod backups;
mod damage;
mod doctor;
mod found;
mod full;
mod owner;
mod people;
mod scrub;
mod tokens;

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use keshi_core::event::Event;
use keshi_tests::disk::{self, Disk};
use keshi_tests::process::{Ended, Keshi, binary, run};
use keshi_tests::{client, county, ledger};
use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};

const ARGUMENTS: [&str; 5] = ["--dev", "--office", "610729", "--lang", "en"];

/// A data directory of which nobody has anything open, with some entries, and what they come to.
async fn furnished() -> (TempDir, ledger::Facts) {
    let data = tempdir().expect("a directory");
    let keshi = up(data.path()).expect("it listens");
    post(&keshi, &county::register_of(100, 13), 1).await;
    post(&keshi, &(0..100).map(county::attendance).collect::<Vec<_>>(), 2).await;
    assert_eq!(keshi.stop(), Some(0));
    let facts = ledger::facts(data.path());
    (data, facts)
}

fn up(data: &Path) -> Result<Keshi, Ended> {
    Keshi::up(data, &ARGUMENTS)
}

/// Starts and is refused.
fn refused(data: &Path) -> Ended {
    up(data).err().expect("it does not start")
}

async fn post(keshi: &Keshi, events: &[Event], number: u64) {
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    let receipt = client::post_until_recorded(&mut client, &client::request(number, events)).await;
    assert_eq!(receipt.verdicts.len(), events.len());
}

/// The ledger opens, has what it had, and takes more.
async fn assert_intact(data: &Path, before: ledger::Facts) {
    assert_eq!(ledger::facts(data), before);
    let keshi = up(data).expect("it listens again");
    post(&keshi, &[county::attendance(before.size)], before.size).await;
    assert_eq!(keshi.stop(), Some(0));
    assert_eq!(ledger::facts(data).size, before.size + 1);
}

/// The modes of everything below a directory that others than the owner could use.
fn open_to_others(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir)
        .expect("a directory")
        .map(|file| file.expect("a file").path());
    let of = |path: std::path::PathBuf| {
        let mode = path.metadata().expect("it is there").permissions().mode();
        let own = (mode & 0o077 != 0).then(|| format!("{:o} {}", mode & 0o777, path.display()));
        let below = if path.is_dir() {
            open_to_others(&path)
        } else {
            Vec::new()
        };
        own.into_iter().chain(below)
    };
    files.flat_map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_is_written_is_its_owners_alone_also_under_a_generous_umask() {
    let data = tempdir().expect("a directory");
    let to = tempdir().expect("a directory");
    let generous = |args: &[&str]| {
        let mut command = Command::new("sh");
        command
            .args(["-c", "umask 000; exec \"$0\" \"$@\""])
            .arg(binary())
            .args(args);
        command
    };
    let path = data.path().to_str().expect("a plain path");
    let mut start = generous(&["up", "--data", path, "--grpc", "127.0.0.1:0", "--http", "none"]);
    start.args(ARGUMENTS);
    let keshi = Keshi::spawn(start).expect("it listens");
    post(&keshi, &county::register_of(20, 13), 1).await;
    let copy = to.path().join("backup");
    let copied = generous(&["backup", copy.to_str().expect("a plain path"), "--data", path]).status();
    assert!(copied.expect("it runs").success());
    assert_eq!(keshi.stop(), Some(0));
    for dir in [data.path(), to.path()] {
        assert_eq!(open_to_others(dir), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_the_same_directory_is_sent_away_and_the_first_goes_on() {
    let (data, before) = furnished().await;
    let first = up(data.path()).expect("it listens");
    let second = refused(data.path());
    assert_eq!(second.code, Some(1), "{}", second.said);
    assert!(second.said.contains("is in use by another process"), "{}", second.said);
    // The second one leaves no traces: commands still find the first.
    let path = data.path().to_str().expect("a plain path");
    let log = run(&["log", "--data", path, "--json"]);
    assert_eq!(
        (log.code, log.out.lines().count() as u64),
        (Some(0), before.size),
        "{}",
        log.err
    );
    post(&first, &[county::attendance(100)], 3).await;
    assert_eq!(first.stop(), Some(0));
    assert_eq!(ledger::facts(data.path()).size, before.size + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_directory_is_refused_in_words_and_nothing_in_it_changes() {
    let (data, before) = furnished().await;
    for dir in [data.path().to_owned(), ledger::dir(data.path())] {
        let disk = Disk::read_only(&dir);
        let path = data.path().to_str().expect("a plain path");
        let mut command = disk.command(&["up", "--data", path, "--grpc", "127.0.0.1:0", "--http", "none"]);
        command.args(ARGUMENTS);
        let ended = Keshi::spawn(command).err().expect("it does not start");
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(ended.said.contains("Read-only file system"), "{}", ended.said);
        assert!(ended.said.contains(path), "{}", ended.said);
    }
    assert_intact(data.path(), before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_of_a_newer_format_is_refused_and_left_alone() {
    let (data, before) = furnished().await;
    let head = ledger::dir(data.path()).join("head");
    let original = fs::read(&head).expect("it can be read");
    // Both slots say format 2 and are otherwise in order.
    let mut newer = original.clone();
    for at in [0, 4_096] {
        newer[at + 8] = 2;
        let checksum = Sha256::digest(&newer[at..at + 160]);
        newer[at + 160..at + 192].copy_from_slice(&checksum);
    }
    fs::write(&head, &newer).expect("it can be written");
    for _ in 0..2 {
        let ended = refused(data.path());
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(
            ended.said.contains("head has format 2, this release knows 1"),
            "{}",
            ended.said
        );
    }
    assert_eq!(fs::read(&head).expect("it can be read"), newer);
    fs::write(&head, &original).expect("it can be written");
    assert_intact(data.path(), before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_judged_by_newer_rules_is_refused_and_is_not_called_damaged() {
    let (data, before) = furnished().await;
    let kept = tempdir().expect("a directory");
    disk::copy(data.path(), kept.path());
    let mut log = keshi_log::Log::open(ledger::dir(data.path())).expect("it opens");
    log.set_decide_version(99);
    log.append(b"an entry as a later release might write it").expect("room");
    log.seal(0);
    log.commit().expect("committed");
    drop(log);
    for _ in 0..2 {
        let ended = refused(data.path());
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(ended.said.contains("99"), "{}", ended.said);
    }
    assert_intact(kept.path(), before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_of_another_office_is_not_written_to() {
    let (data, before) = furnished().await;
    let ours = data.path().join("610729");
    fs::rename(&ours, data.path().join("610730")).expect("it can be renamed");
    let ended = Keshi::up(data.path(), &["--dev", "--office", "610730", "--lang", "en"]);
    let ended = ended.err().expect("it does not start");
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(
        ended.said.contains("is the log of office 610729, expected 610730"),
        "{}",
        ended.said
    );
    fs::rename(data.path().join("610730"), &ours).expect("it can be renamed");
    assert_intact(data.path(), before).await;
}

/// Turns one byte of a file around.
fn flip(file: &Path, at: u64) {
    let file = fs::OpenOptions::new().read(true).write(true).open(file);
    let file = file.expect("it can be opened");
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("it can be read");
    file.write_all_at(&[!byte[0]], at).expect("it can be written");
}
