//! A log that stays open is read over again: nothing is said of one that is sound, and every flipped byte is found.

use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use keshi_log::{Copy, Fault, Log, Scrub};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::support::{commit, contents, identity, scratch};

const SEED: u64 = 73;

fn entries(random: &mut StdRng, count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|_| (0..random.random_range(300..2_000)).map(|_| random.random()).collect())
        .collect()
}

/// One pass: what was found, and how many bytes were read.
fn pass(scrub: &mut Scrub) -> (Vec<Fault>, u64) {
    let (mut faults, mut bytes) = (Vec::new(), 0);
    loop {
        let step = scrub.step();
        faults.extend(step.faults);
        bytes += step.bytes;
        if step.ended {
            return (faults, bytes);
        }
    }
}

/// A log of sealed and live segments with all its blocks filed, and its entries.
fn furnished(dir: &Path) -> (Log, Vec<Vec<u8>>) {
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(dir, &identity()).unwrap();
    let mut all = Vec::new();
    for cursor in 1..=16 {
        let batch = entries(&mut random, 250);
        commit(&mut log, &batch, cursor);
        all.extend(batch);
    }
    drop(log);
    (Log::open(dir).unwrap(), all)
}

#[test]
fn a_sound_log_is_passed_without_a_word_while_it_is_written() {
    let dir = scratch();
    let (log, _) = furnished(dir.path());
    let mut scrub = Scrub::new(log.reader());
    let log = std::sync::Mutex::new(Some(log));
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = StdRng::seed_from_u64(SEED + 1);
            let mut cursor = 100;
            while !ended.load(Ordering::Relaxed) {
                cursor += 1;
                let many = if cursor % 8 == 0 { 400 } else { 3 };
                let batch = entries(&mut random, many);
                commit(log.lock().unwrap().as_mut().unwrap(), &batch, cursor);
            }
        });
        for number in 0..8 {
            let size = log.lock().unwrap().as_ref().unwrap().size();
            let (faults, bytes) = pass(&mut scrub);
            if !faults.is_empty() {
                ended.store(true, Ordering::Relaxed);
            }
            assert!(
                faults.is_empty(),
                "seed {SEED}, pass {number} from size {size}: {faults:#?}"
            );
            assert!(bytes > 8_000_000, "both copies were read: {bytes}");
        }
        ended.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_log_that_was_opened_many_times_and_is_empty_or_small_is_passed_without_a_word() {
    let dir = scratch();
    drop(Log::create(dir.path(), &identity()).unwrap());
    let mut random = StdRng::seed_from_u64(SEED);
    for cursor in 1..=30 {
        let mut log = Log::open(dir.path()).unwrap();
        let mut scrub = Scrub::new(log.reader());
        assert_eq!(pass(&mut scrub).0, []);
        commit(&mut log, &entries(&mut random, 40), cursor);
        assert_eq!(pass(&mut scrub).0, []);
        if cursor % 3 == 0 {
            // As after a crash: sled's files are looked at in a copy, which takes their place.
            drop((scrub, log));
            std::fs::remove_file(dir.path().join("stamp")).unwrap();
        }
    }
}

