//! How a command on this machine finds the keshi that runs on a directory, and what it tells nobody else.

use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use keshi_tests::county;
use keshi_tests::process::{Keshi, Ran, command, run};
use tempfile::tempdir;

use super::{furnished, post, up};

const OFFICE: [&str; 4] = ["--office", "610729", "--lang", "en"];

fn keshi(data: &Path, args: &[&str]) -> Ran {
    run(&[args, &["--data", data.to_str().expect("a plain path"), "--lang", "en"]].concat())
}

/// How many entries `keshi log` lists.
fn entries(data: &Path, more: &[&str]) -> usize {
    let log = keshi(data, &[&["log", "--json"], more].concat());
    assert_eq!(log.code, Some(0), "{}", log.err);
    log.out.lines().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_answers_for_itself_while_the_original_runs() {
    let (data, before) = furnished().await;
    let size = usize::try_from(before.size).expect("a small ledger");
    let copy = tempdir().expect("a directory");
    let server = up(data.path()).expect("it listens");
    // All that lies there, the socket too.
    let (from, to) = (data.path().join("."), copy.path());
    let copied = Command::new("cp").arg("-a").args([from.as_path(), to]).status();
    assert!(copied.expect("it runs").success() && to.join("610729/socket").exists());
    post(&server, &[county::attendance(before.size)], before.size).await;
    assert_eq!(entries(data.path(), &[]), size + 1);
    assert_eq!(entries(copy.path(), &[]), size);
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_offices_in_one_directory_are_found_each_with_its_own_token() {
    let data = tempdir().expect("a directory");
    let first = Keshi::up(data.path(), &OFFICE).expect("it listens");
    let second = Keshi::up(data.path(), &["--office", "610730", "--lang", "en"]).expect("it listens");
    for office in ["610729", "610730"] {
        let log = keshi(data.path(), &["log", "--office", office]);
        assert_eq!((log.code, log.err.as_str()), (Some(0), ""), "{office}");
    }
    let which = keshi(data.path(), &["log"]);
    assert_eq!(which.code, Some(2), "{}", which.err);
    assert!(which.err.contains("610729, 610730"), "{}", which.err);
    // The end of one leaves the other to be found.
    assert_eq!(second.stop(), Some(0));
    assert_eq!(entries(data.path(), &["--office", "610729"]), 0);
    assert!(data.path().join("610729/socket").exists() && !data.path().join("610730/socket").exists());
    assert_eq!(first.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_the_port_of_a_killed_keshi_is_asked_nothing_and_sent_no_token() {
    let data = tempdir().expect("a directory");
    let server = Keshi::up(data.path(), &OFFICE).expect("it listens");
    let address = server.address;
    server.kill();
    let impostor = TcpListener::bind(address).expect("the port is free again");
    impostor.set_nonblocking(true).expect("it can be asked without waiting");
    assert_eq!(entries(data.path(), &[]), 0);
    let met = impostor.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(met, Err(ErrorKind::WouldBlock));
    // And what the killed one left stands in nobody's way.
    let again = Keshi::up(data.path(), &OFFICE).expect("it listens");
    assert_eq!(entries(data.path(), &[]), 0);
    assert_eq!(again.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_with_a_long_name_is_found_as_well() {
    let data = tempdir().expect("a directory");
    let long = data.path().join("教研室".repeat(15));
    let server = Keshi::up(&long, &OFFICE).expect("it listens");
    assert_eq!(entries(&long, &[]), 0);
    assert!(!server.said().contains("--server"), "{}", server.said());
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_comes_from_a_file_or_standard_input_and_one_on_the_command_line_is_warned_of() {
    let data = tempdir().expect("a directory");
    let server = Keshi::up(data.path(), &OFFICE).expect("it listens");
    let address = server.address.to_string();
    let file = data.path().join("610729/token");
    let token = std::fs::read_to_string(&file).expect("kept");
    let log = ["log", "--lang", "en", "--server", &address];

    // The token of this machine is not for whoever a port belongs to.
    let without = keshi(data.path(), &log[..1]);
    assert_eq!(without.code, Some(0), "{}", without.err);
    let refused = run(&[&log[..], &["--data", data.path().to_str().expect("plain")]].concat());
    assert_eq!(refused.code, Some(1), "{}", refused.err);

    let of_file = run(&[&log[..], &["--token-file", file.to_str().expect("plain")]].concat());
    assert_eq!((of_file.code, of_file.err.as_str()), (Some(0), ""));
    let aloud = run(&[&log[..], &["--token", token.trim()]].concat());
    assert_eq!(aloud.code, Some(0), "{}", aloud.err);
    assert!(aloud.err.contains("process list"), "{}", aloud.err);

    let mut piped = command(&[&log[..], &["--token", "-"]].concat());
    piped
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    let mut piped = piped.spawn().expect("it runs");
    let mut stdin = piped.stdin.take().expect("piped");
    stdin.write_all(token.as_bytes()).expect("written");
    drop(stdin);
    let ended = piped.wait_with_output().expect("it ends");
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(server.stop(), Some(0));
}
