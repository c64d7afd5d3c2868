//! Inspections, findings, and looks at what changed.

use super::Fold;
use crate::event::{Event, FindingChecked, FindingMade, InspectionHeld};
use crate::state::State;
use crate::state::inspections::{Inspected, Looked, Made};

impl Fold for InspectionHeld {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state
            .inspections
            .entry(self.inspection_id)
            .or_default()
            .push(Inspected {
                index,
                from: event.from,
                to: event.to,
                school: self.school_id,
                purpose: self.purpose.clone(),
                inspectors: self.inspector_ids.clone(),
            });
        self.inspector_ids.iter().for_each(|id| state.name(*id, index));
    }
}

impl Fold for FindingMade {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.findings.entry(self.finding_id).or_default().made.push(Made {
            index,
            on: event.to,
            inspection: self.inspection_id,
            aspect: self.aspect,
            text: self.text.clone(),
            change_requested: self.change_requested,
            due: self.due,
        });
    }
}

impl Fold for FindingChecked {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.findings.entry(self.finding_id).or_default().checked.push(Looked {
            index,
            on: event.to,
            outcome: self.outcome,
            by: self.checked_by,
            remark: self.remark.clone(),
        });
        state.name(self.checked_by, index);
    }
}
