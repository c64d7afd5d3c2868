//! Lessons given and observed, outreach, visits.

use super::Fold;
use crate::event::{Event, LessonGiven, LessonObserved, Mentoring, OutreachDelivered, SchoolVisit};
use crate::state::rows::{Detail, shifted};
use crate::state::{State, Unattributed};

impl Fold for OutreachDelivered {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let to_school = state.schools.mention(self.to_school);
        for delivery in &self.deliveries {
            let detail = Detail::Outreach {
                lessons: delivery.lessons,
                talks: delivery.talks,
                to_school,
            };
            state.add(delivery.teacher_id, index, event, detail);
        }
        if self.unattributed_lessons > 0 || self.unattributed_talks > 0 {
            state.unattributed.push(Unattributed {
                index,
                year: event.to.year(),
                lessons: self.unattributed_lessons,
                talks: self.unattributed_talks,
            });
        }
    }
}

impl Fold for LessonGiven {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::LessonGiven {
            periods: self.periods,
            lesson_type: self.lesson_type,
            level: self.level,
            session: self.session_id.and_then(|id| shifted(state.sessions.mention(id))),
        };
        state.add(self.teacher_id, index, event, detail);
    }
}

impl Fold for LessonObserved {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let detail = Detail::LessonObserved {
            periods: self.periods,
            school: state.schools.mention(self.school_id),
        };
        state.add(self.observer_id, index, event, detail);
        if let Some(taught_by) = self.teacher_id {
            state.name(taught_by, index);
        }
    }
}

/// No meter counts it; it is among the entries about both.
impl Fold for Mentoring {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        state.name(self.mentor_id, index);
        state.name(self.apprentice_id, index);
    }
}

impl Fold for SchoolVisit {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let school = state.schools.mention(self.school_id);
        state.add(self.researcher_id, index, event, Detail::SchoolVisit { school });
    }
}
