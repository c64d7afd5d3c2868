//! 教研需求, 需求合并, 需求安排, 需求评价.

use keshi_core::event::{AnswerRated, QuestionPlanned, QuestionSent, QuestionsJoined};
use keshi_core::ids::{QuestionId, SemesterId, TeacherId};

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::Col;

impl Drafting<'_, '_> {
    /// A question is its semester, school, subject and text, unless the office numbers it itself.
    pub(super) fn question(&mut self) -> Option<()> {
        let semester = self
            .fields
            .must(Col::Semester, |fields, col| fields.id(col, SemesterId::new));
        let school_id = self.fields.must(Col::School, Fields::school);
        let subject = self.fields.must(Col::Subject, Fields::text);
        let text = self.fields.must(Col::Question, Fields::text);
        let on = self.fields.must(Col::From, Fields::date);
        let asked_by = self.fields.id(Col::AskedBy, TeacherId::new);
        let own = self.fields.id(Col::QuestionId, QuestionId::new);
        let (semester, school_id, subject, text, on) = (semester?, school_id?, subject?, text?, on?);
        let question_id = own.or_else(|| {
            let parts = [semester.as_str(), school_id.as_str(), subject.as_str(), text.as_str()];
            QuestionId::new(&self.ids.short("Q", &parts)).ok()
        })?;
        let event_id = self.ids.event("question_sent", &[question_id.as_str()]);
        let fact = QuestionSent {
            question_id,
            school_id,
            subject,
            semester,
            text,
            asked_by,
        };
        self.add(event_id, on, on, fact);
        Some(())
    }

    pub(super) fn question_join(&mut self) -> Option<()> {
        let id = self.named_question(Col::QuestionId);
        let into_id = self.named_question(Col::Into);
        let on = self.fields.must(Col::From, Fields::date);
        let (id, into_id, on) = (id?, into_id?, on?);
        let parts = [id.as_str(), into_id.as_str()];
        let event_id = self.ids.event("questions_joined", &parts);
        let fact = QuestionsJoined {
            into_id,
            question_ids: vec![id],
        };
        self.add(event_id, on, on, fact);
        Some(())
    }

    /// The session by its id, or as the sheet 培训 tells it.
    pub(super) fn question_plan(&mut self) -> Option<()> {
        let question_id = self.named_question(Col::QuestionId);
        let on = self.fields.must(Col::PlannedOn, Fields::date);
        let session_id = self.named_session();
        let (question_id, on, session_id) = (question_id?, on?, session_id?);
        let parts = [question_id.as_str(), session_id.as_str()];
        let event_id = self.ids.event("question_planned", &parts);
        let fact = QuestionPlanned {
            question_id,
            session_id,
        };
        self.add(event_id, on, on, fact);
        Some(())
    }

    /// A school rates an answer once: another rating is a correction.
    pub(super) fn answer_rating(&mut self) -> Option<()> {
        let question_id = self.named_question(Col::QuestionId);
        let school_id = self.fields.must(Col::School, Fields::school);
        let rating = self.fields.must(Col::Rating, Fields::count);
        let remark = self.fields.text(Col::Why);
        let on = self.fields.must(Col::From, Fields::date);
        let (question_id, school_id, rating, on) = (question_id?, school_id?, rating?, on?);
        let day = on.to_string();
        let parts = [question_id.as_str(), school_id.as_str(), &day];
        let event_id = self.ids.event("answer_rated", &parts);
        let fact = AnswerRated {
            question_id,
            school_id,
            rating,
            remark,
        };
        self.add(event_id, on, on, fact);
        Some(())
    }

    fn named_question(&mut self, col: Col) -> Option<QuestionId> {
        self.fields.must(col, |fields, col| fields.id(col, QuestionId::new))
    }
}
