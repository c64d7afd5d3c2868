//! Inspections: nobody inspects her own school, and only what was to change is looked at again.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, FindingChecked, FindingMade, InspectionHeld};
use crate::ids::{SchoolId, TeacherId};
use crate::reason::ReasonCode;

impl Judged for InspectionHeld {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let corrected = view.corrected(event);
        if let Some(other) = view.state.inspected(&self.inspection_id, view.size, corrected) {
            let (code, id) = (ReasonCode::IdTaken, self.inspection_id);
            return Some(Ruling::refused_for(code, "inspection_id", id, other.index));
        }
        let mut inspectors = self.inspector_ids.iter();
        inspectors.find_map(|id| view.of_her_school("inspector_ids", *id, self.school_id, event))
    }
}

/// It was found when the inspection had begun.
impl Judged for FindingMade {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        if let Some((other, _)) = view.state.found(&self.finding_id, view.size, view.corrected(event)) {
            let (code, id) = (ReasonCode::IdTaken, self.finding_id);
            return Some(Ruling::refused_for(code, "finding_id", id, other.index));
        }
        let Some(held) = view.state.inspected(&self.inspection_id, view.size, None) else {
            let code = ReasonCode::NotThere;
            return Some(Ruling::refused(code, "inspection_id", self.inspection_id));
        };
        let code = ReasonCode::BeforeFound;
        (event.to < held.from).then(|| Ruling::refused_for(code, "occurred_to", held.from, held.index))
    }
}

impl Judged for FindingChecked {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let Some((made, held)) = view.state.found(&self.finding_id, view.size, None) else {
            return Some(Ruling::refused(ReasonCode::NotThere, "finding_id", self.finding_id));
        };
        if !made.change_requested {
            let (code, id) = (ReasonCode::NoChangeRequested, self.finding_id);
            return Some(Ruling::refused_for(code, "finding_id", id, made.index));
        }
        if event.to < made.on {
            let code = ReasonCode::BeforeFound;
            return Some(Ruling::refused_for(code, "occurred_to", made.on, made.index));
        }
        view.of_her_school("checked_by", self.checked_by, held.school, event)
    }
}

impl View<'_> {
    /// Nobody judges the school where she is in post (DOMAIN §3).
    fn of_her_school(&self, field: &str, person: TeacherId, school: SchoolId, event: &Event) -> Option<Ruling> {
        let day = event.to;
        let posts = self.state.at(self.size).holdings(&person);
        let is_hers = posts.iter().any(|post| {
            let holds = post.from <= day && post.to.is_none_or(|last| day <= last);
            holds && post.school == Some(school)
        });
        is_hers.then(|| Ruling::refused(ReasonCode::OwnSchool, field, person))
    }
}
