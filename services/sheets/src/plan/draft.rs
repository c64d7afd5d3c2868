//! One row being turned into events.

use jiff::civil::Date;
use keshi_core::check;
use keshi_core::codes::{Level, TitleClass};
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{EventId, TeacherId};
use keshi_core::text::{Text, resident};
use keshi_core::violation::Problem;
use keshi_proto::api;

use super::fields::{Fields, formula, labels};
use super::ids::Ids;
use super::people::{Finder, Found, PersonKey};
use super::{Options, Place, Undo};
use crate::cell::Cell;
use crate::columns::{Col, Kind, Words};
use crate::problem::{Issue, RowProblem};
use crate::read::{Row, Sheet};

/// A row's events before they are compared with other rows'.
pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) events: Vec<Event>,
    pub(super) problems: Vec<RowProblem>,
    pub(super) identity: Option<api::Identity>,
    pub(super) undo: Option<Undo>,
}

/// One row being turned into events.
pub(super) struct Drafting<'a, 'p> {
    pub(super) fields: Fields<'a>,
    pub(super) ids: Ids<'a>,
    options: &'a Options,
    finder: &'a mut Finder<'p>,
    pub(super) place: Place,
    source: Option<Text>,
    events: Vec<Event>,
    pub(super) identity: Option<api::Identity>,
}

impl<'a, 'p> Drafting<'a, 'p> {
    pub(super) const fn new(
        fields: Fields<'a>,
        ids: Ids<'a>,
        options: &'a Options,
        finder: &'a mut Finder<'p>,
        place: Place,
        source: Option<Text>,
    ) -> Self {
        Self {
            fields,
            ids,
            options,
            finder,
            place,
            source,
            events: Vec::new(),
            identity: None,
        }
    }
}

impl Drafting<'_, '_> {
    /// Reads the row as its sheet's kind says.
    pub(super) fn row(&mut self, sheet: &Sheet, row: &Row) {
        // Each answers `None` as soon as something needed is missing; what is wrong is noted on the way.
        let _ = match sheet.kind {
            Kind::Schools => self.school(),
            Kind::Teachers => self.teacher(sheet, row),
            Kind::Posts => self.post(sheet, row),
            Kind::Training => self.training(sheet, row),
            Kind::Attendance => self.attendance(sheet, row),
            Kind::Outreach => self.outreach(sheet, row),
            Kind::LessonsGiven => self.lesson_given(sheet, row),
            Kind::LessonsObserved => self.lesson_observed(sheet, row),
            Kind::Visits => self.visit(sheet, row),
            Kind::Contests => self.contest(),
            Kind::Awards => self.award(sheet, row),
            Kind::Recommendations => self.recommendation(sheet, row),
            Kind::Titles => self.title(sheet, row),
            Kind::Candidates => self.candidate(sheet, row),
            Kind::Topics => self.topic(sheet, row),
            Kind::WorksPublished => self.work_published(sheet, row),
            Kind::WorksAwarded => self.work_awarded(sheet, row),
            Kind::Groups => self.group(),
            Kind::Bases => self.base(sheet, row),
            Kind::Studios => self.studio(sheet, row),
            Kind::Renewals => self.renewal(sheet, row),
            Kind::LinkedSchools => self.linked(sheet, row),
            Kind::Experts => self.expert(sheet, row),
            Kind::TopicChecks => self.topic_check(sheet, row),
            Kind::Questions => self.question(),
            Kind::QuestionJoins => self.question_join(),
            Kind::QuestionPlans => self.question_plan(),
            Kind::AnswerRatings => self.answer_rating(),
            Kind::Inspections => self.inspection(),
            Kind::Exemptions => self.exemption(sheet, row),
            Kind::Closings => self.closing(),
            Kind::Moves => self.moved(),
            Kind::Cancellations => self.cancelled(),
        };
    }

