//! Drawing entries by a seed that nobody could choose, so that whoever reads the seed draws the same ones.
//!
//! The numbers are the first eight bytes, big-endian, of SHA-256 over the seed and a counter of eight bytes that begins with 0. A number
//! at or above the largest multiple of the size is passed over, so that all entries are drawn alike; then its remainder is the index. One
//! that was drawn already is passed over, too.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

/// The most entries that are drawn at once.
pub const MAX_DRAWN: usize = 1_000;

/// `count` different indices below `size`, in the order in which they are drawn; all there are, if those are fewer. No more than
/// [`MAX_DRAWN`].
pub fn draw(seed: &str, size: u64, count: usize) -> Vec<u64> {
    let wanted = count.min(MAX_DRAWN).min(usize::try_from(size).unwrap_or(usize::MAX));
    let mut drawn = Vec::with_capacity(wanted);
    let mut known = BTreeSet::new();
    // 2^64 modulo the size numbers at the top would make the lowest indices likelier.
    let over = if size == 0 { 0 } else { (u64::MAX % size + 1) % size };
    let mut counter = 0_u64;
    while drawn.len() < wanted {
        let hash = Sha256::new_with_prefix(seed)
            .chain_update(counter.to_be_bytes())
            .finalize();
        counter += 1;
        let number = hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        if number > u64::MAX - over {
            continue;
        }
        let index = number % size;
        if known.insert(index) {
            drawn.push(index);
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_the_seed_draws_the_same_entries() {
        // Of another implementation: services/keshi/tests/proofs.py has it in Python.
        assert_eq!(draw("课时", 6_133, 5), DRAWN);
        assert_eq!(draw("课时", 6_133, 3), DRAWN[..3]);
        assert_ne!(draw("学时", 6_133, 5), DRAWN);
    }

    const DRAWN: [u64; 5] = [3199, 5880, 3025, 4292, 2336];

    #[test]
    fn no_entry_is_drawn_twice_and_all_are_if_there_are_no_more() {
        let mut all = draw("seed", 300, 5_000);
        all.sort_unstable();
        assert_eq!(all, (0..300).collect::<Vec<_>>());
        assert_eq!(draw("seed", 0, 5), []);
        assert_eq!(draw("seed", 1, 5), [0]);
        assert_eq!(draw("seed", u64::MAX, 5_000).len(), MAX_DRAWN);
    }
}
