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
            figures.push(difference(new.id, old, Some(new)));
        }
    }
    for old in before.figures.iter().filter(|old| after.figure(&old.id).is_none()) {
        figures.push(difference(old.id, Some(old), None));
    }
    let mut people = Vec::new();
    let mut known = before.people.iter().peekable();
    for new in &after.people {
        while let Some(gone) = known.next_if(|old| old.teacher_id < new.teacher_id) {
            people.push(gone.teacher_id);
        }
        let old = known.next_if(|old| old.teacher_id == new.teacher_id);
        let says = |one: &super::PersonYear| (one.hours, one.projects, one.standings.clone(), one.too_large);
        if old.map(says) != Some(says(new)) {
            people.push(new.teacher_id);
        }
    }
    people.extend(known.map(|gone| gone.teacher_id));
    (figures, people)
}

fn difference(id: FigureId, before: Option<&Figure>, after: Option<&Figure>) -> FigureDifference {
    let of = |figure: Option<&Figure>| figure.map_or_else(Vec::new, |figure| figure.entries.clone());
    let (old, new) = (of(before), of(after));
    FigureDifference {
        id,
        before: before.map(|figure| figure.value),
        after: after.map(|figure| figure.value),
        came: new
            .iter()
            .filter(|index| old.binary_search(index).is_err())
            .copied()
            .collect(),
        went: old
            .iter()
            .filter(|index| new.binary_search(index).is_err())
            .copied()
            .collect(),
    }
}
