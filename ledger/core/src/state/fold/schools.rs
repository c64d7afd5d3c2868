//! Schools.

use super::Fold;
use crate::event::{Event, SchoolClosed, SchoolRegistered, SchoolsMerged};
use crate::state::State;
use crate::state::rows::SchoolView;

impl Fold for SchoolRegistered {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(school) = state.schools.entry(self.school_id) {
            school.profiles.push(SchoolView {
                index,
                on: event.to,
                name: self.name.clone(),
                stage: self.stage,
                township: self.township.clone(),
                group: self.group,
            });
        }
    }
}

impl Fold for SchoolClosed {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(school) = state.schools.entry(self.school_id) {
            school.closings.push((index, event.to, self.successor_id));
        }
    }
}

impl Fold for SchoolsMerged {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        for id in &self.school_ids {
            if let Some(school) = state.schools.entry(*id) {
                school.closings.push((index, event.to, Some(self.successor_id)));
            }
        }
    }
}
