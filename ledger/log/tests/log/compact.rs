//! A log that is put together anew holds what it held, and there is a whole one at every moment.

use std::{fs, path::Path, time::Duration};

use keshi_log::{CompactError, Log, Remade, beside};
use keshi_verify::{backup::backup, second_copy::verify};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rustix::io::Errno;

use crate::{
    child,
    course::Course,
    support::{commit, contents, identity, scratch},
    trace::{self, Disk, Fault, Unsynced},
};

const SEED: u64 = 4_196;
const LIMIT: Duration = Duration::from_mins(2);

/// A log that was opened now and then, with blocks of two decide versions.
fn furnished(dir: &Path) {
    let mut log = Log::create(dir, &identity()).unwrap();
    for (number, submissions) in Course::new(SEED, 20).commits.into_iter().enumerate() {
        if number % 6 == 5 {
            drop(log);
            log = Log::open(dir).unwrap();
        }
        log.set_decide_version(if number < 9 { 1 } else { 2 });
        let entries: Vec<_> = submissions.into_iter().flatten().collect();
        let cursor = log.cursor() + 1;
        commit(&mut log, &entries, cursor);
    }
}

/// Each entry with the version of the rules that decided it.
fn versions(log: &Log) -> Vec<(Vec<u8>, u32)> {
    let mut all = Vec::new();
    for block in log.reader().scan(0) {
        let block = block.unwrap();
        all.extend(
            block
                .entries()
                .map(|(_, entry)| (entry.to_vec(), block.decide_version())),
        );
    }
    all
}

fn compact(dir: &Path) -> Result<(), CompactError> {
    let old = Log::open(dir)?;
    let made = Remade::of(&old, &mut |_| ())?;
    drop(Log::open(made.dir()).map_err(CompactError::Make)?);
    let replaced = made.take_place_of(old)?;
    drop(Log::open(dir)?);
    replaced.forget()
}

pub fn child(root: &Path) -> i32 {
    match compact(&root.join("log")) {
        Ok(()) => 0,
        Err(error) => {
            child::report(&format!("{error:?}"));
            1
        }
    }
}

#[test]
fn a_compacted_log_has_the_same_entries_versions_root_and_cursor_in_both_copies_and_goes_on() {
    let root = scratch();
    let dir = root.path().join("log");
    furnished(&dir);
    let log = Log::open(&dir).unwrap();
    let (before, committed) = (versions(&log), log.committed());
    drop(log);
    compact(&dir).unwrap();
    assert!(!beside(&dir).exists());
    let mut log = Log::open(&dir).unwrap();
    assert_eq!(
        (log.committed(), log.repairs(), log.identity()),
        (committed, &[][..], &identity())
    );
    assert!(versions(&log) == before, "seed {SEED}: other entries");
    let more = vec![b"more".to_vec(); 500];
    commit(&mut log, &more, committed.cursor + 1);
    let backed = backup(&dir, &root.path().join("backup")).unwrap();
    assert_eq!((backed.verified.size, backed.verified.root), (log.size(), log.root()));
    drop(log);
    assert_eq!(Log::open(&dir).unwrap().size(), committed.size + 500);
}

#[test]
fn an_empty_log_and_one_of_moves_of_the_cursor_alone_are_compacted_too() {
    let root = scratch();
    let dir = root.path().join("log");
    drop(Log::create(&dir, &identity()).unwrap());
    compact(&dir).unwrap();
    let mut log = Log::open(&dir).unwrap();
    log.seal(7);
    log.commit().unwrap();
    drop(log);
    compact(&dir).unwrap();
    let log = Log::open(&dir).unwrap();
    assert_eq!((log.size(), log.cursor()), (0, 7));
}

#[test]
fn a_log_that_is_open_is_not_compacted_and_one_that_went_on_meanwhile_is_not_replaced() {
    let root = scratch();
    let dir = root.path().join("log");
    furnished(&dir);
    let log = Log::open(&dir).unwrap();
    assert!(compact(&dir).is_err());
    let made = Remade::of(&log, &mut |_| ()).unwrap();
    let size = log.size();
    drop(log);
    let mut other = Log::open(&dir).unwrap();
    commit(&mut other, &[b"meanwhile".to_vec()], 1_000);
    drop(other);
    let stale = Log::open_copy(&dir, root.path().join("stale")).unwrap();
    assert!(matches!(made.take_place_of(stale), Err(CompactError::Moved { .. })));
    assert_eq!(Log::open(&dir).unwrap().size(), size + 1);
}

