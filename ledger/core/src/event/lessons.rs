//! Lessons given and observed, outreach, visits.

use super::check::COUNT_MAX;
use super::kind::{Checked, Found, kinds};
use super::{DELIVERIES_MAX, Event};
use crate::canonical::{Canonical, Sink};
use crate::codes::{LessonType, Level};
use crate::ids::{OutreachId, SchoolId, SessionId, TeacherId};
use crate::text::Text;
use crate::violation::Problem;

kinds! {
    /// Lessons and talks were carried to another school.
    OutreachDelivered "outreach_delivered" "送教送培" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The outreach.
        outreach_id: OutreachId => Name,
        /// Who sent it.
        from_org: Option<SchoolId> => Sender,
        /// Where it went.
        to_school: SchoolId => Place,
        /// Who gave what.
        deliveries: Vec<Delivery> => Subject "deliveries.teacher_id",
        /// 听课人数
        listeners: u32 => Value,
        /// 预约: the school asked for it.
        requested_by_school: bool => Value,
        /// 节 known only as a count, from a paper log; in the report, never in a balance (DOMAIN §13.23).
        unattributed_lessons: u32 => Value,
        /// 场 known only as a count.
        unattributed_talks: u32 => Value,
    }
    /// A teacher gave a lesson before others.
    LessonGiven "lesson_given" "授课" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// 课型
        lesson_type: LessonType => Value,
        /// 级别
        level: Level => Value,
        /// Where.
        school_id: Option<SchoolId> => Place,
        /// 学科
        subject: Option<Text> => Text,
        /// 节
        periods: u16 => Value,
        /// 听课人数
        listeners: u32 => Value,
        /// The session it was given in.
        session_id: Option<SessionId> => Session,
    }
    /// Someone sat in on a lesson.
    LessonObserved "lesson_observed" "听课" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// Who observed.
        observer_id: TeacherId => Subject,
        /// Who taught.
        teacher_id: Option<TeacherId> => Teacher,
        /// Where.
        school_id: SchoolId => Place,
        /// 节
        periods: u16 => Value,
        /// 评课
        comment_given: bool => Value,
    }
    /// An experienced teacher takes a young one under her wing for a term; the event's days are those of the term.
    Mentoring "mentoring" "师徒结对" { voidable: true, correctable: true, may_lie_ahead: true, credits: false } {
        /// 师傅
        mentor_id: TeacherId => Subject,
        /// 徒弟
        apprentice_id: TeacherId => Subject,
        /// 学科
        subject: Option<Text> => Text,
        /// 目标
        goal: Option<Text> => Text,
    }
    /// A researcher went into a school.
    SchoolVisit "school_visit" "驻点教研" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The researcher.
        researcher_id: TeacherId => Subject,
        /// The school.
        school_id: SchoolId => Place,
        /// 目的
        purpose: Option<Text> => Text,
    }
}

impl Checked for OutreachDelivered {
    fn check(&self, _: &Event, found: &mut Found) {
        let most = u32::from(COUNT_MAX);
        found.range("unattributed_lessons", self.unattributed_lessons, 0, most);
        found.range("unattributed_talks", self.unattributed_talks, 0, most);
        if self.deliveries.is_empty() && self.unattributed_lessons == 0 && self.unattributed_talks == 0 {
            found.missing("deliveries");
        }
        if self.deliveries.len() > DELIVERIES_MAX {
            let problem = Problem::TooMany { max: DELIVERIES_MAX };
            found.add("deliveries", self.deliveries.len(), problem);
            return;
        }
        for (place, delivery) in self.deliveries.iter().enumerate() {
            let least = u16::from(delivery.talks == 0);
            found.count(&format!("deliveries[{place}].lessons"), delivery.lessons, least);
            found.count(&format!("deliveries[{place}].talks"), delivery.talks, 0);
            // A person stands once in one outreach (DOMAIN §13a).
            let mut before = self.deliveries.iter().take(place);
            if before.any(|other| other.teacher_id == delivery.teacher_id) {
                let field = format!("deliveries[{place}].teacher_id");
                found.add(&field, delivery.teacher_id, Problem::Repeated);
            }
        }
    }
}

impl Checked for LessonGiven {
    fn check(&self, _: &Event, found: &mut Found) {
        found.count("periods", self.periods, 1);
    }
}

impl Checked for LessonObserved {
    fn check(&self, _: &Event, found: &mut Found) {
        found.count("periods", self.periods, 1);
    }
}

impl Checked for Mentoring {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.mentor_id == self.apprentice_id {
            found.add("apprentice_id", self.apprentice_id, Problem::Repeated);
        }
    }
}

impl Checked for SchoolVisit {
    fn check(&self, _: &Event, _: &mut Found) {}
}

/// What one teacher carried out on an outreach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The teacher.
    pub teacher_id: TeacherId,
    /// 节
    pub lessons: u16,
    /// 场
    pub talks: u16,
}

impl Canonical for Delivery {
    fn put(&self, out: &mut dyn Sink) {
        let Self {
            teacher_id,
            lessons,
            talks,
        } = self;
        teacher_id.put(out);
        lessons.put(out);
        talks.put(out);
    }
}
