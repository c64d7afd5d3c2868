//! From what was counted to the figures: those made of others, and what they rest on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Carried, Count, Counts, Definitions, Figure, Figures, RestsOn, Trained, Value};
use crate::hours::Hours;
use crate::ids::{FigureId, Sha256};
use crate::state::At;

impl Count {
    /// The figures, once every teacher was shown.
    pub fn finish(mut self, at: At<'_>) -> Figures {
        self.people.sort_unstable_by_key(|person| person.teacher_id);
        self.county(at);
        let noted = at.noted(self.year);
        let mut figures: Vec<Figure> = Vec::with_capacity(self.sums.len());
        for (definition, mut sum) in self.definitions.figures.iter().zip(std::mem::take(&mut self.sums)) {
            sum.entries = rising(sum.entries);
            let value = match &definition.counts {
                Counts::Trained { of: Trained::Hours, .. } => Value::Number(Hours::from_hundredths(sum.number)),
                Counts::Outreach(Carried::Times) => Value::whole(sum.entries.len()),
                Counts::EntrantSchools { .. } => Value::whole(sum.schools.len()),
                Counts::Noted => {
                    let mut own = noted.iter().filter(|one| one.figure_id == definition.id);
                    let first = own.next();
                    sum.entries.extend(first.map(|one| one.index));
                    first.map_or(Value::Undefined, |one| Value::Number(one.value))
                }
                Counts::Sum(of) => together(&figures, of, &mut sum.entries),
                Counts::Share(part, whole) => {
                    let of = [*part, *whole];
                    let _ = together(&figures, &of, &mut sum.entries);
                    share(&figures, *part, *whole)
                }
                Counts::Trained { .. }
                | Counts::Outreach(_)
                | Counts::Sessions { .. }
                | Counts::Present { .. }
                | Counts::Organisations { .. }
                | Counts::Candidates { .. }
                | Counts::Titles { .. }
                | Counts::Recommended { .. }
                | Counts::Entrants { .. }
                | Counts::Winners { .. }
                | Counts::Works { .. }
                | Counts::Published { .. }
                | Counts::Topics { .. }
                | Counts::Staff { .. }
                | Counts::Schools => Value::whole(usize::try_from(sum.number).unwrap_or(0)),
            };
            figures.push(Figure {
                id: definition.id,
                value,
                entries: sum.entries,
                people: sum.people.into_iter().collect(),
            });
        }
        let unattributed = at.unattributed(self.year);
        let unattributed = unattributed.map(|row| (u64::from(row.index), row.lessons, row.talks));
        let mut whole = Figures {
            year: self.year,
            rests_on: rests_on(at, (self.definitions.version, self.sha256)),
            definitions: self.definitions,
            figures,
            people: self.people,
            contradictions: Vec::new(),
            noted,
            unattributed: unattributed.collect(),
            waiting: rising(self.waiting),
            under_review: rising(self.under_review),
        };
        whole.contradictions = whole.contradicted();
        whole
    }
}

/// Each once, rising: an entry may be about several people.
fn rising(mut entries: Vec<u64>) -> Vec<u64> {
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// The sum of figures, whose entries it takes; no value if one has none.
fn together(figures: &[Figure], of: &[FigureId], entries: &mut Vec<u64>) -> Value {
    let mut sum = Some(Hours::ZERO);
    let mut all: BTreeSet<u64> = BTreeSet::new();
    for id in of {
        let figure = figures.iter().find(|figure| figure.id == *id);
        all.extend(figure.into_iter().flat_map(|figure| &figure.entries));
        sum = match (sum, figure.map(|figure| figure.value)) {
            (Some(sum), Some(Value::Number(number))) => sum.checked_add(number),
            _ => None,
        };
    }
    entries.extend(all);
    sum.map_or(Value::Undefined, Value::Number)
}

/// One figure of another; no value where that is nothing.
fn share(figures: &[Figure], part: FigureId, whole: FigureId) -> Value {
    let of = |id: FigureId| figures.iter().find(|figure| figure.id == id).map(|figure| figure.value);
    match (of(part), of(whole)) {
        (Some(Value::Number(part)), Some(Value::Number(whole))) if whole > Hours::ZERO => {
            let (part, whole) = (part.hundredths(), whole.hundredths());
            // Both whole numbers, as counts are: in units.
            if part % 100 == 0 && whole % 100 == 0 {
                Value::Share {
                    part: part / 100,
                    whole: whole / 100,
                }
            } else {
                Value::Share { part, whole }
            }
        }
        _ => Value::Undefined,
    }
}

fn rests_on(at: At<'_>, definitions: (u32, Sha256)) -> RestsOn {
    let policies = at.policies().map(|row| (row.policy.id, row.policy.version, row.sha256));
    let mut policies: Vec<_> = policies.collect();
    policies.sort_unstable_by_key(|(id, version, _)| (*id, *version));
    let mut calendars: Vec<_> = at.calendars().map(|row| (row.calendar.id, row.sha256)).collect();
    calendars.sort_unstable_by_key(|(id, sha256)| (*id, sha256.0));
    RestsOn {
        policies,
        calendars,
        definitions,
    }
}

impl Definitions {
    /// The definitions by which a year is counted at a size, with the hash of their document: those adopted for it, else the
    /// usual ones; and whether they are adopted.
    pub fn of(at: At<'_>, year: i16) -> ((Arc<Self>, Sha256), bool) {
        match at.definitions_of(year) {
            Some(row) => ((Arc::clone(&row.definitions), row.sha256), true),
            None => (Self::usual(), false),
        }
    }
}