    /// The person that the row is about.
    pub(super) fn person(&mut self, sheet: &Sheet, row: &Row) -> Option<TeacherId> {
        for col in [Col::Teacher, Col::Name, Col::IdNo] {
            if let Cell::Error(error) = self.fields.cell(col) {
                self.fields.note(col, formula(error));
                return None;
            }
        }
        if !self.fields.is_blank(Col::IdNo) {
            let id_no = self.fields.id_number(Col::IdNo)?;
            let id_type = self
                .fields
                .text(Col::IdType)
                .map(|text| text.to_string())
                .unwrap_or_default();
            // Before anybody is looked for: a number that cannot be is nobody's.
            if resident::is_type(&id_type) && resident::birth_date(&id_no).is_err() {
                self.fields.note(Col::IdNo, Issue::BadIdNumber);
                return None;
            }
        }
        let Some(key) = PersonKey::of_row(sheet, row) else {
            self.fields.one_of(&[Col::Name, Col::Teacher, Col::IdNo]);
            return None;
        };
        let col = if key.name.is_empty() { Col::Teacher } else { Col::Name };
        self.find(&key, col)
    }

    pub(super) fn find(&mut self, key: &PersonKey, col: Col) -> Option<TeacherId> {
        match self.finder.find(key, self.place) {
            Found::One(id) => Some(id),
            Found::Nobody => {
                self.fields.note(col, Issue::UnknownPerson);
                None
            }
            Found::Several(several) => {
                self.fields.note(col, Issue::AmbiguousPerson(labels(&several)));
                None
            }
            Found::OtherName(name) => {
                self.fields.note(col, Issue::OtherName(name));
                None
            }
            Found::Unreadable(ids) => {
                self.fields.note(col, Issue::UnreadablePerson(ids.join("、")));
                None
            }
        }
    }

    /// The level that the row must say.
    pub(super) fn level(&mut self) -> Option<Level> {
        self.fields
            .must(Col::Level, |f, col| f.word(col, Words::Level, Level::from_code))
    }

    /// The class of a title that the row must say.
    pub(super) fn class(&mut self) -> Option<TitleClass> {
        self.fields
            .must(Col::Class, |f, col| f.word(col, Words::Class, TitleClass::from_code))
    }

    /// First and last day; a blank last day is the first.
    pub(super) fn days(&mut self) -> (Option<Date>, Option<Date>) {
        let from = self.fields.must(Col::From, Fields::date);
        let to = if self.fields.is_blank(Col::To) {
            from
        } else {
            self.fields.date(Col::To)
        };
        (from, to)
    }

    /// Adds an event, after checking it as the ledger would.
    pub(super) fn add(&mut self, event_id: EventId, from: Date, to: Date, fact: impl Into<Fact>) {
        self.add_about("", event_id, (from, to), fact);
    }

    /// As [`Self::add`], with what it was about where the fact has no field for that: in the note, which is no part of its
    /// content.
    pub(super) fn add_about(
        &mut self,
        about: &str,
        event_id: EventId,
        (from, to): (Date, Date),
        fact: impl Into<Fact>,
    ) {
        let event = Event {
            note: Text::new(about).ok(),
            org: self.options.org,
            source: self.source.clone(),
            load_id: self.options.load_id,
            ..Event::of(event_id, from, to, fact)
        };
        let kind = event.fact.kind();
        for violation in check::violations(&event) {
            self.fields.violation(&violation.field, kind, violation.problem);
        }
        if event.to > self.options.today && !event.fact.nature().may_lie_ahead {
            self.fields.violation("occurred_to", kind, Problem::Future);
        }
        self.events.push(event);
    }

    pub(super) fn finish(mut self) -> Draft {
        let undo = self.undo();
        if let (Some(own), Some(known)) = (self.events.last_mut(), self.options.about.get(&self.place)) {
            own.event_id = *known;
        }
        let Self {
            fields,
            place,
            events,
            identity,
            ..
        } = self;
        let failed = !fields.problems.is_empty();
        Draft {
            place,
            events: if failed { Vec::new() } else { events },
            identity: identity.filter(|_| !failed),
            problems: fields.problems,
            undo,
        }
    }

    fn undo(&mut self) -> Option<Undo> {
        let correct = self.fields.text(Col::Correct);
        let void = self.fields.text(Col::Void);
        if correct.is_some() && void.is_some() {
            self.fields.note(Col::Void, Issue::CorrectAndVoid);
        }
        void.map(Undo::Void).or(correct.map(Undo::Correct))
    }
}
