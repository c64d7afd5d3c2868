//! Published figures.

use keshi_verify::proof::{consistency, inclusion, root, verify_consistency, verify_inclusion};
use keshi_verify::{Hash, leaf_hash};

use crate::support::{Tree, naive_root};

const VECTORS: &str = include_str!("../fixtures/merkle_vectors.txt");

/// The classic eight leaves.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b" !",
    b"01",
    b"@ABC",
    b"PQRSTUVW",
    b"`abcdefghijklmno",
];

fn classic() -> Tree {
    Tree::of(LEAVES.map(<[u8]>::to_vec))
}

/// `None` for what is no hash, which some of the wrong vectors have in place of one.
fn hash(text: &str) -> Option<Hash> {
    let digits: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect();
    digits?.try_into().ok().map(Hash)
}

#[test]
fn the_published_vectors_are_judged_as_they_say() {
    let (mut right, mut wrong, mut no_hash) = (0, 0, [0, 0]);
    for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [kind, verdict, first, second, one, other, proof] = fields[..] else {
            panic!("{line}");
        };
        let (first, second): (u64, u64) = (first.parse().unwrap(), second.parse().unwrap());
        let proof = proof
            .split(',')
            .filter(|hash| *hash != "none")
            .map(hash)
            .collect::<Option<Vec<_>>>();
        let (Some(one), Some(other), Some(proof)) = (hash(one), hash(other), proof) else {
            // Anything but 32 bytes is no hash here, and so never reaches a check. One vector takes such for a root and is right.
            no_hash[usize::from(verdict == "right")] += 1;
            continue;
        };
        let holds = match kind {
            "inclusion" => verify_inclusion(one, first, second, &proof, other).is_ok(),
            "consistency" => verify_consistency((first, one), (second, other), &proof).is_ok(),
            other => panic!("{other}"),
        };
        assert_eq!(holds, verdict == "right", "{line}");
        if holds { right += 1 } else { wrong += 1 }
    }
    assert_eq!((right, wrong, no_hash), (11, 132, [52, 1]));
}

#[test]
fn the_published_proofs_are_the_ones_that_are_made() {
    let tree = classic();
    for line in VECTORS.lines().filter(|line| line.contains(" right ")) {
        let fields: Vec<&str> = line.split(' ').collect();
        let (first, second): (u64, u64) = (fields[2].parse().unwrap(), fields[3].parse().unwrap());
        let proof: Vec<Hash> = fields[6].split(',').filter_map(hash).collect();
        if hash(fields[5]) != Some(naive_root(&tree.leaves[..usize::try_from(second).unwrap()])) {
            // It is about other leaves.
            continue;
        }
        let made = match fields[0] {
            "inclusion" => inclusion(&mut tree.subtrees(), first, second),
            _ => consistency(&mut tree.subtrees(), first, second),
        };
        assert_eq!(made.unwrap(), proof, "{line}");
    }
}

#[test]
fn every_proof_about_the_classic_leaves_is_made_and_holds_for_nothing_else() {
    let tree = classic();
    let roots: Vec<Hash> = (0..=8).map(|size| naive_root(&tree.leaves[..size])).collect();
    for size in 1..=8_u64 {
        let of_size = roots[usize::try_from(size).unwrap()];
        assert_eq!(root(&mut tree.subtrees(), size).unwrap(), of_size);
        for index in 0..size {
            let proof = inclusion(&mut tree.subtrees(), index, size).unwrap();
            for (other, leaf) in (0..).zip(&tree.leaves) {
                let holds = verify_inclusion(*leaf, index, size, &proof, of_size).is_ok();
                assert_eq!(holds, other == index, "leaf {other} at {index} of {size}");
            }
            for other in (0..=8).filter(|other| *other != index) {
                let leaf = tree.leaves[usize::try_from(index).unwrap()];
                let holds = verify_inclusion(leaf, other, size, &proof, of_size);
                assert!(holds.is_err(), "{index} as {other} of {size}");
            }
        }
        for old in 1..=size {
            let proof = consistency(&mut tree.subtrees(), old, size).unwrap();
            for (other, other_root) in (0..).zip(&roots) {
                let holds = verify_consistency((other, *other_root), (size, of_size), &proof).is_ok();
                // Of two trees neither of which needs the proof of the other, one proof may do: never of another root.
                assert!(
                    !holds || other == old || proof_is_for(&tree, other, size, &proof),
                    "{old}, {other} of {size}"
                );
                assert!(holds || other != old, "{old} of {size}");
            }
        }
    }
    assert!(inclusion(&mut tree.subtrees(), 8, 8).is_err());
    assert!(consistency(&mut tree.subtrees(), 0, 8).is_err() && consistency(&mut tree.subtrees(), 9, 8).is_err());
    assert_eq!(tree.leaves[0], leaf_hash(b""));
}

fn proof_is_for(tree: &Tree, old: u64, size: u64, proof: &[Hash]) -> bool {
    consistency(&mut tree.subtrees(), old, size).is_ok_and(|made| made == proof)
}
