//! Persons who were registered twice (合并重复档案): from a merge on, until it is reversed, the one id stands for the other too.
//!
//! Nothing is moved. Each id keeps its own rows, and who asks about a person gets those of all ids that are one at the size
//! asked about (ADR 72): so a merge needs no order of arrival, and its reversal gives back exactly what was.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::rows::{Detail, Item, Teacher};
use super::{At, State};
use crate::ids::TeacherId;

/// Most ids that are one person: every question about her looks at all.
pub(crate) const IDS_OF_ONE_MAX: usize = 16;

/// Most merges of one id, reversed ones too: every question about it looks at all.
pub(crate) const MERGES_MAX: usize = 32;

/// One merge of an id into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The entry.
    pub index: u32,
    /// The id that is kept.
    pub kept: TeacherId,
    /// The entry that reverses it.
    pub reversed: Option<u32>,
}

/// All merges, by the id dropped and by the id kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Merges {
    /// Rising by entry. decide lets one begin only where none stands.
    pub(crate) of: BTreeMap<TeacherId, Vec<Merge>>,
    /// The ids that were ever dropped for this one.
    into: BTreeMap<TeacherId, BTreeSet<TeacherId>>,
}

/// What became of a person's id by merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The id that stands for her.
    pub kept: TeacherId,
    /// The other ids that are hers, by id.
    pub others: Vec<TeacherId>,
}

impl Merge {
    fn stands(&self, size: u64) -> bool {
        u64::from(self.index) < size && self.reversed.is_none_or(|by| size <= u64::from(by))
    }
}

// === impl Merges ===

impl Merges {
    pub(super) fn merge(&mut self, index: u32, kept: TeacherId, dropped: TeacherId) {
        self.of.entry(dropped).or_default().push(Merge {
            index,
            kept,
            reversed: None,
        });
        self.into.entry(kept).or_default().insert(dropped);
    }

    pub(super) fn reverse(&mut self, index: u32, kept: TeacherId, dropped: TeacherId) {
        let merges = self.of.get_mut(&dropped).into_iter().flatten();
        let last = merges
            .filter(|merge| merge.kept == kept && merge.reversed.is_none())
            .last();
        if let Some(merge) = last {
            merge.reversed = Some(index);
        }
    }

    /// Takes back what came of these two at entry `size` and after.
    pub(super) fn cut(&mut self, kept: TeacherId, dropped: TeacherId, size: u32) {
        let Some(merges) = self.of.get_mut(&dropped) else {
            return;
        };
        merges.retain(|merge| merge.index < size);
        for merge in merges.iter_mut() {
            merge.reversed = merge.reversed.filter(|&by| by < size);
        }
        let is_left = merges.iter().any(|merge| merge.kept == kept);
        if merges.is_empty() {
            self.of.remove(&dropped);
        }
        if !is_left && let Some(into) = self.into.get_mut(&kept) {
            into.remove(&dropped);
            if into.is_empty() {
                self.into.remove(&kept);
            }
        }
    }

    /// The merge by which the id is dropped at `size`.
    pub(crate) fn standing(&self, id: &TeacherId, size: u64) -> Option<&Merge> {
        self.of.get(id)?.iter().rfind(|merge| merge.stands(size))
    }

    /// The id that stands for this one at `size`.
    fn kept(&self, id: TeacherId, size: u64) -> TeacherId {
        let next = |id: &TeacherId| self.standing(id, size).map(|merge| merge.kept);
        // decide lets no circle close; but what is folded is never judged.
        let way = std::iter::successors(Some(id), next).take(IDS_OF_ONE_MAX);
        way.last().unwrap_or(id)
    }

    /// The ids that are dropped for this one at `size`, and for those in turn; not itself.
    fn dropped_for(&self, kept: TeacherId, size: u64) -> Vec<TeacherId> {
        let mut found = vec![kept];
        let mut looked_at = 0;
        while let Some(id) = found.get(looked_at).copied() {
            looked_at += 1;
            let ever = self.into.get(&id).into_iter().flatten();
            let now = ever.filter(|dropped| self.standing(dropped, size).is_some_and(|merge| merge.kept == id));
            let new: Vec<TeacherId> = now.filter(|dropped| !found.contains(dropped)).copied().collect();
            found.extend(new);
        }
        let mut others = found.split_off(1);
        others.sort_unstable();
        others
    }
}

// === impl State ===

impl State {
    /// The id that stands for this person at `size`: her own, unless it was merged into another.
    pub(crate) fn kept_id(&self, id: TeacherId, size: u64) -> TeacherId {
        if self.merges.of.is_empty() {
            return id;
        }
        self.merges.kept(id, size)
    }

    /// Whether both ids are one person's at `size`.
    pub(crate) fn is_one(&self, one: TeacherId, other: TeacherId, size: u64) -> bool {
        one == other || self.kept_id(one, size) == self.kept_id(other, size)
    }

