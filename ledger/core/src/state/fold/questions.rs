//! Questions of ordered research.

use super::Fold;
use crate::event::{AnswerRated, Event, QuestionPlanned, QuestionSent, QuestionsJoined};
use crate::state::State;
use crate::state::questions::{Joined, Planned, Rated, Sent, Took};

impl Fold for QuestionSent {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.question_row(self.question_id).sent.push(Sent {
            index,
            on: event.to,
            school: self.school_id,
            subject: self.subject.clone(),
            semester: self.semester,
            text: self.text.clone(),
            asked_by: self.asked_by,
        });
        self.asked_by.iter().for_each(|id| state.name(*id, index));
    }
}

impl Fold for QuestionsJoined {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.question_row(self.into_id).took.push(Took {
            index,
            dropped: self.question_ids.clone(),
        });
        for id in &self.question_ids {
            state.question_row(*id).joined.push(Joined {
                index,
                on: event.to,
                kept: self.into_id,
            });
        }
    }
}

impl Fold for QuestionPlanned {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.question_row(self.question_id).planned.push(Planned {
            index,
            on: event.to,
            session: self.session_id,
        });
    }
}

impl Fold for AnswerRated {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        state.question_row(self.question_id).rated.push(Rated {
            index,
            on: event.to,
            school: self.school_id,
            rating: self.rating,
            remark: self.remark.clone(),
        });
    }
}
