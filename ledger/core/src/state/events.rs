//! The permanent memory of event ids and of what they said: 29 bytes an entry, for ever.

use std::fmt;

use hashbrown::HashTable;

use crate::event::{Fact, Nature};
use crate::ids::EventId;
use crate::intern::hash_of;

/// In place of a kind: the entry recorded nothing. It was refused, in conflict, or unreadable.
pub(crate) const NOT_IN_LEDGER: u8 = 0;

/// The kind's number in memory: its place in [`Fact::KINDS`] plus one.
pub(crate) const fn kind_number(fact: &Fact) -> u8 {
    fact.ordinal() + 1
}

/// Event ids and kinds by index, and indices by event id.
#[derive(Clone, Default)]
pub(crate) struct EventTable {
    ids: Vec<EventId>,
    kinds: Vec<u8>,
    /// Fingerprint of each content, for the digest; 0 where nothing was recorded.
    contents: Vec<u32>,
    by_id: HashTable<u32>,
}

/// Shows the rows; the index only finds them.
impl fmt::Debug for EventTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ids,
            kinds,
            contents,
            by_id: _,
        } = self;
        f.debug_list().entries(ids.iter().zip(kinds).zip(contents)).finish()
    }
}

impl EventTable {
    /// Makes room for `entries` in all, and in the lists, whose unused end costs no memory, for some more.
    pub(crate) fn reserve(&mut self, entries: usize) {
        let more = entries.saturating_sub(self.ids.len());
        self.ids.reserve_exact(more + more / 4);
        self.kinds.reserve_exact(more + more / 4);
        self.contents.reserve_exact(more + more / 4);
        let ids = &self.ids;
        self.by_id.reserve(more, |&i| ids.get(i as usize).map_or(0, hash_of));
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Appends the entry at index `len()`, and answers that index.
    pub(crate) fn push(&mut self, id: EventId, kind: u8, content: u32) -> u32 {
        // The engine refuses the entry before index u32::MAX is reached.
        let index = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(id);
        self.kinds.push(kind);
        self.contents.push(content);
        let ids = &self.ids;
        self.by_id
            .insert_unique(hash_of(&id), index, |&i| ids.get(i as usize).map_or(0, hash_of));
        index
    }

    /// Forgets all entries but the first `size`.
    pub(crate) fn truncate(&mut self, size: u32) {
        let Self {
            ids,
            kinds,
            contents,
            by_id,
        } = self;
        for (index, id) in ids.iter().enumerate().skip(size as usize) {
            if let Ok(found) = by_id.find_entry(hash_of(id), |&i| i as usize == index) {
                found.remove();
            }
        }
        ids.truncate(size as usize);
        kinds.truncate(size as usize);
        contents.truncate(size as usize);
    }

    pub(crate) fn id(&self, index: u32) -> Option<EventId> {
        self.ids.get(index as usize).copied()
    }

    pub(crate) fn kind(&self, index: u32) -> u8 {
        self.kinds.get(index as usize).copied().unwrap_or(NOT_IN_LEDGER)
    }

    /// Id and content's fingerprint of the event recorded at `index`; `None` if the entry recorded nothing.
    pub(crate) fn content(&self, index: u32) -> Option<(EventId, u32)> {
        let is_recorded = self.kind(index) != NOT_IN_LEDGER;
        let content = *self.contents.get(index as usize)?;
        self.id(index).filter(|_| is_recorded).map(|id| (id, content))
    }

    /// The entries of these kinds, rising.
    pub(crate) fn of_kinds(&self, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = u32> {
        let wanted: Vec<bool> = Fact::KINDS.iter().map(|kind| is_wanted(kind)).collect();
        let is_wanted = move |kind: u8| {
            kind.checked_sub(1)
                .and_then(|place| wanted.get(usize::from(place)).copied())
        };
        let kinds = (0_u32..).zip(&self.kinds);
        kinds
            .filter(move |(_, kind)| is_wanted(**kind) == Some(true))
            .map(|(index, _)| index)
    }

    /// Kind and nature of the entry at `index`; `None` if it recorded nothing.
    pub(crate) fn nature(&self, index: u32) -> Option<(&'static str, Nature)> {
        let place = usize::from(self.kind(index)).checked_sub(1)?;
        Some((*Fact::KINDS.get(place)?, *Fact::NATURES.get(place)?))
    }

    pub(crate) fn candidates(&self, id: EventId) -> impl Iterator<Item = u32> {
        self.by_id
            .iter_hash(hash_of(&id))
            .copied()
            .filter(move |&index| self.id(index) == Some(id))
    }

    pub(crate) fn recorded(&self, id: EventId) -> Option<u32> {
        self.candidates(id)
            .filter(|&index| self.kind(index) != NOT_IN_LEDGER)
            .min()
    }
}
