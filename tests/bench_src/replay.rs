//! Replay, resident bytes and queries at sizes of a million entries and more.

use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

use keshi_core::submission::Taking;
use keshi_engine::{Engine, OpenOptions};
use keshi_tests::county;
use uuid::Uuid;

pub fn run(dir: &Path, entries: u64) {
    let before = resident();
    let started = Instant::now();
    let engine = open(dir);
    let took = started.elapsed();
    println!("replay {entries}: {took:?} = {:.0}/s, resident {} B/entry", entries as f64 / took.as_secs_f64(), (resident() - before) / entries);
    drop(engine);
}

fn open(dir: &Path) -> Engine {
    let options = OpenOptions { office: county::office(), new_ledger_id: Uuid::from_u128(1) };
    Engine::open(dir.join("ledger"), &options, |_| ()).expect("the ledger opens")
}

pub fn fill(dir: &Path, entries: u64) {
    let engine = open(dir);
    let (answer, answered) = mpsc::sync_channel(64);
    let mut events = county::register();
    let rest = entries - events.len() as u64;
    let mut next = 0;
    let mut sent = 0;
    let mut done = 0;
    while next < rest || !events.is_empty() {
        while events.len() < 5_000 && next < rest {
            events.push(county::attendance(next));
            next += 1;
        }
        let batch: Vec<_> = events.drain(..events.len().min(5_000)).collect();
        let bytes = county::message(sent, Taking::Each, &batch);
        let answer = answer.clone();
        engine.try_submit(&bytes, None, Box::new(move |_| drop(answer.send(())))).map_err(|_| ()).expect("room");
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
    let pages: u64 = status.split(' ').nth(1).and_then(|n| n.parse().ok()).expect("a number");
    pages * 4096
}
