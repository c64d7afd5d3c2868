//! 学校, 教师, 任职.

use jiff::civil::Date;
use keshi_core::check::DAYS;
use keshi_core::codes::{AssignmentNature, Post, Stage};
use keshi_core::event::{
    AssignmentEnded, AssignmentStarted, ExemptionGranted, PersonRegistered, SchoolClosed, SchoolRegistered,
};
use keshi_core::hours::Hours;
use keshi_core::ids::{GroupId, PolicyId, RuleId, SchoolId, TeacherId};
use keshi_core::text::resident;
use keshi_core::violation::Problem;
use keshi_proto::{api, date_to_wire};

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::problem::Issue;
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    pub(super) fn school(&mut self) -> Option<()> {
        let school_id = self.fields.must(Col::School, |f, col| f.id(col, SchoolId::new));
        let name = self.fields.must(Col::SchoolName, Fields::text);
        let stage = self
            .fields
            .must(Col::Stage, |f, col| f.word(col, Words::Stage, Stage::from_code));
        let township = self.fields.text(Col::Township);
        let group = self.named_id(Col::Group, "G", GroupId::new);
        let since = self.fields.date(Col::From);
        let (school_id, name, stage) = (school_id?, name?, stage?);
        // Without a day, the first that there is: the same on every import, and before anything that happens there.
        let since = since.unwrap_or(DAYS.0);
        let event_id = self.ids.event("school_registered", &[school_id.as_str()]);
        self.add(
            event_id,
            since,
            since,
            SchoolRegistered {
                school_id,
                name,
                stage,
                township,
                group,
            },
        );
        Some(())
    }

    pub(super) fn teacher(&mut self, _: &Sheet, _: &Row) -> Option<()> {
        let teacher_id = self.fields.must(Col::Teacher, |f, col| f.id(col, TeacherId::new));
        let stage = self
            .fields
            .must(Col::Stage, |f, col| f.word(col, Words::Stage, Stage::from_code));
        let subject = self.fields.text(Col::Subject);
        let hired_on = self.fields.date(Col::Hired);
        let career_from = self.fields.date(Col::CareerFrom);
        let rank = self.fields.text(Col::Grade);
        let identity = self.identity(teacher_id);
        let post_from = self.fields.date(Col::PostFrom).or(hired_on).or(career_from);
        let post = self
            .fields
            .word(Col::Post, Words::Post, Post::from_code)
            .unwrap_or(Post::Teacher);
        let assignment = self.assignment(teacher_id, post_from.or(Some(DAYS.0)), Some(post));
        let (teacher_id, stage) = (teacher_id?, stage?);
        self.identity = identity;
        // Not from the post: another row may name another post of hers.
        let known_from = hired_on.into_iter().chain(career_from).min().unwrap_or(DAYS.0);
        let event_id = self.ids.event("person_registered", &[teacher_id.as_str()]);
        let person = PersonRegistered {
            teacher_id,
            stage,
            subject,
            hired_on,
            career_from,
            rank,
        };
        self.add(event_id, known_from, known_from, person);
        let (fact, from) = assignment?;
        self.start(fact, from);
        Some(())
    }

    pub(super) fn post(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let post = self
            .fields
            .must(Col::Post, |f, col| f.word(col, Words::Post, Post::from_code));
        let from = self.fields.must(Col::PostFrom, Fields::date);
        let left_on = self.fields.date(Col::LeftOn);
        let (fact, from) = self.assignment(teacher_id, from, post)?;
        let teacher_id = fact.teacher_id;
        let started_event = self.start(fact, from);
        if let Some(left_on) = left_on {
            if left_on < from {
                self.fields.note(Col::LeftOn, Issue::Field(Problem::EndBeforeStart));
            }
            let event_id = self.ids.event("assignment_ended", &[&started_event.to_string()]);
            self.add(
                event_id,
                left_on,
                left_on,
                AssignmentEnded {
                    teacher_id,
                    started_event,
                },
            );
        }
        Some(())
    }

    pub(super) fn exemption(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let rule_id = self.fields.must(Col::Rule, |f, col| f.id(col, RuleId::new));
        let policy_id = self.fields.id(Col::Policy, PolicyId::new);
        let reduce_by = self.fields.must(Col::ReduceBy, Fields::hours);
        let (from, to) = self.days();
        let reason = self.fields.must(Col::Why, Fields::text);
        let (teacher_id, rule_id, from, to) = (teacher_id?, rule_id?, from?, to?);
        let policy = policy_id.map(|id| id.to_string()).unwrap_or_default();
        let days = [from.to_string(), to.to_string()];
        let parts = [teacher_id.as_str(), rule_id.as_str(), &policy, &days[0], &days[1]];
        let event_id = self.ids.event("exemption_granted", &parts);
        let fact = ExemptionGranted {
            teacher_id,
            rule_id,
            policy_id,
            reduce_by: reduce_by?,
            reason: reason?,
        };
        self.add(event_id, from, to, fact);
        Some(())
    }

    pub(super) fn closing(&mut self) -> Option<()> {
        let school_id = self.fields.must(Col::School, Fields::school);
        let last_day = self.fields.must(Col::From, Fields::date);
        let successor_id = self.fields.school(Col::Successor);
        let (school_id, last_day) = (school_id?, last_day?);
        // A school closes once: another day or successor is a correction.
        let event_id = self.ids.event("school_closed", &[school_id.as_str()]);
        let fact = SchoolClosed {
            school_id,
            successor_id,
        };
        self.add(event_id, last_day, last_day, fact);
        Some(())
    }

    fn assignment(
        &mut self,
        teacher_id: Option<TeacherId>,
        from: Option<Date>,
        post: Option<Post>,
    ) -> Option<(AssignmentStarted, Date)> {
        let school_id = self.fields.school(Col::School);
        let unit = self.fields.text(Col::Unit);
        if self.fields.is_blank(Col::School) && self.fields.is_blank(Col::Unit) {
            self.fields.one_of(&[Col::School, Col::Unit]);
        }
        let until = self.fields.date(Col::PostTo);
        let share = self.fields.hours(Col::Share).unwrap_or(Hours::whole(1)).hundredths();
        let share_hundredths = u8::try_from(share).ok().filter(|share| (1..=100).contains(share));
        if share_hundredths.is_none() {
            let problem = Problem::OutOfRange {
                min: "0.01".into(),
                max: "1".into(),
            };
            self.fields.note(Col::Share, Issue::Field(problem));
        }
        let fact = AssignmentStarted {
            teacher_id: teacher_id?,
            school_id,
            unit: unit.filter(|_| school_id.is_none()),
            post: post?,
            share_hundredths: share_hundredths?,
            until,
            nature: self
                .fields
                .word(Col::Nature, Words::Nature, AssignmentNature::from_code),
        };
        Some((fact, from?))
    }

    fn start(&mut self, fact: AssignmentStarted, from: Date) -> keshi_core::ids::EventId {
        let event_id = self.ids.start(&fact, from);
        self.add(event_id, from, from, fact);
        event_id
    }

    /// What goes to the people register.
    fn identity(&mut self, teacher_id: Option<TeacherId>) -> Option<api::Identity> {
        let name = self.fields.must(Col::Name, Fields::text);
        let id_type = self
            .fields
            .text(Col::IdType)
            .map(|text| text.to_string())
            .unwrap_or_default();
        let id_no = self.fields.id_number(Col::IdNo).unwrap_or_default();
        let phone = self.fields.id_number(Col::Phone).unwrap_or_default();
        let mut born = self.fields.date(Col::Born);
        let resident = !id_no.is_empty() && resident::is_type(&id_type);
        if resident {
            match (resident::birth_date(&id_no), born) {
                (Err(_), _) => self.fields.note(Col::IdNo, Issue::BadIdNumber),
                (Ok(day), Some(written)) if day != written => self.fields.note(Col::Born, Issue::OtherBirthDate),
                (Ok(day), _) => born = Some(day),
            }
        }
        Some(api::Identity {
            teacher_id: teacher_id?.to_string(),
            name: name?.to_string(),
            id_doc_type: if resident {
                "居民身份证".to_owned()
            } else {
                id_type
            },
            id_doc_no: id_no,
            phone,
            birth_date: born.map(date_to_wire),
        })
    }
}
