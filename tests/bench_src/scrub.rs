//! Posting beside the scrub that reads the ledger over again: pairs of runs that differ in that alone.

use keshi_tests::client;
use keshi_tests::process::Keshi;

use crate::{grpc, median, row};

/// Pairs; the medians are compared.
const PAIRS: usize = 5;

pub async fn run() {
    // The pace unless told otherwise, and one at which both copies of ten years are read in a minute.
    for (pace, shown) in [("16", "16 KiB/s"), ("32768", "32 MiB/s")] {
        for (clients, events, calls) in [(16, 1, 600), (16, 100, 40)] {
            let (mut without, mut beside) = (Vec::new(), Vec::new());
            for pair in 0..PAIRS {
                // By turns first, since a machine does not stay as fast as it was.
                for is_beside in if pair % 2 == 0 { [false, true] } else { [true, false] } {
                    let data = tempfile::tempdir_in("target").expect("a directory");
                    let pace = if is_beside { pace } else { "0" };
                    let args = ["--dev", "--office", "610729", "--scrub", pace];
                    let keshi = Keshi::up(data.path(), &args).expect("it listens");
                    let servers = grpc::connections(&keshi.url()).await;
                    client::post_register(&mut servers[0].clone()).await;
                    let rate = grpc::slice(&servers, clients, events, calls).await;
                    if is_beside { &mut beside } else { &mut without }.push(rate);
                    drop(servers);
                    assert_eq!(keshi.stop(), Some(0));
                }
            }
            row(
                &format!("{clients} × {events} beside a scrub, {shown}"),
                median(without),
                median(beside),
                "",
            );
        }
    }
}
