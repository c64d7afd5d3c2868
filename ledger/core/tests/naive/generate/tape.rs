//! Choices read off random words, so that what is made of them shrinks with them: zero is the plainest choice.

/// The words for one thing.
pub type Raw = [u16; 24];

pub struct Tape<'r> {
    words: &'r [u16],
    at: usize,
    /// Moves the choices of amounts, so that one thing differs a little between versions.
    salt: u16,
}

impl<'r> Tape<'r> {
    pub fn new(raw: &'r Raw) -> Self {
        Self::salted(raw, 0)
    }

    pub fn salted(raw: &'r Raw, salt: u16) -> Self {
        Self {
            words: raw,
            at: 0,
            salt,
        }
    }

    pub fn word(&mut self) -> u16 {
        let word = self.words.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        word
    }

    /// A number below `count`.
    pub fn pick(&mut self, count: usize) -> usize {
        // One salt in eight changes all of a thing, not just amounts.
        let moved = if self.salt >= 56 { usize::from(self.salt) } else { 0 };
        (usize::from(self.word()) + moved) % count
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.pick(of.len())].clone()
    }

    /// An amount, which may differ between versions.
    pub fn amount<T: Clone>(&mut self, of: &[T]) -> T {
        let word = usize::from(self.word()) + usize::from(self.salt);
        of[word % of.len()].clone()
    }

    /// True in so many cases of a hundred.
    pub fn chance(&mut self, percent: u16) -> bool {
        self.word() % 100 >= 100 - percent
    }

    pub fn some<T: Clone>(&mut self, percent: u16, of: &[T]) -> Option<T> {
        let given = self.chance(percent);
        let value = self.one(of);
        given.then_some(value)
    }

    pub fn some_amount<T: Clone>(&mut self, percent: u16, of: &[T]) -> Option<T> {
        let given = self.chance(percent);
        let value = self.amount(of);
        given.then_some(value)
    }

    /// One of the weighted values; the first is the plainest.
    pub fn weighted<T: Clone>(&mut self, of: &[(usize, T)]) -> T {
        let total: usize = of.iter().map(|row| row.0).sum();
        let mut place = self.pick(total);
        for (weight, value) in of {
            if place < *weight {
                return value.clone();
            }
            place -= weight;
        }
        unreachable!()
    }
}
