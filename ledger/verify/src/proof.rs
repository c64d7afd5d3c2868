//! Proofs over the tree: that an entry lies in it (*inclusion*), and that one tree is the beginning of another
//! (*consistency*). RFC 6962, sections 2.1.1 and 2.1.2; the checks are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
//!
//! Proofs are made over [`Subtrees`], which may be anything that knows the hashes of complete subtrees; they are checked
//! without any of it. A proof of either kind has at most one hash for each bit of the size.

use crate::merkle::{Hash, MerkleStack, node_hash};

/// The most hashes that a proof can have: one for each bit of a size.
pub const MAX_PROOF_HASHES: usize = 64;

/// Where the hashes of complete subtrees come from.
pub trait Subtrees {
    /// Why one could not be had.
    type Error;

    /// The hash over the leaves from `index * 2^height` to just before `(index + 1) * 2^height`, all of which are in the tree.
    ///
    /// # Errors
    ///
    /// Why it could not be had.
    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Why a proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProof<E> {
    /// There is nothing to prove: the index is not in the tree, the older tree is empty or larger than the newer one.
    #[error("there is no such proof: ask for an entry of the tree, or for an older tree of at least one entry")]
    OutOfRange,
    /// A hash could not be had.
    #[error("a hash that the proof needs could not be had")]
    Source(E),
}

/// Why a proof does not convince.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// No proof can say that: the index is not in the tree, the older tree is empty or larger than the newer one.
    #[error("no proof can show that: the index or the sizes contradict each other")]
    OutOfRange,
    /// It has more or fewer hashes than one of that size.
    #[error("the proof has {found} hashes, one of that size has another number")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// It leads to another root.
    #[error("the proof leads to another root than the tree's")]
    OtherRoot,
    /// It leads to another root of the older tree.
    #[error("the proof leads to another root than the older tree's")]
    OtherOldRoot,
}

// === making ===

/// The root of the first `size` leaves; [`Hash::EMPTY`] of none.
///
/// # Errors
///
/// What the source says.
pub fn root<S: Subtrees>(source: &mut S, size: u64) -> Result<Hash, S::Error> {
    Ok(MerkleStack::of(source, size)?.root())
}

/// The path of the leaf `index` in the tree of the first `size` leaves, from its sibling up.
///
/// # Errors
///
/// [`NoProof`] if the index is not in the tree, or a hash cannot be had.
pub fn inclusion<S: Subtrees>(source: &mut S, index: u64, size: u64) -> Result<Vec<Hash>, NoProof<S::Error>> {
    if index >= size {
        return Err(NoProof::OutOfRange);
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        let beside = if index < middle {
            let beside = range(source, middle, end);
            end = middle;
            beside
        } else {
            let beside = range(source, start, middle);
            start = middle;
            beside
        };
        path.push(beside.map_err(NoProof::Source)?);
    }
    path.reverse();
    Ok(path)
}

/// The hashes that, with the leaves at `shown`, lead to the root of the first `size` leaves: of each largest subtree that holds none
/// of them, from left to right. `shown` rises strictly.
///
/// # Errors
///
/// [`NoProof`] if an index is not in the tree or they do not rise, or a hash cannot be had.
pub fn inclusion_of_all<S: Subtrees>(source: &mut S, shown: &[u64], size: u64) -> Result<Vec<Hash>, NoProof<S::Error>> {
    let rises = shown.is_sorted_by(|one, next| one < next);
    if !rises || shown.last().is_some_and(|last| *last >= size) {
        return Err(NoProof::OutOfRange);
    }
    let mut hashes = Vec::new();
    if size > 0 {
        beside_all(source, shown, (0, size), &mut hashes).map_err(NoProof::Source)?;
    }
    Ok(hashes)
}

fn beside_all<S: Subtrees>(
    source: &mut S,
    shown: &[u64],
    (start, end): (u64, u64),
    hashes: &mut Vec<Hash>,
) -> Result<(), S::Error> {
    if shown.is_empty() {
        hashes.push(range(source, start, end)?);
    } else if end - start > 1 {
        let middle = start + split(end - start);
        let (left, right) = shown.split_at(shown.partition_point(|index| *index < middle));
        beside_all(source, left, (start, middle), hashes)?;
        beside_all(source, right, (middle, end), hashes)?;
    }
    Ok(())
}

