//! What an operator sees over HTTP, and in the log, of a process at work.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use keshi_bus::testing::NatsServer;
use keshi_tests::caller::Caller;
use keshi_tests::client::PATIENCE;
use keshi_tests::process::Keshi;
use keshi_tests::{client, county};
use tempfile::tempdir;

/// Where the figures are, as the process said.
pub(crate) fn watched(keshi: &Keshi) -> SocketAddr {
    let said = keshi.said();
    let (_, rest) = said.split_once("· metrics http://").expect("it says so");
    let address = rest.split('/').next().expect("an address");
    address.parse().expect("an address")
}

/// Status and body of a GET.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let request = format!("GET {path} HTTP/1.1\r\nHost: keshi\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    (status.expect("a status"), body.to_owned())
}

/// The value of one line of the figures, as it stands there.
pub(crate) fn figure<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

async fn wait_ready(address: SocketAddr, wanted: u16) -> String {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let (status, body) = get(address, "/ready");
        if status == wanted {
            return body;
        }
        assert!(
            Instant::now() < give_up,
            "/ready does not become {wanted}: {status} {body}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_calls_and_refused_logins_are_counted_and_tokens_stand_nowhere() {
    let data = tempdir().expect("a directory");
    let args = ["--office", "610729", "--lang", "en", "--metrics", "127.0.0.1:0"];
    let keshi = Keshi::up(data.path(), &args).expect("it listens");
    let address = watched(&keshi);
    assert_eq!(get(address, "/ready"), (200, "questions: yes\nposts: yes\n".to_owned()));
    let token = std::fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let nobody = Caller::connect(&keshi.url()).await;
    nobody.with(token.trim()).furnish().await;
    let wrong = format!("{}x", &token.trim()[..token.trim().len() - 1]);
    for _ in 0..5 {
        assert!(nobody.with(&wrong).balance("T1").await.is_err());
    }

    let (status, text) = get(address, "/metrics");
    assert_eq!(status, 200);
    assert!(text.ends_with("# EOF\n"), "{text}");
    for moved in [
        "keshi_ledger_entries",
        "keshi_commits_total",
        "keshi_commit_seconds_total",
    ] {
        assert!(!matches!(figure(&text, moved), "0" | "0.0"), "{moved}: {text}");
    }
    assert_eq!(figure(&text, "keshi_waiting_submissions"), "0");
    let method = "method=\"keshi.v1.LedgerService/GetBalance\"";
    for name in [
        format!("keshi_calls_total{{{method},code=\"UNAUTHENTICATED\"}}"),
        format!("keshi_call_seconds_count{{{method}}}"),
    ] {
        assert_eq!(figure(&text, &name), "5", "{name}");
    }
    let logins: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("keshi_refused_logins_total{"))
        .collect();
    assert!(logins.len() == 1 && logins[0].ends_with(" 5"), "{logins:?}");

    // Five in a moment are one line, with where from and why, and without the token.
    keshi.wait_said("a login was refused");
    let said = keshi.said();
    assert_eq!(said.matches("a login was refused").count(), 1, "{said}");
    assert!(
        said.contains("127.0.0.1\"") || said.contains("from=127.0.0.1"),
        "{said}"
    );
    assert!(!said.contains(&wrong[..12]) && !text.contains(&wrong[..12]), "{said}");
    assert_eq!(get(address, "/other").0, 404);
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_whose_bus_is_gone_is_not_ready_and_its_lag_is_not_made_up() {
    let mut nats = NatsServer::start().await;
    let data = tempdir().expect("a directory");
    let url = nats.url();
    let args = [
        "--office",
        "610729",
        "--dev",
        "--lang",
        "en",
        "--metrics",
        "127.0.0.1:0",
        "--bus",
        &url,
    ];
    let keshi = Keshi::up(data.path(), &args).expect("it listens");
    let address = watched(&keshi);
    wait_ready(address, 200).await;
    let mut client = client::connect(&keshi.url()).await.expect("connected");
    client::post_until_recorded(&mut client, &client::request(1, &county::register_of(10, 1))).await;
    assert!(get(address, "/metrics").1.contains("\nkeshi_bus_lag_messages "));
    nats.kill();
    let body = wait_ready(address, 503).await;
    assert_eq!(body, "questions: yes\nposts: no\n");
    nats.restart().await;
    wait_ready(address, 200).await;
    assert_eq!(keshi.stop(), Some(0));
}
