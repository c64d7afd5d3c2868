//! `tests/bench`: the whole path beside its floors, in one run on one machine.
//!
//! Ratios, not rates, are what to compare between machines: each row alternates short slices of ours and of the floor.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates and their ratios are for reading"
)]

mod balances;
mod floor;
mod grpc;
mod nats;
mod office;
mod pages;
mod query;
mod replay;
mod rivals;
mod scrub;
mod sessions;

use std::path::Path;

/// The binary's allocator, so that the replay is the binary's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] => all(1_000_000),
        ["--entries", entries] => all(entries.parse().expect("a number")),
        ["balances", entries] => balances::run(entries.parse().expect("a number")),
        ["pages", entries] => runtime().block_on(pages::run(entries.parse().expect("a number"))),
        ["grpc"] => runtime().block_on(grpc::run(None)),
        // One row for long, so that it can be looked at with a profiler.
        ["grpc", clients] => runtime().block_on(grpc::run(Some(clients.parse().expect("a number")))),
        ["office"] => runtime().block_on(office::run()),
        ["scrub"] => runtime().block_on(scrub::run()),
        ["replays", entries] => replay::run(entries.parse().expect("a number")),
        ["sessions"] => runtime().block_on(sessions::run()),
        ["floor"] => floor::serve(),
        ["rivals"] => runtime().block_on(rivals::run()),
        ["fill", dir, entries] => replay::fill(Path::new(dir), entries.parse().expect("a number")),
        ["replay", dir] => replay::open_once(Path::new(dir)),
        ["bare", dir] => replay::bare_once(Path::new(dir)),
        _ => {
            eprintln!("usage: keshi-bench [--entries N]");
            std::process::exit(2);
        }
    }
}

fn all(entries: u64) {
    let runtime = runtime();
    println!("{:<34} {:>14} {:>14} {:>7}", "", "floor", "keshi", "ratio");
    runtime.block_on(async {
        grpc::run(None).await;
        nats::run().await;
    });
    replay::run(entries);
    balances::run(entries);
    runtime.block_on(async {
        query::run().await;
        pages::run(entries).await;
        office::run().await;
        sessions::run().await;
        scrub::run().await;
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// One row: what, the floor's rate, ours, and their ratio.
fn row(what: &str, floor: f64, ours: f64, unit: &str) {
    println!(
        "{what:<34} {:>14} {:>14} {:>6.0} %",
        thousands(floor, unit),
        thousands(ours, unit),
        100.0 * ours / floor
    );
}

fn thousands(rate: f64, unit: &str) -> String {
    let digits = format!("{rate:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}{unit}")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
