//! How fast a year's bundle is checked, beside the bare SHA-256 of the same bytes; and the root over the map of persons.
//!
//! A ledger of N entries (1,000,000 or what is said): a tenth of them sessions, the rest attendances of P persons (7,000 or what is said
//! second), in one year, under no policy. Signature, root, entries, map, balances and the hash at the end are checked, as `keshi-verify`
//! does.
//!
//! `cargo bench -p keshi-bundle --bench verify [-- N [P]]`
#![allow(clippy::cast_precision_loss, reason = "numbers for people to look at")]

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

use jiff::civil::date;
use keshi_bundle::balances;
use keshi_bundle::figures;
use keshi_bundle::fold::Fold;
use keshi_bundle::format::{Bundle, Subject};
use keshi_bundle::people::People;
use keshi_bundle::trust::TrustedKey;
use keshi_bundle::write::Writer;
use keshi_core::balance::Assessor;
use keshi_core::codes::{AttendanceRole, Level, Mode, SessionType, Stage};
use keshi_core::entry::{Entry, Outcome, Posted, Verdict};
use keshi_core::event::{AttendanceRecorded, Event, Fact, PersonRegistered, ProjectOpened, SessionHeld};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, PosterId, ProjectId, SessionId, SubmissionId, TeacherId};
use keshi_core::text::Text;
use keshi_core::time::{Millis, plus_days};
use keshi_proto::store::{EntryHead, encode_entry, encode_event};
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::SigningKey;
use keshi_verify::{MerkleStack, leaf_hash};
use uuid::Uuid;

const ORIGIN: &str = "keshi/610729/00000000000000000000000061072900";

fn main() {
    let mut given = std::env::args().filter_map(|arg| arg.parse::<u64>().ok());
    let (entries, persons) = (given.next().unwrap_or(1_000_000), given.next().unwrap_or(7_000));
    let key = SigningKey::of_secret(ORIGIN, &[7; 32]).expect("a key");
    let (bundle, people) = made(entries, persons, &key);
    println!(
        "{entries} entries, {persons} persons, a bundle of {} bytes",
        bundle.len()
    );
    let parsed = Bundle::parse(&bundle).expect("a bundle");
    let mut worked = cpu_seconds();
    let mut rate = |what: &str, began: Instant| {
        let took = began.elapsed().as_secs_f64();
        let before = std::mem::replace(&mut worked, cpu_seconds());
        let cpu = worked - before;
        println!(
            "{what:<50} {:>11.0} entries/s {took:>8.3} s, {cpu:>6.2} s of processors",
            entries as f64 / took
        );
    };
    for _ in 0..3 {
        let began = Instant::now();
        for (_, bytes) in &parsed.entries {
            black_box(leaf_hash(bytes));
        }
        rate("SHA-256 of each entry alone, one thread", began);
        let began = Instant::now();
        let mut fold = Fold::start(entries).expect("a thread");
        for (index, bytes) in &parsed.entries {
            fold.entry(*index, bytes);
        }
        let state = fold.finish().expect("entries");
        rate("folding, as every opening does, two threads", began);
        let began = Instant::now();
        let at = state.at(state.size());
        let assessor = Assessor::new(at);
        for id in balances::everybody(at) {
            let mut lines = String::new();
            balances::put(&assessor, &id, parsed.year, &mut lines).expect("amounts");
            black_box(lines);
        }
        rate("everybody's balance, one thread", began);
        let began = Instant::now();
        black_box(figures::of(at, 2022).statement());
        rate("the year's figures, one thread", began);
        let began = Instant::now();
        let keys = [TrustedKey {
            key: key.public().clone(),
            until: None,
        }];
        let read = Bundle::parse(&bundle).expect("a bundle");
        read.check(&keys).expect("it holds");
        rate("the whole check of the bundle", began);
        let began = Instant::now();
        black_box(people.root());
        println!(
            "{:<56} {:>30.1} ms",
            "root over the map of persons",
            began.elapsed().as_secs_f64() * 1e3
        );
    }
}

