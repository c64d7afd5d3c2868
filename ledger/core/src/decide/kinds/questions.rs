//! Questions of ordered research: who asked what, what may be put together, planned and rated (`ordered-research.md`).

use jiff::civil::Date;

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{AnswerRated, Event, QuestionPlanned, QuestionSent, QuestionsJoined};
use crate::ids::QuestionId;
use crate::reason::ReasonCode;
use crate::state::{Asked, Held, TOGETHER_MAX};

/// One question has one id, and is of a semester that there is, once a calendar is adopted.
impl Judged for QuestionSent {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let other = view.asked(event).sent(self.question_id);
        if let Some(other) = other {
            let code = ReasonCode::IdTaken;
            return Some(Ruling::refused_for(code, "question_id", self.question_id, other.index));
        }
        let semesters = view.state.at(view.size).semesters();
        let is_known = semesters.is_empty() || semesters.iter().any(|semester| semester.id == self.semester);
        (!is_known).then(|| Ruling::refused(ReasonCode::UnknownSemester, "semester", self.semester))
    }
}

/// Each goes once into another that stands for itself, so there is no circle; all of them are of one subject and semester.
impl Judged for QuestionsJoined {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let asked = view.asked(event);
        let dropped = || self.question_ids.iter().copied();
        let unknown = not_sent(asked, "into_id", self.into_id)
            .or_else(|| dropped().find_map(|id| not_sent(asked, "question_ids", id)));
        if unknown.is_some() {
            return unknown;
        }
        if dropped().any(|id| asked.root(self.into_id) == id) {
            return Some(Ruling::refused(ReasonCode::JoinsInCircle, "into_id", self.into_id));
        }
        let joined = joined_already(asked, "into_id", self.into_id)
            .or_else(|| dropped().find_map(|id| joined_already(asked, "question_ids", id)));
        if joined.is_some() {
            return joined;
        }
        let goes_with_kept = |id| {
            asked
                .sent(id)
                .zip(asked.sent(self.into_id))
                .is_some_and(|(one, kept)| one.goes_with(kept))
        };
        if let Some(other) = dropped().find(|id| !goes_with_kept(*id)) {
            return Some(Ruling::refused(ReasonCode::JoinsAcross, "question_ids", other));
        }
        if let Some((id, plan)) = dropped().find_map(|id| Some((id, asked.plan(id)?.0))) {
            let code = ReasonCode::PlannedAlready;
            return Some(Ruling::refused_for(code, "question_ids", id, plan.index));
        }
        let all = asked.together(self.into_id).len() + dropped().map(|id| asked.together(id).len()).sum::<usize>();
        (all > TOGETHER_MAX).then(|| Ruling::refused(ReasonCode::JoinedTooMany, "into_id", self.into_id))
    }
}

/// What stands for itself is planned, once at a time, and for no session that is cancelled.
impl Judged for QuestionPlanned {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let asked = view.asked(event);
        let (field, id) = ("question_id", self.question_id);
        let stands = not_sent(asked, field, id).or_else(|| joined_already(asked, field, id));
        if stands.is_some() {
            return stands;
        }
        if view.state.at(view.size).held(&self.session_id) == Held::Cancelled {
            return Some(Ruling::refused(
                ReasonCode::PlansCancelled,
                "session_id",
                self.session_id,
            ));
        }
        let plan = asked.plan(id)?.0;
        Some(Ruling::refused_for(ReasonCode::PlannedAlready, field, id, plan.index))
    }
}

/// Once by each school that asked, after the session.
impl Judged for AnswerRated {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let asked = view.asked(event);
        let (field, id) = ("question_id", self.question_id);
        if let Some(unknown) = not_sent(asked, field, id) {
            return Some(unknown);
        }
        let root = asked.root(id);
        let together = asked.together(root);
        let has_asked = |id: &QuestionId| asked.sent(*id).is_some_and(|sent| sent.school == self.school_id);
        if !together.iter().any(has_asked) {
            return Some(Ruling::refused(ReasonCode::NotAsked, "school_id", self.school_id));
        }
        let Some(answered) = asked.answered(root, event.to) else {
            return Some(Ruling::refused(ReasonCode::NotAnswered, field, id));
        };
        let first = asked.rating(&together, &self.school_id, answered)?;
        Some(Ruling::refused_for(
            ReasonCode::RatedAlready,
            "school_id",
            self.school_id,
            first.index,
        ))
    }
}

impl View<'_> {
    /// The questions without what the event takes the place of, whatever day they are of.
    fn asked(&self, event: &Event) -> Asked<'_> {
        self.state.asked(self.size, Date::MAX, self.corrected(event))
    }
}

fn not_sent(asked: Asked<'_>, field: &str, id: QuestionId) -> Option<Ruling> {
    let is_there = asked.sent(id).is_some();
    (!is_there).then(|| Ruling::refused(ReasonCode::NotThere, field, id))
}

fn joined_already(asked: Asked<'_>, field: &str, id: QuestionId) -> Option<Ruling> {
    let joined = asked.joined(id)?;
    let code = ReasonCode::JoinedAlready;
    Some(Ruling::refused_for(code, field, asked.root(id), joined.index))
}
