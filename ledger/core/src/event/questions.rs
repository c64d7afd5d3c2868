//! Ordered research (订单式教研): what schools want to be answered, what is put together, in which session it is answered, and
//! whether that helped.

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::ids::{QuestionId, SchoolId, SemesterId, SessionId, TeacherId};
use crate::text::Text;
use crate::violation::Problem;

/// Most questions that one event joins to another.
pub const JOINED_MAX: usize = 60;

/// The least and the best rating of an answer: 1 it did not help at all, 5 it is solved.
pub const RATINGS: (u8, u8) = (1, 5);

kinds! {
    /// A school sends a question that it wants answered in a semester.
    QuestionSent "question_sent" "教研需求" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The question.
        question_id: QuestionId => Question,
        /// The school that asks.
        school_id: SchoolId => Home,
        /// 学科
        subject: Text => Text,
        /// The semester in which it is to be answered, like `2022-2023-1`.
        semester: SemesterId => Name,
        /// What is asked, without names of pupils.
        text: Text => Text,
        /// Who had it, if the school says so.
        asked_by: Option<TeacherId> => Teacher,
    }
    /// Similar questions of one subject and semester are put together: from then on they are one.
    QuestionsJoined "questions_joined" "需求合并" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The question that stands for all of them.
        into_id: QuestionId => Question,
        /// Those that go into it.
        question_ids: Vec<QuestionId> => Question,
    }
    /// A question is to be answered by a session, which may be posted later.
    QuestionPlanned "question_planned" "需求列入计划" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The question.
        question_id: QuestionId => Question,
        /// The session.
        session_id: SessionId => Session,
    }
    /// A school that asked says how far the session answered it.
    AnswerRated "answer_rated" "需求评价" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The question, as it was sent or as it was put together.
        question_id: QuestionId => Question,
        /// The school that asked.
        school_id: SchoolId => Home,
        /// 1 (it did not help at all) to 5 (it is solved).
        rating: u8 => Value,
        /// 评语
        remark: Option<Text> => Text,
    }
}

impl Checked for QuestionSent {
    fn check(&self, _: &Event, found: &mut Found) {
        found.semester("semester", self.semester);
        found.no_pupil("text", &self.text);
    }
}

impl Checked for QuestionsJoined {
    fn check(&self, _: &Event, found: &mut Found) {
        let dropped = &self.question_ids;
        if dropped.is_empty() {
            found.missing("question_ids");
        }
        if dropped.len() > JOINED_MAX {
            found.add("question_ids", dropped.len(), Problem::TooMany { max: JOINED_MAX });
        }
        let mut seen = vec![self.into_id];
        for id in dropped {
            if seen.contains(id) {
                found.add("question_ids", id, Problem::Repeated);
            }
            seen.push(*id);
        }
    }
}

impl Checked for QuestionPlanned {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for AnswerRated {
    fn check(&self, _: &Event, found: &mut Found) {
        found.range("rating", self.rating, RATINGS.0, RATINGS.1);
        if let Some(remark) = &self.remark {
            found.no_pupil("remark", remark);
        }
    }
}
