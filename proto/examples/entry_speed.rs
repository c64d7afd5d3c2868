//! How long an attendance entry takes to write, read and fold:
//! `cargo run --release -p keshi-proto --no-default-features --example entry_speed`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::civil::date;
use keshi_core::codes::AttendanceRole;
use keshi_core::entry::{Outcome, Posted, Verdict};
use keshi_core::event::{AttendanceRecorded, Event};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, PosterId, SessionId, SubmissionId, TeacherId};
use keshi_core::state::State;
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_proto::store::{EntryHead, decode_entry, encode_entry, encode_event};
use uuid::Uuid;

const ENTRIES: u32 = 200_000;

fn attendance(number: u32) -> Result<Event, Box<dyn std::error::Error>> {
    let day = date(2022, 3, 14);
    let fact = AttendanceRecorded {
        session_id: SessionId::new(&format!("X-2022-{:04}", number % 3_000))?,
        teacher_id: TeacherId::new(&format!("T-610729-{:05}", number % 7_000))?,
        role: AttendanceRole::Learner,
        hours_present: Hours::whole(6),
        result: None,
    };
    Ok(Event {
        source: Some(Text::new("import 3f2a91cc row 1204")?),
        ..Event::of(
            EventId::new(Uuid::from_u128(
                u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835),
            )),
            day,
            day,
            fact,
        )
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clerk = PosterId::new("clerk-0017")?;
    let submission_id = SubmissionId::new(Uuid::from_u128(7));
    let events: Vec<Event> = (1..=ENTRIES).map(attendance).collect::<Result<_, _>>()?;
    let event_bytes: Vec<Bytes> = events.iter().map(encode_event).collect();
    let posted: Vec<Posted> = events.into_iter().map(Posted::Event).collect();
    let mut log = Vec::with_capacity(posted.len());
    let mut out = Vec::new();
    let started = Instant::now();
    for (index, (posted, bytes)) in (0..).zip(posted.iter().zip(&event_bytes)) {
        let head = EntryHead {
            index,
            recorded_at: Millis(1_700_000_000_000),
            submission_id,
            poster: clerk,
            verdict: Verdict::Recorded,
            reason: None,
            outcome: Outcome::default(),
        };
        encode_entry(&head, posted, bytes, &mut out);
        log.push(Bytes::copy_from_slice(&out));
    }
    report("encode", started.elapsed());
    // The best of several rounds: the machine does other things as well.
    let mut best = [Duration::MAX; 2];
    for _ in 0..7 {
        let started = Instant::now();
        for bytes in &log {
            std::hint::black_box(decode_entry(bytes.clone())?);
        }
        best[0] = best[0].min(started.elapsed());
        let entries: Vec<_> = log
            .iter()
            .map(|bytes| decode_entry(bytes.clone()))
            .collect::<Result<_, _>>()?;
        let mut state = State::new();
        let started = Instant::now();
        for entry in &entries {
            state.evolve(entry);
        }
        best[1] = best[1].min(started.elapsed());
    }
    report("decode", best[0]);
    report("evolve", best[1]);
    Ok(())
}

fn report(what: &str, took: Duration) {
    println!("{what}: {} ns an entry", took.as_nanos() / u128::from(ENTRIES));
}
