//! What each kind changes in the state, by family as in [`crate::event`]. No rules here: what was recorded happened.
//!
//! Every kind says it, also the one that changes nothing; a kind that says nothing does not compile.

mod certificates;
mod claims;
mod contests;
mod documents;
mod inspections;
mod lessons;
mod organisations;
mod people;
mod questions;
mod records;
mod schools;
mod training;
mod works;
mod years;

use super::State;
use super::rows::{Detail, Item};
use crate::event::{Event, with_fact};
use crate::ids::TeacherId;

/// A kind of fact that the state is folded from.
trait Fold {
    /// Folds the fact of `event`, recorded at `index`. Whatever it adds to, [`State::take_back`] takes away.
    fn fold(&self, state: &mut State, index: u32, event: &Event);
}

impl State {
    pub(super) fn fold(&mut self, index: u32, event: &Event) {
        with_fact!(&event.fact, fact => fact.fold(self, index, event));
    }

    /// Remembers that the entry names the teacher, who gets no row by it.
    fn name(&mut self, teacher_id: TeacherId, index: u32) {
        if let Some(teacher) = self.teachers.entry(teacher_id) {
            teacher.named.push(index);
        }
    }

    fn add(&mut self, teacher_id: TeacherId, index: u32, event: &Event, detail: Detail) {
        if let Some(teacher) = self.teachers.entry(teacher_id) {
            teacher.push(Item {
                index,
                from: event.from,
                to: event.to,
                detail,
            });
        }
    }
}
