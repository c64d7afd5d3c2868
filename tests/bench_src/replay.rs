//! Replay and resident bytes, each size in a process of its own.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Instant;

use keshi_core::submission::Taking;
use keshi_engine::{Engine, OpenOptions};
use keshi_log::Log;
use keshi_tests::county;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::row;

/// Events in a submission while filling.
const EVENTS: usize = 4_000;

/// Where DESIGN §6 measures the resident bytes.
const LARGE: u64 = 10_000_000;

/// Measures a ledger of `entries` and one of a tenth of it.
pub fn run(entries: u64) {
    let small = measure(entries / 10);
    let large = measure(entries);
    for measured in [&small, &large] {
        // The floor: SHA-256 over the same bytes in one go, in memory, where a replay hashes each entry and the tree above them.
        row(
            &format!("replay of {} entries", measured.entries),
            measured.bare_rate,
            measured.rate,
            "/s",
        );
    }
    let bytes = (large.resident as f64 - small.resident as f64) / (large.entries - small.entries) as f64;
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

/// A ledger that was replayed.
struct Measured {
    entries: u64,
    /// Entries a second, each hash verified.
    rate: f64,
    /// Entries a second whose bytes are hashed in one go.
    bare_rate: f64,
    /// Bytes.
    resident: u64,
}

fn measure(entries: u64) -> Measured {
    let dir = tempfile::tempdir_in("target").expect("a directory");
    let path = dir.path().to_str().expect("a plain path");
    let own = std::env::current_exe().expect("this program");
    let filled = Command::new(&own)
        .args(["fill", path, &entries.to_string()])
        .status()
        .expect("filled");
    assert!(filled.success());
    let once = |what: &str| {
        let output = Command::new(&own).args([what, path]).output().expect("replayed");
        let text = String::from_utf8(output.stdout).expect("text");
        let mut numbers = text
            .split_whitespace()
            .map(|number| number.parse::<f64>().expect("a number"));
        (numbers.next().expect("seconds"), numbers.next().expect("bytes"))
    };
    let best = |what: &str| {
        let runs = (0..3).map(|_| once(what));
        runs.min_by(|one, two| one.0.total_cmp(&two.0)).expect("three runs")
    };
    let ((seconds, bytes), (bare_seconds, _)) = (best("replay"), best("bare"));
    Measured {
        entries,
        rate: entries as f64 / seconds,
        bare_rate: entries as f64 / bare_seconds,
        resident: bytes as u64,
    }
}

/// Hashes the bytes of all entries in one go; prints seconds, and how many bytes.
pub fn bare_once(dir: &Path) {
    let log = Log::open(dir.join("ledger")).expect("the ledger opens");
    let mut all = Vec::new();
    for block in log.reader().scan(0) {
        for (_, entry) in block.expect("read").entries() {
            all.extend_from_slice(entry);
        }
    }
    let started = Instant::now();
    let hash = Sha256::digest(&all);
    let seconds = started.elapsed().as_secs_f64();
    assert_ne!(hash.as_slice(), [0; 32]);
    println!("{seconds} {}", all.len());
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
