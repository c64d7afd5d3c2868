//! School-based terms.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, SchoolBasedTerm};
use crate::reason::ReasonCode;

/// A term that names a semester which begins only after it is refused (DOMAIN §13a).
impl Judged for SchoolBasedTerm {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let semesters = view.state.at(view.size).semesters();
        let named = semesters.iter().find(|semester| semester.id == self.semester)?;
        (event.to < named.from).then(|| Ruling::refused(ReasonCode::SemesterAhead, "semester", self.semester))
    }
}
