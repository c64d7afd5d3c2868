//! What a restatement changes: figure by figure, the old value, the new one, and the entries that made the difference.

use super::{Figure, Figures, Value};
use crate::ids::{FigureId, TeacherId};

/// One figure that is another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureDifference {
    /// Which; it may be defined on one side alone.
    pub id: FigureId,
    /// What it was.
    pub before: Option<Value>,
    /// What it is.
    pub after: Option<Value>,
    /// Entries behind the new figure and not behind the old one, rising.
    pub came: Vec<u64>,
    /// Entries behind the old figure and not behind the new one, rising.
    pub went: Vec<u64>,
}

/// The figures that differ, in the order of the later definitions, and the teachers whose year differs, by id.
pub fn differences(before: &Figures, after: &Figures) -> (Vec<FigureDifference>, Vec<TeacherId>) {
    let mut figures = Vec::new();
    for new in &after.figures {
        let old = before.figure(&new.id);
        if old.is_none_or(|old| (old.value, &old.entries) != (new.value, &new.entries)) {
            figures.push(difference(new.id, (before, old), (after, Some(new))));
        }
    }
    for old in before.figures.iter().filter(|old| after.figure(&old.id).is_none()) {
        figures.push(difference(old.id, (before, Some(old)), (after, None)));
    }
    let mut people = Vec::new();
    let mut known = before.people.iter().peekable();
    for new in &after.people {
        while let Some(gone) = known.next_if(|old| old.teacher_id < new.teacher_id) {
            people.push(gone.teacher_id);
        }
        let old = known.next_if(|old| old.teacher_id == new.teacher_id);
        if !old.is_some_and(|old| old.counts_as(new)) {
            people.push(new.teacher_id);
        }
    }
    people.extend(known.map(|gone| gone.teacher_id));
    (figures, people)
}

fn difference(
    id: FigureId,
    (before, old): (&Figures, Option<&Figure>),
    (after, new): (&Figures, Option<&Figure>),
) -> FigureDifference {
    let (was, is) = (before.behind(&id), after.behind(&id));
    let without = |all: &[u64], known: &[u64]| -> Vec<u64> {
        let strange = all.iter().filter(|index| known.binary_search(index).is_err());
        strange.copied().collect()
    };
    FigureDifference {
        id,
        before: old.map(|figure| figure.value),
        after: new.map(|figure| figure.value),
        came: without(&is, &was),
        went: without(&was, &is),
    }
}
