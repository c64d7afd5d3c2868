//! Tokens revoked with `keshi token revoke` while a server runs, also by one that has no file handles left.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use keshi_proto::api;
use keshi_tests::caller::{Caller, attendance, each, refusal};
use keshi_tests::process::{Keshi, run};
use tempfile::{TempDir, tempdir};
use tokio::sync::mpsc::channel;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `keshi token …` on the data directory; what it printed.
fn token(data: &Path, args: &[&str]) -> String {
    let data = data.to_str().expect("a plain path");
    let ran = run(&[&["token"], args, &["--data", data]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.out.trim().to_owned()
}

/// A furnished server with tokens, its admin, a clerk `clerk-1` of S1 and a reviewer `reviewer-1`.
async fn office() -> (TempDir, Keshi, Caller, Caller, Caller) {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &["--office", "610729", "--lang", "en"]).expect("it listens");
    let first = fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let nobody = Caller::connect(&keshi.url()).await;
    let admin = nobody.with(first.trim());
    admin.furnish().await;
    let clerk = token(data.path(), &["create", "clerk", "--school", "S1", "--id", "clerk-1"]);
    let reviewer = token(data.path(), &["create", "reviewer", "--id", "reviewer-1"]);
    (data, keshi, admin, nobody.with(&clerk), nobody.with(&reviewer))
}

async fn ended<T>(stream: &mut Streaming<T>) -> Status {
    let end = async {
        loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended as if all were well"),
                Err(status) => return status,
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.expect("the stream ends")
}

/// Lets a process open no more files than it has open now: those beyond the first free number stay open.
fn take_handles(keshi: &Keshi) {
    let open = fs::read_dir(format!("/proc/{}/fd", keshi.id())).expect("it runs");
    let number = |entry: std::io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse::<usize>().ok();
    let open: BTreeSet<usize> = open.filter_map(number).collect();
    let first_free = (0..=open.len())
        .find(|number| !open.contains(number))
        .expect("one is free");
    limit_handles(keshi, first_free);
}

fn limit_handles(keshi: &Keshi, handles: usize) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args([format!("--pid={}", keshi.id()), format!("--nofile={handles}:")]);
    assert!(prlimit.status().expect("util-linux is there").success());
}

async fn both_streams_end(without_handles: bool) {
    let (data, keshi, admin, clerk, reviewer) = office().await;
    let (sender, receiver) = channel(8);
    let row = || each(vec![attendance("X1", "T1", 100)]);
    let sent = clerk.request(ReceiverStream::new(receiver));
    let posting = clerk.submissions().stream_submissions(sent).await.expect("let in");
    let mut posting = posting.into_inner();
    sender.send(row()).await.expect("open");
    posting.message().await.expect("an answer").expect("an answer");
    let watch = reviewer.request(api::WatchEntriesRequest::default());
    let watching = reviewer.ledger().watch_entries(watch).await.expect("let in");
    let mut watching = watching.into_inner();
    watching.message().await.expect("a batch").expect("a batch");
    if without_handles {
        take_handles(&keshi);
    }

    token(data.path(), &["revoke", "clerk-1"]);
    token(data.path(), &["revoke", "reviewer-1"]);
    // The commands have returned: from now on nothing of theirs is recorded, whatever the server has noticed.
    let size = admin.head().await.0;
    for _ in 0..30 {
        if sender.send(row()).await.is_err() {
            break;
        }
    }
    for status in [ended(&mut posting).await, ended(&mut watching).await] {
        let why = refusal(&status);
        assert_eq!((why.code, why.reason.as_str()), (Code::Unauthenticated, "TokenRevoked"));
    }
    let unary = refusal(
        &clerk
            .submit(vec![attendance("X1", "T1", 100)])
            .await
            .expect_err("refused"),
    );
    assert_eq!(unary.reason, "TokenRevoked");
    assert_eq!(admin.head().await.0, size);
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_streams_end_when_the_command_revokes_their_tokens_and_record_nothing_afterwards() {
    both_streams_end(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_takes_effect_in_a_server_that_has_no_file_handles_left() {
    both_streams_end(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_file_handles_a_reading_is_logged_and_answered_or_else_refused_until_it_can_be() {
    let (data, keshi, admin, _, reviewer) = office().await;
    let reads = data.path().join("610729/reads");
    let lines = || {
        let months = fs::read_dir(&reads).expect("it can be read");
        let texts = months.map(|month| fs::read_to_string(month.expect("a month").path()).expect("text"));
        texts.map(|text| text.lines().count()).sum::<usize>()
    };
    admin.head().await;
    take_handles(&keshi);
    // The month's file is opened only now: in place of the handle that is kept for that.
    reviewer.balance("T1").await.expect("answered");
    assert_eq!(lines(), 1);
    // Replaced, it would have to be opened once more: there is nothing to open it with.
    let aside = data.path().join("aside");
    fs::rename(&reads, &aside).expect("moved");
    fs::write(&reads, "in the way").expect("written");
    let refused = refusal(&reviewer.balance("T1").await.expect_err("refused"));
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::Unavailable, "ReadLogUnwritable")
    );
    fs::remove_file(&reads).expect("removed");
    fs::rename(&aside, &reads).expect("put back");
    reviewer.balance("T1").await.expect("answered again");
    assert_eq!(lines(), 2);
    limit_handles(&keshi, 1_024);
    assert_eq!(keshi.stop(), Some(0));
}