#[test]
fn a_flipped_byte_of_either_copy_is_found_with_its_entries_and_one_put_back_is_not() {
    let dir = scratch();
    let (log, all) = furnished(dir.path());
    let mut random = StdRng::seed_from_u64(SEED + 2);
    let mut scrub = Scrub::new(log.reader());
    assert_eq!(pass(&mut scrub).0, []);
    let live = newest(&dir.path().join("journal"));
    let files = [
        (Copy::Blocks, dir.path().join("blocks/db")),
        (Copy::Segments, live.clone()),
    ];
    for number in 0..12 {
        let (copy, path) = &files[number % files.len()];
        let bytes = std::fs::read(path).unwrap();
        // In the middle of an entry that stands there.
        let (index, at) = loop {
            let index = random.random_range(0..all.len());
            let part = &all[index][100..140];
            let found: Vec<usize> = places(&bytes, part);
            if let Some(at) = found.choose(&mut random) {
                break (index as u64, *at);
            }
        };
        let mask = 1 << random.random_range(0..8);
        flip(path, at, mask);
        let (faults, _) = pass(&mut scrub);
        let of_copy: Vec<_> = faults.iter().filter(|fault| fault.copy == *copy).collect();
        let covers = |fault: &&&Fault| fault.first_index <= Some(index) && fault.end_index > Some(index);
        assert!(
            of_copy.iter().any(|fault| covers(&fault)),
            "seed {SEED}, flip {number}, entry {index} at {at} of {}: {faults:#?}",
            path.display()
        );
        assert_eq!(of_copy.len(), faults.len(), "the other copy is sound: {faults:#?}");
        flip(path, at, mask);
        assert_eq!(pass(&mut scrub).0, [], "flip {number}: it was put back");
    }
    assert!(contents(&log) == all, "readers go on");
}

#[test]
fn a_flipped_byte_anywhere_in_a_sealed_segment_or_one_that_is_gone_is_found() {
    let dir = scratch();
    let (log, _) = furnished(dir.path());
    let mut random = StdRng::seed_from_u64(SEED + 3);
    let mut scrub = Scrub::new(log.reader());
    let first = dir
        .path()
        .join("sealed")
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().path())
        .min()
        .unwrap();
    let length = usize::try_from(first.metadata().unwrap().len()).unwrap();
    for _ in 0..6 {
        let (at, mask) = (random.random_range(0..length), 1 << random.random_range(0..8));
        flip(&first, at, mask);
        let (faults, _) = pass(&mut scrub);
        assert_eq!(faults.len(), 1, "seed {SEED}, byte {at}: {faults:#?}");
        assert_eq!((faults[0].copy, faults[0].first_index), (Copy::Segments, Some(0)));
        flip(&first, at, mask);
    }
    std::fs::rename(&first, dir.path().join("aside")).unwrap();
    let (faults, _) = pass(&mut scrub);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert_eq!((faults[0].copy, faults[0].first_index), (Copy::Segments, Some(0)));
    std::fs::rename(dir.path().join("aside"), &first).unwrap();
    assert_eq!(pass(&mut scrub).0, []);
    drop(log);
}

#[test]
fn a_flipped_byte_in_the_head_of_a_message_or_segment_of_sleds_file_is_found_in_the_second_pass() {
    let dir = scratch();
    let (log, _) = furnished(dir.path());
    let path = dir.path().join("blocks/db");
    let mut scrub = Scrub::new(log.reader());
    assert_eq!(pass(&mut scrub).0, []);
    // The header of the second segment, and the first bytes of its first message.
    for at in [0, 3, 7, 15, 19, 20, 24, 25, 26, 29].map(|byte| 2 * 1024 * 1024 + byte) {
        flip(&path, at, 0x10);
        let (faults, _) = pass(&mut scrub);
        assert!(!faults.is_empty(), "byte {at}");
        assert!(faults.iter().all(|fault| fault.copy == Copy::Blocks), "{faults:#?}");
        flip(&path, at, 0x10);
    }
    assert_eq!(pass(&mut scrub).0, []);
    drop(log);
}

fn newest(journal: &Path) -> PathBuf {
    let files = journal.read_dir().unwrap().map(|file| file.unwrap().path());
    files.filter(|path| !path.ends_with("spare")).max().unwrap()
}

fn places(bytes: &[u8], part: &[u8]) -> Vec<usize> {
    let starts = bytes.windows(part.len()).enumerate();
    starts.filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

fn flip(path: &Path, at: usize, mask: u8) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at as u64).unwrap();
    file.write_all_at(&[byte[0] ^ mask], at as u64).unwrap();
    file.sync_all().unwrap();
}
