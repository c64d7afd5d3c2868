//! School-based terms, and courses that may have been posted twice.

use super::Judged;
use crate::balance::Assessor;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, OverlapAccepted, SchoolBasedTerm};
use crate::reason::ReasonCode;

/// A term that names a semester which begins only after it is refused (DOMAIN §13a).
impl Judged for SchoolBasedTerm {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let semesters = view.state.at(view.size).semesters();
        let named = semesters.iter().find(|semester| semester.id == self.semester)?;
        (event.to < named.from).then(|| Ruling::refused(ReasonCode::SemesterAhead, "semester", self.semester))
    }
}

/// Of two entries that are flagged, and by somebody else than whose they are.
impl Judged for OverlapAccepted {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        if view.state.is_one(self.reviewer, self.teacher_id, view.size) {
            return Some(Ruling::refused(ReasonCode::OwnOverlap, "reviewer", self.teacher_id));
        }
        let standing = |id| view.state.stands_for(id, view.size).map(u64::from);
        let pair = (standing(self.first_event), standing(self.second_event));
        let flagged = Assessor::new(view.state.at(view.size)).overlaps(&self.teacher_id);
        let found = flagged.into_iter().find(|one| {
            let both = (Some(one.first), Some(one.second));
            both == pair || both == (pair.1, pair.0)
        });
        match found {
            None => Some(Ruling::refused(
                ReasonCode::NoOverlap,
                "second_event",
                self.second_event,
            )),
            Some(one) => {
                let by = u32::try_from(one.accepted?).unwrap_or(u32::MAX);
                let code = ReasonCode::OverlapAccepted;
                Some(Ruling::refused_for(code, "second_event", self.second_event, by))
            }
        }
    }
}
