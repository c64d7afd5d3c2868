//! Whatever was answered is there after a power cut at any moment.
//!
//! A child appends and commits under a recorder (`record.c`) that notes every write and every sync; after each commit
//! it writes an answer. The trace is then cut at many places. Of what the child did up to there, the rebuilt directory
//! holds what was synced, and of the rest nothing, or a random part down to single sectors. sled's own "flush" is a
//! `sync_file_range` and counts for nothing. Every answered entry must be there byte for byte, whatever is there
//! beyond must be whole submissions, and the log must open without a word.
//!
//! A check that cannot fail proves nothing, so one run ignores our `fdatasync` of the journal, as though it were not
//! in the code: entries must then be missing.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::Path,
    sync::OnceLock,
    time::Duration,
};

use keshi_log::Log;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    child,
    support::{identity, scratch},
    trace::{self, Disk, Event, Unsynced},
};

const SEED: u64 = 610_729;
const LIMIT: Duration = Duration::from_mins(2);
const COMMITS: usize = 60;

/// Commits of submissions of entries.
type Plan = Vec<Vec<Vec<Vec<u8>>>>;

struct Recorded {
    root: tempfile::TempDir,
    events: Vec<Event>,
    entries: Vec<Vec<u8>>,
    /// Size after each whole submission -> its cursor.
    boundaries: BTreeMap<u64, u64>,
}

#[test]
fn every_answered_entry_survives_a_power_cut() {
    let recorded = recorded();
    let mut failures = Vec::new();
    // All 200 take two minutes on two cores.
    let cuts = cuts(
        recorded,
        if std::env::var_os("KESHI_TEST_LONG").is_some() {
            200
        } else {
            40
        },
    );
    for (number, cut) in cuts.iter().enumerate() {
        let disk = Disk::after(recorded.root.path(), &recorded.events[..*cut]);
        let mut random = StdRng::seed_from_u64(SEED + number as u64);
        for (variant, unsynced) in [("lost", Unsynced::Lost), ("random", Unsynced::Random(&mut random))] {
            if let Err(problem) = check(recorded, *cut, &disk, unsynced) {
                failures.push(format!("cut {number} after event {cut}, unsynced {variant}: {problem}"));
            }
        }
    }
    assert!(failures.is_empty(), "seed {SEED}: {failures:#?}");
}

#[test]
fn without_our_sync_of_the_journal_the_check_fails() {
    let recorded = recorded();
    let ours = |event: &&Event| matches!(event, Event::Sync { path, data_only: true, .. } if is_journal(path));
    let failures = cuts(recorded, 20).into_iter().filter(|cut| {
        let disk = Disk::after(
            recorded.root.path(),
            recorded.events[..*cut].iter().filter(|event| !ours(event)),
        );
        check(recorded, *cut, &disk, Unsynced::Lost).is_err()
    });
    assert!(
        failures.count() > 0,
        "a log without its fdatasync lost nothing: this test does not test"
    );
}

/// The child: creates the log, commits according to plan, answers after each commit, and now and then opens it anew.
pub fn write(root: &Path, seed: u64) -> i32 {
    let dir = root.join("log");
    let mut answers = File::create(root.join("answers")).unwrap();
    let mut log = Log::create(&dir, &identity()).unwrap();
    let mut cursor = 0;
    for (number, submissions) in plan(seed).into_iter().enumerate() {
        if number % 17 == 16 {
            drop(log);
            log = Log::open(&dir).unwrap();
        }
        for submission in submissions {
            for entry in submission {
                log.append(&entry).unwrap();
            }
            cursor += 1;
            log.seal(cursor);
        }
        let committed = log.commit().unwrap();
        // In one piece, so that it is one event.
        answers.write_all(format!("{}\n", committed.size).as_bytes()).unwrap();
    }
    0
}

fn plan(seed: u64) -> Plan {
    let mut random = StdRng::seed_from_u64(seed);
    let mut commit = || {
        // Now a few entries, as one clerk sends them, now as many as a writer finds waiting.
        let most = if random.random() { 200 } else { 5 };
        let mut left = random.random_range(1..=most);
        let mut submissions = Vec::new();
        while left > 0 {
            let entries = random.random_range(1..=left);
            left -= entries;
            let mut entry = || (0..random.random_range(20..=4_000)).map(|_| random.random()).collect();
            submissions.push((0..entries).map(|_| entry()).collect());
        }
        submissions
    };
    (0..COMMITS).map(|_| commit()).collect()
}

