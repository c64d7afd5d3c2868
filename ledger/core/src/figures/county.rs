//! What belongs to no one teacher: sessions, organisations, topics, works, staff, schools.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::count::Sum;
use super::{Carried, Count, Counts, Span, Staff, Topics, days_of};
use crate::definitions::passes;
use crate::state::{At, SessionView};
use crate::works::{WorkEntry, WorkKind, best};

impl Count {
    /// Counts what is about no one teacher, after every teacher was shown, at the same size. Asked once.
    pub fn county(&mut self, at: At<'_>) {
        self.people.sort_unstable_by_key(|person| person.teacher_id);
        self.noted = at.noted(self.year);
        let unattributed = at.unattributed(self.year);
        self.unattributed = unattributed
            .map(|row| (u64::from(row.index), row.lessons, row.talks))
            .collect();
        let (first, last) = days_of(self.year);
        let in_year = |day| day >= first && day <= last;
        // Looked at once, however many figures are of them.
        let sessions: LazyCell<Vec<SessionView>, _> = LazyCell::new(|| at.sessions_held(last).collect());
        let organisations = LazyCell::new(|| at.organisations(last));
        let topics = LazyCell::new(|| at.topics(last));
        let definitions = std::sync::Arc::clone(&self.definitions);
        for (place, definition) in definitions.figures.iter().enumerate() {
            let mut sum = Sum::default();
            match &definition.counts {
                Counts::Outreach(of) => {
                    for &(index, lessons, talks) in &self.unattributed {
                        let number = match of {
                            Carried::Lessons => lessons,
                            Carried::Talks => talks,
                            Carried::Times => 0,
                        };
                        if number > 0 || *of == Carried::Times {
                            sum.add(i64::from(number), index);
                        }
                    }
                }
                Counts::Sessions { of_bases, kinds, since } => {
                    for session in sessions.iter() {
                        let is_meant = (*since == Span::SinceFounding || session.to >= first)
                            && (!of_bases || session.base.is_some())
                            && passes(kinds, &session.session_type);
                        if is_meant {
                            sum.add(1, session.index);
                        }
                    }
                }
                Counts::Organisations { kind, research, class } => {
                    for one in organisations.iter().filter(|one| one.kind == *kind) {
                        let stands = one.now.until.is_none_or(|until| until >= last);
                        let is_meant = research.is_none_or(|research| one.now.research == research)
                            && (class.is_empty() || one.now.of.is_some_and(|(of, _)| class.contains(&of)));
                        if stands && is_meant {
                            sum.add(1, one.now.index.into());
                        }
                    }
                }
                Counts::Topics { of, level } => {
                    for topic in topics.iter() {
                        let entry = match of {
                            Topics::Approved => topic.approved.filter(|(on, _)| in_year(*on)),
                            Topics::Concluded => topic.concluded.filter(|(on, _)| in_year(*on)),
                            Topics::Running => topic.approved.filter(|_| topic.stage.is_running()),
                        };
                        let has_level = level.is_empty() || topic.level.is_some_and(|own| level.contains(&own));
                        if let Some((_, index)) = entry.filter(|_| has_level) {
                            sum.add(1, index);
                        }
                    }
                }
                Counts::Works { level, award } => {
                    for entries in self.works.values() {
                        let won = || entries.iter().filter(|entry| entry.kind == WorkKind::Awarded);
                        let Some(highest) = best(won()) else { continue };
                        let has_level = level.is_empty() || highest.level.is_some_and(|own| level.contains(&own));
                        let has_award = award.is_empty() || highest.award.is_some_and(|own| award.contains(&own));
                        if has_level && has_award {
                            sum.add(1, highest.index);
                        }
                    }
                }
                Counts::Published { level } => {
                    for entries in self.works.values() {
                        let is_meant = |entry: &&WorkEntry| {
                            let has_level = level.is_empty() || entry.level.is_some_and(|own| level.contains(&own));
                            entry.kind == WorkKind::Published && has_level
                        };
                        let all: BTreeSet<u64> = entries.iter().filter(is_meant).map(|entry| entry.index).collect();
                        sum.number += i64::from(!all.is_empty());
                        sum.entries.extend(all);
                    }
                }
                Counts::Staff { of, post } => {
                    for person in &self.people {
                        let is_meant = !person.posts.is_empty()
                            && (post.is_empty() || person.posts.iter().any(|own| post.contains(own)));
                        if is_meant && (*of == Staff::All || person.meets() == Some(true)) {
                            sum.number += 1;
                            sum.people.insert(person.teacher_id);
                            let held = at.holdings(&person.teacher_id).into_iter();
                            let held = held.filter(|held| {
                                held.from <= last && held.to.is_none_or(|to| to >= last) && passes(post, &held.post)
                            });
                            sum.entries.extend(held.map(|held| held.index));
                        }
                    }
                }
                Counts::Schools => {
                    for (id, school) in at.schools() {
                        let closed = at.closing(&id).is_some_and(|(day, _)| day < last);
                        if school.on <= last && !closed {
                            sum.add(1, school.index.into());
                        }
                    }
                }
                // Asked of each teacher, or made of others.
                Counts::Trained { .. }
                | Counts::Present { .. }
                | Counts::Candidates { .. }
                | Counts::Titles { .. }
                | Counts::Recommended { .. }
                | Counts::Entrants { .. }
                | Counts::EntrantSchools { .. }
                | Counts::Winners { .. }
                | Counts::Noted
                | Counts::Sum(_)
                | Counts::Share(..) => continue,
            }
            if let Some(whole) = self.sums.get_mut(place) {
                whole.number = whole.number.saturating_add(sum.number);
                whole.entries.extend(sum.entries);
                whole.people.extend(sum.people);
            }
        }
    }
}
