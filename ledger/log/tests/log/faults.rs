//! A disk that fails at any single call, or from any call on, costs nothing that was answered.
//!
//! A child creates a log, commits, has segments sealed, makes backups, opens the log anew and restores a backup, all on the
//! real file system, and one call in turn that would change or sync a file fails (`record.c`): with `EIO` or `ENOSPC`, once,
//! or with all that come after it. The child must say what was refused and end by itself; it never answers what is not there
//! afterwards. Then, on a disk that works again, the log opens, holds every answered entry under the root that was answered,
//! and goes on; its backup is completed and restored.
//!
//! A run in each test takes some of the calls, by a seed; with `KESHI_TEST_LONG` it takes all of them, in all four ways.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use keshi_log::{AppendError, Block, CommitError, Log, restore};
use keshi_verify::{backup::backup, second_copy::verify};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rustix::io::Errno;

use crate::{
    child::{self, Ended},
    course::Course,
    support::{commit, contents, identity, scratch},
    trace::{self, Fault},
};

const SEED: u64 = 196_205;
const LIMIT: Duration = Duration::from_mins(2);
const COMMITS: usize = 24;
const SAMPLE: usize = 24;

/// What lies below the child's directory.
const LOG: &str = "log";
const BACKUP: &str = "backup";
const RESTORED: &str = "restored";

/// What the child says.
const ANSWERED: &str = "answered ";
const KEPT: &str = "kept ";
const REFUSED: &str = "refused ";