/// One recording serves all tests.
fn recorded() -> &'static Recorded {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    RECORDED.get_or_init(|| record(SEED))
}

fn record(seed: u64) -> Recorded {
    let root = scratch();
    let aside = scratch();
    let path = aside.path().join("trace");
    let ended = child::run("write", root.path(), seed, LIMIT, |command| {
        trace::record(command, root.path(), &path, &aside.path().join("flag"));
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let mut boundaries = BTreeMap::from([(0, 0)]);
    let mut entries = Vec::new();
    for submission in plan(seed).into_iter().flatten() {
        entries.extend(submission);
        boundaries.insert(entries.len() as u64, boundaries.len() as u64);
    }
    Recorded {
        root,
        events: trace::read(&path),
        entries,
        boundaries,
    }
}

/// Places to cut, as numbers of events that happened: a third of them anywhere, a third around an answer, and a third
/// right before a sync of the journal or of sled's file, when the most is under way.
fn cuts(recorded: &Recorded, count: usize) -> Vec<usize> {
    let mut random = StdRng::seed_from_u64(SEED);
    let places = |wanted: fn(&Event) -> bool| -> Vec<usize> {
        (0..recorded.events.len())
            .filter(|at| wanted(&recorded.events[*at]))
            .collect()
    };
    let answers = places(is_answer);
    let syncs =
        places(|event| matches!(event, Event::Sync { path, .. } if is_journal(path) || path.ends_with("blocks/db")));
    let mut cut = |number| match number % 3 {
        0 => random.random_range(0..=recorded.events.len()),
        1 => {
            let answer = answers[random.random_range(0..answers.len())];
            (answer + random.random_range(0..7))
                .saturating_sub(4)
                .min(recorded.events.len())
        }
        _ => syncs[random.random_range(0..syncs.len())],
    };
    (0..count).map(&mut cut).collect()
}

fn is_journal(path: &Path) -> bool {
    path.parent().is_some_and(|dir| dir.ends_with("journal"))
}

fn is_answer(event: &Event) -> bool {
    matches!(event, Event::Write { path, .. } if path.ends_with("answers"))
}

/// The size last answered before the cut.
fn answered(events: &[Event]) -> u64 {
    let last = events.iter().rev().find(|event| is_answer(event));
    last.map_or(0, |event| match event {
        Event::Write { data, .. } => str::from_utf8(data).unwrap().trim().parse().unwrap(),
        _ => unreachable!("only writes are answers"),
    })
}

fn check(recorded: &Recorded, cut: usize, disk: &Disk, unsynced: Unsynced<'_>) -> Result<(), String> {
    let answered = answered(&recorded.events[..cut]);
    let to = scratch();
    disk.cut_power(recorded.root.path(), to.path(), unsynced);
    let mut seen = Vec::new();
    let dir = to.path().join("log");
    // Before the creation was answered there may be nothing, or the remains of it.
    let log = if answered > 0 {
        Log::open(&dir)
    } else {
        Log::open_or_create(&dir, &identity())
    };
    let log = log.map_err(|error| format!("answered {answered}, but {error}: {error:?}"))?;
    for block in log.reader().scan(0) {
        seen.extend(
            block
                .map_err(|error| error.to_string())?
                .entries()
                .map(|(_, entry)| entry.to_vec()),
        );
    }
    let size = log.size();
    if size < answered {
        return Err(format!("answered {answered}, but the log has {size}"));
    }
    if seen.len() as u64 != size || recorded.entries[..seen.len()] != seen {
        return Err(format!("the {size} entries are not those that were appended"));
    }
    match recorded.boundaries.get(&size) {
        Some(cursor) if *cursor == log.cursor() => Ok(()),
        Some(cursor) => Err(format!(
            "at size {size} the cursor is {}, expected {cursor}",
            log.cursor()
        )),
        None => Err(format!("size {size} is amid a submission")),
    }
}

#[test]
fn the_trace_rebuilds_the_whole_directory_when_nothing_is_lost() {
    let recorded = recorded();
    let disk = Disk::after(recorded.root.path(), &recorded.events);
    let size = answered(&recorded.events);
    assert_eq!(size, recorded.entries.len() as u64);
    check(recorded, recorded.events.len(), &disk, Unsynced::Lost).unwrap();
    assert_eq!(fs::read(recorded.root.path().join("log/head")).unwrap().len(), 8_192);
}
