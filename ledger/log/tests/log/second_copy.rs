//! Sealed and live segments alone, read without sled: they prove every entry, or name what they withhold.

use std::{fs, path::PathBuf};

use keshi_log::Log;
use keshi_verify::second_copy::{CopyError, verify};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::support::{commit, identity, scratch};

const SEED: u64 = 23;

/// A closed log of several sealed segments, and its entries.
fn furnished() -> (tempfile::TempDir, Vec<Vec<u8>>, Log) {
    let dir = scratch();
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let mut all = Vec::new();
    for cursor in 1..=44 {
        let entries: Vec<Vec<u8>> = (0..250)
            .map(|_| (0..random.random_range(500..2_000)).map(|_| random.random()).collect())
            .collect();
        commit(&mut log, &entries, cursor);
        all.extend(entries);
    }
    drop(log);
    let log = Log::open(dir.path()).unwrap();
    (dir, all, log)
}

fn sealed(dir: &tempfile::TempDir) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir.path().join("sealed"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn the_second_copy_alone_proves_every_entry() {
    let (dir, all, log) = furnished();
    assert!(!sealed(&dir).is_empty(), "something is sealed");
    let committed = log.committed();
    drop(log);
    fs::remove_dir_all(dir.path().join("blocks")).unwrap();
    fs::remove_file(dir.path().join("head")).unwrap();
    let mut seen = Vec::new();
    let verified = verify(dir.path(), &mut |index, entry| {
        assert_eq!(index, seen.len() as u64);
        seen.push(entry.to_vec());
    })
    .unwrap();
    assert!(seen == all, "seed {SEED}: other entries");
    assert_eq!(
        (verified.identity, verified.size, verified.root, verified.cursor),
        (identity(), committed.size, committed.root, 44)
    );
}

#[test]
fn a_flipped_or_missing_segment_is_named_with_the_first_entry_it_withholds() {
    let (dir, _, log) = furnished();
    drop(log);
    let first = sealed(&dir).remove(0);
    let good = fs::read(&first).unwrap();
    let mut random = StdRng::seed_from_u64(SEED);
    for _ in 0..20 {
        let mut bad = good.clone();
        let at = random.random_range(0..bad.len());
        bad[at] ^= 1 << random.random_range(0..8);
        fs::write(&first, bad).unwrap();
        match verify(dir.path(), &mut |_, _| ()) {
            Err(CopyError::Bad {
                path,
                first_missing_index: 0,
            }) => assert_eq!(path, first),
            // In the version byte and its checksum at once nothing can be flipped.
            other => panic!("seed {SEED}, byte {at}: {other:?}"),
        }
    }
    fs::remove_file(&first).unwrap();
    let missing = verify(dir.path(), &mut |_, _| ());
    assert!(matches!(missing, Err(CopyError::Missing { index: 0 })), "{missing:?}");
    fs::write(&first, good).unwrap();
    verify(dir.path(), &mut |_, _| ()).unwrap();
}

#[test]
fn a_directory_without_segments_is_no_second_copy() {
    let dir = scratch();
    assert!(matches!(
        verify(dir.path(), &mut |_, _| ()),
        Err(CopyError::Empty { .. })
    ));
}
