//! The county as the ledger's first entries tell it: what has effect, who held which post, which day is in which term.

use std::mem::discriminant;

use keshi_core::codes::{Level, Mode, Post, SessionType, TitleClass};

use super::claims;
use super::deeds::Effect;
use crate::day::Day;
use crate::facts::{Fact, Id, Recorded, Semester};
use crate::model::Policy;

pub struct County<'f> {
    /// Everything below the size asked about.
    pub all: Vec<&'f Recorded>,
    /// What no void has taken the effect of.
    pub live: Vec<&'f Recorded>,
    /// By first day.
    pub semesters: Vec<Semester>,
}

/// A post held, with its last day if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Holding {
    pub post: Post,
    pub share: u8,
    pub from: Day,
    pub to: Option<Day>,
}

/// A session that has effect.
#[derive(Clone, Copy)]
pub struct SessionView {
    pub kind: SessionType,
    pub hours: i64,
    pub level: Level,
    pub mode: Mode,
    pub category: Option<Id>,
    pub topic: Option<Id>,
}

/// A void of a void, of a person or of itself has no effect.
fn is_voided(event: u128, fact: &Fact, all: &[&Recorded]) -> bool {
    let voidable = !matches!(fact, Fact::Void { .. } | Fact::Person { .. });
    let targeted = |row: &&Recorded| matches!(row.event.fact, Fact::Void { target } if target == event);
    voidable && all.iter().any(targeted)
}

/// What corrects it: the first of its kind that is not void itself.
fn corrected_by<'f>(row: &Recorded, all: &[&'f Recorded]) -> Option<&'f Recorded> {
    let mut corrections = all.iter().copied().filter(|other| {
        other.event.supersedes == Some(row.event.id)
            && discriminant(&other.event.fact) == discriminant(&row.event.fact)
            // Under a claim only what is under the same one is corrected.
            && (other.event.claim.is_none() || other.event.claim == row.event.claim)
            && !is_voided(other.event.id, &other.event.fact, all)
    });
    corrections.next()
}

/// A correction has effect in the place of an original that is there, is not void, has effect itself but for it, and was
/// not corrected by another before.
fn has_its_place(row: &Recorded, all: &[&Recorded]) -> bool {
    let Some(target) = row.event.supersedes else {
        return true;
    };
    let original = all.iter().find(|other| other.event.id == target);
    original.is_some_and(|original| {
        !is_voided(target, &original.event.fact, all)
            && has_its_place(original, all)
            && corrected_by(original, all).is_some_and(|by| by.event.id == row.event.id)
    })
}

/// Why the event has no effect, as far as voids and corrections go.
pub fn undone(row: &Recorded, all: &[&Recorded]) -> Option<Effect> {
    if is_voided(row.event.id, &row.event.fact, all) {
        Some(Effect::Voided)
    } else if !has_its_place(row, all) {
        Some(Effect::Waiting)
    } else {
        corrected_by(row, all).map(|_| Effect::Corrected)
    }
}

impl<'f> County<'f> {
    pub fn at(facts: &'f [Recorded], size: u64) -> Self {
        let all: Vec<&Recorded> = facts.iter().filter(|row| row.index < size).collect();
        let live = all
            .iter()
            .copied()
            .filter(|row| undone(row, &all).is_none() && !claims::pends(row, &all));
        let live: Vec<&Recorded> = live.collect();
        let semesters = semesters(&live);
        Self { all, live, semesters }
    }

    /// The event that stands for the one posted under this id: itself, or the last that corrects it.
    pub fn stands_for(&self, id: u128) -> Option<u128> {
        let row = self.all.iter().find(|row| row.event.id == id)?;
        match undone(row, &self.all) {
            None => Some(id),
            Some(Effect::Corrected) => self.stands_for(corrected_by(row, &self.all)?.event.id),
            Some(_) => None,
        }
    }

    pub fn policy_ids(&self) -> Vec<Id> {
        let mut ids: Vec<Id> = self.policies().map(|policy| policy.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn policies(&self) -> impl Iterator<Item = &'f Policy> {
        self.live.iter().filter_map(|row| match &row.event.fact {
            Fact::Policy(policy) => Some(&**policy),
            _ => None,
        })
    }

    /// The versions of a policy, the lowest first.
    pub fn versions(&self, id: Id) -> Vec<&'f Policy> {
        let mut versions: Vec<&Policy> = self.policies().filter(|policy| policy.id == id).collect();
        versions.sort_by_key(|policy| policy.version);
        versions
    }

    /// The latest registration, by day and id: hired on, career from.
    pub fn person(&self, id: Id) -> (Option<Day>, Option<Day>) {
        let registrations = self.live.iter().filter_map(|row| match row.event.fact {
            Fact::Person {
                teacher,
                hired_on,
                career_from,
                ..
            } if teacher == id => Some(((row.event.to, row.event.id), hired_on, career_from)),
            _ => None,
        });
        let last = registrations.max_by_key(|(on, ..)| *on);
        last.map_or((None, None), |(_, hired_on, career_from)| (hired_on, career_from))
    }

