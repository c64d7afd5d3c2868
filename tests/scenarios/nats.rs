//! Keshi on NATS JetStream: one process and two, a standby, and a server that dies, loses its store or is not there.

mod broken;
mod doctor;
mod import;
mod kills;
mod parted;
mod roles;
mod years;

use std::path::Path;

use keshi_bus::testing::NatsServer;
use keshi_core::event::Event;
use keshi_tests::process::{Ended, Keshi};
use keshi_tests::{client, county};

/// People of these scenarios, and attendances that they post at most.
const PEOPLE: u64 = 400;

fn register() -> Vec<Event> {
    county::register_of(PEOPLE, 13)
}

/// `keshi up` on this server, with further arguments.
fn up(data: &Path, nats: &NatsServer, more: &[&str]) -> Result<Keshi, Ended> {
    up_at(data, &nats.url(), more)
}

fn up_at(data: &Path, url: &str, more: &[&str]) -> Result<Keshi, Ended> {
    let mut arguments = vec!["--dev", "--office", "610729", "--bus", url];
    arguments.extend(more);
    Keshi::up(data, &arguments)
}

/// Posts the register and the first `count` attendances, five at a time.
async fn post(url: &str, count: u64) {
    let mut client = client::connect(url).await.expect("connected");
    let register = client::request(1 << 50, &register());
    assert_recorded(&client::post_until_recorded(&mut client, &register).await);
    post_attendances(url, 0..count).await;
}

/// Posts attendances, five at a time.
async fn post_attendances(url: &str, numbers: std::ops::Range<u64>) {
    let mut client = client::connect(url).await.expect("connected");
    let events: Vec<_> = numbers.clone().map(county::attendance).collect();
    for (number, events) in (numbers.start..).zip(events.chunks(5)) {
        let receipt = client::post_until_recorded(&mut client, &client::request(number, events)).await;
        assert_recorded(&receipt);
    }
}

fn assert_recorded(receipt: &keshi_proto::api::Receipt) {
    for verdict in &receipt.verdicts {
        let is_in = keshi_proto::api_convert::is_in_ledger(verdict.verdict);
        assert!(is_in, "{verdict:?}");
    }
}
