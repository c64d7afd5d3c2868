use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;

use super::*;

const RECORDS_MADE: usize = 60;

fn payload(n: usize) -> Vec<u8> {
    format!("{{\"n\":{n},\"text\":\"{}\"}}", "课时".repeat(n % 7)).into_bytes()
}

/// A store with records `T0`, `T1` …, closed.
fn made() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.redb");
    create(&path).unwrap();
    let (store, loaded) = Store::open(&path).unwrap();
    assert_eq!(loaded, Loaded::default());
    for n in 0..RECORDS_MADE {
        store.write(&[(&format!("T{n}"), Some(&payload(n)))]).unwrap();
    }
    (dir, path)
}

#[test]
fn what_is_written_reads_back_and_the_file_is_private_whatever_the_mode_before() {
    let (_dir, path) = made();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (store, loaded) = Store::open(&path).unwrap();
    assert_eq!(loaded.records.len(), RECORDS_MADE);
    assert_eq!(loaded.records["T7"], payload(7));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Store::open(&path), Err(StoreError::InUse { .. })));
    store.write(&[("T7", None), ("T8", Some(b"new"))]).unwrap();
    drop(store);
    let (_store, loaded) = Store::open(&path).unwrap();
    assert_eq!(
        (loaded.records.get("T7"), loaded.records["T8"].as_slice()),
        (None, b"new".as_slice())
    );
}

#[test]
fn no_flipped_byte_changes_what_is_read_and_putting_it_back_heals() {
    let flips = if std::env::var_os("KESHI_LONG").is_some() {
        3_000
    } else {
        300
    };
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (_dir, path) = made();
    let whole = fs::read(&path).unwrap();
    // Most of the file is free pages; half of the flips go where records and the pages that lead to them lie.
    let used: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] != 0).collect();
    let (mut named, mut refused) = (0, 0);
    for flip in 0..flips {
        let at = match flip % 2 {
            0 => random.random_range(0..whole.len()),
            _ => used[random.random_range(0..used.len())],
        };
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << random.random_range(0..8);
        fs::write(&path, &bytes).unwrap();
        let Ok((_store, loaded)) = Store::open(&path) else {
            refused += 1;
            assert_eq!(
                fs::read(&path).unwrap(),
                bytes,
                "byte {at}: a damaged file was written to"
            );
            fs::write(&path, &whole).unwrap();
            let healed = Store::open(&path).unwrap().1;
            assert_eq!(healed.records.len(), RECORDS_MADE, "byte {at}: put back");
            continue;
        };
        for n in 0..RECORDS_MADE {
            let key = format!("T{n}");
            let found = loaded.records.get(&key);
            let is_named = loaded.damaged.contains(&key);
            assert!(is_named || found == Some(&payload(n)), "byte {at}: {key} is {found:?}");
        }
        // One byte may spoil two: where one record ends is where the next begins.
        let is_damaged = usize::from(!loaded.damaged.is_empty());
        let lost = (0..RECORDS_MADE).filter(|n| !loaded.records.contains_key(&format!("T{n}")));
        assert_eq!(
            loaded.records.len() + lost.count(),
            RECORDS_MADE,
            "byte {at}: one too many"
        );
        named += is_damaged;
    }
    println!("{flips} flips: {named} named a record, {refused} refused the file");
    assert!(named > 0 && refused > 0);
}

#[test]
fn records_exchanged_or_of_another_time_do_not_add_up() {
    let (_dir, path) = made();
    let meddle = |change: &dyn Fn(&WriteTransaction)| {
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        change(&transaction);
        transaction.commit().unwrap();
    };
    let stored = |key: &str, number: usize| record::seal(key, &payload(number));
    // T1's record under T2, T2's under T1: each is whole, neither is at its place.
    meddle(&|transaction| {
        let mut records = transaction.open_table(RECORDS).unwrap();
        records.insert("T1", stored("T2", 2).as_slice()).unwrap();
        records.insert("T2", stored("T1", 1).as_slice()).unwrap();
    });
    let loaded = Store::open(&path).unwrap().1;
    assert_eq!(loaded.damaged, BTreeSet::from(["T1".to_owned(), "T2".to_owned()]));
    // An older record of T1, whole and at its place.
    meddle(&|transaction| {
        let mut records = transaction.open_table(RECORDS).unwrap();
        records.insert("T1", stored("T1", 9).as_slice()).unwrap();
        records.insert("T2", stored("T2", 2).as_slice()).unwrap();
    });
    assert!(matches!(Store::open(&path), Err(StoreError::Damaged { .. })));
    // One removed.
    meddle(&|transaction| {
        let mut records = transaction.open_table(RECORDS).unwrap();
        records.insert("T1", stored("T1", 1).as_slice()).unwrap();
        records.remove("T2").unwrap();
    });
    let error = Store::open(&path).unwrap_err();
    assert!(error.to_string().contains("59 records, not 60"), "{error}");
}

#[test]
fn after_one_failing_access_the_store_opens_again_with_all_or_nothing_of_the_change() {
    let (_dir, path) = made();
    Store::open(&path)
        .unwrap()
        .0
        .write(&[("T1", Some(b"-")), ("T2", Some(b"-"))])
        .unwrap();
    let mut struck = 0;
    for after in 0.. {
        let (store, _) = Store::open(&path).unwrap();
        faults::arm(after);
        let text = after.to_string();
        let written = store.write(&[("T1", Some(text.as_bytes())), ("T2", Some(text.as_bytes()))]);
        drop(store);
        if !faults::disarm() {
            assert!(written.is_ok());
            break;
        }
        struck += 1;
        let loaded = Store::open(&path).unwrap().1;
        assert_eq!(loaded.records["T1"], loaded.records["T2"]);
        let is_new = loaded.records["T1"] == text.as_bytes();
        assert!(written.is_err() || is_new, "access {after}");
    }
    assert!(struck > 10, "{struck}");
}

#[test]
fn a_file_removed_or_replaced_in_use_keeps_nothing() {
    let (dir, path) = made();
    let (store, _) = Store::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let written = store.write(&[("T1", Some(b"x"))]);
    assert!(matches!(written, Err(StoreError::Removed { .. })), "{written:?}");
    assert!(matches!(Store::open(&path), Err(StoreError::Missing { .. })));
    fs::copy(dir.path().join("a.redb"), &path).unwrap_err();
    create(&path).unwrap();
    assert!(matches!(store.check_in_place(), Err(StoreError::Removed { .. })));
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.redb");
    let other = dir.path().join("other.redb");
    let database = Database::create(&other).unwrap();
    drop(database);
    let other = fs::read(&other).unwrap();
    for bytes in [Vec::new(), b"version = 1".to_vec(), vec![0; 100_000], other] {
        fs::write(&path, &bytes).unwrap();
        let opened = Store::open(&path);
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{opened:?}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

proptest! {
    #[test]
    fn a_record_reads_back_and_no_bytes_make_the_reader_panic(key in "\\PC{0,60}", payload: Vec<u8>, bytes: Vec<u8>) {
        let sealed = record::seal(&key, &payload);
        prop_assert_eq!(record::open(&sealed), Some((key.as_str(), payload.as_slice())));
        prop_assert_eq!(record::open(&bytes), None);
    }
}

#[test]
fn the_bytes_of_a_record_are_fixed() {
    let sealed = record::seal("T1", b"{}");
    assert_eq!(&sealed[16..], b"\x02T1{}");
    // printf '\x02T1{}' | sha256sum
    assert_eq!(sealed[..4], [0x0a, 0x02, 0x8f, 0x2b]);
}
