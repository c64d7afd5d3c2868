//! A backup is taken from an open log, grows with it, and becomes the same log again.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt, path::Path};

use keshi_log::{Log, RestoreError, restore};
use keshi_verify::backup::{BackupError, backup};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::support::{commit, contents, identity, scratch};

const SEED: u64 = 24;

fn grow(log: &mut Log, random: &mut StdRng, commits: u64) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for _ in 0..commits {
        let entries: Vec<Vec<u8>> = (0..250)
            .map(|_| (0..random.random_range(500..2_000)).map(|_| random.random()).collect())
            .collect();
        commit(log, &entries, log.cursor() + 1);
        all.extend(entries);
    }
    all
}

/// The sealed files of a backup with their inodes: one that is written again has another.
fn sealed(to: &Path) -> BTreeMap<String, u64> {
    let files = fs::read_dir(to.join("sealed")).unwrap().map(Result::unwrap);
    files
        .map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().ino()))
        .collect()
}

#[test]
fn a_backup_of_an_open_log_grows_and_is_restored_to_the_same_log() {
    let (dir, to) = (scratch(), scratch());
    let (from, kept, again) = (dir.path().join("log"), to.path().join("kept"), to.path().join("again"));
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(&from, &identity()).unwrap();
    let mut all = grow(&mut log, &mut random, 44);
    let first = backup(&from, &kept).unwrap();
    assert_eq!((first.verified.size, first.verified.root), (log.size(), log.root()));
    let before = sealed(&kept);
    all.extend(grow(&mut log, &mut random, 44));
    let second = backup(&from, &kept).unwrap();
    assert_eq!((second.verified.size, second.verified.root), (log.size(), log.root()));
    let after = sealed(&kept);
    assert!(
        before.iter().all(|(name, inode)| after.get(name) == Some(inode)),
        "seed {SEED}: what was sealed is not copied again"
    );
    let restored = restore(&kept, &again).unwrap();
    assert_eq!(restored, second.verified);
    let mut copy = Log::open(&again).unwrap();
    assert_eq!((copy.committed(), copy.identity()), (log.committed(), log.identity()));
    assert!(contents(&copy) == all, "seed {SEED}: other entries");
    assert!(copy.repairs().is_empty(), "a restored log opens without a word");
    grow(&mut copy, &mut random, 3);
    drop(copy);
    assert_eq!(Log::open(&again).unwrap().size(), all.len() as u64 + 750);
    assert!(matches!(restore(&kept, &again), Err(RestoreError::Exists { .. })));
}

#[test]
fn a_ledger_that_lost_something_does_not_overwrite_its_backup() {
    let (dir, to) = (scratch(), scratch());
    let from = dir.path().join("log");
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(&from, &identity()).unwrap();
    grow(&mut log, &mut random, 1);
    let yesterday = dir.path().join("yesterday");
    drop(log);
    drop(Log::open_copy(&from, &yesterday).unwrap());
    let mut log = Log::open(&from).unwrap();
    grow(&mut log, &mut random, 1);
    let held = backup(&from, to.path()).unwrap().verified;
    let error = backup(&yesterday, to.path()).unwrap_err();
    assert!(
        matches!(
            error,
            BackupError::Ahead {
                backup: 500,
                ledger: 250,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        keshi_verify::second_copy::verify(to.path(), &mut |_, _| ()).unwrap(),
        held
    );
}

#[test]
fn a_backup_that_went_another_way_is_left_as_it_is_also_where_segments_were_sealed_since() {
    let (dir, to) = (scratch(), scratch());
    let from = dir.path().join("log");
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(&from, &identity()).unwrap();
    grow(&mut log, &mut random, 10);
    let other = dir.path().join("other");
    drop(log);
    drop(Log::open_copy(&from, &other).unwrap());
    let (mut log, mut parted) = (Log::open(&from).unwrap(), Log::open(&other).unwrap());
    // The backup's last entry lies in a live segment, then in a sealed one, of the log that went another way.
    for commits in [1, 40] {
        grow(&mut log, &mut random, commits);
        let held = backup(&from, to.path()).unwrap().verified;
        grow(&mut parted, &mut random, commits + 40);
        let error = backup(&other, to.path()).unwrap_err();
        assert!(
            matches!(error, BackupError::Parted { first_index, .. } if first_index >= 2_500 && first_index < held.size),
            "seed {SEED}: {error}"
        );
        assert_eq!(
            keshi_verify::second_copy::verify(to.path(), &mut |_, _| ()).unwrap(),
            held
        );
    }
    grow(&mut log, &mut random, 1);
    assert_eq!(backup(&from, to.path()).unwrap().verified.root, log.root());
}

#[test]
fn a_backup_that_was_cut_short_before_its_live_segments_is_restored_as_far_as_it_goes() {
    let (dir, to) = (scratch(), scratch());
    let from = dir.path().join("log");
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(&from, &identity()).unwrap();
    let mut all = grow(&mut log, &mut random, 2);
    backup(&from, to.path()).unwrap();
    all.extend(grow(&mut log, &mut random, 44));
    // What is sealed is copied first; here nothing follows.
    let ahead = dir.path().join("ahead");
    backup(&from, &ahead).unwrap();
    for file in fs::read_dir(ahead.join("sealed")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), to.path().join("sealed").join(file.file_name())).unwrap();
    }
    for with_live in [true, false] {
        if !with_live {
            fs::remove_dir_all(to.path().join("journal")).unwrap();
        }
        let again = dir.path().join(format!("again-{with_live}"));
        let restored = restore(to.path(), &again).unwrap();
        let mut copy = Log::open(&again).unwrap();
        assert_eq!((copy.size(), copy.root()), (restored.size, restored.root));
        assert!(restored.size > 2_500 && contents(&copy) == all[..usize::try_from(restored.size).unwrap()]);
        grow(&mut copy, &mut random, 2);
        drop(copy);
        assert_eq!(Log::open(&again).unwrap().size(), restored.size + 500);
    }
    assert_eq!(backup(&from, to.path()).unwrap().verified.size, log.size());
}

#[test]
fn a_damaged_backup_is_not_restored_and_another_directory_is_not_written_to() {
    let (dir, to) = (scratch(), scratch());
    let (from, kept, again) = (dir.path().join("log"), to.path().join("kept"), to.path().join("again"));
    let mut random = StdRng::seed_from_u64(SEED);
    let mut log = Log::create(&from, &identity()).unwrap();
    grow(&mut log, &mut random, 2);
    backup(&from, &kept).unwrap();
    let live = fs::read_dir(kept.join("journal"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let good = fs::read(&live).unwrap();
    for _ in 0..20 {
        let mut bad = good.clone();
        let at = random.random_range(4_096..bad.len());
        bad[at] ^= 1 << random.random_range(0..8);
        fs::write(&live, bad).unwrap();
        let refused = restore(&kept, &again);
        assert!(
            matches!(refused, Err(RestoreError::Copy(_))),
            "seed {SEED}, byte {at}: {refused:?}"
        );
        assert!(!again.exists());
    }
    fs::write(&live, good).unwrap();
    fs::write(to.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(backup(&from, to.path()), Err(BackupError::NotABackup { .. })));
    restore(&kept, &again).unwrap();
}
