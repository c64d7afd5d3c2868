//! Several entries proved at once.

use keshi_verify::proof::{NoProof, Unproved, inclusion, inclusion_of_all, root_of_all};
use keshi_verify::{Hash, leaf_hash};
use proptest::prelude::*;

use crate::support::Tree;

fn leaves(tree: &Tree, shown: &[u64]) -> Vec<(u64, Hash)> {
    let leaf = |index: u64| tree.leaves[usize::try_from(index).unwrap()];
    shown.iter().map(|&index| (index, leaf(index))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_shown_leads_to_the_root_and_nothing_else_does(
        size in prop_oneof![1..40_u64, 250..600_u64], picks in proptest::collection::btree_set(any::<u64>(), 0..40),
        change in any::<(usize, u8)>(),
    ) {
        let tree = Tree::numbered(size);
        let picked: std::collections::BTreeSet<u64> = picks.into_iter().map(|pick| pick % size).collect();
        let shown: Vec<u64> = picked.into_iter().collect();
        let hashes = inclusion_of_all(&mut tree.subtrees(), &shown, size).unwrap();
        let shown = leaves(&tree, &shown);
        prop_assert_eq!(root_of_all(&shown, size, &hashes), Ok(tree.stack.root()));
        if let [(only, _)] = shown[..] {
            // As many as a proof of one has, in another order.
            let mut path = inclusion(&mut tree.subtrees(), only, size).unwrap();
            let mut same = hashes.clone();
            path.sort_unstable();
            same.sort_unstable();
            prop_assert_eq!(path, same);
        }

        let (place, bit) = change;
        let is_length = |hashes: &[Hash]| matches!(root_of_all(&shown, size, hashes), Err(Unproved::Length { .. }));
        prop_assert!(is_length(&[hashes.as_slice(), &[Hash::EMPTY]].concat()));
        if !hashes.is_empty() {
            prop_assert!(is_length(&hashes[1..]));
            let mut changed = hashes.clone();
            let place = place % changed.len();
            changed[place].0[usize::from(bit) % 32] ^= 1;
            prop_assert_ne!(root_of_all(&shown, size, &changed), Ok(tree.stack.root()));
        }
        if !shown.is_empty() {
            let mut changed = shown.clone();
            let place = place % changed.len();
            changed[place].1 = leaf_hash(b"another");
            prop_assert_ne!(root_of_all(&changed, size, &hashes), Ok(tree.stack.root()));
            changed.remove(place);
            prop_assert_ne!(root_of_all(&changed, size, &hashes), Ok(tree.stack.root()));
        }
    }

    #[test]
    fn any_indices_and_hashes_are_judged_without_a_panic(
        size in any::<u64>(), shown in proptest::collection::vec(any::<u64>(), 0..6), hashes in 0..400_usize,
    ) {
        let leaves: Vec<(u64, Hash)> = shown.into_iter().map(|index| (index, Hash::EMPTY)).collect();
        let found = root_of_all(&leaves, size, &vec![Hash::EMPTY; hashes]);
        prop_assert!(found.is_err() || leaves.is_sorted());
    }
}

#[test]
fn indices_rise_and_lie_in_the_tree() {
    let tree = Tree::numbered(9);
    for shown in [&[3, 3][..], &[4, 3], &[9], &[0, u64::MAX]] {
        let made = inclusion_of_all(&mut tree.subtrees(), shown, 9);
        assert!(matches!(made, Err(NoProof::OutOfRange)), "{shown:?}");
        let found: Vec<(u64, Hash)> = shown.iter().map(|&index| (index, Hash::EMPTY)).collect();
        assert_eq!(root_of_all(&found, 9, &[]), Err(Unproved::OutOfRange));
    }
    assert_eq!(root_of_all(&[], 0, &[]), Ok(Hash::EMPTY));
    assert_eq!(inclusion_of_all(&mut tree.subtrees(), &[], 0).unwrap(), []);
}
