//! Beside Cloudflare's crates, which share no code with ours: the same roots, proofs, tiles, paths and notes.

use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::{SigningKey, VerifierKey};
use keshi_verify::note::Note;
use keshi_verify::proof::{consistency, inclusion, root, verify_consistency, verify_inclusion};
use keshi_verify::tile::{Holds, TilePath, tile_bytes};
use keshi_verify::{Hash, leaf_hash};
use proptest::prelude::*;
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::tlog::{self as theirs, HashReader};
use tlog_tiles::{TileHashReader, TileReader};

use crate::support::{Tree, key};

/// Their way of keeping a tree: a row of hashes by an index of theirs.
struct Stored(Vec<theirs::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<theirs::Hash>, theirs::Error> {
        Ok(indexes
            .iter()
            .map(|index| self.0[usize::try_from(*index).unwrap()])
            .collect())
    }
}

fn stored(entries: &[Vec<u8>]) -> Stored {
    let mut stored = Stored(Vec::new());
    for (index, entry) in (0..).zip(entries) {
        let hashes = theirs::stored_hashes(index, entry, &stored).unwrap();
        stored.0.extend(hashes);
    }
    stored
}

fn ours(hashes: &[theirs::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn theirs_of(hashes: &[Hash]) -> Vec<theirs::Hash> {
    hashes.iter().map(|hash| theirs::Hash(hash.0)).collect()
}

fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // Around one tile and around several; two tiles deep is tried below.
    let size = prop_oneof![1..20_usize, 250..262_usize, 500..1300_usize];
    (size, any::<u64>()).prop_map(|(size, seed)| {
        let entry = |index: usize| (seed ^ index as u64).to_be_bytes()[..index % 9].to_vec();
        (0..size).map(entry).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn roots_and_proofs_are_theirs_and_hold_there(entries in entries(), a in any::<u64>(), b in any::<u64>()) {
        let (tree, stored) = (Tree::of(entries.clone()), stored(&entries));
        let size = 1 + a % tree.size();
        let (index, old) = (b % size, 1 + b % size);
        let root_of = |size| Hash(theirs::tree_hash(size, &stored).unwrap().0);
        prop_assert_eq!(root(&mut tree.subtrees(), size).unwrap(), root_of(size));

        let path = inclusion(&mut tree.subtrees(), index, size).unwrap();
        prop_assert_eq!(&path, &ours(&theirs::prove_record(size, index, &stored).unwrap()));
        let leaf = leaf_hash(&entries[usize::try_from(index).unwrap()]);
        verify_inclusion(leaf, index, size, &path, root_of(size)).unwrap();
        let (their_root, their_leaf) = (theirs::Hash(root_of(size).0), theirs::Hash(leaf.0));
        theirs::check_record(&theirs_of(&path), size, their_root, index, their_leaf).unwrap();

        let proof = consistency(&mut tree.subtrees(), old, size).unwrap();
        prop_assert_eq!(&proof, &ours(&theirs::prove_tree(size, old, &stored).unwrap()));
        verify_consistency((old, root_of(old)), (size, root_of(size)), &proof).unwrap();
        theirs::check_tree(&theirs_of(&proof), size, their_root, old, theirs::Hash(root_of(old).0)).unwrap();
    }

    #[test]
    fn a_changed_proof_holds_neither_here_nor_there(
        entries in entries(), a in any::<u64>(), b in any::<u64>(), change in any::<(u16, u8, u8)>()
    ) {
        let tree = Tree::of(entries.clone());
        let size = tree.size();
        let (index, root) = (a % size, tree.stack.root());
        let mut path = inclusion(&mut tree.subtrees(), index, size).unwrap();
        let (place, bit, how) = change;
        match how % 4 {
            0 if !path.is_empty() => {
                let place = usize::from(place) % path.len();
                path[place].0[usize::from(bit) % 32] ^= 1 << (b % 8);
            }
            1 if !path.is_empty() => { path.remove(usize::from(place) % path.len()); }
            2 => path.insert(usize::from(place) % (path.len() + 1), Hash([bit; 32])),
            _ => path.push(root),
        }
        let leaf = leaf_hash(&entries[usize::try_from(index).unwrap()]);
        prop_assert!(verify_inclusion(leaf, index, size, &path, root).is_err());
        let theirs_says = theirs::check_record(
            &theirs_of(&path), size, theirs::Hash(root.0), index, theirs::Hash(leaf.0));
        prop_assert!(theirs_says.is_err());
    }

    #[test]
    fn any_hashes_for_a_proof_are_judged_without_a_panic(
        index in any::<u64>(), size in any::<u64>(), hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..70)
    ) {
        let hashes: Vec<Hash> = hashes.into_iter().map(Hash).collect();
        prop_assert!(verify_inclusion(Hash::EMPTY, index, size, &hashes, Hash::EMPTY).is_err());
        let whole = (size, Hash::EMPTY);
        let holds = verify_consistency((index, Hash::EMPTY), whole, &hashes).is_ok();
        prop_assert!(!holds || (index == size && hashes.is_empty()));
    }

    #[test]
    fn paths_of_tiles_are_theirs(level in 0..8_u8, number in 0..(1_u64 << 40), width in 1..=256_u32, is_data in any::<bool>()) {
        let holds = if is_data { Holds::Entries } else { Holds::Hashes { level } };
        let level = if is_data { 0 } else { level };
        if let Some(path) = TilePath::new(holds, number, width.into()) {
            let tile = tlog_tiles::Tile::new(8, level, number, width, is_data);
            // Theirs names the height in front, and data in place of entries.
            let named = tile.path().replace("tile/8/", "").replace("data/", "entries/");
            prop_assert_eq!(path.to_string(), named);
            prop_assert_eq!(TilePath::parse(&path.to_string()), Ok(path));
        }
    }

    #[test]
    fn notes_and_keys_are_read_by_them_and_theirs_by_us(secret in any::<u8>(), size in any::<u64>(), root in any::<[u8; 32]>()) {
        let key = key(secret);
        let said = Checkpoint { origin: key.public().name().to_owned(), size, root: Hash(root), people: None };
        let note = said.sign([&key]).to_string();
        let verifier = StandardVerifier::new(&key.public().to_string()).unwrap();
        let read = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
        prop_assert_eq!(read.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap().0.len(), 1);
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(read.text()).unwrap();
        prop_assert_eq!((checkpoint.origin(), checkpoint.size(), checkpoint.hash().0), (&*said.origin, size, root));

        // The same text, signed by them with the key as we keep it.
        let mut signed = signed_note::Note::new(read.text(), &[]).unwrap();
        signed.add_sigs(&[&StandardSigner::new(&key.reveal()).unwrap()]).unwrap();
        prop_assert_eq!(String::from_utf8(signed.to_bytes()).unwrap(), note);
        prop_assert_eq!(Checkpoint::open(&signed.to_bytes(), &[key.public().clone()]), Ok(said));
    }

    #[test]
    fn keys_that_they_make_are_ours(seed in any::<[u8; 32]>()) {
        let key = SigningKey::of_secret("example.com/foo", &seed).unwrap();
        let verifying = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
        let text = signed_note::new_ed25519_verifier_key("example.com/foo", &verifying);
        prop_assert_eq!(key.public().to_string(), text.clone());
        prop_assert_eq!(&VerifierKey::parse(&text).unwrap(), key.public());
        prop_assert_eq!(&SigningKey::parse(&key.reveal()).unwrap().reveal(), &key.reveal());
    }
}

/// A server of our tiles, as they read one.
struct Served<'t>(&'t Tree);

impl TileReader for Served<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, theirs::Error> {
        let read = tiles.iter().map(|tile| {
            let holds = Holds::Hashes { level: tile.level() };
            let path = TilePath::new(holds, tile.level_index(), tile.width().into()).unwrap();
            assert!(path.is_in(self.0.size()), "{path}");
            let hashes = match tile.level() {
                0 => self.0.tile_of_leaves(path.number()),
                _ => self.0.upper.tile(path).unwrap().to_vec(),
            };
            tile_bytes(&hashes[..usize::try_from(path.width()).unwrap()])
        });
        Ok(read.collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
fn their_reader_of_tiles_makes_our_proofs_of_our_tiles() {
    // Three levels of tiles, each with an unfinished one.
    for size in [1, 255, 256, 257, 70_000] {
        let tree = Tree::numbered(size);
        let (served, root) = (Served(&tree), theirs::Hash(tree.stack.root().0));
        let reader = TileHashReader::new(size, root, &served);
        for index in [0, size / 3, size / 2, size - 1] {
            let made = theirs::prove_record(size, index, &reader).unwrap();
            assert_eq!(
                inclusion(&mut tree.subtrees(), index, size).unwrap(),
                ours(&made),
                "{index} of {size}"
            );
            let made = theirs::prove_tree(size, index + 1, &reader).unwrap();
            assert_eq!(
                consistency(&mut tree.subtrees(), index + 1, size).unwrap(),
                ours(&made),
                "{index} of {size}"
            );
        }
        let all = TilePath::all(size).filter(|path| path.holds() != Holds::Entries);
        let mut named: Vec<String> = all.map(|path| path.to_string()).collect();
        let new = tlog_tiles::Tile::new_tiles(8, 0, size).into_iter();
        let mut theirs_named: Vec<String> = new.map(|tile| tile.path().replace("tile/8/", "")).collect();
        named.sort();
        theirs_named.sort();
        assert_eq!(named, theirs_named);
    }
}

#[test]
fn a_note_of_ours_reads_as_it_did_in_the_first_release() {
    let key = key(7);
    let said = Checkpoint {
        origin: key.public().name().to_owned(),
        size: 6_133,
        root: leaf_hash(b"root"),
        people: None,
    };
    let note = include_str!("../fixtures/checkpoint_v1.txt");
    assert_eq!(said.sign([&key]).to_string(), note);
    let read = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(read.to_string(), note);
}
