//! What takes an entry's effect away: voids and corrections, in whatever order they come (DOMAIN §10, ADR 43).
//!
//! Of one chain of corrections one entry stands: the last that nothing corrects. A void is as though its target had never
//! been posted, so what that corrected stands again.

use std::collections::BTreeMap;

use super::{At, State};
use crate::event::Event;
use crate::ids::EventId;

/// Most corrections upon corrections of one event: every question about one of them looks at all.
pub(crate) const CORRECTIONS_MAX: usize = 50;

/// Voids and corrections by what they are about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    /// Voided entry → the entry that voids it (the earliest).
    pub(crate) voids: BTreeMap<u32, u32>,
    /// Voids whose target has not arrived: target → the void's entry.
    pub(crate) voids_ahead: BTreeMap<EventId, u32>,
    /// Entry → the entries that would take its place, rising.
    corrections: BTreeMap<u32, Vec<u32>>,
    /// Corrections whose original has not arrived.
    corrections_ahead: BTreeMap<EventId, Vec<u32>>,
    /// Correcting entry → the event that it names.
    originals: BTreeMap<u32, EventId>,
}

/// What became of an entry since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has effect, as far as voids and corrections go.
    Stands,
    /// Void, by the entry at this index.
    Void(u32),
    /// Another entry stands in its place: the one at this index, or what corrects that in turn.
    Corrected(u32),
    /// It is a correction, and its original is not there, is void, or was corrected by another.
    WithoutOriginal(EventId),
}

/// What was done to an entry since it was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// The entry that voids it.
    pub voided_by: Option<u64>,
    /// The entry that took its place.
    pub corrected_by: Option<u64>,
}

// === impl At ===

impl At<'_> {
    /// What was done to the entry at `index`, below this size.
    pub fn since(self, index: u64) -> Since {
        let fate = u32::try_from(index).map(|index| self.state.fate(index, self.size));
        let mut since = Since::default();
        match fate {
            Ok(Fate::Void(by)) => since.voided_by = Some(by.into()),
            Ok(Fate::Corrected(by)) => since.corrected_by = Some(by.into()),
            Ok(Fate::Stands | Fate::WithoutOriginal(_)) | Err(_) => {}
        }
        since
    }

    /// The entry that stands for what was posted under this id: itself, or the last that corrects it.
    pub fn standing(self, event_id: EventId) -> Option<u64> {
        self.state.stands_for(event_id, self.size).map(u64::from)
    }
}

// === impl Effects ===

impl Effects {
    pub(super) fn void(&mut self, target: EventId, at: Option<u32>, void: u32) {
        match at {
            Some(at) => {
                self.voids.entry(at).or_insert(void);
            }
            None => {
                self.voids_ahead.entry(target).or_insert(void);
            }
        }
    }

    /// Notes what `event`, recorded at `index`, corrects, and what waited for it. `original` is where that stands.
    pub(super) fn arrived(&mut self, event: &Event, index: u32, original: Option<u32>) {
        if let Some(void) = self.voids_ahead.remove(&event.event_id) {
            self.voids.insert(index, void);
        }
        if let Some(waiting) = self.corrections_ahead.remove(&event.event_id) {
            self.corrections.insert(index, waiting);
        }
        if let Some(target) = event.supersedes {
            self.originals.insert(index, target);
            let corrections = match original {
                Some(original) => self.corrections.entry(original).or_default(),
                None => self.corrections_ahead.entry(target).or_default(),
            };
            corrections.push(index);
        }
    }

    /// Takes back what `event`, recorded at `index` if that is `size` or above, brought; what came below waits for it again.
    pub(super) fn depart(&mut self, event: &Event, index: Option<u32>, original: Option<u32>, size: u32) {
        if let Some(index) = index.filter(|&index| index >= size) {
            if let Some(void) = self.voids.remove(&index).filter(|&void| void < size) {
                self.voids_ahead.insert(event.event_id, void);
            }
            let mut waiting = self.corrections.remove(&index).unwrap_or_default();
            waiting.retain(|&correction| correction < size);
            if !waiting.is_empty() {
                self.corrections_ahead.insert(event.event_id, waiting);
            }
            self.originals.remove(&index);
        }
        if let Some(target) = event.supersedes {
            let cut = |corrections: &mut Vec<u32>| {
                corrections.retain(|&correction| correction < size);
                corrections.is_empty()
            };
            if self.corrections_ahead.get_mut(&target).is_some_and(cut) {
                self.corrections_ahead.remove(&target);
            }
            if let Some(original) = original
                && self.corrections.get_mut(&original).is_some_and(cut)
            {
                self.corrections.remove(&original);
            }
        }
    }

    /// Takes back the void of an event, if that came at `size` or above.
    pub(super) fn unvoid(&mut self, target: EventId, at: Option<u32>, size: u32) {
        if self.voids_ahead.get(&target).is_some_and(|&void| void >= size) {
            self.voids_ahead.remove(&target);
        }
        if let Some(at) = at
            && self.voids.get(&at).is_some_and(|&void| void >= size)
        {
            self.voids.remove(&at);
        }
    }
}

// === impl State ===

