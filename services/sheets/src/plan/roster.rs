//! The yearly roster: rows of 教师 beside the posts that the ledger has.

use jiff::civil::Date;
use keshi_core::event::{AssignmentEnded, AssignmentStarted, Event, Fact};
use keshi_core::ids::{EventId, TeacherId};
use keshi_core::text::Text;
use keshi_core::time::plus_days;

use super::ids::{Ids, KeyForms};
use super::{Plan, Rows};
use crate::columns::{Col, Kind};

/// The post that a row of 教师 gives somebody.
#[derive(Clone, Copy, Debug)]
pub struct RosterRow {
    /// Place of its event in [`Plan::events`].
    pub at: usize,
    /// Whose.
    pub teacher_id: TeacherId,
    /// The first day, where the row says one.
    pub since: Option<Date>,
}

/// What a row of a roster comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roster {
    /// She has no post yet.
    New,
    /// She holds that very post.
    Same,
    /// She leaves one and takes the other, from this day on; what the ledger has, and what the row says.
    Moves {
        /// First day in the new post.
        from: Date,
        /// School or unit, and post, of before.
        old: String,
        /// School or unit, and post, from then on.
        new: String,
    },
    /// The same, and nothing says from which day.
    Undated {
        /// School or unit, and post, in the ledger.
        old: String,
        /// School or unit, and post, in the sheet.
        new: String,
    },
    /// She holds several posts, or the sheet gives her several, and this is none that she holds.
    Several,
}

impl Plan {
    /// The rows of 教师 without mistakes.
    pub fn roster(&self, rows: &Rows) -> Vec<RosterRow> {
        let given = self.rows.iter().filter_map(|planned| {
            let (sheet, row) = rows.row(planned.place)?;
            let at = *planned.events.last().filter(|_| sheet.kind == Kind::Teachers)?;
            let event = self.events.get(at)?;
            let Fact::AssignmentStarted(start) = &event.fact else {
                return None;
            };
            let says = !sheet.cell(row, Col::PostFrom).is_empty();
            Some(RosterRow {
                at,
                teacher_id: start.teacher_id,
                since: says.then_some(event.from),
            })
        });
        given.collect()
    }

    /// Compares a row with the posts that its teacher holds. What she holds already is taken for that; where she moves, the
    /// old post ends on the day before the new one begins: on the row's own day, or on `from`. `in_sheet` is how many rows are
    /// hers.
    pub fn settle_post(&mut self, row: RosterRow, in_sheet: usize, held: &[Event], from: Option<Date>) -> Roster {
        let Some(new) = self.events.get(row.at).and_then(started).cloned() else {
            return Roster::New;
        };
        let starts = || held.iter().filter_map(|event| Some((event, started(event)?)));
        let is_same = |old: &AssignmentStarted| {
            (old.school_id, old.unit.as_ref(), old.post) == (new.school_id, new.unit.as_ref(), new.post)
        };
        if let Some((same, _)) = starts().find(|(_, old)| is_same(old)) {
            if let Some(event) = self.events.get_mut(row.at) {
                *event = Event {
                    org: event.org,
                    source: event.source.take(),
                    ..same.clone()
                };
            }
            return Roster::Same;
        }
        let mut all = starts();
        let (old_event, old) = match (all.next(), all.next()) {
            (None, _) => return Roster::New,
            (Some(only), None) if in_sheet == 1 => (only.0.clone(), said(only.1)),
            (Some(_), _) => return Roster::Several,
        };
        let new_said = said(&new);
        // A day on which she held the old post already is that of the old post.
        let since = row.since.filter(|day| old_event.from < *day).or(from);
        let Some(from) = since.filter(|day| old_event.from < *day) else {
            return Roster::Undated { old, new: new_said };
        };
        self.move_to(row, &old_event, new, from);
        Roster::Moves {
            from,
            old,
            new: new_said,
        }
    }

    /// Compares a row with the posts that its teacher held before, who holds none now. Where she was registered, hired, or held
    /// her last post says nothing of when she came back: the row's own day does, or `from`.
    pub fn settle_return(&mut self, row: RosterRow, before: &[Event], from: Option<Date>) -> Roster {
        let last = before.iter().max_by_key(|event| event.from);
        let last = last.and_then(|event| Some((event.from, started(event)?)));
        let event = self.events.get(row.at).filter(|_| row.since.is_none());
        let (Some((held_from, old)), Some(event)) = (last, event) else {
            return Roster::New;
        };
        let Some(new) = started(event).cloned() else {
            return Roster::New;
        };
        let (old, new_said) = (said(old), said(&new));
        match from.filter(|day| held_from < *day) {
            Some(from) => {
                let forms = KeyForms::default();
                let event_id = Ids::new(self.office, &forms).start(&new, from);
                if let Some(event) = self.events.get_mut(row.at) {
                    (event.event_id, event.from, event.to) = (event_id, from, from);
                }
                Roster::Moves {
                    from,
                    old,
                    new: new_said,
                }
            }
            // It is the row that gave her that post.
            None if before.iter().any(|post| post.event_id == event.event_id) => Roster::Same,
            None => Roster::Undated { old, new: new_said },
        }
    }

    fn move_to(&mut self, row: RosterRow, old: &Event, new: AssignmentStarted, from: Date) {
        let forms = KeyForms::default();
        let ids = Ids::new(self.office, &forms);
        let Some(event) = self.events.get_mut(row.at) else {
            return;
        };
        let (org, source, load_id) = (event.org, event.source.clone(), event.load_id);
        let common = |id: EventId, day: Date, fact: Fact| Event {
            org,
            source: source.clone(),
            load_id,
            ..Event::of(id, day, day, fact)
        };
        let end = AssignmentEnded {
            teacher_id: row.teacher_id,
            started_event: old.event_id,
        };
        let end_id = ids.event("assignment_ended", &[&old.event_id.to_string()]);
        let start_id = ids.start(&new, from);
        *event = common(start_id, from, new.into());
        let end = common(end_id, plus_days(from, -1), end.into());
        // Before the start, whose place in the plan it takes: a clerk takes on who is free.
        let givers = self.givers.get(row.at).cloned().unwrap_or_default();
        let at = self.events.len();
        self.events.push(end);
        self.givers.push(givers.clone());
        self.events.swap(row.at, at);
        for planned in givers {
            if let Some(planned) = self.rows.get_mut(planned) {
                planned.events.push(at);
            }
        }
    }
}

const fn started(event: &Event) -> Option<&AssignmentStarted> {
    if let Fact::AssignmentStarted(start) = &event.fact {
        Some(start)
    } else {
        None
    }
}

/// The post as people call it: school or unit, and what she does there.
fn said(start: &AssignmentStarted) -> String {
    let school = start.school_id.map(|id| id.to_string());
    let at = school.or_else(|| start.unit.as_ref().map(Text::to_string));
    format!("{} {}", at.unwrap_or_default(), start.post.zh())
}