    /// All ids that are this person's at `size`, that which stands for her first.
    pub(crate) fn ids_of(&self, id: TeacherId, size: u64) -> Vec<TeacherId> {
        if self.merges.of.is_empty() {
            return vec![id];
        }
        let kept = self.merges.kept(id, size);
        let mut ids = self.merges.dropped_for(kept, size);
        ids.insert(0, kept);
        ids
    }

    /// All that is kept of the person whose id this is at `size`, under whichever of her ids it was posted. What she was
    /// registered as is what the id that stands for her says.
    pub(crate) fn person(&self, id: &TeacherId, size: u64) -> Option<Cow<'_, Teacher>> {
        if self.merges.of.is_empty() {
            return self.teachers.get(id).map(Cow::Borrowed);
        }
        let kept = self.merges.kept(*id, size);
        let others = self.merges.dropped_for(kept, size);
        let own = self.teachers.get(&kept)?;
        if others.is_empty() {
            return Some(Cow::Borrowed(own));
        }
        let mut together = own.clone();
        others
            .iter()
            .filter_map(|id| self.teachers.get(id))
            .for_each(|other| together.take_in(other));
        together.put_in_order();
        Some(Cow::Owned(together))
    }
}

// === impl Teacher ===

impl Teacher {
    fn take_in(&mut self, other: &Self) {
        let Self {
            // Those of the id that is kept hold.
            profiles: _,
            assignments,
            ends,
            items,
            exemptions,
            accepted,
            named,
        } = other;
        self.assignments.extend_from_slice(assignments);
        self.ends.extend_from_slice(ends);
        self.items.extend_from_slice(items);
        self.exemptions.extend_from_slice(exemptions);
        self.accepted.extend_from_slice(accepted);
        self.named.extend_from_slice(named);
        self.named.extend(other.profiles.iter().map(|row| row.index));
    }

    /// Rows rise by entry, and one entry counts once.
    fn put_in_order(&mut self) {
        self.assignments.sort_by_key(|row| row.index);
        self.ends.sort_by_key(|row| row.index);
        self.exemptions.sort_by_key(|row| row.index);
        self.accepted.sort_by_key(|row| row.index);
        self.named.sort_unstable();
        self.named.dedup();
        self.items.sort_by_key(|item| item.index);
        self.items.dedup_by(|later, first| first.joins(later));
    }
}

impl Item {
    /// Whether both are of one entry, which names the person by two of her ids: then the one takes the other in. Of outreach
    /// each says a part; of a work or topic it is the part of the lead that counts.
    fn joins(&mut self, other: &Self) -> bool {
        if self.index != other.index {
            return false;
        }
        match (&mut self.detail, other.detail) {
            (
                Detail::Outreach { lessons, talks, .. },
                Detail::Outreach {
                    lessons: more_lessons,
                    talks: more_talks,
                    ..
                },
            ) => {
                *lessons = lessons.saturating_add(more_lessons);
                *talks = talks.saturating_add(more_talks);
            }
            (
                Detail::TopicConcluded { lead, .. }
                | Detail::WorkPublished { lead, .. }
                | Detail::WorkAwarded { lead, .. },
                Detail::TopicConcluded { lead: leads_too, .. }
                | Detail::WorkPublished { lead: leads_too, .. }
                | Detail::WorkAwarded { lead: leads_too, .. },
            ) => *lead |= leads_too,
            // No other kind names two of whom each gets a row.
            (_, _) => {}
        }
        true
    }
}

// === impl At ===

impl<'s> At<'s> {
    /// The id that stands for this person: her own, unless it was merged into another.
    pub fn kept_id(self, id: &TeacherId) -> TeacherId {
        self.state.kept_id(*id, self.size)
    }

    /// Whether both ids are one person's.
    pub fn is_one(self, one: &TeacherId, other: &TeacherId) -> bool {
        self.state.is_one(*one, *other, self.size)
    }

    /// The other ids of this person.
    pub fn other_ids(self, id: &TeacherId) -> Vec<TeacherId> {
        let mut ids = self.state.ids_of(*id, self.size);
        ids.retain(|other| other != id);
        ids
    }

    /// The ids that are one person's with this one, if there are others.
    pub fn merged(self, id: &TeacherId) -> Option<Merged> {
        let mut ids = self.state.ids_of(*id, self.size);
        let kept = ids.remove(0);
        (!ids.is_empty()).then_some(Merged { kept, others: ids })
    }

    /// Every merge of this id into another below this size, in the order of their entries; a reversal later than that is not
    /// told.
    pub fn merges_of(self, id: &TeacherId) -> Vec<Merge> {
        let merges = self.state.merges.of.get(id).into_iter().flatten();
        let below = merges.filter(|merge| u64::from(merge.index) < self.size);
        below
            .map(|merge| Merge {
                reversed: merge.reversed.filter(|&by| u64::from(by) < self.size),
                ..*merge
            })
            .collect()
    }

    /// All ids that stand merged into others, each with the merge, by id.
    pub fn merges(self) -> impl Iterator<Item = (TeacherId, Merge)> + 's {
        let ids = self.state.merges.of.keys();
        ids.filter_map(move |id| Some((*id, *self.state.merges.standing(id, self.size)?)))
    }
}
