//! The numbers that a stream has given to what was posted.
//!
//! A stream restored from an older copy ends before what it had acknowledged, and a look at it sees that. But what is posted
//! before the look fills the gap, and its end looks right again. Then it has given a number twice, which is the proof.

use std::collections::BTreeSet;

/// Numbers remembered: more than there are submissions under way at once, whose acknowledgements come in any order.
const REMEMBERED: usize = 16_384;

/// Acknowledgements by number.
#[derive(Debug, Default)]
pub(crate) struct Given {
    recent: BTreeSet<u64>,
    highest: u64,
    twice: Option<u64>,
}

impl Given {
    /// Notes what was acknowledged under this number: something new, or what was stored under it before.
    pub(crate) fn note(&mut self, sequence: u64, is_new: bool) {
        if is_new {
            self.give(sequence);
        }
        self.highest = self.highest.max(sequence);
    }

    fn give(&mut self, sequence: u64) {
        let is_forgotten =
            self.recent.len() == REMEMBERED && self.recent.first().is_some_and(|&least| sequence < least);
        if is_forgotten || !self.recent.insert(sequence) {
            self.twice.get_or_insert(sequence);
            return;
        }
        if self.recent.len() > REMEMBERED {
            self.recent.pop_first();
        }
    }

    /// The highest number; 0 if none was given. The stream must never end before it.
    pub(crate) const fn highest(&self) -> u64 {
        self.highest
    }

    /// A number that was given twice.
    pub(crate) const fn twice(&self) -> Option<u64> {
        self.twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(sequences: impl IntoIterator<Item = u64>) -> Given {
        let mut given = Given::default();
        sequences.into_iter().for_each(|sequence| given.note(sequence, true));
        given
    }

    #[test]
    fn numbers_in_any_order_are_right_and_one_given_twice_is_not() {
        let right = given([3, 1, 2, 7, 5, 6, 4]);
        assert_eq!((right.highest(), right.twice()), (7, None));
        let mut again = right;
        again.note(9, false);
        again.note(3, false);
        assert_eq!((again.highest(), again.twice()), (9, None), "a copy of what is there");
        let filled = given([1, 2, 3, 3, 4]);
        assert_eq!((filled.highest(), filled.twice()), (4, Some(3)));
    }

    #[test]
    fn numbers_from_before_all_that_are_remembered_were_given_before() {
        let many = REMEMBERED as u64 * 2;
        assert_eq!(given(1..=many).twice(), None);
        assert_eq!(given((1..=many).chain([5])).twice(), Some(5));
        assert_eq!(
            given((1..=many).rev().take(10).chain([5])).twice(),
            None,
            "nobody knows of it"
        );
    }
}
