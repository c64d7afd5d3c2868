//! How much the log costs beside what it stands on.
//!
//! For commits of 1, 8, 64 and 1,024 entries of 150 bytes: the log, and the floor it stands on, one write of the same
//! bytes to a file of zeros and one `fdatasync`, without hashes, checksums or a second copy. Short slices alternate
//! between the two, so that both see the same moods of the disk, and rates are of the median commit. Then: how fast
//! opening verifies, and how fast a reader scans. `amp` is what lies on the disk for a byte of entries.
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
    os::unix::fs::{FileExt, MetadataExt},
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
        "{:>7} {:>14} {:>12} {:>7} {:>8}",
        "entries", "bare journal/s", "log/s", "ratio", "log amp"
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
        let (size, path) = (log.size(), dir.path().join("log"));
        let amplification = stored(&path) as f64 / (size * ENTRY_BYTES as u64) as f64;
        println!(
            "{commit_entries:>7} {bare_rate:>14.0} {log_rate:>12.0} {:>6.0}% {amplification:>8.2}",
            100.0 * log_rate / bare_rate,
        );
        if commit_entries == 1024 {
            reopen(&dir.path().join("log"), log);
        }
    }
}

/// Bytes that everything below a directory takes on the disk.
fn stored(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let of = |file: std::fs::DirEntry| match file.metadata() {
        Ok(metadata) if metadata.is_dir() => stored(&file.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    };
    files.map(of).sum()
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

/// One write and one sync a commit, nothing else.
struct Bare {
    file: File,
    offset: u64,
    length: u64,
    bytes: Vec<u8>,
}

/// What is written ahead at a time.
const AHEAD_BYTES: u64 = 8 << 20;

impl Bare {
    fn open(path: &Path) -> Self {
        let file = File::create(path).expect("a file");
        Self {
            file,
            offset: 0,
            length: 0,
            bytes: Vec::new(),
        }
    }

    fn commit(&mut self, entries: &[Vec<u8>]) {
        self.bytes.clear();
        for entry in entries {
            self.bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            self.bytes.extend_from_slice(entry);
        }
        if self.offset + self.bytes.len() as u64 > self.length {
            let zeros = vec![0; AHEAD_BYTES as usize];
            self.file.write_all_at(&zeros, self.length).expect("zeros are written");
            self.file.sync_all().expect("the disk syncs");
            self.length += AHEAD_BYTES;
        }
        self.file.write_all_at(&self.bytes, self.offset).expect("written");
        self.file.sync_data().expect("the disk syncs");
        self.offset += self.bytes.len() as u64;
    }
}
