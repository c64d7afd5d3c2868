//! Creating and opening: what is refused, with which words, and what is put right.

use std::fs;

use keshi_log::{AppendError, Hash, Identity, Log, MAX_ENTRY_BYTES, OpenError};
use uuid::Uuid;

use crate::support::{commit, contents, identity, scratch};

#[test]
fn a_new_log_is_empty_and_stays_so_after_opening_again() {
    let dir = scratch();
    let path = dir.path().join("deep/below");
    for _ in 0..3 {
        let log = Log::open_or_create(&path, &identity()).unwrap();
        assert_eq!((log.size(), log.root(), log.cursor()), (0, Hash::EMPTY, 0));
        assert_eq!(*log.identity(), identity());
    }
}

#[test]
fn opening_nothing_says_so_and_creates_nothing() {
    let dir = scratch();
    let path = dir.path().join("nothing");
    assert!(matches!(Log::open(&path), Err(OpenError::NotFound { .. })));
    assert!(!path.exists());
}

#[test]
fn the_size_can_be_guessed_without_opening() {
    let dir = scratch();
    let path = dir.path().join("log");
    assert_eq!(Log::size_hint(&path), 0);
    let mut log = Log::create(&path, &identity()).unwrap();
    commit(&mut log, &vec![vec![1; 50]; 7], 1);
    drop(log);
    assert_eq!(Log::size_hint(&path), 7);
    fs::write(path.join("head"), b"nothing").unwrap();
    assert_eq!(Log::size_hint(&path), 0);
}

#[test]
fn creating_over_something_else_is_refused() {
    let dir = scratch();
    drop(Log::create(dir.path().join("log"), &identity()).unwrap());
    assert!(matches!(
        Log::create(dir.path().join("log"), &identity()),
        Err(OpenError::AlreadyExists { .. })
    ));
    fs::write(dir.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(
        Log::create(dir.path(), &identity()),
        Err(OpenError::AlreadyExists { .. })
    ));
}

#[test]
fn a_creation_that_was_cut_short_can_be_repeated() {
    let dir = scratch();
    drop(Log::create(dir.path(), &identity()).unwrap());
    fs::rename(dir.path().join("head"), dir.path().join("head.new")).unwrap();
    assert!(matches!(Log::open(dir.path()), Err(OpenError::NotFound { .. })));
    assert_eq!(Log::open_or_create(dir.path(), &identity()).unwrap().size(), 0);
}

#[test]
fn another_offices_log_is_refused_and_an_office_needs_a_name() {
    let dir = scratch();
    drop(Log::create(dir.path(), &identity()).unwrap());
    let other = Identity {
        ledger_id: Uuid::nil(),
        office: "110101".to_owned(),
    };
    let error = Log::open_or_create(dir.path(), &other).unwrap_err();
    assert!(matches!(error, OpenError::OtherOffice { .. }), "{error}");
    for office in [String::new(), "x".repeat(65)] {
        let nameless = Identity {
            ledger_id: Uuid::nil(),
            office,
        };
        assert!(matches!(
            Log::create(dir.path().join("new"), &nameless),
            Err(OpenError::BadOffice { .. })
        ));
    }
}

#[test]
fn a_second_opener_is_refused_until_log_and_readers_are_gone() {
    let dir = scratch();
    let log = Log::create(dir.path(), &identity()).unwrap();
    let error = Log::open(dir.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("is in use by another process: stop it first, or ask it through its service")
    );
    let reader = log.reader();
    drop(log);
    assert!(
        matches!(Log::open(dir.path()), Err(OpenError::InUse { .. })),
        "the reader still reads"
    );
    drop(reader);
    Log::open(dir.path()).unwrap();
}

#[test]
fn an_opener_of_sleds_directory_alone_is_noticed_too() {
    let dir = scratch();
    drop(Log::create(dir.path(), &identity()).unwrap());
    let other = sled::Config::new()
        .path(dir.path().join("blocks"))
        .segment_size(2 << 20)
        .open()
        .unwrap();
    assert!(matches!(Log::open(dir.path()), Err(OpenError::InUse { .. })));
    drop(other);
    Log::open(dir.path()).unwrap();
}

#[test]
fn entries_up_to_the_limit_fit_and_longer_ones_are_refused_unchanged() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let entries = vec![vec![7; MAX_ENTRY_BYTES]; 40];
    commit(&mut log, &entries, 1);
    let error = log.append(&[0; MAX_ENTRY_BYTES + 1]).unwrap_err();
    assert!(
        matches!(
            error,
            AppendError::TooLong {
                bytes: 5_121,
                max: 5_120
            }
        ),
        "{error}"
    );
    drop(log);
    let log = Log::open(dir.path()).unwrap();
    assert_eq!(contents(&log), entries);
    assert_eq!(fs::read_dir(dir.path().join("blocks/blobs")).unwrap().count(), 0);
}

#[test]
fn a_cursor_that_moves_without_entries_is_durable_too() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    commit(&mut log, &[b"one".to_vec()], 5);
    log.seal(6);
    assert_eq!(log.commit().unwrap().cursor, 6);
    log.seal(4);
    assert_eq!(log.commit().unwrap().cursor, 4, "a new stream may begin lower");
    drop(log);
    assert_eq!(Log::open(dir.path()).unwrap().cursor(), 4);
}

#[test]
fn the_highest_decide_version_is_found_again_and_no_block_mixes_two() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    for version in [3, 8, 5] {
        log.set_decide_version(version);
        commit(&mut log, &[vec![1; 50], vec![2; 50]], 1);
    }
    assert_eq!(log.highest_decide_version(), 8);
    drop(log);
    let mut versions = Vec::new();
    let log = Log::open_with(dir.path(), |block| versions.push((block.decide_version(), block.len()))).unwrap();
    assert_eq!(versions, [(3, 2), (8, 2), (5, 2)]);
    assert_eq!(log.highest_decide_version(), 8);
}

#[test]
fn a_copy_opens_alike_and_leaves_the_original_as_it_was() {
    let dir = scratch();
    let (original, copy) = (dir.path().join("log"), dir.path().join("copy"));
    let mut log = Log::create(&original, &identity()).unwrap();
    commit(&mut log, &vec![vec![9; 900]; 30], 1);
    let root = log.root();
    assert!(matches!(Log::open_copy(&original, &copy), Err(OpenError::InUse { .. })));
    drop(log);
    let files = |dir: &std::path::Path| {
        let mut all: Vec<_> = ["", "blocks"]
            .iter()
            .flat_map(|below| fs::read_dir(dir.join(below)).unwrap())
            .map(|file| file.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| {
                (
                    path.clone(),
                    fs::read(&path).unwrap(),
                    fs::metadata(&path).unwrap().modified().unwrap(),
                )
            })
            .collect();
        all.sort();
        all
    };
    let before = files(&original);
    assert_eq!(Log::open_copy(&original, &copy).unwrap().root(), root);
    assert_eq!(files(&original), before);
    assert!(matches!(
        Log::open_copy(&original, &copy),
        Err(OpenError::AlreadyExists { .. })
    ));
}
