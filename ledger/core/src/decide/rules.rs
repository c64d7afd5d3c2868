//! The rules for one event: refused with a reason, waiting for something, or recorded.

use jiff::civil::Date;

use super::clock;
use super::ruling::Ruling;
use crate::document::Documents;
use crate::entry::{Posted, Verdict};
use crate::event::{Event, Field};
use crate::ids::{LoadId, SchoolId, TeacherId};
use crate::reason::{Reason, ReasonCode};
use crate::review::CLAIMABLE;
use crate::state::State;
use crate::submission::Submission;
use crate::time::days_inclusive;

/// Looks at the state, which has all that was judged before.
pub(super) struct View<'v> {
    pub(super) state: &'v State,
    pub(super) size: u64,
    pub(super) submission: &'v Submission,
    pub(super) offered: &'v Documents,
    pub(super) today: Date,
}

impl View<'_> {
    /// Judges what was posted under an id that is free.
    pub(super) fn rule(&self, posted: &Posted) -> Ruling {
        let event = match posted {
            Posted::Event(event) => event,
            Posted::Unreadable { sha256, .. } => {
                return Ruling::refused(ReasonCode::Unreadable, "", sha256);
            }
        };
        if let Some(reason) = self.refusal(event) {
            return Ruling::refused_because(reason);
        }
        let rulings = [self.correction(event), self.under_claim(event), self.by_kind(event)];
        if let Some(refused) = rulings.iter().flatten().find(|one| one.verdict == Verdict::Refused) {
            return refused.clone();
        }
        let awaited = self.awaited(event);
        awaited
            .or_else(|| rulings.into_iter().flatten().next())
            .unwrap_or(Ruling::RECORDED)
    }

    fn refusal(&self, event: &Event) -> Option<Reason> {
        self.clock()
            .or_else(|| self.future(event))
            .or_else(|| self.outside_load(event))
            .or_else(|| self.late(event))
            .or_else(|| self.unregistered(event))
    }

    fn clock(&self) -> Option<Reason> {
        let (last, stamp) = (self.state.recorded_at(), self.submission.received_at);
        let about = || Reason::about(ReasonCode::ClockNotCredible, "", stamp.local_date());
        (!clock::is_credible(last, stamp)).then(about)
    }

    fn future(&self, event: &Event) -> Option<Reason> {
        (event.to > self.today && !event.fact.nature().may_lie_ahead)
            .then(|| Reason::about(ReasonCode::FutureDate, "occurred_to", event.to))
    }

    /// Where the office runs reviews, what comes late is looked at by the county reviewer (DOMAIN §9): it comes under a claim,
    /// or under a historical load. A correction is of what was taken already.
    fn late(&self, event: &Event) -> Option<Reason> {
        let is_alone = event.claim_id.is_none() && event.load_id.is_none() && event.supersedes.is_none();
        let days_ago = days_inclusive(event.to, self.today) - 1;
        if !is_alone || days_ago <= 0 || !event.fact.nature().credits || !CLAIMABLE.contains(&event.fact.kind()) {
            return None;
        }
        let rules = self.state.at(self.size).reviews(self.today)?;
        (days_ago > rules.late_after_days).then(|| Reason::about(ReasonCode::LateNeedsReview, "occurred_to", event.to))
    }

    /// A load takes what is attributed to its period, so a course that began before it belongs to it.
    fn outside_load(&self, event: &Event) -> Option<Reason> {
        let load = self
            .state
            .loads
            .get(&event.load_id?)
            .filter(|load| !load.is_closed(self.size))?;
        let is_outside = event.to < load.from || load.to < event.to;
        is_outside.then(|| Reason::about(ReasonCode::OutsideLoad, "occurred_to", event.to))
    }

    /// A person, school or load that the event names and that must be there before it.
    fn unregistered(&self, event: &Event) -> Option<Reason> {
        let mut missing = None;
        let own = event.fact.new_school();
        event.fields(&mut |name, field| {
            missing = missing.take().or_else(|| match field {
                Field::Subject(id) | Field::Teacher(id) => self.teacher_reason(name, *id),
                // The office posts and sends under its own code, which no school register holds, and a school that
                // registers itself may name itself as the poster.
                Field::Sender(id) if id.as_str() == self.submission.office.as_str() || own == Some(id) => None,
                Field::Home(id) | Field::Place(id) | Field::School(id) | Field::Sender(id) => {
                    self.school_reason(name, *id)
                }
                Field::Load(id) => self.load_reason(name, *id),
                Field::NewTeacher(_)
                | Field::NewSchool(_)
                | Field::NewProject(_)
                | Field::NewSession(_)
                | Field::NewCompetition(_)
                | Field::NewLoad(_)
                | Field::Project(_)
                | Field::Session(_)
                | Field::Competition(_)
                | Field::Assignment(_)
                | Field::Title(_)
                | Field::Entry(_)
                | Field::Original(_)
                | Field::Claim(_)
                | Field::Batch(_)
                | Field::Question(_)
                | Field::Inspection(_)
                | Field::Finding(_)
                | Field::Claimed(_)
                | Field::Unit(_)
                | Field::Name(_)
                | Field::Text(_) => None,
            });
        });
        missing
    }

    fn school_reason(&self, field: &str, id: SchoolId) -> Option<Reason> {
        let known = self.state.at(self.size).knows_school(&id);
        (!known).then(|| Reason::about(ReasonCode::UnknownSchool, field, id))
    }

    fn teacher_reason(&self, field: &str, id: TeacherId) -> Option<Reason> {
        let known = self.state.at(self.size).knows_teacher(&id);
        (!known).then(|| Reason::about(ReasonCode::UnknownTeacher, field, id))
    }

    fn load_reason(&self, field: &str, id: LoadId) -> Option<Reason> {
        match self.state.loads.get(&id) {
            None => Some(Reason::about(ReasonCode::UnknownLoad, field, id)),
            Some(load) if load.is_closed(self.size) => Some(Reason::about(ReasonCode::LoadClosed, field, id)),
            Some(_) => None,
        }
    }
}
