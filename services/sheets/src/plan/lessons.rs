//! 送教送培, 授课, 听课, 到校: a row is one event.

use keshi_core::codes::LessonType;
use keshi_core::event::{Delivery, LessonGiven, LessonObserved, OutreachDelivered, SchoolVisit};
use keshi_core::ids::OutreachId;
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use super::people::PersonKey;
use crate::columns::{Col, Words};
use crate::problem::Issue;
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    /// One event for each row, that is for each person: a row with a mistake does not hold up the others, and one that
    /// comes later changes nothing that was recorded.
    pub(super) fn outreach(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let (from, to) = self.days();
        let to_school = self.fields.must(Col::School, Fields::school);
        let from_org = self.fields.school(Col::FromSchool);
        if self.fields.is_blank(Col::Lessons) && self.fields.is_blank(Col::Talks) {
            self.fields.one_of(&[Col::Lessons, Col::Talks]);
            return None;
        }
        let lessons: Option<u16> = self.fields.count(Col::Lessons);
        let talks: Option<u16> = self.fields.count(Col::Talks);
        let content = self.fields.text(Col::Content);
        let listeners: Option<u32> = self.fields.count(Col::Listeners);
        let requested_by_school = self.fields.yes(Col::Requested);
        let (teacher_id, from, to, to_school) = (teacher_id?, from?, to?, to_school?);
        let days = (from.to_string(), to.to_string());
        let sender = from_org.map(|id| id.to_string()).unwrap_or_default();
        let id = self.ids.short("O", &[&sender, to_school.as_str(), &days.0, &days.1]);
        let outreach_id = OutreachId::new(&id).ok()?;
        let content = content.map_or_else(String::new, |content| content.to_string());
        let event_id = self.ids.event(
            "outreach_delivered",
            &[teacher_id.as_str(), outreach_id.as_str(), &content],
        );
        let delivery = Delivery {
            teacher_id,
            lessons: lessons.unwrap_or(0),
            talks: talks.unwrap_or(0),
        };
        let fact = OutreachDelivered {
            unattributed_lessons: 0,
            unattributed_talks: 0,
            outreach_id,
            from_org,
            to_school,
            deliveries: vec![delivery],
            listeners: listeners.unwrap_or(0),
            requested_by_school,
        };
        self.add_about(&content, event_id, (from, to), fact);
        Some(())
    }

    pub(super) fn lesson_given(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let (from, to) = self.days();
        let lesson_type = self.fields.must(Col::LessonType, |f, col| {
            f.word(col, Words::LessonType, LessonType::from_code)
        });
        let level = self.level();
        let school_id = self.fields.school(Col::School);
        let subject = self.fields.text(Col::Subject);
        let content = self.fields.text(Col::Content);
        let periods: Option<u16> = self.fields.count(Col::Lessons);
        let listeners: Option<u32> = self.fields.count(Col::Listeners);
        let (teacher_id, from, to, lesson_type, level) = (teacher_id?, from?, to?, lesson_type?, level?);
        let (day, kind, rank) = (
            from.to_string(),
            lesson_type.code().to_string(),
            level.code().to_string(),
        );
        let school = school_id.map(|id| id.to_string()).unwrap_or_default();
        let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string).unwrap_or_default();
        let (taught, content) = (text(&subject), text(&content));
        let parts = [teacher_id.as_str(), &day, &kind, &rank, &school, &taught, &content];
        let event_id = self.ids.event("lesson_given", &parts);
        let fact = LessonGiven {
            teacher_id,
            lesson_type,
            level,
            school_id,
            subject,
            periods: periods.unwrap_or(1),
            listeners: listeners.unwrap_or(0),
            session_id: None,
        };
        self.add_about(&content, event_id, (from, to), fact);
        Some(())
    }

    pub(super) fn lesson_observed(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let observer_id = self.person(sheet, row);
        let (from, to) = self.days();
        let school_id = self.fields.must(Col::School, Fields::school);
        let periods: Option<u16> = self.fields.count(Col::Lessons);
        let taught = PersonKey::taught(sheet, row).map(|key| {
            let col = if key.name.is_empty() {
                Col::TaughtTeacher
            } else {
                Col::TaughtName
            };
            self.find(&key, col)
        });
        let subject = self.fields.text(Col::Subject);
        let content = self.fields.text(Col::Content);
        let comment_given = self.fields.yes(Col::Comment);
        let (observer_id, from, to, school_id) = (observer_id?, from?, to?, school_id?);
        let teacher_id = taught.flatten();
        if teacher_id == Some(observer_id) {
            let col = if self.fields.is_blank(Col::TaughtName) {
                Col::TaughtTeacher
            } else {
                Col::TaughtName
            };
            self.fields.note(
                col,
                Issue::Contradicts {
                    rows: self.place.row.to_string(),
                },
            );
        }
        let taught_by = teacher_id.map(|id| id.to_string()).unwrap_or_default();
        let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string).unwrap_or_default();
        let (subject, content) = (text(&subject), text(&content));
        let parts = [
            observer_id.as_str(),
            &from.to_string(),
            school_id.as_str(),
            &taught_by,
            &subject,
            &content,
        ];
        let event_id = self.ids.event("lesson_observed", &parts);
        let fact = LessonObserved {
            observer_id,
            teacher_id,
            school_id,
            periods: periods.unwrap_or(1),
            comment_given,
        };
        let about = [subject, content];
        let about: Vec<String> = about.into_iter().filter(|text| !text.is_empty()).collect();
        self.add_about(&about.join(" · "), event_id, (from, to), fact);
        Some(())
    }

    pub(super) fn visit(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let researcher_id = self.person(sheet, row);
        let (from, to) = self.days();
        let school_id = self.fields.must(Col::School, Fields::school);
        let purpose = self.fields.text(Col::Purpose);
        let (researcher_id, from, to, school_id) = (researcher_id?, from?, to?, school_id?);
        let parts = [
            researcher_id.as_str(),
            &from.to_string(),
            &to.to_string(),
            school_id.as_str(),
        ];
        let event_id = self.ids.event("school_visit", &parts);
        self.add(
            event_id,
            from,
            to,
            SchoolVisit {
                researcher_id,
                school_id,
                purpose,
            },
        );
        Some(())
    }
}
