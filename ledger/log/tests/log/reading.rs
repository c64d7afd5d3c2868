//! Readers: single entries, scans, old roots, all within the committed size.

use keshi_log::{Log, ReadError};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::support::{commit, contents, identity, naive_root, scratch};

fn entries(count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count)
        .map(|_| (0..random.random_range(20..300)).map(|_| random.random()).collect())
        .collect()
}

#[test]
fn every_entry_is_read_alone_and_every_scan_begins_where_it_was_told() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all = entries(700, 1);
    all.chunks(150)
        .zip(1..)
        .for_each(|(chunk, cursor)| commit(&mut log, chunk, cursor));
    let reader = log.reader();
    for (index, entry) in all.iter().enumerate() {
        assert_eq!(reader.read(index as u64).unwrap().unwrap(), entry);
    }
    assert_eq!(reader.read(700).unwrap(), None);
    for from in [0, 1, 149, 150, 151, 333, 699, 700, 10_000] {
        let scanned: Vec<_> = reader
            .scan(from as u64)
            .flat_map(|block| {
                block
                    .unwrap()
                    .entries()
                    .map(|(_, entry)| entry.to_vec())
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(scanned, all.get(from..).unwrap_or_default(), "from {from}");
    }
}

#[test]
fn staged_entries_are_not_shown_before_they_are_committed() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    commit(&mut log, &entries(3, 2), 1);
    let reader = log.reader();
    log.append(b"staged").unwrap();
    log.seal(2);
    assert_eq!((reader.size(), reader.read(3).unwrap()), (3, None));
    log.append(b"not sealed").unwrap();
    assert_eq!(log.commit().unwrap().size, 4);
    assert_eq!(reader.read(3).unwrap().unwrap(), &b"staged"[..]);
    assert_eq!(reader.read(4).unwrap(), None);
    assert_eq!(log.next_index(), 5);
}

#[test]
fn an_old_root_is_the_root_the_log_had_then() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all = entries(1_000, 3);
    all.chunks(37).for_each(|chunk| commit(&mut log, chunk, 1));
    for size in [0, 1, 2, 36, 37, 38, 500, 999, 1_000] {
        assert_eq!(
            log.reader().root_at(size).unwrap(),
            naive_root(&all[..size as usize]),
            "size {size}"
        );
    }
    let error = log.reader().root_at(1_001).unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::BeyondEnd {
                asked: 1_001,
                committed: 1_000
            }
        ),
        "{error}"
    );
}

#[test]
fn old_roots_of_a_long_log_are_right_on_both_sides_of_its_tiles_also_after_opening() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all: Vec<Vec<u8>> = (0..140_000_u32).map(|number| number.to_be_bytes().to_vec()).collect();
    all.chunks(9_999).for_each(|chunk| commit(&mut log, chunk, 1));
    let expected: Vec<_> = [65_535, 65_536, 65_537, 131_072, 139_999]
        .map(|size| (size, naive_root(&all[..size as usize])))
        .to_vec();
    let check = |log: &Log| {
        for (size, root) in &expected {
            assert_eq!(log.reader().root_at(*size).unwrap(), *root, "size {size}");
        }
    };
    check(&log);
    drop(log);
    check(&Log::open(dir.path()).unwrap());
}

#[test]
fn readers_beside_a_writer_see_only_whole_committed_prefixes() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all = entries(4_000, 4);
    let reader = log.reader();
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut scans = 0;
            while reader.size() < 4_000 {
                let size = reader.size();
                let mut next = size.saturating_sub(50);
                for block in reader.scan(next) {
                    for (index, entry) in block.unwrap().entries() {
                        assert_eq!((index, entry), (next, &all[next as usize][..]));
                        next += 1;
                    }
                }
                assert!(next >= size);
                scans += 1;
            }
            scans
        });
        all.chunks(7).for_each(|chunk| commit(&mut log, chunk, 1));
        assert!(watching.join().unwrap() > 0);
    });
    assert_eq!(contents(&log), all);
}
