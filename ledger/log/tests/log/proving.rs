//! Proofs and tiles of a log: what they show, at every size, after every opening and beside a writer.

use keshi_log::{Log, ReadError, Reader, leaf_hash};
use keshi_verify::proof::{verify_consistency, verify_inclusion};
use keshi_verify::tile::{Holds, TilePath, bundle_entries, tile_hashes};

use crate::support::{commit, identity, naive_root, scratch};

fn numbered(count: u32) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| format!("entry {number}").into_bytes())
        .collect()
}

fn has_proofs(reader: &Reader, all: &[Vec<u8>], sizes: &[usize]) {
    for &size in sizes {
        let root = naive_root(&all[..size]);
        for &part in sizes.iter().filter(|part| **part <= size) {
            let (index, old) = (part as u64 - 1, part as u64);
            let path = reader.inclusion(index, size as u64).unwrap();
            verify_inclusion(leaf_hash(&all[part - 1]), index, size as u64, &path, root).unwrap();
            let proof = reader.consistency(old, size as u64).unwrap();
            verify_consistency((old, naive_root(&all[..part])), (size as u64, root), &proof).unwrap();
        }
    }
}

#[test]
fn every_entry_and_every_older_log_is_proved_also_after_opening() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all = numbered(66_100);
    // Commits of every size that there is: below a tile, over one, over several, and hashed beside the disk.
    let mut rest = all.as_slice();
    for count in [1, 254, 2, 300, 7, 4_000, 65_536 - 4_564 - 1, 1, 564] {
        let (now, after) = rest.split_at(count.min(rest.len()));
        commit(&mut log, now, 1);
        rest = after;
    }
    assert!(rest.is_empty());
    let sizes = [
        1, 2, 255, 256, 257, 512, 557, 564, 65_535, 65_536, 65_537, 65_792, 66_100,
    ];
    has_proofs(&log.reader(), &all, &sizes);
    drop(log);
    let mut log = Log::open(dir.path()).unwrap();
    has_proofs(&log.reader(), &all, &sizes);
    let more = numbered(66_500);
    commit(&mut log, &more[66_100..], 2);
    has_proofs(&log.reader(), &more, &[1, 66_048, 66_100, 66_304, 66_500]);
}

#[test]
fn what_cannot_be_proved_is_said() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    commit(&mut log, &numbered(300), 1);
    let reader = log.reader();
    for (error, what, size) in [
        (reader.inclusion(300, 300).unwrap_err(), 300, 300),
        (reader.inclusion(0, 0).unwrap_err(), 0, 0),
        (reader.consistency(0, 300).unwrap_err(), 0, 300),
        (reader.consistency(300, 299).unwrap_err(), 300, 299),
    ] {
        assert!(
            matches!(error, ReadError::NoProof { what: w, size: s } if (w, s) == (what, size)),
            "{error}"
        );
    }
    for error in [
        reader.inclusion(0, 301).unwrap_err(),
        reader.consistency(300, 301).unwrap_err(),
    ] {
        assert!(
            matches!(
                error,
                ReadError::BeyondEnd {
                    asked: 301,
                    committed: 300
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn the_tiles_of_a_log_are_those_of_its_tree_and_its_bundles_hold_its_entries() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all = numbered(66_100);
    commit(&mut log, &all, 1);
    let reader = log.reader();
    let leaves: Vec<_> = all.iter().map(|entry| leaf_hash(entry)).collect();
    for path in TilePath::all(66_100) {
        let bytes = reader.tile(path).unwrap().unwrap();
        let (start, width) = (
            usize::try_from(path.start()).unwrap(),
            usize::try_from(path.width()).unwrap(),
        );
        match path.holds() {
            Holds::Entries => assert_eq!(bundle_entries(&bytes).unwrap(), all[start..start + width], "{path}"),
            Holds::Hashes { level } => {
                let unit = 256_usize.pow(level.into());
                let hashes = tile_hashes(&bytes).unwrap();
                assert_eq!(hashes.len(), width, "{path}");
                if level == 0 {
                    assert_eq!(hashes, leaves[start..start + width], "{path}");
                }
                let last = start + (width - 1) * unit;
                assert_eq!(*hashes.last().unwrap(), naive_root(&all[last..last + unit]), "{path}");
            }
        }
    }
    // What was unfinished is served as it was, also since it is full.
    for name in ["0/001.p/44", "1/000.p/3", "entries/001.p/44"] {
        let path = TilePath::parse(name).unwrap();
        let full = TilePath::new(path.holds(), path.number(), 256).unwrap();
        let (part, full) = (reader.tile(path).unwrap().unwrap(), reader.tile(full).unwrap().unwrap());
        assert!(full.starts_with(&part) && full.len() > part.len(), "{name}");
    }
    for name in [
        "0/258",
        "0/258.p/53",
        "1/001.p/3",
        "2/000.p/2",
        "3/000.p/1",
        "entries/258.p/53",
    ] {
        assert_eq!(reader.tile(TilePath::parse(name).unwrap()).unwrap(), None, "{name}");
    }
}

#[test]
fn proofs_made_beside_a_writer_lead_to_the_root_of_their_moment() {
    let dir = scratch();
    let mut log = Log::create(dir.path(), &identity()).unwrap();
    let all = numbered(9_000);
    commit(&mut log, &all[..1], 1);
    let reader = log.reader();
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let (mut before, mut made) = (reader.committed(), 0);
            while before.size < 9_000 {
                let now = reader.committed();
                let proof = reader.consistency(before.size, now.size).unwrap();
                verify_consistency((before.size, before.root), (now.size, now.root), &proof).unwrap();
                let index = now.size / 2;
                let path = reader.inclusion(index, now.size).unwrap();
                let leaf = leaf_hash(&all[usize::try_from(index).unwrap()]);
                verify_inclusion(leaf, index, now.size, &path, now.root).unwrap();
                (before, made) = (now, made + 1);
            }
            made
        });
        all[1..].chunks(61).for_each(|chunk| commit(&mut log, chunk, 1));
        assert!(watching.join().unwrap() > 1);
    });
}
