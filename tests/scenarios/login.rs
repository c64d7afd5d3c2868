//! A clerk's machine: the server and her token are given once.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use keshi_tests::process::{Keshi, Ran, command};
use tempfile::tempdir;

/// Runs a command in this home, with this on its standard input.
fn at_home(home: &Path, args: &[&str], input: &str) -> Ran {
    let mut command = command(args);
    command.env("HOME", home);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("piped");
    // A command that reads nothing may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let ended = child.wait_with_output().expect("it ends");
    Ran {
        code: ended.status.code(),
        out: String::from_utf8(ended.stdout).expect("UTF-8"),
        err: String::from_utf8(ended.stderr).expect("UTF-8"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_is_kept_once_the_server_accepts_it_and_gone_after_logout() {
    let (data, home) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let keshi = Keshi::up(data.path(), &["--office", "610729", "--lang", "en"]).expect("it listens");
    let server = keshi.address.to_string();
    let token = fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let file = home.path().join(".config/keshi/login");

    let wrong = at_home(home.path(), &["login", &server], "ks_wrong\n");
    assert_eq!(wrong.code, Some(1), "{}", wrong.err);
    assert!(!file.exists());

    let right = at_home(home.path(), &["login", &server], &token);
    assert_eq!(right.code, Some(0), "{}", right.err);
    let mode = |path: &Path| fs::metadata(path).expect("kept").permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().expect("a directory"))), (0o600, 0o700));
    assert!(!right.err.contains(token.trim()), "{}", right.err);

    let log = at_home(home.path(), &["log"], "");
    assert_eq!((log.code, log.err.as_str()), (Some(0), ""));
    // Named otherwise it is another server, which is not sent her token.
    let port = keshi.address.port();
    let other = at_home(home.path(), &["log", "--server", &format!("localhost:{port}")], "");
    assert_eq!(other.code, Some(1), "{}", other.err);

    let out = at_home(home.path(), &["logout"], "");
    assert_eq!(out.code, Some(0), "{}", out.err);
    assert!(!file.exists());
    let log = at_home(home.path(), &["log", "--server", &server], "");
    assert_eq!(log.code, Some(1), "{}", log.err);
    assert_eq!(keshi.stop(), Some(0));
}
