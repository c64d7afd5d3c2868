//! Persons who were registered twice: the facts as if all had been posted under the id that stands for her.

use std::collections::BTreeMap;

use crate::facts::{Event, Fact, Id, Recorded};

/// Dropped id → the id that it was merged into, and is not parted from.
#[derive(Default)]
pub struct Merges(BTreeMap<Id, Id>);

impl Merges {
    pub fn of<'f>(facts: impl IntoIterator<Item = &'f Recorded>) -> Self {
        let mut into = BTreeMap::new();
        for row in facts {
            match row.event.fact {
                Fact::Merged { kept, dropped } => into.insert(dropped, kept),
                Fact::Parted { dropped, .. } => into.remove(dropped),
                _ => None,
            };
        }
        Self(into)
    }

    pub fn kept(&self, id: Id) -> Id {
        self.0.get(id).map_or(id, |kept| self.kept(kept))
    }

    /// The event as if posted under the ids that are kept; of one outreach the parts of one person are one.
    pub fn event(&self, event: &Event) -> Event {
        let mut event = event.clone();
        ids(&mut event.fact, &mut |id| *id = self.kept(id));
        if let Fact::Outreach { deliveries } = &mut event.fact {
            let parts = std::mem::take(deliveries);
            for part in parts {
                match deliveries.iter_mut().find(|other| other.teacher == part.teacher) {
                    Some(other) => {
                        other.lessons += part.lessons;
                        other.talks += part.talks;
                    }
                    None => deliveries.push(part),
                }
            }
        }
        event
    }

    /// The facts likewise. What the dropped id was registered as is not what she is.
    pub fn facts<'f>(&self, facts: impl IntoIterator<Item = &'f Recorded>) -> Vec<Recorded> {
        let is_hers =
            |row: &&Recorded| !matches!(row.event.fact, Fact::Person { teacher, .. } if self.0.contains_key(teacher));
        let facts = facts.into_iter().filter(is_hers).map(|row| Recorded {
            index: row.index,
            event: self.event(&row.event),
        });
        facts.collect()
    }
}

/// All persons that a fact names, but for those of a merge.
fn ids(fact: &mut Fact, each: &mut dyn FnMut(&mut Id)) {
    match fact {
        Fact::Person { teacher, .. }
        | Fact::Assignment { teacher, .. }
        | Fact::AssignmentEnd { teacher, .. }
        | Fact::Attendance { teacher, .. }
        | Fact::LessonGiven { teacher, .. }
        | Fact::LessonObserved { teacher, .. }
        | Fact::Visit { teacher }
        | Fact::Award { teacher, .. }
        | Fact::Title { teacher, .. }
        | Fact::Renewed { teacher, .. }
        | Fact::Withdrawn { teacher, .. }
        | Fact::Recommended { teacher, .. }
        | Fact::Candidate { teacher, .. }
        | Fact::SchoolTerm { teacher, .. }
        | Fact::Exemption { teacher, .. }
        | Fact::Claim { teacher, .. } => each(teacher),
        Fact::Outreach { deliveries } => deliveries.iter_mut().for_each(|part| each(&mut part.teacher)),
        Fact::Topic { leads, members, .. } => leads.iter_mut().chain(members).for_each(each),
        Fact::Published { authors, .. } | Fact::Awarded { authors, .. } => authors.iter_mut().for_each(each),
        Fact::Calendar(_)
        | Fact::Policy(_)
        | Fact::Project { .. }
        | Fact::Session { .. }
        | Fact::Cancelled { .. }
        | Fact::Competition { .. }
        | Fact::Void { .. }
        | Fact::Merged { .. }
        | Fact::Parted { .. } => {}
    }
}
