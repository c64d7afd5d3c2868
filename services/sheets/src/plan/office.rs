//! 复核续期, 联系点, 专家库, 中期检查.

use keshi_core::codes::{ExpertPool, TopicCheck};
use keshi_core::event::{ExpertPooled, SchoolLinked, TitleRenewed, TopicChecked};
use keshi_core::text::Text;
use keshi_core::violation::Problem;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::problem::Issue;
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    pub(super) fn renewal(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let class = self.class();
        let level = self.level();
        let conferred = self.fields.must(Col::TitleDay, Fields::date);
        let on = self.fields.must(Col::From, Fields::date);
        let doc_no = self.fields.text(Col::DocNo);
        let valid_to = self.fields.date(Col::ValidTo);
        let (teacher_id, on) = (teacher_id?, on?);
        let title_event = self.title_event(teacher_id, class?, level?, conferred?);
        let day = on.to_string();
        let event_id = self.ids.event("title_renewed", &[&title_event.to_string(), &day]);
        let fact = TitleRenewed {
            teacher_id,
            title_event,
            doc_no,
            valid_to,
        };
        self.add(event_id, on, on, fact);
        Some(())
    }

    pub(super) fn linked(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let researcher_id = self.person(sheet, row);
        let school_id = self.fields.must(Col::School, Fields::school);
        let from = self.fields.must(Col::From, Fields::date);
        let until = self.fields.date(Col::PostTo);
        let (researcher_id, school_id, from) = (researcher_id?, school_id?, from?);
        if until.is_some_and(|last| last < from) {
            self.fields.note(Col::PostTo, Issue::Field(Problem::EndBeforeStart));
        }
        let day = from.to_string();
        let parts = [researcher_id.as_str(), school_id.as_str(), &day];
        let event_id = self.ids.event("school_linked", &parts);
        let fact = SchoolLinked {
            researcher_id,
            school_id,
            until,
        };
        self.add(event_id, from, from, fact);
        Some(())
    }

    pub(super) fn expert(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let pool = self
            .fields
            .must(Col::Pool, |f, col| f.word(col, Words::Pool, ExpertPool::from_code));
        let subject = self.fields.text(Col::Subject);
        let from = self.fields.must(Col::From, Fields::date);
        let until = self.fields.date(Col::PostTo);
        let doc_no = self.fields.text(Col::DocNo);
        let (teacher_id, pool, from) = (teacher_id?, pool?, from?);
        if until.is_some_and(|last| last < from) {
            self.fields.note(Col::PostTo, Issue::Field(Problem::EndBeforeStart));
        }
        if pool == ExpertPool::Subject && self.fields.is_blank(Col::Subject) {
            self.fields.note(Col::Subject, Issue::Missing);
        }
        let of = subject.as_ref().map_or("", Text::as_str);
        let (code, day) = (pool.code().to_string(), from.to_string());
        let event_id = self.ids.event("expert_pooled", &[teacher_id.as_str(), &code, of, &day]);
        let fact = ExpertPooled {
            teacher_id,
            pool,
            subject,
            doc_no,
            until,
        };
        self.add(event_id, from, from, fact);
        Some(())
    }

    /// The person of the row is who leads the topic, which is that of the sheet 课题 of the same name and level.
    pub(super) fn topic_check(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let lead = self.person(sheet, row);
        let name = self.fields.must(Col::TopicName, Fields::text);
        let level = self.level();
        let on = self.fields.must(Col::From, Fields::date);
        let result = self.fields.must(Col::Result, |f, col| {
            f.word(col, Words::TopicCheck, TopicCheck::from_code)
        });
        let remark = self.fields.text(Col::Why);
        let (lead, name, level, on, result) = (lead?, name?, level?, on?, result?);
        let topic_id = self.topic_id(&name, level)?;
        let lead_ids = self.with(lead, Col::Leads);
        if result != TopicCheck::Passed && self.fields.is_blank(Col::Why) {
            self.fields.note(Col::Why, Issue::Missing);
        }
        let day = on.to_string();
        // A topic is checked once on a day: another result is a correction.
        let event_id = self.ids.event("topic_checked", &[topic_id.as_str(), &day]);
        let fact = TopicChecked {
            topic_id,
            lead_ids,
            result,
            remark,
        };
        self.add(event_id, on, on, fact);
        Some(())
    }
}