impl State {
    /// What became, below `size`, of the entry at `index`.
    pub(crate) fn fate(&self, index: u32, size: u64) -> Fate {
        if let Some(void) = self.voided_by(index, size) {
            Fate::Void(void)
        } else if let Some(original) = self.lacks_original(index, size) {
            Fate::WithoutOriginal(original)
        } else if let Some(correction) = self.corrected_by(index, size) {
            Fate::Corrected(correction)
        } else {
            Fate::Stands
        }
    }

    /// Whether the entry stands below `size` and has effect there: nor does it wait for its claim.
    pub(crate) fn live(&self, index: u32, size: u64) -> bool {
        u64::from(index) < size && self.fate(index, size) == Fate::Stands && self.pending(index, size).is_none()
    }

    /// The entry that stands below `size` for what was posted under this id: itself, or the last that corrects it.
    pub(crate) fn stands_for(&self, event_id: EventId, size: u64) -> Option<u32> {
        let mut index = self.events.recorded(event_id)?;
        for _ in 0..=CORRECTIONS_MAX {
            match self.fate(index, size) {
                Fate::Stands => return Some(index).filter(|&index| u64::from(index) < size),
                Fate::Corrected(by) => index = by,
                Fate::Void(_) | Fate::WithoutOriginal(_) => return None,
            }
        }
        None
    }

    /// As [`State::stands_for`], or else the entry itself, void as it may be.
    pub(crate) fn stands_or_stood_for(&self, event_id: EventId, size: u64) -> Option<u32> {
        let standing = self.stands_for(event_id, size);
        standing.or_else(|| self.events.recorded(event_id).filter(|&index| u64::from(index) < size))
    }

    /// The entry that voids this one, below `size`.
    pub(crate) fn voided_by(&self, index: u32, size: u64) -> Option<u32> {
        let void = self.effects.voids.get(&index).copied();
        // One posted ahead of what turned out to be a registration voids nothing.
        let is_voidable = |_: &u32| self.events.nature(index).is_some_and(|(_, nature)| nature.voidable);
        void.filter(|&void| u64::from(void) < size).filter(is_voidable)
    }

    /// The earliest entry below `size` that corrects this one and is not void.
    fn corrected_by(&self, index: u32, size: u64) -> Option<u32> {
        let corrections = self.effects.corrections.get(&index)?;
        let kind = self.events.kind(index);
        let mut below = corrections.iter().copied().take_while(|&at| u64::from(at) < size);
        below.find(|&at| {
            self.events.kind(at) == kind && self.is_of_one_claim(at, index) && self.voided_by(at, size).is_none()
        })
    }

    /// The event that this entry would correct, if it has not taken that one's place below `size`.
    fn lacks_original(&self, index: u32, size: u64) -> Option<EventId> {
        let mut correction = index;
        let mut named = None;
        // decide lets no chain grow longer, nor close; but what is folded is never judged.
        for _ in 0..=CORRECTIONS_MAX {
            let &target = self.effects.originals.get(&correction)?;
            named = named.or(Some(target));
            let original = self.events.recorded(target).filter(|&at| u64::from(at) < size);
            let takes_its_place =
                |at: &u32| self.voided_by(*at, size).is_none() && self.corrected_by(*at, size) == Some(correction);
            match original.filter(takes_its_place) {
                Some(original) => correction = original,
                None => return Some(target),
            }
        }
        named
    }

    /// The entry that the one at `index` would correct, below `size`.
    pub(crate) fn original_at(&self, index: u32, size: u64) -> Option<u32> {
        let original = self.events.recorded(*self.effects.originals.get(&index)?)?;
        (u64::from(original) < size).then_some(original)
    }

    /// The events that the one of this id corrects, the nearest first, as far as they are there.
    pub(crate) fn originals_of(&self, event_id: EventId) -> impl Iterator<Item = EventId> {
        let original = |id: &EventId| self.effects.originals.get(&self.events.recorded(*id)?).copied();
        std::iter::successors(original(&event_id), original).take(CORRECTIONS_MAX + 1)
    }

    /// How many corrections upon corrections there are of the event of this id, which may not have arrived.
    pub(crate) fn corrections_upon(&self, event_id: EventId) -> usize {
        let ahead = self.effects.corrections_ahead.get(&event_id);
        let of = |at: &Vec<u32>| at.first().copied();
        let here = self.events.recorded(event_id);
        let first = ahead.or_else(|| self.effects.corrections.get(&here?)).and_then(of);
        let next = |at: &u32| self.effects.corrections.get(at).and_then(of);
        std::iter::successors(first, next).take(CORRECTIONS_MAX + 1).count()
    }

    /// How many corrections of the very event of this id there are, void ones too: each is looked at whenever it is asked
    /// about.
    pub(crate) fn corrections_of(&self, event_id: EventId) -> usize {
        let here = self.events.recorded(event_id);
        let here = here.and_then(|at| self.effects.corrections.get(&at));
        let of = here.or_else(|| self.effects.corrections_ahead.get(&event_id));
        of.map_or(0, Vec::len)
    }

    /// Whether anything was ever corrected.
    pub(crate) fn has_corrections(&self) -> bool {
        !self.effects.originals.is_empty()
    }
}
