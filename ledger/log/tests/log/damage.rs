//! Damage on disk is found before anything is served: never a shorter log, never a hang, never a crash.
//!
//! sled repairs silently. With one byte of its file flipped, a directory opened shorter in half of the tries, or
//! panicked, and no checksum of ours saw it; and the opening itself cut the file, so that putting the byte back helped
//! no more. The journal, its second copy, `head`, the root and the boundary to sled are there against that, and this
//! test is there for them: whatever was harmed is put back afterwards, and the log must then be whole.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use keshi_log::{Hash, Log};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::{
    child,
    support::{commit, identity, scratch},
};

const SEED: u64 = 20_220_901;
/// A child gets longer than the log itself allows sled, and this test runs beside others.
const LIMIT: Duration = Duration::from_mins(1);

/// One thing that goes wrong with one file.
#[derive(Clone, Debug)]
enum Harm {
    Flip { file: PathBuf, at: usize, mask: u8 },
    Cut { file: PathBuf, length: usize },
}

/// Where a log's files lie.
const DIRS: [&str; 4] = ["", "blocks", "journal", "sealed"];

struct Sample {
    files: BTreeMap<PathBuf, Vec<u8>>,
    size: u64,
    root: Hash,
}

#[test]
fn a_flipped_byte_anywhere_is_harmless_or_named() {
    let sample = sample();
    let mut random = StdRng::seed_from_u64(SEED);
    // All 300 take some minutes on two cores.
    let flips = if std::env::var_os("KESHI_TEST_LONG").is_some() {
        300
    } else {
        60
    };
    let harms = (0..flips).map(|_| {
        let file = pick(&sample, &mut random);
        let at = random.random_range(0..sample.files[&file].len());
        Harm::Flip {
            file,
            at,
            mask: 1 << random.random_range(0..8),
        }
    });
    check_all(&sample, harms.collect());
}

#[test]
fn a_truncated_file_is_harmless_or_named() {
    let sample = sample();
    let mut random = StdRng::seed_from_u64(SEED + 1);
    let harms = (0..20).map(|_| {
        let file = pick(&sample, &mut random);
        let length = random.random_range(0..sample.files[&file].len());
        Harm::Cut { file, length }
    });
    check_all(&sample, harms.collect());
}

#[test]
fn a_missing_file_is_harmless_or_named() {
    let sample = sample();
    for file in sample.files.keys() {
        let mut files = sample.files.clone();
        files.remove(file);
        check(&sample, &files, &format!("without {}", file.display()));
    }
}

/// A closed log that has been through several openings and spans several of sled's segments.
fn sample() -> Sample {
    let dir = scratch();
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    for cursor in 0..320 {
        let entries: Vec<Vec<u8>> = (0..random.random_range(1..40))
            .map(|_| (0..random.random_range(20..400)).map(|_| random.random()).collect())
            .collect();
        commit(&mut log, &entries, cursor);
        if cursor % 80 == 60 {
            drop(log);
            log = Log::open(dir.path()).unwrap();
        }
    }
    let (size, root) = (log.size(), log.root());
    drop(log);
    let mut files = BTreeMap::new();
    for below in DIRS {
        for file in fs::read_dir(dir.path().join(below)).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                files.insert(
                    path.strip_prefix(dir.path()).unwrap().to_path_buf(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    // The zeros ahead of the journal would take most of the hits.
    for (file, bytes) in &mut files {
        if file.starts_with("journal") {
            let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) + 1;
            bytes.truncate((used + 4_096).min(bytes.len()));
        }
    }
    files.remove(Path::new("journal/spare"));
    let sealed = files.keys().filter(|file| file.starts_with("sealed")).count();
    assert!(sealed > 0, "a segment is sealed");
    assert!(
        files
            .keys()
            .any(|file| file.to_string_lossy().starts_with("blocks/snap.")),
        "there is a snapshot"
    );
    Sample { files, size, root }
}

/// Half of the hits go to sled's data, the others to the remaining files in turn.
fn pick(sample: &Sample, random: &mut StdRng) -> PathBuf {
    let db = PathBuf::from("blocks/db");
    let others: Vec<_> = sample
        .files
        .iter()
        .filter(|(file, bytes)| **file != db && !bytes.is_empty())
        .collect();
    if random.random() {
        db
    } else {
        others.choose(random).unwrap().0.clone()
    }
}

fn check_all(sample: &Sample, harms: Vec<Harm>) {
    let (mut intact, mut mended, mut damaged) = (0, 0, 0);
    for harm in harms {
        let mut files = sample.files.clone();
        match &harm {
            Harm::Flip { file, at, mask } => files.get_mut(file).unwrap()[*at] ^= mask,
            Harm::Cut { file, length } => files.get_mut(file).unwrap().truncate(*length),
        }
        match check(sample, &files, &format!("{harm:?}")) {
            Opened::Intact => intact += 1,
            Opened::Mended => mended += 1,
            Opened::Damaged => damaged += 1,
        }
    }
    println!("seed {SEED}: {intact} opened intact, {mended} were mended, {damaged} were found damaged");
    assert!(mended > 0, "the harm done reached nothing");
}

/// What opening harmed files came to.
#[derive(Debug, PartialEq, Eq)]
enum Opened {
    Intact,
    Mended,
    Damaged,
}

/// Opens the harmed files in a child. If they are damaged, puts back what was harmed, and they must be whole.
#[track_caller]
fn check(sample: &Sample, files: &BTreeMap<PathBuf, Vec<u8>>, harm: &str) -> Opened {
    let dir = scratch();
    let log = dir.path().join("log");
    fs::create_dir_all(log.join("blocks/blobs")).unwrap();
    for below in DIRS {
        fs::create_dir_all(log.join(below)).unwrap();
    }
    for (file, bytes) in files {
        fs::write(log.join(file), bytes).unwrap();
    }
    let opened = opens(sample, &log, harm);
    if opened != Opened::Damaged {
        return opened;
    }
    for (file, bytes) in &sample.files {
        if files.get(file) != Some(bytes) {
            fs::write(log.join(file), bytes).unwrap();
        }
    }
    assert_eq!(opens(sample, &log, harm), Opened::Intact, "{harm}: put back");
    Opened::Damaged
}

#[track_caller]
fn opens(sample: &Sample, log: &Path, harm: &str) -> Opened {
    let ended = child::run("open", log, SEED, LIMIT, |_| ());
    let report = ended.reports.first().map(String::as_str).unwrap_or_default();
    let words: Vec<&str> = report.split(' ').collect();
    match (ended.code, words.as_slice()) {
        (Some(0), ["intact", size, root]) => {
            assert_eq!(
                (size.parse(), *root),
                (Ok(sample.size), &*sample.root.to_string()),
                "{harm}: {ended:?}"
            );
            if ended.reports.get(1).is_some_and(|report| report == "repairs 0") {
                Opened::Intact
            } else {
                Opened::Mended
            }
        }
        (Some(4), ["damaged", index, ..]) => {
            let index: u64 = index.parse().unwrap();
            assert!(index < sample.size, "{harm}: names index {index} of {}", sample.size);
            Opened::Damaged
        }
        _ => panic!("{harm} (seed {SEED}): {ended:#?}"),
    }
}