#[test]
fn a_kill_or_a_failing_disk_at_any_call_leaves_a_whole_log_and_the_next_try_ends() {
    let root = scratch();
    furnished(&root.path().join("log"));
    let expected = contents(&Log::open(root.path().join("log")).unwrap());
    let count = |fault: Fault| -> (Option<i32>, String, tempfile::TempDir) {
        let (copy, aside) = (scratch(), scratch());
        drop(Log::open_copy(root.path().join("log"), copy.path().join("log")).unwrap());
        let ended = child::run("compact", copy.path(), SEED, LIMIT, |command| {
            trace::fail_change(command, copy.path(), fault, &aside.path().join("flag"));
        });
        let calls = fs::read_to_string(aside.path().join("flag.count")).unwrap_or_default();
        (ended.code, calls, copy)
    };
    let never = Fault {
        number: u64::from(u32::MAX),
        errno: None,
        stays: false,
    };
    let (code, calls, _) = count(never);
    assert_eq!(code, Some(0));
    let calls: u64 = calls.parse().unwrap();
    let is_long = std::env::var_os("KESHI_TEST_LONG").is_some();
    let mut random = StdRng::seed_from_u64(SEED);
    let mut faults = Vec::new();
    for errno in [None, Some(Errno::IO), Some(Errno::NOSPC)] {
        let sample = (0..4).map(|_| random.random_range(1..=calls));
        let numbers: Vec<u64> = if is_long {
            (1..=calls).collect()
        } else {
            sample.collect()
        };
        faults.extend(numbers.into_iter().map(|number| Fault {
            number,
            errno,
            stays: errno == Some(Errno::NOSPC),
        }));
    }
    let mut ended = 0;
    for fault in &faults {
        let (code, _, copy) = count(*fault);
        ended += usize::from(code == Some(0));
        assert!(
            code.is_none() == fault.errno.is_none() || code == Some(0),
            "{fault:?}: {code:?}"
        );
        let dir = copy.path().join("log");
        let log = Log::open(&dir).unwrap_or_else(|error| panic!("seed {SEED}, {fault:?}: {error}"));
        assert!(log.repairs().is_empty(), "{fault:?}: {:?}", log.repairs());
        assert!(contents(&log) == expected, "seed {SEED}, {fault:?}: other entries");
        drop(log);
        compact(&dir).unwrap_or_else(|error| panic!("seed {SEED}, {fault:?}, again: {error}"));
        assert!(!beside(&dir).exists());
        assert!(
            contents(&Log::open(&dir).unwrap()) == expected,
            "{fault:?}: other entries after the next try"
        );
    }
    println!(
        "{} faults among {calls} calls, of which {ended} ended well all the same, seed {SEED}",
        faults.len()
    );
}

#[test]
fn what_takes_the_place_is_durable_before_it_does() {
    let (root, aside) = (scratch(), scratch());
    let dir = root.path().join("log");
    let path = aside.path().join("trace");
    // From the first file on, so that the trace knows all of them.
    let ended = child::run("furnish_and_compact", root.path(), SEED, LIMIT, |command| {
        trace::record(command, root.path(), &path, &aside.path().join("flag"));
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let events = trace::read(&path);
    let disk = Disk::after(root.path(), &events);
    let to = scratch();
    disk.cut_power(root.path(), to.path(), Unsynced::Lost);
    let (log, expected) = (
        Log::open(beside(&to.path().join("log"))).unwrap(),
        Log::open(&dir).unwrap(),
    );
    assert_eq!((log.committed(), log.repairs()), (expected.committed(), &[][..]));
    assert!(contents(&log) == contents(&expected));
    assert!(verify(&beside(&to.path().join("log")), &mut |_, _| ()).is_ok());
}

/// The child: makes a log and another of it, and stops before they exchange their names, which the recorder does not see.
pub fn furnish_and_compact(root: &Path) -> i32 {
    let dir = root.join("log");
    furnished(&dir);
    let old = Log::open(&dir).unwrap();
    drop(Remade::of(&old, &mut |_| ()).unwrap());
    // As a power cut: the old one is not closed.
    std::process::exit(0)
}
