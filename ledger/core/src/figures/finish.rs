//! From what was counted to the figures: those made of others, and what they rest on.

use std::sync::Arc;

use super::{Carried, Count, Counts, Definitions, Figure, Figures, Trained, Value};
use crate::hours::Hours;
use crate::ids::{FigureId, Sha256};
use crate::state::At;

impl Count {
    /// The figures, once every teacher and then the county was shown.
    pub fn finish(mut self) -> Figures {
        let noted = std::mem::take(&mut self.noted);
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
                Counts::Sum(of) => together(&figures, of),
                Counts::Share(part, whole) => share(&figures, *part, *whole),
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
        let mut whole = Figures {
            year: self.year,
            definitions: self.definitions,
            sha256: self.sha256,
            figures,
            people: self.people,
            contradictions: Vec::new(),
            noted,
            unattributed: self.unattributed,
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

/// The sum of figures; no value if one has none.
pub(super) fn together(figures: &[Figure], of: &[FigureId]) -> Value {
    let value = |id: &FigureId| {
        figures
            .iter()
            .find(|figure| figure.id == *id)
            .map(|figure| figure.value)
    };
    let sum = of.iter().try_fold(Hours::ZERO, |sum, id| match value(id) {
        Some(Value::Number(number)) => sum.checked_add(number),
        Some(Value::Share { .. } | Value::Undefined) | None => None,
    });
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
