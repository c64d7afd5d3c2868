//! The life of titles: conferred, renewed, withdrawn, expired; and what a title waits for.

use jiff::civil::Date;

use super::{is_or_above, level_below};
use crate::codes::{Level, TitleClass};
use crate::event::default_renewed_to;
use crate::ids::{EventId, TeacherId};
use crate::intern::Slot;
use crate::policy::{LadderStep, Ladders};
use crate::state::{At, Detail, Item, State, Teacher};
use crate::time::plus_days;

/// A title that a teacher holds or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// 称号类别
    pub class: TitleClass,
    /// 级别
    pub level: Level,
    /// Day of naming.
    pub conferred_on: Date,
    /// Last day it holds, with what renewed or withdrew it. Before `conferred_on` if it was withdrawn on that day.
    pub valid_to: Date,
    /// The titles of which one had to be held on the day and none was; until one arrives, this one waits.
    pub waits_for: Vec<(TitleClass, Level)>,
    /// What renewed it or would, by date then event id.
    pub renewals: Vec<Renewal>,
    /// The first withdrawal since it was conferred.
    pub withdrawn: Option<Withdrawal>,
}

/// A renewal of a title (复核续期).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// The day of the re-examination.
    pub on: Date,
    /// The last day that it gives the title. `None`: it came when the title held no more, and gives nothing.
    pub valid_to: Option<Date>,
}

/// A withdrawal of a title (取消).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// The first day on which the title does not hold.
    pub on: Date,
}

/// What a teacher was chosen to be developed towards (培养对象).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// 称号类别
    pub class: TitleClass,
    /// 级别
    pub level: Level,
    /// The day on which she was chosen.
    pub on: Date,
    /// Last day of the development, if one is set.
    pub until: Option<Date>,
}

// === impl Ladders ===

impl<'s> Ladders<'s> {
    /// Those adopted below a size, of which that in force on a day says what a title presupposes.
    pub(super) fn of(at: At<'s>) -> Self {
        Self::among(at.policies().map(|version| &*version.policy))
    }

    /// The titles of which one must be held on the day for this one; empty if none need be. A ladder in force that has a
    /// step to the title says so; of several the one that asks for least: nothing, or any of theirs. Without a ladder, above
    /// the county that of the level below.
    fn presupposed(&self, class: TitleClass, level: Level, day: Date) -> Vec<(TitleClass, Level)> {
        let is_to = |step: &&LadderStep| (step.class, step.level) == (class, level);
        let mut steps = self
            .on(day)
            .filter_map(|policy| policy.steps.iter().find(is_to))
            .peekable();
        if steps.peek().is_none() {
            let below = level_below(level).map(|below| (class, below));
            return below.into_iter().collect();
        }
        let mut all = Vec::new();
        for step in steps {
            if step.after.is_empty() {
                return Vec::new();
            }
            all.extend(step.after.iter().copied());
        }
        all
    }

