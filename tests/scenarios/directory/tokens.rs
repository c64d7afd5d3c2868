//! The tokens on a disk that forgets a bit: a damaged one is named and lets nobody in, the others do.

use std::fs;
use std::path::Path;

use keshi_tests::caller::{Caller, refusal};
use keshi_tests::process::{Ended, Keshi, run};
use tempfile::tempdir;
use tonic::Code;

use super::damage::places;
use super::flip;

const OFFICE: [&str; 4] = ["--office", "610729", "--lang", "en"];

fn keshi(data: &Path, args: &[&str]) -> keshi_tests::process::Ran {
    let data = data.to_str().expect("a plain path");
    run(&[args, &["--data", data, "--lang", "en"]].concat())
}

fn refused(data: &Path) -> Ended {
    match Keshi::up(data, &OFFICE) {
        Ok(_) => panic!("it listens"),
        Err(ended) => ended,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_token_is_named_by_doctor_and_start_and_spoils_no_other() {
    let data = tempdir().expect("a directory");
    let server = Keshi::up(data.path(), &OFFICE).expect("it listens");
    assert_eq!(server.stop(), Some(0));
    let made = keshi(data.path(), &["token", "create", "auditor", "--id", "auditor-1"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    let sound = keshi(data.path(), &["doctor"]);
    assert!(sound.out.contains("2, every record verifies"), "{}", sound.out);

    let access = data.path().join("610729/access.redb");
    let bytes = fs::read(&access).expect("it can be read");
    let found = places(&bytes, b"auditor\",\"sha256\"");
    assert!(!found.is_empty());
    for at in found {
        flip(&access, at + 2);
    }
    let ran = keshi(data.path(), &["doctor"]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("the records of the tokens auditor-1 are damaged"),
        "{}",
        ran.out
    );

    let server = Keshi::up(data.path(), &OFFICE).expect("it listens");
    assert!(
        server.said().contains("token auditor-1 is damaged"),
        "{}",
        server.said()
    );
    let first = fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let nobody = Caller::connect(&server.url()).await;
    nobody.with(first.trim()).furnish().await;
    let why = refusal(&nobody.with(made.out.trim()).balance("T1").await.expect_err("refused"));
    assert_eq!((why.code, why.reason.as_str()), (Code::Unauthenticated, "TokenUnknown"));
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_are_cut_off_stop_the_start_and_those_of_before_are_not_passed_over() {
    let data = tempdir().expect("a directory");
    let server = Keshi::up(data.path(), &OFFICE).expect("it listens");
    assert_eq!(server.stop(), Some(0));
    let access = data.path().join("610729/access.redb");
    let whole = fs::read(&access).expect("it can be read");
    fs::write(&access, &whole[..whole.len() / 3]).expect("written");
    let ended = refused(data.path());
    assert_eq!(ended.code, Some(4), "{}", ended.said);
    assert!(
        ended.said.contains("access.redb") && ended.said.contains("backup"),
        "{}",
        ended.said
    );
    assert_eq!(keshi(data.path(), &["doctor"]).code, Some(4));
    fs::write(&access, whole).expect("written");

    let old = data.path().join("access.toml");
    fs::write(&old, "version = 1\n").expect("written");
    let ended = refused(data.path());
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    let wanted = format!("mv {0} {0}.old", old.display());
    assert!(ended.said.contains(&wanted), "{}", ended.said);
    fs::remove_file(&old).expect("moved away");
    assert_eq!(Keshi::up(data.path(), &OFFICE).expect("it listens").stop(), Some(0));
}
