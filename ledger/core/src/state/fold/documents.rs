//! Documents and what they bring into force.
//!
//! decide found the whole document in the ledger and parsed it; one that no longer parses would be a broken promise of
//! its language, and leaves the adoption out instead of stopping the replay.

use std::sync::Arc;

use super::Fold;
use crate::calendar::Calendar;
use crate::event::{CalendarAdopted, DocumentPart, Event, PolicyAdopted};
use crate::policy::Policy;
use crate::state::{CalendarVersion, PolicyVersion, State};

impl Fold for DocumentPart {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        state.documents.add(index, self);
    }
}

impl Fold for PolicyAdopted {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let text = state.documents.text(&self.sha256, state.size());
        if let Some(policy) = text.and_then(|text| Policy::parse(&text).ok()) {
            state.policies.push(PolicyVersion {
                index,
                policy: Arc::new(policy),
                sha256: self.sha256,
            });
        }
    }
}

impl Fold for CalendarAdopted {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let text = state.documents.text(&self.sha256, state.size());
        if let Some(calendar) = text.and_then(|text| Calendar::parse(&text).ok()) {
            state.calendars.push(CalendarVersion {
                index,
                calendar: Arc::new(calendar),
                sha256: self.sha256,
            });
        }
    }
}