    /// Finds out what each of one teacher's titles waits for.
    ///
    /// A title settles once what it presupposes has settled, so this goes round until nothing changes: the outcome does
    /// not depend on the order of the titles. At most one round for each title.
    fn settle(&self, titles: &mut [Title]) {
        for title in titles.iter_mut() {
            title.waits_for = self.presupposed(title.class, title.level, title.conferred_on);
        }
        loop {
            let settled: Vec<Title> = titles.iter().filter(|t| t.waits_for.is_empty()).cloned().collect();
            let waiting = titles.iter_mut().filter(|title| !title.waits_for.is_empty());
            let mut changed = false;
            for title in waiting {
                if settled.iter().any(|held| carries(held, title)) {
                    title.waits_for.clear();
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }
}

/// Whether the one was held on the day of selection of the other and is what that presupposes: one withdrawn or expired later
/// does not undo it (DOMAIN §7).
fn carries(held: &Title, title: &Title) -> bool {
    let on = title.conferred_on;
    let in_force = held.conferred_on <= on && on <= held.valid_to;
    let mut presupposed = title.waits_for.iter();
    in_force && presupposed.any(|&other| is_or_above((held.class, held.level), other))
}

// === impl Title ===

impl Title {
    /// A title as conferred.
    pub(crate) fn conferred(
        (index, event_id): (u64, EventId),
        (class, level): (TitleClass, Level),
        (conferred_on, valid_to): (Date, Date),
    ) -> Self {
        Self {
            index,
            event_id,
            class,
            level,
            conferred_on,
            valid_to,
            waits_for: Vec::new(),
            renewals: Vec::new(),
            withdrawn: None,
        }
    }

    /// The withdrawal that ended it; `None` also where it had expired before.
    pub(crate) fn taken_away(&self) -> Option<Withdrawal> {
        let ended_it = |row: &Withdrawal| self.valid_to == plus_days(row.on, -1);
        self.withdrawn.filter(ended_it)
    }

    /// Works out the last day. A renewal holds that comes while the title does: it gives the term after the one that it falls
    /// into, so that one posted twice gives it once. A withdrawal ends the title, and no renewal from its day on holds.
    fn live_through(&mut self) {
        self.renewals.sort_by_key(|row| (row.on, row.event_id));
        let ends_at = |row: &Withdrawal| plus_days(row.on, -1);
        let last_of_all = self.withdrawn.as_ref().map_or(Date::MAX, ends_at);
        let mut ends = vec![self.valid_to];
        for renewal in &mut self.renewals {
            let term = ends.iter().position(|end| renewal.on <= *end);
            let held = self.conferred_on <= renewal.on && renewal.on <= last_of_all;
            let Some((term, &end)) = term.filter(|_| held).and_then(|term| Some((term, ends.get(term)?))) else {
                renewal.valid_to = None;
                continue;
            };
            let until = renewal.valid_to.unwrap_or_else(|| default_renewed_to(end)).max(end);
            renewal.valid_to = Some(until);
            match ends.get_mut(term + 1) {
                Some(next) => *next = until.max(*next),
                None => ends.push(until),
            }
        }
        self.valid_to = ends.last().copied().unwrap_or(self.valid_to).min(last_of_all);
    }
}

// === impl State ===

impl State {
    /// All titles ever conferred and not voided, with what each waits for and what became of it.
    pub(crate) fn titles(&self, teacher: &Teacher, size: u64) -> Vec<Title> {
        let mut titles = self.titles_of(teacher, size);
        if !titles.is_empty() {
            Ladders::of(self.at(size)).settle(&mut titles);
        }
        titles
    }

    /// As [`State::titles`] of this teacher with one more: what that waits for.
    pub(crate) fn would_wait_for(&self, teacher_id: &TeacherId, title: Title, size: u64) -> Vec<(TitleClass, Level)> {
        let teacher = self.person(teacher_id, size);
        let mut titles = teacher.map_or_else(Vec::new, |teacher| self.titles_of(&teacher, size));
        titles.push(title);
        Ladders::of(self.at(size)).settle(&mut titles);
        titles.pop().map_or_else(Vec::new, |title| title.waits_for)
    }

    /// The title that a renewal or withdrawal of this teacher names, if it stands at `size`.
    pub(crate) fn title_named(&self, teacher_id: &TeacherId, conferral: EventId, size: u64) -> Option<Title> {
        let standing = u64::from(self.stands_for(conferral, size)?);
        let titles = self.titles_of(&*self.person(teacher_id, size)?, size);
        titles.into_iter().find(|title| title.index == standing)
    }

    /// Whether the title that this event conferred was held on the day: settled then, and neither expired nor taken away
    /// before. `None` if no title of hers stands there.
    pub(crate) fn is_title_held(
        &self,
        teacher: &Teacher,
        (conferral, day): (EventId, Date),
        size: u64,
    ) -> Option<bool> {
        let standing = u64::from(self.stands_for(conferral, size)?);
        let titles = self.titles(teacher, size);
        let own = titles.iter().find(|title| title.index == standing)?;
        Some(own.waits_for.is_empty() && own.conferred_on <= day && day <= own.valid_to)
    }

    fn titles_of(&self, teacher: &Teacher, size: u64) -> Vec<Title> {
        let live = || teacher.items.iter().filter(|item| self.live(item.index, size));
        let title = |item: &Item| {
            let Detail::Title { class, level, valid_to } = item.detail else {
                return None;
            };
            let entry = (u64::from(item.index), self.events.id(item.index)?);
            Some(Title::conferred(entry, (class, level), (item.to, valid_to)))
        };
        let mut titles: Vec<Title> = live().filter_map(title).collect();
        if titles.is_empty() {
            return titles;
        }
        let named = |slot: Slot| self.stands_for(self.referred.key(slot)?, size).map(u64::from);
        for item in live() {
            let Some(event_id) = self.events.id(item.index) else {
                continue;
            };
            let (index, on) = (item.index.into(), item.to);
            if let Detail::Renewed { title, valid_to } = item.detail {
                let of = named(title);
                titles
                    .iter_mut()
                    .filter(|title| Some(title.index) == of)
                    .for_each(|title| {
                        title.renewals.push(Renewal {
                            index,
                            event_id,
                            on,
                            valid_to,
                        });
                    });
            }
            if let Detail::Withdrawn { title } = item.detail {
                let of = named(title);
                let mut meant = titles.iter_mut().filter(|title| Some(title.index) == of);
                if let Some(title) = meant.find(|title| title.conferred_on <= on) {
                    let earlier = title.withdrawn.filter(|row| (row.on, row.event_id) < (on, event_id));
                    title.withdrawn = earlier.or(Some(Withdrawal { index, event_id, on }));
                }
            }
        }
        titles.iter_mut().for_each(Title::live_through);
        titles
    }

    /// What the teacher was chosen for, in no set order.
    pub(super) fn candidacies(&self, teacher: &Teacher, size: u64) -> Vec<Candidate> {
        let live = teacher.items.iter().filter(|item| self.live(item.index, size));
        let candidate = |item: &Item| {
            let Detail::Candidate { class, level, until } = item.detail else {
                return None;
            };
            Some(Candidate {
                index: item.index.into(),
                event_id: self.events.id(item.index)?,
                class,
                level,
                on: item.to,
                until: (until != Date::MAX).then_some(until),
            })
        };
        live.filter_map(candidate).collect()
    }

    /// Day, event and level of the recommendations that have effect, by date then event id.
    pub(crate) fn recommendations_with_effect(&self, teacher: &Teacher, size: u64) -> Vec<(Date, EventId, Level)> {
        let recommendation = |item: &Item| {
            let Detail::Recommended { to_level, .. } = item.detail else {
                return None;
            };
            let has_effect = self.why_without_effect(teacher, item, size).is_none();
            has_effect.then_some((item.to, self.events.id(item.index)?, to_level))
        };
        let below = teacher.items.iter().filter(|item| u64::from(item.index) < size);
        let mut found: Vec<_> = below.filter_map(recommendation).collect();
        found.sort_unstable_by_key(|row| (row.0, row.1));
        found
    }
}