#[test]
fn nothing_answered_is_lost_whichever_call_fails() {
    let calls = calls();
    let mut random = StdRng::seed_from_u64(SEED);
    let ways = [Some(Errno::IO), Some(Errno::NOSPC)].map(|errno| [false, true].map(|stays| (errno, stays)));
    let ways = ways.as_flattened();
    let fault = |number, (errno, stays)| Fault { number, errno, stays };
    let faults: Vec<Fault> = if std::env::var_os("KESHI_TEST_LONG").is_some() {
        (1..=calls)
            .flat_map(|number| ways.iter().map(move |way| fault(number, *way)))
            .collect()
    } else {
        (0..SAMPLE)
            .map(|number| fault(random.random_range(1..=calls), ways[number % ways.len()]))
            .collect()
    };
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let ends = Mutex::new(BTreeMap::<String, usize>::new());
    let work = || {
        let mut failures = Vec::new();
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            match endured(*fault) {
                Ok(end) => *ends.lock().unwrap().entry(end).or_default() += 1,
                Err(problem) => failures.push(format!("{fault:?}: {problem}")),
            }
        }
        failures
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers = [(); 2].map(|()| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    println!(
        "{} faults among {calls} calls in {:?}, seed {SEED}",
        faults.len(),
        begun.elapsed()
    );
    for (end, count) in ends.into_inner().unwrap() {
        println!("{count:>6} {end}");
    }
    assert!(
        failures.is_empty(),
        "seed {SEED}, {} of {}: {failures:#?}",
        failures.len(),
        faults.len()
    );
}

/// How many calls there are to fail.
fn calls() -> u64 {
    let (root, aside) = (scratch(), scratch());
    let never = Fault {
        number: u64::from(u32::MAX),
        errno: Some(Errno::IO),
        stays: false,
    };
    let ended = run(root.path(), aside.path(), never);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(
        !ended.reports.iter().any(|line| line.starts_with(REFUSED)),
        "{ended:#?}"
    );
    assert!(
        root.path().join(LOG).join("sealed").read_dir().unwrap().count() > 0,
        "something is sealed"
    );
    fs::read_to_string(aside.path().join("flag.count"))
        .unwrap()
        .parse()
        .unwrap()
}

fn run(root: &Path, aside: &Path, fault: Fault) -> Ended {
    child::run("endure", root, SEED, LIMIT, |command| {
        trace::fail_change(command, root, fault, &aside.join("flag"));
    })
}

/// Has the child run with the fault, and looks at what is left; says what failed and what the child refused.
fn endured(fault: Fault) -> Result<String, String> {
    let (root, aside) = (scratch(), scratch());
    let ended = run(root.path(), aside.path(), fault);
    let fired = fs::read_to_string(aside.path().join("flag.fired")).unwrap_or_else(|_| "nothing".to_owned());
    let call = fired.split('/').next().unwrap_or_default().trim().to_owned();
    let refused = ended.reports.iter().find_map(|line| line.strip_prefix(REFUSED));
    let place = refused.and_then(|line| line.split(':').next()).unwrap_or("nothing");
    let errno = fault.errno.map_or(0, Errno::raw_os_error);
    let end = format!("errno {errno} at {call}: refused {place}");
    let problem = |text: String| Err(format!("{fired}: {text}: {ended:#?}"));
    if ended.code != Some(0) || ended.timed_out {
        return problem("the child did not end by itself".to_owned());
    }
    match look(root.path(), &ended) {
        Ok(()) => Ok(end),
        Err(text) => problem(text),
    }
}

/// Whether all that was answered is there, on a disk that works again.
fn look(root: &Path, ended: &Ended) -> Result<(), String> {
    let last = |what: &str| ended.reports.iter().rev().find_map(|line| line.strip_prefix(what));
    let (size, rooted) = last(ANSWERED).map_or(("0", ""), |line| line.split_once(' ').unwrap());
    let size: u64 = size.parse().unwrap();
    let dir = root.join(LOG);
    let mut log = Course::new(SEED, COMMITS).expected().open(&dir, size)?;
    if !log.repairs().is_empty() {
        return Err(format!("a copy of the entries was damaged: {:?}", log.repairs()));
    }
    if size > 0
        && log
            .reader()
            .root_at(size)
            .map_err(|error| error.to_string())?
            .to_string()
            != rooted
    {
        return Err(format!("at size {size} the root is not {rooted}"));
    }
    let mut found = contents(&log);
    let goes_on = vec![b"goes on".to_vec(); 300];
    let cursor = log.cursor() + 1;
    commit(&mut log, &goes_on, cursor);
    found.extend(goes_on);
    if contents(&log) != found {
        return Err("it does not go on".to_owned());
    }
    let to = root.join(BACKUP);
    if let Some(kept) = last(KEPT) {
        let held = verify(&to, &mut |_, _| ()).map_err(|error| format!("kept {kept}, but {error}"))?;
        if held.size < kept.parse().unwrap() {
            return Err(format!("kept {kept}, but the backup has {}", held.size));
        }
    }
    backup(&dir, &to).map_err(|error| format!("the backup cannot be completed: {error}"))?;
    let restored = root.join(RESTORED);
    // Either it is not there, or it is whole.
    if restored.exists() {
        Log::open(&restored).map_err(|error| format!("half a restored log stands there: {error}"))?;
        fs::remove_dir_all(&restored).unwrap();
    }
    restore(&to, &restored).map_err(|error| format!("the backup cannot be restored: {error}"))?;
    drop(log);
    let log = Log::open(&dir).map_err(|error| format!("after going on: {error}"))?;
    if contents(&log) == found {
        Ok(())
    } else {
        Err("what went on is lost".to_owned())
    }
}

/// The child: says what is durable, and the first thing that is refused.
pub fn endure(root: &Path, seed: u64) -> i32 {
    if let Err(problem) = go(root, seed) {
        child::report(&format!("{REFUSED}{problem}"));
    }
    0
}

fn go(root: &Path, seed: u64) -> Result<(), String> {
    let (dir, to, restored) = (root.join(LOG), root.join(BACKUP), root.join(RESTORED));
    let mut log = Log::create(&dir, &identity()).map_err(|error| format!("create: {error:?}"))?;
    let mut cursor = 0;
    let mut backups = Vec::new();
    for (number, submissions) in Course::new(seed, COMMITS).commits.into_iter().enumerate() {
        if number % 9 == 8 {
            drop(log);
            log = Log::open(&dir).map_err(|error| format!("open: {error:?}"))?;
        }
        for entry in submissions.iter().flatten() {
            log.append(entry).unwrap();
        }
        cursor += submissions.len() as u64;
        log.seal(cursor);
        let before = log.committed();
        match log.commit() {
            Ok(now) => child::report(&format!("{ANSWERED}{} {}", now.size, now.root)),
            Err(error) => {
                assert!(matches!(log.append(b"more"), Err(AppendError::Poisoned { .. })));
                assert!(matches!(log.commit(), Err(CommitError::Poisoned { .. })));
                assert_eq!(log.committed(), before, "readers go on with what was answered");
                // sled may give nothing more after a failure of its own; what readers get is what was answered.
                let read: Result<Vec<_>, _> = log.reader().scan(0).collect();
                assert!(
                    read.is_err() || read.is_ok_and(|blocks| blocks.last().map_or(0, Block::end_index) == before.size)
                );
                return Err(format!("commit: {error:?}"));
            }
        }
        if number % 7 == 6 {
            match backup(&dir, &to) {
                Ok(made) => child::report(&format!("{KEPT}{}", made.verified.size)),
                Err(error) => backups.push(format!("backup: {error:?}")),
            }
        }
    }
    drop(log);
    if backups.is_empty() {
        restore(&to, &restored).map_err(|error| format!("restore: {error:?}"))?;
    }
    // A backup that fails is no matter of the ledger, which goes on.
    backups.pop().map_or(Ok(()), Err)
}