/// What the process took of processors so far, as Linux tells it: on a machine with other work it says more than the clock.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |place: usize| {
        fields
            .get(place)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    // utime and stime, in hundredths of a second.
    (ticks(11) + ticks(12)) / 100.0
}

fn made(entries: u64, persons: u64, key: &SigningKey) -> (Vec<u8>, People) {
    let (mut people, mut tree, mut all) = (People::default(), MerkleStack::new(), Vec::new());
    let mut fold = Fold::start(entries).expect("a thread");
    for index in 0..entries {
        let entry = Entry {
            index,
            recorded_at: Millis(1_672_459_200_000),
            submission_id: SubmissionId::new(Uuid::from_u128(u128::from(index / 100))),
            poster: PosterId::new("clerk-1").expect("an id"),
            posted: Posted::Event(event(index, persons)),
            verdict: Verdict::Recorded,
            reason: None,
            outcome: Outcome::default(),
        };
        let bytes = bytes_of(&entry);
        let leaf = leaf_hash(&bytes);
        tree.push(leaf);
        let Ok(()) = people.add(leaf, &entry, |_| Ok::<_, Infallible>(None));
        fold.entry(index, &bytes);
        all.push(bytes);
    }
    let state = fold.finish().expect("entries");
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: tree.size(),
        root: tree.root(),
        people: Some(people.root()),
    };
    let year = balances::year("2022").expect("a year");
    let mut writer = Writer::new(&Subject::Everybody, &year, &checkpoint.sign([key]));
    for bytes in &all {
        writer.entry(bytes);
    }
    writer.balances();
    let at = state.at(state.size());
    let assessor = Assessor::new(at);
    for id in balances::everybody(at) {
        let mut lines = String::new();
        balances::put(&assessor, &id, year, &mut lines).expect("amounts");
        writer.lines(&lines);
    }
    writer.figures();
    writer.lines(&figures::of(at, 2022).statement());
    (writer.finish(), people)
}

fn event(index: u64, persons: u64) -> Event {
    let day = plus_days(date(2022, 1, 1), i64::try_from(index % 365).unwrap_or(0));
    let session = |number: u64| SessionId::new(&format!("X{number}")).expect("an id");
    let project = ProjectId::new("P1").expect("an id");
    let fact: Fact = match index {
        0 => ProjectOpened {
            project_id: project,
            name: Text::new("县级培训").expect("a text"),
            provider: None,
            level: Level::County,
            mode: Mode::FaceToFace,
            category: None,
            topic: None,
            planned_hours: Hours::whole(12),
            assessed: false,
        }
        .into(),
        person if person <= persons => PersonRegistered {
            teacher_id: teacher(person % persons),
            stage: Stage::Primary,
            subject: None,
            hired_on: None,
            career_from: None,
            rank: None,
        }
        .into(),
        held if held.is_multiple_of(10) => SessionHeld {
            project_id: project,
            session_id: session(held),
            session_type: SessionType::Training,
            place: None,
            hours: Hours::whole(6),
            subject: None,
            base: None,
            group: None,
            doc_no: None,
        }
        .into(),
        other => AttendanceRecorded {
            session_id: session(other / 10 * 10),
            teacher_id: teacher(other.wrapping_mul(0x9E37_79B9) % persons),
            role: AttendanceRole::Learner,
            hours_present: Hours::whole(3),
            result: None,
        }
        .into(),
    };
    let id = u128::from(index).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835) | 1;
    Event::of(EventId::new(Uuid::from_u128(id)), day, day, fact)
}

fn teacher(number: u64) -> TeacherId {
    TeacherId::new(&format!("LB-{number:05}")).expect("an id")
}

fn bytes_of(entry: &Entry) -> Vec<u8> {
    let head = EntryHead {
        index: entry.index,
        recorded_at: entry.recorded_at,
        submission_id: entry.submission_id,
        poster: entry.poster,
        verdict: entry.verdict,
        reason: None,
        outcome: entry.outcome,
    };
    let event = entry.posted.event().map(encode_event).unwrap_or_default();
    let mut bytes = Vec::new();
    encode_entry(&head, &entry.posted, &event, &mut bytes);
    bytes
}
