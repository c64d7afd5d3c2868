//! `keshi doctor --bus`: a server that does not sync what it acknowledges is said loudly.

use keshi_bus::testing::{NatsServer, Options};
use keshi_tests::process::{Keshi, Ran, run};
use tempfile::{TempDir, tempdir};

/// A ledger on this server that has some entries, stopped, with tokens.
async fn office(nats: &NatsServer) -> TempDir {
    let data = tempdir().expect("a directory");
    let keshi = super::up(data.path(), nats, &[]).expect("it listens");
    super::post(&keshi.url(), 10).await;
    assert_eq!(keshi.stop(), Some(0));
    let keshi = Keshi::up(data.path(), &["--office", "610729", "--bus", &nats.url()]).expect("it listens");
    assert_eq!(keshi.stop(), Some(0));
    data
}

fn doctor(data: &TempDir, nats: &NatsServer, more: &[&str]) -> Ran {
    let data = data.path().to_str().expect("a plain path");
    let url = nats.url();
    run(&[&["doctor", "--data", data, "--lang", "en", "--bus", &url], more].concat())
}

/// The line that begins with a level and contains `text`, and the one below it.
fn line<'r>(ran: &'r Ran, level: &str, text: &str) -> (&'r str, &'r str) {
    let mut lines = ran.out.lines();
    let found = lines.find(|line| line.starts_with(level) && line.contains(text));
    let found = found.unwrap_or_else(|| panic!("no {level} with {text:?}: {}{}", ran.out, ran.err));
    (found, lines.next().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_syncs_always_and_has_our_stream_is_found_good() {
    let nats = NatsServer::start().await;
    let data = office(&nats).await;
    let monitoring = nats.monitoring_url();
    let ran = doctor(&data, &nats, &["--monitoring", &monitoring]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    line(&ran, "ok", "entries, a copy verifies");
    line(&ran, "ok", "the server syncs before it acknowledges");
    assert!(!ran.out.contains("error  "), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_sync_always_is_an_error_with_the_line_to_write() {
    let options = Options {
        sync_always: false,
        ..Options::default()
    };
    let nats = NatsServer::start_with(options).await;
    let data = office(&nats).await;
    let monitoring = nats.monitoring_url();
    let ran = doctor(&data, &nats, &["--monitoring", &monitoring]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let (_, remedy) = line(&ran, "error", "ACKNOWLEDGES BEFORE IT SYNCS");
    assert!(remedy.contains("sync_interval: always"), "{remedy}");
    // Without the monitoring address nobody can know, and that is said, too.
    let blind = doctor(&data, &nats, &[]);
    assert_eq!(blind.code, Some(0), "{}{}", blind.out, blind.err);
    let (_, remedy) = line(&blind, "warning", "UNKNOWN whether the server syncs");
    assert!(remedy.contains("monitoring address"), "{remedy}");
}
