//! What becomes of an event that takes another's place (DOMAIN §10, ADR 43).

use super::rules::View;
use super::ruling::Ruling;
use crate::event::{Event, PersonRegistered, SchoolRegistered};
use crate::ids::EventId;
use crate::reason::{Reason, ReasonCode};
use crate::state::{CORRECTIONS_MAX, Fate};

/// The field that names the original.
const FIELD: &str = "supersedes";

impl View<'_> {
    /// What stands in the way of the correction that the event is; `None` also where its original is still awaited.
    pub(super) fn correction(&self, event: &Event) -> Option<Ruling> {
        let original = event.supersedes?;
        let refused = |code| Some(Ruling::refused(code, FIELD, original));
        if !event.fact.nature().correctable {
            return refused(ReasonCode::NotCorrectable);
        }
        let id = event.event_id;
        if original == id || self.state.originals_of(original).any(|further| further == id) {
            return refused(ReasonCode::CorrectsItself);
        }
        let chain = self.state.originals_of(original).count() + self.state.corrections_upon(id);
        if chain.max(self.state.corrections_of(original)) >= CORRECTIONS_MAX {
            return refused(ReasonCode::CorrectedTooOften);
        }
        let registers = [PersonRegistered::KIND, SchoolRegistered::KIND].contains(&event.fact.kind());
        let Some((kind, _)) = self.state.kind_of(original) else {
            // Once it is there it must be of the same person or school, which nobody would look at again.
            return registers.then(|| Ruling::refused(ReasonCode::WrongTarget, FIELD, original));
        };
        if kind != event.fact.kind() || (registers && !self.registers_the_same(event, original)) {
            return refused(ReasonCode::WrongTarget);
        }
        let index = self.state.events.recorded(original)?;
        match self.state.fate(index, self.size) {
            Fate::Stands => None,
            Fate::Void(by) => Some(Ruling::refused_for(ReasonCode::CorrectsVoid, FIELD, original, by)),
            Fate::Corrected(by) => {
                let last = self.state.stands_for(original, self.size).unwrap_or(by);
                Some(Ruling::refused_for(ReasonCode::CorrectedAlready, FIELD, original, last))
            }
            Fate::WithoutOriginal(further) => Some(Ruling::waiting_for(FIELD, further)),
        }
    }

    /// Whether the registration that is corrected is of the same person or school.
    fn registers_the_same(&self, event: &Event, original: EventId) -> bool {
        let index = self.state.events.recorded(original);
        let person = event.fact.new_teacher().and_then(|id| self.state.teachers.get(id));
        let school = event.fact.new_school().and_then(|id| self.state.schools.get(id));
        person.is_some_and(|row| row.profiles.iter().any(|profile| Some(profile.index) == index))
            || school.is_some_and(|row| row.profiles.iter().any(|profile| Some(profile.index) == index))
    }

    /// What is to be said of an event that is posted again, if it has no effect any more.
    pub(super) fn since(&self, event_id: EventId, index: u64) -> Option<Reason> {
        let index = u32::try_from(index).ok()?;
        let (code, by) = match self.state.fate(index, self.size) {
            Fate::Stands | Fate::WithoutOriginal(_) => return None,
            Fate::Void(by) => (ReasonCode::VoidedSince, by),
            Fate::Corrected(by) => {
                let last = self.state.stands_for(event_id, self.size).unwrap_or(by);
                (ReasonCode::CorrectedSince, last)
            }
        };
        Some(Reason {
            index: Some(by.into()),
            ..Reason::about(code, "", "")
        })
    }
}
