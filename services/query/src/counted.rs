//! What is counted over everybody, kept as long as it stays the same: every visitor of the first page asks for it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use keshi_core::ids::TeacherId;
use keshi_door::Call;
use keshi_office::access::Need;
use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::time::timeout_at;

use crate::Context;
use crate::error::Error;
use crate::scope::Read;

/// Counts kept: of a county the whole one, and those of the schools where somebody looks at the first page just now.
const KEPT_MAX: usize = 64;

/// Fewest persons of whom a count tells nothing about one of them (DOMAIN §14).
pub(crate) const PERSONS_MIN: usize = 3;

/// The counts of one question each, the newest last. The question says all that they rest on.
#[derive(Debug)]
pub(crate) struct Counted<T> {
    kept: Mutex<VecDeque<Kept<T>>>,
    kept_max: usize,
}

/// A question, and what was counted for it once somebody has.
type Kept<T> = (String, Arc<OnceCell<Arc<T>>>);

/// The first of those whose figures are in a count, without the caller: no more of them than tell that they are not few.
#[derive(Clone, Debug, Default)]
pub(crate) struct Persons(Vec<TeacherId>);

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self::keeping(KEPT_MAX)
    }
}

impl<T> Counted<T> {
    /// Keeps no more than so many.
    pub(crate) fn keeping(kept_max: usize) -> Self {
        Self {
            kept: Mutex::default(),
            kept_max,
        }
    }

    /// What is kept for the question `key`, or else what `count` finds. Whoever asks the same meanwhile waits for the one who
    /// counts, until her own `deadline`.
    ///
    /// # Errors
    ///
    /// Those of `count`, which are not kept; [`Error::Late`].
    pub(crate) async fn get(
        &self,
        key: String,
        deadline: Instant,
        count: impl Future<Output = Result<T, Error>>,
    ) -> Result<Arc<T>, Error> {
        let cell = self.cell(key);
        let counted = cell.get_or_try_init(|| async { count.await.map(Arc::new) });
        let counted = timeout_at(deadline.into(), counted).await;
        counted.map_err(|_| Error::Late)?.map(Arc::clone)
    }

    fn cell(&self, key: String) -> Arc<OnceCell<Arc<T>>> {
        let mut all = self.kept.lock();
        if let Some((_, cell)) = all.iter().find(|(known, _)| *known == key) {
            return Arc::clone(cell);
        }
        if all.len() >= self.kept_max {
            all.pop_front();
        }
        let cell = Arc::default();
        all.push_back((key, Arc::clone(&cell)));
        cell
    }
}

/// Of groups with so many persons, those of which no more is told: that have too few, and where all of these together have too
/// few, so that the others taken from `all` would tell of them, the smallest of the others, too.
pub(crate) fn untold<K: Copy + Ord>(groups: impl IntoIterator<Item = (i64, K)>, all: i64) -> BTreeSet<K> {
    let min = i64::try_from(PERSONS_MIN).unwrap_or(i64::MAX);
    let mut by_size: Vec<(i64, K)> = groups.into_iter().collect();
    by_size.sort_unstable();
    let mut told: i64 = by_size.iter().map(|(persons, _)| persons).sum();
    let mut hidden = 0;
    let untold = by_size.into_iter().take_while(|(persons, _)| {
        // Whoever stood in two of them is one person in the sum.
        let rest = (all - told).max(0);
        let gives_away = |number: i64| 0 < number && number < min;
        let is_untold = *persons < min || (0 < hidden && (gives_away(hidden) || gives_away(rest)));
        hidden += persons;
        told -= persons;
        is_untold
    });
    untold.map(|(_, key)| key).collect()
}

impl Persons {
    pub(crate) fn add(&mut self, id: &TeacherId, need: Need) {
        if need == Need::Record && self.0.len() < PERSONS_MIN {
            self.0.push(*id);
        }
    }

    /// All of them, if they are too few for a count.
    fn few(&self) -> &[TeacherId] {
        if self.0.len() < PERSONS_MIN { &self.0 } else { &[] }
    }
}

impl Context {
    /// Notes whoever the counts are of where they are so few that the counts are theirs, but not `noted` again.
    pub(crate) fn note_few(
        &self,
        call: &Call,
        (persons, noted): (&Persons, &[TeacherId]),
        what: &Read,
        purpose: &str,
    ) -> Result<(), Error> {
        for id in persons.few().iter().filter(|id| !noted.contains(id)) {
            self.note_read(&call.caller, Need::Record, id.as_str(), what.clone(), purpose)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn late() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test]
    async fn who_asks_the_same_at_once_or_later_is_told_what_one_of_them_counted() {
        let (counted, times) = (Counted::default(), AtomicUsize::new(0));
        let count = async || {
            tokio::task::yield_now().await;
            Ok(times.fetch_add(1, Ordering::Relaxed))
        };
        let ask = |key: &str| counted.get(key.to_owned(), late(), count());
        let (one, other, another) = tokio::join!(ask("a"), ask("a"), ask("b"));
        let one = one.unwrap();
        assert!(*one == *other.unwrap() && *one != *another.unwrap());
        assert_eq!(*ask("a").await.unwrap(), *one);
        assert_eq!(times.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn what_failed_is_counted_by_the_next_and_nobody_waits_beyond_her_deadline() {
        let counted = Counted::default();
        let failed = counted.get("a".to_owned(), late(), async { Err::<u8, _>(Error::Busy) });
        assert!(matches!(failed.await, Err(Error::Busy)));
        let mut slow = Box::pin(counted.get("a".to_owned(), late(), std::future::pending()));
        assert!(futures::poll!(slow.as_mut()).is_pending());
        let soon = Instant::now() + Duration::from_millis(10);
        let waited = counted.get("a".to_owned(), soon, async { Ok(1) }).await;
        assert!(matches!(waited, Err(Error::Late)));
        drop(slow);
        assert_eq!(*counted.get("a".to_owned(), late(), async { Ok(2) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn no_more_are_kept_than_so_many() {
        let counted = Counted::default();
        for n in 0..=KEPT_MAX {
            counted.get(n.to_string(), late(), async { Ok(n) }).await.unwrap();
        }
        assert_eq!(counted.kept.lock().len(), KEPT_MAX);
        assert_eq!(*counted.get("0".to_owned(), late(), async { Ok(7) }).await.unwrap(), 7);
    }
}
