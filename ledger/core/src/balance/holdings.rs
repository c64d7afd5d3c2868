//! Posts held, as far as they say who stands under which policy.

use jiff::civil::Date;

use crate::codes::{AssignmentNature, Post};
use crate::ids::{SchoolId, TeacherId};
use crate::state::{Assignment, AssignmentEnd, At, State, Teacher};
use crate::text::Text;

/// A post held, as asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// The entry.
    pub index: u64,
    /// The school, unless it is a unit of the office.
    pub school: Option<SchoolId>,
    /// The unit of the office.
    pub unit: Option<Text>,
    /// 岗位
    pub post: Post,
    /// Hundredths of a full post.
    pub share_hundredths: u8,
    /// First day.
    pub from: Date,
    /// Last day, if it has ended or is limited.
    pub to: Option<Date>,
    /// 轮岗, 交流, 借调, 支教, if it is one.
    pub nature: Option<AssignmentNature>,
}

impl State {
    pub(crate) fn last_day(&self, teacher: &Teacher, assignment: &Assignment, size: u64) -> Option<Date> {
        let ends = teacher.ends.iter().filter(|end| self.is_end_of(end, assignment, size));
        let ended = ends
            .filter(|end| self.live(end.index, size))
            .map(|end| end.last_day)
            .min();
        ended.into_iter().chain(assignment.until).min()
    }

    /// Whether the end is this post's, or that of what the post corrects. One that lies before the start, and so was posted
    /// before it, ends nothing.
    pub(crate) fn is_end_of(&self, end: &AssignmentEnd, assignment: &Assignment, size: u64) -> bool {
        let names_it = end.started_event == assignment.event_id
            || (self.has_corrections() && self.stands_for(end.started_event, size) == Some(assignment.index));
        names_it && assignment.from <= end.last_day
    }
}

impl At<'_> {
    /// The posts that the teacher holds or held, below `size`, by first day then event id.
    pub fn holdings(self, teacher_id: &TeacherId) -> Vec<Holding> {
        let Some(teacher) = self.state.person(teacher_id, self.size) else {
            return Vec::new();
        };
        let live = teacher
            .assignments
            .iter()
            .filter(|assignment| self.state.live(assignment.index, self.size));
        let mut live: Vec<&Assignment> = live.collect();
        live.sort_by_key(|assignment| (assignment.from, assignment.event_id));
        live.into_iter()
            .map(|assignment| Holding {
                index: assignment.index.into(),
                school: assignment.school,
                unit: assignment.unit.clone(),
                post: assignment.post,
                share_hundredths: assignment.share_hundredths,
                from: assignment.from,
                to: self.state.last_day(&teacher, assignment, self.size),
                nature: assignment.nature,
            })
            .collect()
    }
}
