//! How long an attendance entry takes to write and to read: `cargo run --release -p keshi-proto --example entry_speed`.

use std::time::Instant;

use bytes::Bytes;
use keshi_core::entry::{Posted, Verdict};
use keshi_core::ids::{PosterId, SubmissionId};
use keshi_core::state::State;
use keshi_core::time::Millis;
use keshi_proto::store::{EntryHead, decode_entry, encode_entry};
use uuid::Uuid;

const EVENT: &[u8] = include_bytes!("../fixtures/v1/event_attendance_recorded.bin");
const ROUNDS: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let event = Bytes::from_static(EVENT);
    let posted = keshi_proto::store::posted(&event);
    assert!(matches!(posted, Posted::Event(_)));
    let clerk = PosterId::new("clerk-1")?;
    let submission_id = SubmissionId::new(Uuid::from_u128(7));
    let mut out = Vec::new();
    let started = Instant::now();
    for index in 0..ROUNDS {
        let head = EntryHead {
            index,
            recorded_at: Millis(1_700_000_000_000),
            submission_id,
            poster: clerk,
            verdict: Verdict::Recorded,
            reason: None,
            late: false,
        };
        encode_entry(&head, &posted, &event, &mut out);
    }
    report("encode", started);
    let bytes = Bytes::from(out);
    let started = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(decode_entry(bytes.clone())?);
    }
    report("decode", started);
    let entry = decode_entry(bytes)?;
    let mut state = State::new();
    let started = Instant::now();
    for _ in 0..ROUNDS {
        state.evolve(&entry);
    }
    report("evolve", started);
    Ok(())
}

fn report(what: &str, started: Instant) {
    let each = started.elapsed().as_nanos() / u128::from(ROUNDS);
    println!("{what}: {each} ns an entry");
}
