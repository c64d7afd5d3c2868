//! Attendance of one person that may be one course posted twice, each pair with what was decided of it (DOMAIN §13.3).

use super::{Assessor, Course};
use crate::ids::{EventId, TeacherId};
use crate::intern::Slot;
use crate::state::{Detail, Item, State, Teacher};
use crate::text::Text;

/// Most pairs of one person that are told of: more is a mistake of another kind.
pub const OVERLAPS_MAX: usize = 100;

/// Two entries of one person that may be one course: of different sessions, alike in their provider, on the same days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The earlier by days, then event id.
    pub first: u64,
    /// The other.
    pub second: u64,
    /// The entry that says that both are right.
    pub accepted: Option<u64>,
}

impl State {
    /// The entry below `size` that says of these two that both are right.
    pub(crate) fn accepted(&self, teacher: &Teacher, (one, other): (u32, u32), size: u64) -> Option<u32> {
        let stands = |id: EventId| self.stands_for(id, size);
        let mut live = teacher.accepted.iter().filter(|row| self.live(row.index, size));
        let said = live.find(|row| {
            let pair = (stands(row.pair.0), stands(row.pair.1));
            pair == (Some(one), Some(other)) || pair == (Some(other), Some(one))
        });
        said.map(|row| row.index)
    }

    /// The provider of the session, as its project says.
    pub(crate) fn provider(&self, session: Slot, size: u64) -> Option<&Text> {
        let definition = self.session_def(session, size)?;
        self.project_def(definition.project, size)?.provider.as_ref()
    }

    fn course_of(&self, item: &Item, size: u64) -> Option<Course<'_, Slot>> {
        let Detail::Attendance { session, .. } = item.detail else {
            return None;
        };
        let provider = self.provider(session, size);
        let has_effect = self.void(item, size).is_none();
        (provider.is_some() && has_effect).then_some(Course {
            session,
            provider,
            days: (item.from, item.to),
        })
    }
}

impl Assessor<'_> {
    /// The pairs of a teacher's attendance that may be one course, by days then event id; at most [`OVERLAPS_MAX`].
    pub fn overlaps(&self, teacher_id: &TeacherId) -> Vec<Overlap> {
        let (state, size) = (self.state, self.size);
        let Some(person) = state.person(teacher_id, size) else {
            return Vec::new();
        };
        let below = person.items.iter().filter(|item| u64::from(item.index) < size);
        let mut courses: Vec<_> = below
            .filter_map(|item| Some((state.course_of(item, size)?, item.index)))
            .collect();
        courses.sort_by_key(|(course, index)| (course.days, state.events.id(*index)));
        let mut found = Vec::new();
        for (place, (course, index)) in courses.iter().enumerate() {
            let later = courses.iter().skip(place + 1);
            let near = later.take_while(|(other, _)| other.days.0 <= course.days.1);
            for (_, other) in near.filter(|(other, _)| course.may_be_one_with(other)) {
                if found.len() == OVERLAPS_MAX {
                    return found;
                }
                found.push(Overlap {
                    first: (*index).into(),
                    second: (*other).into(),
                    accepted: state.accepted(&person, (*index, *other), size).map(u64::from),
                });
            }
        }
        found
    }
}
