//! Tables whose rows are found by key and then named by a small number, so that facts stay compact.
//!
//! Rows keep the order of their first mention; the hash index is for look-ups only and never iterated,
//! so nothing depends on its order.

use std::fmt;
use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// Number of a row in its table.
pub(crate) type Slot = u32;

pub(crate) fn hash_of(key: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Rows by key, in the order of first mention.
#[derive(Clone)]
pub(crate) struct Table<K, V> {
    rows: Vec<(K, V)>,
    by_key: HashTable<Slot>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            by_key: HashTable::new(),
        }
    }
}

/// Shows the rows; the index only finds them.
impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.rows).finish()
    }
}

impl<K: Clone + Eq + Hash, V: Default> Table<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Forgets all keys but the first `rows` that were mentioned.
    pub(crate) fn truncate(&mut self, rows: usize) {
        for (slot, (key, _)) in self.rows.iter().enumerate().skip(rows) {
            if let Ok(found) = self.by_key.find_entry(hash_of(key), |&s| s as usize == slot) {
                found.remove();
            }
        }
        self.rows.truncate(rows);
    }

    /// The row of a key for change, if the key was ever mentioned.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.at_mut(self.slot(key)?)
    }

    /// The row's number, if the key was ever mentioned.
    pub(crate) fn slot(&self, key: &K) -> Option<Slot> {
        let is_key = |&slot: &Slot| self.rows.get(slot as usize).is_some_and(|(k, _)| k == key);
        self.by_key.find(hash_of(key), is_key).copied()
    }

    /// The row's number; an empty row is made at the first mention.
    pub(crate) fn mention(&mut self, key: K) -> Slot {
        if let Some(slot) = self.slot(&key) {
            return slot;
        }
        // Four billion rows do not fit a county's memory; the engine refuses to grow past u32 entries anyway.
        let slot = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let hash = hash_of(&key);
        self.rows.push((key, V::default()));
        let rows = &self.rows;
        self.by_key
            .insert_unique(hash, slot, |&s| rows.get(s as usize).map_or(0, |(k, _)| hash_of(k)));
        slot
    }

    /// The row of a key for change, made at the first mention.
    pub(crate) fn entry(&mut self, key: K) -> Option<&mut V> {
        let slot = self.mention(key);
        self.at_mut(slot)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.at(self.slot(key)?)
    }

    pub(crate) fn at(&self, slot: Slot) -> Option<&V> {
        self.rows.get(slot as usize).map(|(_, value)| value)
    }

    pub(crate) fn at_mut(&mut self, slot: Slot) -> Option<&mut V> {
        self.rows.get_mut(slot as usize).map(|(_, value)| value)
    }

    pub(crate) fn key(&self, slot: Slot) -> Option<K> {
        self.key_ref(slot).cloned()
    }

    pub(crate) fn key_ref(&self, slot: Slot) -> Option<&K> {
        self.rows.get(slot as usize).map(|(key, _)| key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.rows.iter().map(|(key, value)| (key.clone(), value))
    }
}
