//! Whatever was answered is there after a power cut at any moment.
//!
//! A child appends and commits under a recorder (`record.c`) that notes every write and every sync; after each commit
//! it writes an answer. The trace is then cut at many places. Of what the child did up to there, the rebuilt directory
//! holds what was synced, and of the rest nothing, or a random part down to single sectors. sled's own "flush" is a
//! `sync_file_range` and counts for nothing. Every answered entry must be there byte for byte, whatever is there
//! beyond must be whole submissions, and the log must open without a word. A backup that was answered proves itself, too, and
//! a log that was restored from one opens.
//!
//! With `KESHI_TEST_LONG` the child does more, and the power is cut before each write and each sync of it.
//!
//! A check that cannot fail proves nothing, so one run ignores our `fdatasync` of the journal, as though it were not
//! in the code: entries must then be missing.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use keshi_log::{Log, restore};
use keshi_verify::{backup::backup, second_copy::verify};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    child,
    course::{Course, Expected},
    support::{identity, scratch},
    trace::{self, Disk, Event, Unsynced},
};

const SEED: u64 = 610_729;
const LIMIT: Duration = Duration::from_mins(2);
const COMMITS: usize = 60;
const COMMITS_LONG: usize = 120;

/// Where the child puts backups and what it restores, and how it answers them.
const BACKUP: &str = "backup";
const KEPT: &str = "kept ";
const RESTORED: &str = "restored";
const RESTORED_OF: &str = "restored ";

struct Recorded {
    root: tempfile::TempDir,
    events: Vec<Event>,
    expected: Expected,
}

#[test]
fn every_answered_entry_survives_a_power_cut() {
    let recorded = recorded();
    let cuts = if is_long() {
        (0..recorded.events.len())
            .filter(|at| matches!(recorded.events[*at], Event::Write { .. } | Event::Sync { .. }))
            .collect()
    } else {
        cuts(recorded, 40)
    };
    // On two threads: one waits for the disk while the other hashes.
    let (next, begun) = (AtomicUsize::new(0), std::time::Instant::now());
    let work = || {
        let mut failures = Vec::new();
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && let Some(cut) = cuts.get(number)
        {
            let disk = Disk::after(recorded.root.path(), &recorded.events[..*cut]);
            let mut random = StdRng::seed_from_u64(SEED + number as u64);
            for (variant, unsynced) in [("lost", Unsynced::Lost), ("random", Unsynced::Random(&mut random))] {
                if let Err(problem) = check(recorded, *cut, &disk, unsynced) {
                    failures.push(format!("cut {number} after event {cut}, unsynced {variant}: {problem}"));
                }
            }
        }
        failures
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers = [(); 2].map(|()| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let (cuts, events) = (cuts.len(), recorded.events.len());
    println!(
        "{cuts} cuts among {events} events, twice each, in {:?}, seed {SEED}",
        begun.elapsed()
    );
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
    // In one piece, so that it is one event.
    let mut answer = |text: String| answers.write_all(text.as_bytes()).unwrap();
    for (number, submissions) in Course::new(seed, commits()).commits.into_iter().enumerate() {
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
        answer(format!("{}\n", committed.size));
        if number % 25 == 24 {
            let kept = backup(&dir, &root.join(BACKUP)).unwrap().verified.size;
            answer(format!("{KEPT}{kept}\n"));
        }
    }
    let restored = restore(&root.join(BACKUP), &root.join(RESTORED)).unwrap();
    answer(format!("{RESTORED_OF}{}\n", restored.size));
    0
}

fn is_long() -> bool {
    std::env::var_os("KESHI_TEST_LONG").is_some()
}

fn commits() -> usize {
    if is_long() { COMMITS_LONG } else { COMMITS }
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
    Recorded {
        root,
        events: trace::read(&path),
        expected: Course::new(seed, commits()).expected(),
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

/// The sizes last answered before a cut: 0 for what was not.
#[derive(Clone, Copy, Debug)]
struct Answered {
    log: u64,
    backup: u64,
    restored: u64,
}

impl Answered {
    fn before(events: &[Event]) -> Self {
        let answers = || {
            events
                .iter()
                .rev()
                .filter(|event| is_answer(event))
                .map(|event| match event {
                    Event::Write { data, .. } => str::from_utf8(data).unwrap().trim(),
                    _ => unreachable!("only writes are answers"),
                })
        };
        let last = |of: &str| answers().find_map(|answer| answer.strip_prefix(of)?.parse().ok());
        Self {
            log: last("").unwrap_or(0),
            backup: last(KEPT).unwrap_or(0),
            restored: last(RESTORED_OF).unwrap_or(0),
        }
    }
}

fn check(recorded: &Recorded, cut: usize, disk: &Disk, unsynced: Unsynced<'_>) -> Result<(), String> {
    let answered = Answered::before(&recorded.events[..cut]);
    let to = scratch();
    disk.cut_power(recorded.root.path(), to.path(), unsynced);
    recorded.expected.open(&to.path().join("log"), answered.log)?;
    match verify(&to.path().join(BACKUP), &mut |_, _| ()) {
        Ok(verified) if verified.size >= answered.backup => {}
        Ok(verified) => return Err(format!("{answered:?}, but the backup has {}", verified.size)),
        Err(_) if answered.backup == 0 => {}
        Err(error) => return Err(format!("{answered:?}, but of the backup: {error}")),
    }
    let restored = to.path().join(RESTORED);
    if answered.restored > 0 || restored.exists() {
        let opened = recorded.expected.open(&restored, answered.restored);
        let opened = opened.map_err(|problem| format!("of what was restored: {problem}"))?;
        if !opened.repairs().is_empty() {
            return Err(format!("what was restored lacks a copy: {:?}", opened.repairs()));
        }
    }
    Ok(())
}

#[test]
fn the_trace_rebuilds_the_whole_directory_when_nothing_is_lost() {
    let recorded = recorded();
    let disk = Disk::after(recorded.root.path(), &recorded.events);
    let answered = Answered::before(&recorded.events);
    assert_eq!(answered.log, recorded.expected.entries.len() as u64);
    assert!(
        answered.backup > 0 && answered.backup == answered.restored,
        "{answered:?}"
    );
    check(recorded, recorded.events.len(), &disk, Unsynced::Lost).unwrap();
    assert_eq!(fs::read(recorded.root.path().join("log/head")).unwrap().len(), 8_192);
}
