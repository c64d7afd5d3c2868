//! Tiles: their names, their bytes, and that damaged ones are not believed.

use std::convert::Infallible;
use std::ops::Range;

use keshi_verify::entry::push_entry;
use keshi_verify::proof::{Subtrees as _, inclusion, root};
use keshi_verify::tile::{Holds, TilePath, bundle_entries, tile_bytes, tile_hashes};
use keshi_verify::tiled::{OverTiles, Tile, TileError};
use keshi_verify::{Hash, MerkleStack};
use proptest::prelude::*;

use crate::support::{Tree, naive_root};

#[test]
fn a_tile_has_one_name() {
    for (name, start, width) in [
        ("0/000", 0, 256),
        ("0/000.p/1", 0, 1),
        ("0/x001/x234/067", 1_234_067 * 256, 256),
        ("1/001.p/17", 65_536, 17),
        ("7/000", 0, 256),
        ("entries/x001/000.p/255", 256_000, 255),
    ] {
        let Ok(path) = TilePath::parse(name) else {
            // 256^8 entries are more than there can be.
            assert_eq!(name, "7/000");
            continue;
        };
        assert_eq!(
            (path.to_string().as_str(), path.start(), path.width()),
            (name, start, width)
        );
    }
    for name in [
        "",
        "0",
        "0/",
        "/000",
        "0/0",
        "0/00",
        "0/0000",
        "0/x000",
        "0/x000/000",
        "0/000/000",
        "0/x001/x000",
        "00/000",
        "+1/000",
        "64/000",
        "0/001/x000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p/",
        "0/000.p/1/",
        "0/000.p/1.p/1",
        "entries/00a",
        "data/000",
        "0/x999/x999/x999/x999/x999/x999/999",
        "7/001",
        "255/000",
        "-1/000",
        "0/ 00",
        "0/０００",
    ] {
        assert!(TilePath::parse(name).is_err(), "{name}");
    }
}

#[test]
fn the_tiles_of_seventy_thousand_entries_are_those_of_the_specification() {
    let all: Vec<TilePath> = TilePath::all(70_000).collect();
    let full = |holds| {
        all.iter()
            .filter(|path| path.holds() == holds && path.width() == 256)
            .count()
    };
    let partial = |holds| {
        let of_it = all.iter().filter(|path| path.holds() == holds && path.width() < 256);
        of_it.map(|path| path.width()).collect::<Vec<_>>()
    };
    let level = |level| Holds::Hashes { level };
    assert_eq!((full(level(0)), full(level(1)), full(level(2))), (273, 1, 0));
    assert_eq!(
        (partial(level(0)), partial(level(1)), partial(level(2))),
        (vec![112], vec![17], vec![1])
    );
    assert_eq!((full(Holds::Entries), partial(Holds::Entries)), (273, vec![112]));
    assert_eq!(all.iter().filter(|path| !path.is_in(70_000)).count(), 0);
    assert_eq!(
        all.iter().filter(|path| path.is_in(69_999)).count(),
        all.len() - 2,
        "the last entry"
    );
    assert_eq!(TilePath::all(0).count(), 0);
}

#[test]
fn the_upper_part_is_that_of_the_definition() {
    let tree = Tree::numbered(66_000);
    assert_eq!(tree.upper.size(), 65_792);
    let path = TilePath::parse("1/001.p/1").unwrap();
    assert_eq!(
        tree.upper.tile(path).unwrap(),
        [naive_root(&tree.leaves[65_536..65_792])]
    );
    let path = TilePath::parse("2/000.p/1").unwrap();
    assert_eq!(tree.upper.tile(path).unwrap(), [naive_root(&tree.leaves[..65_536])]);
    for missing in ["1/001.p/2", "2/000.p/2", "3/000.p/1", "0/000"] {
        assert_eq!(tree.upper.tile(TilePath::parse(missing).unwrap()), None, "{missing}");
    }
    for size in [0_usize, 1, 255, 256, 257, 65_535, 65_536, 65_793, 66_000] {
        let leaves = &tree.leaves;
        assert_eq!(
            root(&mut tree.subtrees(), size as u64).unwrap(),
            naive_root(&leaves[..size])
        );
        let mut grown = MerkleStack::of(&mut tree.subtrees(), size as u64).unwrap();
        for leaf in &leaves[size..] {
            grown.push(*leaf);
        }
        assert_eq!(grown, tree.stack, "from {size} on");
    }
}

#[test]
fn leaves_that_do_not_come_to_what_is_above_them_are_not_believed() {
    let tree = Tree::numbered(1_000);
    let damaged = |range: Range<u64>| {
        let is_second = range.start == 512;
        let mut leaves = tree.leaves_of(range);
        if is_second {
            leaves[17].0[3] ^= 1;
        }
        Ok::<_, Infallible>(leaves)
    };
    let mut source = OverTiles::new(&tree.upper, 1_000, damaged);
    assert_eq!(source.tile(2).unwrap_err(), TileError::OtherLeaves { number: 2 });
    assert!(inclusion(&mut source, 600, 1_000).is_err());
    assert!(inclusion(&mut source, 0, 1_000).is_ok(), "the rest is there");
    let mut cut = OverTiles::new(&tree.upper, 1_000, |range| {
        Ok::<_, Infallible>(tree.leaves_of(range).into_iter().take(99).collect())
    });
    assert_eq!(cut.tile(1).unwrap_err(), TileError::OtherLeaves { number: 1 });
    let missing = TileError::Missing { height: 3, index: 13 };
    assert_eq!(
        cut.subtree(3, 96 + 13),
        Err(TileError::Missing { height: 3, index: 109 })
    );
    assert_ne!(cut.subtree(3, 96 + 13), Err(missing));
    assert!(cut.subtree(64, 1).is_err() && cut.subtree(8, u64::MAX).is_err());
}

proptest! {
    #[test]
    fn any_path_is_read_without_a_panic_and_only_in_its_one_form(path in "[0-9xp./entries-]{0,40}") {
        if let Ok(read) = TilePath::parse(&path) {
            prop_assert_eq!(read.to_string(), path);
        }
    }

    #[test]
    fn any_bytes_are_a_tile_only_if_they_are_whole_hashes(bytes in proptest::collection::vec(any::<u8>(), 0..9_000)) {
        match tile_hashes(&bytes) {
            Some(hashes) => prop_assert_eq!(tile_bytes(&hashes), bytes),
            None => prop_assert!(bytes.is_empty() || bytes.len() % 32 != 0 || bytes.len() > 8_192),
        }
    }

    #[test]
    fn bundles_are_taken_apart_into_what_was_put_in(entries in proptest::collection::vec(any::<Vec<u8>>(), 1..=256), cut in any::<u16>()) {
        let mut bundle = Vec::new();
        for entry in &entries {
            push_entry(&mut bundle, entry);
        }
        prop_assert_eq!(bundle_entries(&bundle).unwrap(), entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let cut = usize::from(cut) % bundle.len();
        if let Some(begin) = bundle_entries(&bundle[..cut]) {
            prop_assert!(begin.len() < entries.len());
        }
    }
}

#[test]
fn a_bundle_of_more_than_a_tile_is_none() {
    let mut bundle = Vec::new();
    for _ in 0..257 {
        push_entry(&mut bundle, b"x");
    }
    assert_eq!(bundle_entries(&bundle), None);
    assert_eq!(bundle_entries(&[]), None);
    assert_eq!(tile_hashes(&[0; 257 * 32]), None);
    assert_eq!(Tile::of(vec![Hash([1; 32])]).subtree(0, 0), Some(Hash([1; 32])));
}
