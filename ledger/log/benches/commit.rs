//! How much the log costs beside what it stands on.
//!
//! For commits of 1, 64 and 1,024 entries of 150 bytes: the log, and the floor it stands on, the same packed blocks on
//! bare sled with `flush` and `fdatasync` but neither hashes nor `head`. Short slices alternate between the two, so that
//! both see the same moods of the disk, and rates are of the median commit. Then: how fast opening verifies, and how fast a reader scans.
//!
//! `cargo bench -p keshi-log [-- SECONDS]`; data goes below the build directory.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_lossless,
    reason = "numbers for people to look at"
)]

use std::{
    fs::File,
    os::unix::fs::MetadataExt,
    path::Path,
    time::{Duration, Instant},
};

use keshi_log::{Identity, Log};
use uuid::Uuid;

const ENTRY_BYTES: usize = 150;
const SLICE: Duration = Duration::from_millis(20);

fn main() {
    let seconds = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(2.0);
    let budget = Duration::from_secs_f64(seconds);
    println!(
        "{:>7} {:>12} {:>12} {:>7} {:>8} {:>8}",
        "entries", "bare sled/s", "log/s", "ratio", "bare amp", "log amp"
    );
    for commit_entries in [1_usize, 8, 64, 1024] {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
        let mut bare = Bare::open(&dir.path().join("bare"));
        let identity = Identity {
            ledger_id: Uuid::nil(),
            office: "610729".to_owned(),
        };
        let mut log = Log::create(dir.path().join("log"), &identity).expect("a new log");
        let (mut bare_times, mut log_times) = (Vec::new(), Vec::new());
        let entries: Vec<Vec<u8>> = (0..commit_entries).map(|at| vec![at as u8; ENTRY_BYTES]).collect();
        let begun = Instant::now();
        while begun.elapsed() < 2 * budget {
            slice(&mut bare_times, || bare.commit(&entries));
            slice(&mut log_times, || {
                for entry in &entries {
                    log.append(entry).expect("an entry is staged");
                }
                log.seal(1);
                log.commit().expect("a commit succeeds");
            });
        }
        let bare_rate = commit_entries as f64 / median(bare_times);
        let log_rate = commit_entries as f64 / median(log_times);
        let amplification = |path: &Path, entries: u64| {
            let stored = path.metadata().map_or(0, |file| file.blocks() * 512);
            stored as f64 / (entries * ENTRY_BYTES as u64) as f64
        };
        println!(
            "{commit_entries:>7} {bare_rate:>12.0} {log_rate:>12.0} {:>6.0}% {:>8.2} {:>8.2}",
            100.0 * log_rate / bare_rate,
            amplification(&dir.path().join("bare/db"), bare.size),
            amplification(&dir.path().join("log/blocks/db"), log.size()),
        );
        if commit_entries == 1024 {
            reopen(&dir.path().join("log"), log);
        }
    }
}

fn reopen(path: &Path, log: Log) {
    drop(log);
    for _ in 0..2 {
        open(path);
    }
}

/// The first opening has to read all that sled wrote since the last one; the second begins with sled's snapshot.
fn open(path: &Path) {
    let begun = Instant::now();
    let mut seen = 0;
    let log = Log::open_with(path, |block| seen += block.len()).expect("the log opens");
    let opened = begun.elapsed().as_secs_f64();
    println!(
        "opening: {seen} entries in {opened:.2} s, {:.0} entries/s",
        seen as f64 / opened
    );
    let begun = Instant::now();
    let scanned: u64 = log.reader().scan(0).map(|block| block.expect("a block").len()).sum();
    let took = begun.elapsed().as_secs_f64();
    println!(
        "reading: {scanned} entries in {took:.2} s, {:.0} entries/s",
        scanned as f64 / took
    );
}

/// Repeats `commit` for a slice of time and notes how long each one took.
fn slice(times: &mut Vec<f64>, mut commit: impl FnMut()) {
    let begun = Instant::now();
    while begun.elapsed() < SLICE {
        let begun = Instant::now();
        commit();
        times.push(begun.elapsed().as_secs_f64());
    }
}

/// In seconds. The mean would tell of whatever else uses the disk.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Packed blocks on bare sled: the same rule for filling them, nothing else.
struct Bare {
    db: sled::Db,
    file: File,
    size: u64,
    tail: Vec<u8>,
    tail_index: u64,
}

impl Bare {
    fn open(path: &Path) -> Self {
        let db = sled::Config::new()
            .path(path)
            .cache_capacity(64 << 20)
            .flush_every_ms(None)
            .open()
            .expect("sled opens");
        let file = File::options()
            .write(true)
            .open(path.join("db"))
            .expect("sled's file opens");
        Self {
            db,
            file,
            size: 0,
            tail: Vec::new(),
            tail_index: 0,
        }
    }

    fn commit(&mut self, entries: &[Vec<u8>]) {
        for entry in entries {
            if self.tail.len() + entry.len() + 2 > 4096 {
                self.write();
                self.tail.clear();
                self.tail_index = self.size;
            }
            self.tail.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            self.tail.extend_from_slice(entry);
            self.size += 1;
        }
        self.write();
        self.db.flush().expect("sled flushes");
        self.file.sync_data().expect("the disk syncs");
    }

    fn write(&mut self) {
        self.db
            .insert(self.tail_index.to_be_bytes(), &*self.tail)
            .expect("sled takes a block");
    }
}
