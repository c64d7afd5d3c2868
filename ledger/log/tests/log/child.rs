//! Work done in a child process, because it may crash, hang or be cut off.
//!
//! The child is this test binary again, told by the environment to run one task and end with an exit code like that
//! of the real binary: 0, or 4 for a damaged log.

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use keshi_log::{Log, OpenError};

use crate::support::contents;

/// What a child did within its time.
#[derive(Debug)]
#[expect(dead_code, reason = "what is not compared is printed when a test fails")]
pub struct Ended {
    /// `None` if it was ended by a signal, be it its own or ours.
    pub code: Option<i32>,
    pub timed_out: bool,
    /// The lines it reported.
    pub reports: Vec<String>,
    pub stderr: String,
}

const TASK: &str = "KESHI_LOG_CHILD_TASK";
const DIR: &str = "KESHI_LOG_CHILD_DIR";
const SEED: &str = "KESHI_LOG_CHILD_SEED";
/// Sets our lines apart from those of the test harness.
const MARK: &str = "report: ";

/// Runs one task in a child, with further settings made by `prepare`.
pub fn run(task: &str, dir: &Path, seed: u64, limit: Duration, prepare: impl FnOnce(&mut Command)) -> Ended {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "child::a_child_does_what_it_is_told",
        "--nocapture",
        "--test-threads=1",
    ]);
    command.env(TASK, task).env(DIR, dir).env(SEED, seed.to_string());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    prepare(&mut command);
    let mut child = command.spawn().unwrap();
    let read = |mut pipe: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).unwrap();
            text
        })
    };
    let stdout = read(Box::new(child.stdout.take().unwrap()));
    let stderr = read(Box::new(child.stderr.take().unwrap()));
    let begun = Instant::now();
    let mut timed_out = false;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > limit {
            timed_out = true;
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    };
    let stdout = stdout.join().unwrap();
    // A line of the harness may stand before ours.
    let reports = stdout
        .lines()
        .filter_map(|line| line.split_once(MARK))
        .map(|(_, report)| report.to_owned());
    Ended {
        code: status.code(),
        timed_out,
        reports: reports.collect(),
        stderr: stderr.join().unwrap(),
    }
}

#[test]
fn a_child_does_what_it_is_told() {
    let Ok(task) = std::env::var(TASK) else { return };
    let dir = std::env::var_os(DIR).unwrap();
    let seed = std::env::var(SEED).unwrap().parse().unwrap();
    let code = match task.as_str() {
        "open" => open(Path::new(&dir)),
        "look" => look(Path::new(&dir)),
        "write" => crate::powercut::write(Path::new(&dir), seed),
        "compact" => crate::compact::child(Path::new(&dir)),
        "furnish_and_compact" => crate::compact::furnish_and_compact(Path::new(&dir)),
        "endure" => crate::faults::endure(Path::new(&dir), seed),
        "write_until_refused" => crate::poison::write_until_refused(Path::new(&dir), seed),
        other => panic!("no task {other:?}"),
    };
    std::process::exit(code);
}

pub fn report(line: &str) {
    println!("{MARK}{line}");
}

/// Opens a log and says what it has.
fn look(dir: &Path) -> i32 {
    match Log::open(dir) {
        Ok(log) => {
            report(&format!("intact {} {}", log.size(), log.root()));
            0
        }
        Err(error) => {
            report(&format!("{error:?}"));
            1
        }
    }
}

/// Opens a log that may be damaged. If it is whole, it must also take more and be whole again afterwards.
fn open(dir: &Path) -> i32 {
    let mut log = match Log::open(dir) {
        Ok(log) => log,
        Err(OpenError::Damaged {
            first_missing_index,
            cause,
            ..
        }) => {
            report(&format!("damaged {first_missing_index} {cause:?}"));
            return 4;
        }
        Err(other) => {
            report(&format!("other {other:?}"));
            return 1;
        }
    };
    report(&format!("intact {} {}", log.size(), log.root()));
    report(&format!("repairs {}", log.repairs().len()));
    let mut expected = contents(&log);
    for round in 0..20_u8 {
        for length in [10, 200, 3_000] {
            expected.push(vec![round; length]);
            log.append(&vec![round; length]).unwrap();
        }
        log.seal(u64::from(round));
        log.commit().unwrap();
    }
    drop(log);
    let log = Log::open(dir).unwrap();
    assert!(
        contents(&log) == expected,
        "what was appended after opening is not all there"
    );
    fs::remove_dir_all(dir).unwrap();
    0
}
