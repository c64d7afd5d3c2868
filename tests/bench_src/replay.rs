//! Replay and resident bytes, each size in a process of its own.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Instant;

use keshi_core::submission::Taking;
use keshi_engine::{Engine, OpenOptions};
use keshi_tests::county;
use uuid::Uuid;

/// Events in a submission while filling.
const EVENTS: usize = 4_000;

/// Where DESIGN §6 measures the resident bytes.
const LARGE: u64 = 10_000_000;

/// Measures a ledger of `entries` and one of a tenth of it.
pub fn run(entries: u64) {
    let small = measure(entries / 10);
    let large = measure(entries);
    for (rate, _, entries) in [small, large] {
        println!(
            "{:<34} {:>14} {:>14}",
            format!("replay of {entries} entries"),
            "",
            format!("{rate:.0}/s")
        );
    }
    let bytes = (large.1 as f64 - small.1 as f64) / (large.2 - small.2) as f64;
    println!(
        "{:<34} {:>14} {:>14}",
        "resident bytes an entry",
        "",
        format!("{bytes:.1}")
    );
    if entries == LARGE {
        println!("  (RSS at {LARGE} entries less RSS at a tenth of it, an entry between: DESIGN §6, at most 64)");
    } else {
        println!(
            "  (between {} and {entries} entries, so not the figure of DESIGN §6: that takes --entries {LARGE})",
            entries / 10
        );
    }
}

/// Rate, resident bytes and size.
fn measure(entries: u64) -> (f64, u64, u64) {
    let dir = tempfile::tempdir_in("target").expect("a directory");
    let path = dir.path().to_str().expect("a plain path");
    let own = std::env::current_exe().expect("this program");
    let filled = Command::new(&own)
        .args(["fill", path, &entries.to_string()])
        .status()
        .expect("filled");
    assert!(filled.success());
    let best = (0..3).map(|_| {
        let output = Command::new(&own).args(["replay", path]).output().expect("replayed");
        let text = String::from_utf8(output.stdout).expect("text");
        let mut numbers = text
            .split_whitespace()
            .map(|number| number.parse::<f64>().expect("a number"));
        (numbers.next().expect("seconds"), numbers.next().expect("bytes"))
    });
    let (seconds, bytes) = best.min_by(|one, two| one.0.total_cmp(&two.0)).expect("three runs");
    (entries as f64 / seconds, bytes as u64, entries)
}

/// Opens the ledger once; prints seconds and resident bytes.
pub fn open_once(dir: &Path) {
    let started = Instant::now();
    let engine = open(dir);
    println!("{} {}", started.elapsed().as_secs_f64(), resident());
    drop(engine);
}

fn open(dir: &Path) -> Engine {
    let options = OpenOptions {
        office: county::office(),
        new_ledger_id: Uuid::from_u128(1),
    };
    Engine::open(dir.join("ledger"), &options, |_| ()).expect("the ledger opens")
}

/// Writes a ledger of `entries` through the engine.
pub fn fill(dir: &Path, entries: u64) {
    let engine = open(dir);
    let (answer, answered) = mpsc::channel();
    let register = county::register();
    let rest = entries - register.len() as u64;
    let mut events = register.into_iter().chain((0..rest).map(county::attendance)).peekable();
    let (mut sent, mut done) = (0, 0);
    while events.peek().is_some() {
        let batch: Vec<_> = events.by_ref().take(EVENTS).collect();
        let bytes = county::message(sent, Taking::Each, &batch);
        let answer = answer.clone();
        let tell = Box::new(move |_| answer.send(()).expect("somebody waits"));
        let place = engine.try_reserve(bytes.len()).expect("room");
        place.submit(&bytes, None, tell);
        sent += 1;
        if sent - done > 32 {
            answered.recv().expect("an answer");
            done += 1;
        }
    }
    engine.shut_down();
}

/// Resident bytes of this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: u64 = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("a number");
    pages * 4096
}