/// What shows that the first `old` of `new` leaves are those of the tree of `old` leaves.
///
/// # Errors
///
/// [`NoProof`] if `old` is 0 or above `new`, or a hash cannot be had. Nothing can be shown of an empty tree: all begin so.
pub fn consistency<S: Subtrees>(source: &mut S, old: u64, new: u64) -> Result<Vec<Hash>, NoProof<S::Error>> {
    if old == 0 || old > new {
        return Err(NoProof::OutOfRange);
    }
    let (mut start, mut end) = (0, new);
    // Whether the part looked at is the older tree as a whole, whose root the reader has.
    let mut is_whole = true;
    let mut proof = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        let beside = if old <= middle {
            let beside = range(source, middle, end);
            end = middle;
            beside
        } else {
            let beside = range(source, start, middle);
            (start, is_whole) = (middle, false);
            beside
        };
        proof.push(beside.map_err(NoProof::Source)?);
    }
    if !is_whole {
        proof.push(range(source, start, end).map_err(NoProof::Source)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `leaves`, which are at least two.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The hash over the leaves of `start..end`, which are those below a node of some tree.
fn range<S: Subtrees>(source: &mut S, start: u64, end: u64) -> Result<Hash, S::Error> {
    Ok(MerkleStack::of_range(source, start, end)?.root())
}

// === checking ===

/// Checks that the leaf with the hash `leaf` stands at `index` in the tree of `size` leaves with `root`.
///
/// # Errors
///
/// [`Unproved`] if the proof does not show that.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> Result<(), Unproved> {
    if index >= size {
        return Err(Unproved::OutOfRange);
    }
    let length = Unproved::Length { found: proof.len() };
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for beside in proof {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(beside, &hash);
            // A node at the right edge has no sibling on the levels where it stands alone.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match (last, hash == root) {
        (0, true) => Ok(()),
        (0, false) => Err(Unproved::OtherRoot),
        _ => Err(length),
    }
}

/// The root of the tree of `size` leaves to which these leaves lead, each with its index, and the `hashes` that
/// [`inclusion_of_all`] gives.
///
/// # Errors
///
/// [`Unproved`] if the indices do not rise or are not in the tree, or there are more or fewer hashes.
pub fn root_of_all(leaves: &[(u64, Hash)], size: u64, hashes: &[Hash]) -> Result<Hash, Unproved> {
    let rises = leaves.is_sorted_by(|(one, _), (next, _)| one < next);
    if !rises || leaves.last().is_some_and(|(last, _)| *last >= size) {
        return Err(Unproved::OutOfRange);
    }
    let length = Unproved::Length { found: hashes.len() };
    let mut rest = hashes.iter();
    let root = if size == 0 {
        Hash::EMPTY
    } else {
        root_beside(leaves, (0, size), &mut rest).ok_or(length)?
    };
    if rest.next().is_some() { Err(length) } else { Ok(root) }
}

/// At most as deep as a size has bits, and at most one step for each leaf and hash on each level.
fn root_beside(
    leaves: &[(u64, Hash)],
    (start, end): (u64, u64),
    hashes: &mut std::slice::Iter<'_, Hash>,
) -> Option<Hash> {
    match leaves {
        [] => hashes.next().copied(),
        [(_, leaf)] if end - start == 1 => Some(*leaf),
        _ => {
            let middle = start + split(end - start);
            let (left, right) = leaves.split_at(leaves.partition_point(|(index, _)| *index < middle));
            let left = root_beside(left, (start, middle), hashes)?;
            Some(node_hash(&left, &root_beside(right, (middle, end), hashes)?))
        }
    }
}

/// Checks that the tree of `new` leaves with `new_root` begins with the tree of `old` leaves with `old_root`.
///
/// # Errors
///
/// [`Unproved`] if the proof does not show that; of an empty older tree there is nothing to show.
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), Unproved> {
    if old == 0 || old > new {
        return Err(Unproved::OutOfRange);
    }
    let length = Unproved::Length { found: proof.len() };
    if old == new {
        return match (proof.is_empty(), old_root == new_root) {
            (true, true) => Ok(()),
            (true, false) => Err(Unproved::OtherRoot),
            (false, _) => Err(length),
        };
    }
    let whole = old.is_power_of_two().then_some(old_root);
    let mut hashes = whole.iter().chain(proof);
    let first = *hashes.next().ok_or(length)?;
    let (mut node, mut last) = (old - 1, new - 1);
    // The right edge of the older tree, up to where it is complete: the first hash covers that.
    let complete = node.trailing_ones();
    (node, last) = (node >> complete, last >> complete);
    let (mut of_old, mut of_new) = (first, first);
    for beside in hashes {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            of_old = node_hash(beside, &of_old);
            of_new = node_hash(beside, &of_new);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            of_new = node_hash(&of_new, beside);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match (last, of_old == old_root, of_new == new_root) {
        (0, true, true) => Ok(()),
        (0, false, _) => Err(Unproved::OtherOldRoot),
        (0, true, false) => Err(Unproved::OtherRoot),
        _ => Err(length),
    }
}
