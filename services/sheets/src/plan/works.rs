//! 培养对象, 课题, 发表, 成果获奖.

use keshi_core::codes::{Award, Level};
use keshi_core::event::{CandidateChosen, TopicApproved, TopicConcluded, TopicOpened, WorkAwarded, WorkPublished};
use keshi_core::ids::{TeacherId, TopicId, WorkId};
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::problem::Issue;
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    /// The row's own person first, then those of `col`.
    pub(super) fn with(&mut self, first: TeacherId, col: Col) -> Vec<TeacherId> {
        let mut all = vec![first];
        all.extend(self.fields.people(col));
        all
    }

    pub(super) fn candidate(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let class = self.class();
        let level = self.level();
        let (from, to) = self.days();
        let doc_no = self.fields.text(Col::DocNo);
        let until = self.fields.date(Col::ValidTo);
        let (teacher_id, class, level, from, to) = (teacher_id?, class?, level?, from?, to?);
        let (aim, rank, day) = (class.code().to_string(), level.code().to_string(), from.to_string());
        let event_id = self
            .ids
            .event("candidate_chosen", &[teacher_id.as_str(), &aim, &rank, &day]);
        let fact = CandidateChosen {
            teacher_id,
            class,
            level,
            doc_no,
            until,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }

    /// A topic is its name and level, in every sheet.
    pub(super) fn topic_id(&self, name: &Text, level: Level) -> Option<TopicId> {
        let id = self.ids.short("K", &[name.as_str(), &level.code().to_string()]);
        TopicId::new(&id).ok()
    }

    /// A topic is its name and level, so that its conclusion finds it. Once there is one, it is the row's own event.
    pub(super) fn topic(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let lead = self.person(sheet, row);
        let name = self.fields.must(Col::TopicName, Fields::text);
        let level = self.level();
        let (from, to) = self.days();
        let opened = self.fields.date(Col::OpenedOn);
        let concluded = self.fields.date(Col::ConcludedOn);
        let result = self.fields.text(Col::Conclusion);
        let member_ids = self.fields.people(Col::Members);
        let (lead, name, level, from, to) = (lead?, name?, level?, from?, to?);
        let lead_ids = self.with(lead, Col::Leads);
        if concluded.is_none() && result.is_some() {
            self.fields.note(Col::ConcludedOn, Issue::Missing);
            return None;
        }
        let topic_id = self.topic_id(&name, level)?;
        let event_id = self.ids.event("topic_approved", &[topic_id.as_str()]);
        let fact = TopicApproved {
            topic_id,
            name: Some(name.clone()),
            level,
            lead_ids: lead_ids.clone(),
            member_ids: member_ids.clone(),
        };
        self.add(event_id, from, to, fact);
        if let Some(on) = opened {
            let event_id = self.ids.event("topic_opened", &[topic_id.as_str()]);
            let fact = TopicOpened {
                topic_id,
                lead_ids: lead_ids.clone(),
                remark: None,
            };
            self.add(event_id, on, on, fact);
        }
        if let Some(on) = concluded {
            let event_id = self.ids.event("topic_concluded", &[topic_id.as_str()]);
            let fact = TopicConcluded {
                topic_id,
                name: Some(name),
                level,
                lead_ids,
                member_ids,
                result,
            };
            self.add(event_id, on, on, fact);
        }
        Some(())
    }

    /// The work that a row names: the same for its publication and all its prizes.
    fn work(&mut self) -> Option<(WorkId, Text)> {
        let title = self.fields.must(Col::Work, Fields::text)?;
        let work_id = WorkId::new(&self.ids.short("W", &[title.as_str()])).ok()?;
        Some((work_id, title))
    }

    pub(super) fn work_published(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let author = self.person(sheet, row);
        let work = self.work();
        let work_kind = self.fields.must(Col::WorkKind, Fields::text);
        let level = self.level();
        let (from, to) = self.days();
        let (author, work_kind, level, from, to) = (author?, work_kind?, level?, from?, to?);
        let (work_id, title) = work?;
        let author_ids = self.with(author, Col::Authors);
        let event_id = self.ids.event("work_published", &[work_id.as_str(), &from.to_string()]);
        let fact = WorkPublished {
            work_id,
            work_kind,
            level,
            title: Some(title),
            author_ids,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }

    pub(super) fn work_awarded(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let author = self.person(sheet, row);
        let work = self.work();
        let level = self.level();
        let award = self
            .fields
            .must(Col::Award, |f, col| f.word(col, Words::Award, Award::from_code));
        let contest = self.fields.text(Col::Contest);
        let (from, to) = self.days();
        let (author, level, award, from, to) = (author?, level?, award?, from?, to?);
        let (work_id, title) = work?;
        let author_ids = self.with(author, Col::Authors);
        let (rank, day) = (level.code().to_string(), from.to_string());
        let judged = contest.as_ref().map_or("", Text::as_str);
        let event_id = self.ids.event("work_awarded", &[work_id.as_str(), &rank, judged, &day]);
        let fact = WorkAwarded {
            work_id,
            title: Some(title),
            level,
            award,
            author_ids,
            contest,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }
}