    pub fn holdings(&self, id: Id) -> Vec<Holding> {
        let mut holdings = Vec::new();
        for row in &self.live {
            let Fact::Assignment {
                teacher,
                post,
                share,
                until,
            } = row.event.fact
            else {
                continue;
            };
            if teacher != id {
                continue;
            }
            let ends = self.live.iter().filter_map(|end| match end.event.fact {
                // One that lies before the start ends nothing.
                Fact::AssignmentEnd { teacher, started }
                    if teacher == id
                        && (started == row.event.id || self.stands_for(started) == Some(row.event.id))
                        && row.event.from <= end.event.to =>
                {
                    Some(end.event.to)
                }
                _ => None,
            });
            holdings.push(Holding {
                post,
                share,
                from: row.event.from,
                to: ends.chain(until).min(),
            });
        }
        holdings
    }

    pub fn is_cancelled(&self, id: Id) -> bool {
        let mut live = self.live.iter();
        live.any(|row| matches!(row.event.fact, Fact::Cancelled { session } if session == id))
    }

    /// What each posting of the session says, the earliest first, of those whose project has arrived.
    pub fn sessions(&self, id: Id) -> Vec<SessionView> {
        let sessions = self.live.iter().filter_map(|row| match row.event.fact {
            Fact::Session {
                session,
                project,
                kind,
                hours,
            } if session == id => Some(((row.event.from, row.event.id), project, kind, hours)),
            _ => None,
        });
        let mut sessions: Vec<_> = sessions.collect();
        sessions.sort_by_key(|row| row.0);
        let view = |(_, of_project, kind, hours)| {
            let projects = self.live.iter().filter(|row| match row.event.fact {
                Fact::Project { project, .. } => project == of_project,
                _ => false,
            });
            match projects.min_by_key(|row| row.event.id)?.event.fact {
                Fact::Project {
                    level,
                    mode,
                    category,
                    topic,
                    ..
                } => Some(SessionView {
                    kind,
                    hours,
                    level,
                    mode,
                    category,
                    topic,
                }),
                _ => None,
            }
        };
        sessions.into_iter().filter_map(view).collect()
    }

    /// Level of a competition, if it has arrived.
    pub fn competition(&self, id: Id) -> Option<Level> {
        let held = self.live.iter().filter_map(|row| match row.event.fact {
            Fact::Competition { competition, level } if competition == id => Some((row.event.id, level)),
            _ => None,
        });
        held.min_by_key(|row| row.0).map(|row| row.1)
    }

    /// The day of the first title that has effect: above the county a title presupposes one of the same class or higher,
    /// of the level below or higher, that is held on its day and has effect itself.
    pub fn first_title(&self, id: Id) -> Option<Day> {
        let mut waiting: Vec<(Day, Day, TitleClass, u8)> = Vec::new();
        for row in &self.live {
            if let Fact::Title {
                teacher,
                class,
                level,
                valid_to,
            } = row.event.fact
                && teacher == id
            {
                let to = valid_to.unwrap_or_else(|| row.event.to.years_on(5).plus(-1));
                waiting.push((row.event.to, to, class, height(level)));
            }
        }
        let mut settled: Vec<(Day, Day, TitleClass, u8)> = Vec::new();
        loop {
            let settles = |title: &(Day, Day, TitleClass, u8)| {
                let carried = |held: &(Day, Day, TitleClass, u8)| {
                    held.0 <= title.0 && title.0 <= held.1 && held.2 >= title.2 && held.3 + 1 >= title.3
                };
                title.3 <= 1 || settled.iter().any(carried)
            };
            let (more, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(settles);
            waiting = rest;
            if more.is_empty() {
                return settled.iter().map(|title| title.0).min();
            }
            settled.extend(more);
        }
    }
}

/// County 1, city 2, province 3, nation 4.
pub const fn height(level: Level) -> u8 {
    match level {
        Level::National => 4,
        Level::Province => 3,
        Level::City => 2,
        Level::County => 1,
        _ => 0,
    }
}

/// Of a semester in several calendars, the one adopted last says its dates.
fn semesters(live: &[&Recorded]) -> Vec<Semester> {
    let mut adopted: Vec<&&Recorded> = live
        .iter()
        .filter(|row| matches!(row.event.fact, Fact::Calendar(_)))
        .collect();
    adopted.sort_by_key(|row| row.index);
    let mut semesters: Vec<Semester> = Vec::new();
    for row in adopted {
        if let Fact::Calendar(listed) = &row.event.fact {
            semesters.retain(|semester| listed.iter().all(|other| other.id != semester.id));
            semesters.extend(listed.iter().cloned());
        }
    }
    semesters.sort_by_key(|semester| semester.from);
    semesters
}
