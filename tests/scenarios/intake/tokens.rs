//! Real tokens, made and revoked with `keshi token` while the server runs.

use std::path::Path;
use std::time::Instant;

use keshi_proto::api;
use keshi_tests::caller::{Caller, Refusal, attendance, refusal, school};
use keshi_tests::client::PATIENCE;
use keshi_tests::process::{Keshi, run};
use tempfile::tempdir;
use tonic::{Code, Status};

/// Runs `keshi token …` on the data directory; what it printed.
fn token(data: &Path, args: &[&str]) -> String {
    let data = data.to_str().expect("a plain path");
    let ran = run(&[&["token"], args, &["--data", data]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.out.trim().to_owned()
}

#[track_caller]
fn is(answer: Result<impl std::fmt::Debug, Status>, code: Code, reason: &str) {
    let Refusal {
        code: found,
        reason: why,
        ..
    } = refusal(&answer.expect_err("refused"));
    assert_eq!((found, why.as_str()), (code, reason));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_let_in_whom_they_are_for_and_nobody_else() {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &["--office", "610729", "--lang", "en"]).expect("it listens");
    // The first start makes one admin token, and keeps it where commands on this machine find it; it does not say it aloud.
    let first = std::fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let first = first.trim();
    assert!(
        first.starts_with("ks_") && !keshi.said().contains(first) && keshi.said().contains("610729/token"),
        "{}",
        keshi.said()
    );
    let nobody = Caller::connect(&keshi.url()).await;
    let admin = nobody.with(first);
    admin.furnish().await;
    let head = admin.head().await;
    let row = || vec![attendance("X1", "T1", 100)];

    is(nobody.submit(row()).await, Code::Unauthenticated, "TokenMissing");
    is(
        nobody.with("ks_wrong").submit(row()).await,
        Code::Unauthenticated,
        "TokenMalformed",
    );
    let elsewhere = tempdir().expect("a directory");
    let other = Keshi::up(elsewhere.path(), &["--office", "610729"]).expect("it listens");
    let foreign = std::fs::read_to_string(elsewhere.path().join("610729/token")).expect("kept");
    assert_eq!(other.stop(), Some(0));
    is(
        nobody.with(foreign.trim()).submit(row()).await,
        Code::Unauthenticated,
        "TokenUnknown",
    );
    let access = data.path().join("610729/access.redb");
    let access = access.to_str().expect("a plain path");
    let neighbour = token(
        data.path(),
        &["create", "admin", "--office", "610730", "--access", access],
    );
    // The tokens are looked at again at most 0.1 s later.
    let neighbour = wait_known(&nobody.with(&neighbour)).await;
    is(neighbour.submit(row()).await, Code::PermissionDenied, "NotAllowed");

    let office = ["--office", "610729"];
    let clerk = token(
        data.path(),
        &[&["create", "clerk", "--school", "S1", "--id", "clerk-s1"], &office[..]].concat(),
    );
    let clerk = wait_known(&nobody.with(&clerk)).await;
    is(
        clerk.submit(vec![school("S3")]).await,
        Code::PermissionDenied,
        "NotAllowed",
    );
    let of_other_school = api::Event {
        org: "S2".to_owned(),
        ..attendance("X1", "T2", 100)
    };
    is(
        clerk.submit(vec![of_other_school]).await,
        Code::PermissionDenied,
        "NotAllowed",
    );
    is(clerk.balance("T2").await, Code::PermissionDenied, "NotAllowed");
    assert_eq!(admin.head().await, head, "nothing of all this was recorded");
    clerk.record(row()).await;
    assert_eq!(clerk.centihours("T1").await, 100);

    let teacher = token(
        data.path(),
        &[&["create", "teacher", "--teacher", "T1"], &office[..]].concat(),
    );
    let teacher = wait_known(&nobody.with(&teacher)).await;
    assert_eq!(teacher.centihours("T1").await, 100);
    is(teacher.balance("T2").await, Code::PermissionDenied, "NotAllowed");
    is(teacher.balance("T9").await, Code::PermissionDenied, "NotAllowed");
    is(teacher.submit(row()).await, Code::PermissionDenied, "NotAllowed");

    let auditor = token(data.path(), &[&["create", "auditor"], &office[..]].concat());
    let auditor = wait_known(&nobody.with(&auditor)).await;
    is(auditor.submit(row()).await, Code::PermissionDenied, "NotAllowed");
    assert_eq!(auditor.centihours("T1").await, 100);

    token(data.path(), &["revoke", "clerk-s1"]);
    let give_up = Instant::now() + PATIENCE;
    while let Ok(verdicts) = clerk.submit(row()).await {
        assert_eq!(verdicts[0].verdict(), api::Verdict::Recorded);
        assert!(Instant::now() < give_up, "the token is still good");
    }
    is(clerk.submit(row()).await, Code::Unauthenticated, "TokenRevoked");
    is(clerk.balance("T1").await, Code::Unauthenticated, "TokenRevoked");
    assert_eq!(keshi.stop(), Some(0));

    // Readings of others are noted, one's own and refused ones are not.
    let reads = data.path().join("610729/reads");
    let mut lines = String::new();
    for month in std::fs::read_dir(reads).expect("it can be read") {
        let path = month.expect("it can be read").path();
        lines += &std::fs::read_to_string(path).expect("it can be read");
    }
    let count = |who: &str| lines.lines().filter(|line| line.contains(who)).count();
    assert_eq!(count("clerk-s1"), 1, "{lines}");
    assert_eq!(
        lines.lines().filter(|line| line.contains("\"T2\"")).count(),
        0,
        "{lines}"
    );
}

/// Waits until the running server has seen a token that was just made.
async fn wait_known(caller: &Caller) -> Caller {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let request = caller.request(api::GetHeadRequest::default());
        match caller.ledger().get_head(request).await {
            Err(status) if status.code() == Code::Unauthenticated => {
                assert!(Instant::now() < give_up, "{status:?}");
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            _ => return caller.clone(),
        }
    }
}
