//! The rules for one event: refused with a reason, waiting for something, or recorded.

use jiff::civil::Date;

use super::clock;
use super::fresh::{Fresh, LoadRow};
use super::trial::Ruling;
use crate::entry::{Posted, Verdict};
use crate::event::{Event, Field};
use crate::ids::{EventId, LoadId, SchoolId, TeacherId};
use crate::reason::{Reason, ReasonCode};
use crate::state::State;
use crate::submission::Submission;

/// Looks at the state and at what the same trial added so far.
pub(super) struct View<'v, 'a> {
    pub(super) state: &'v State,
    pub(super) fresh: &'v Fresh<'a>,
    pub(super) submission: &'v Submission,
    pub(super) today: Date,
    pub(super) size: u64,
}

/// Judges what was posted under an id that is free.
pub(super) fn judge(state: &State, fresh: &Fresh<'_>, submission: &Submission, posted: &Posted, today: Date) -> Ruling {
    let event = match posted {
        Posted::Event(event) => event,
        Posted::Unreadable { sha256, .. } => {
            return Ruling::of(Verdict::Refused, Reason::about(ReasonCode::Unreadable, "", sha256));
        }
    };
    let size = state.size();
    let view = View {
        state,
        fresh,
        submission,
        today,
        size,
    };
    let refused = view.refusal(event).map(|reason| Ruling::of(Verdict::Refused, reason));
    let waiting = || view.awaited(event).map(|reason| Ruling::of(Verdict::Waiting, reason));
    refused.or_else(waiting).unwrap_or(Ruling::RECORDED)
}

impl View<'_, '_> {
    fn refusal(&self, event: &Event) -> Option<Reason> {
        self.clock()
            .or_else(|| self.future(event))
            .or_else(|| self.outside_load(event))
            .or_else(|| self.unregistered(event))
            .or_else(|| self.by_kind(event))
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

    /// A load takes what is attributed to its period, so a course that began before it belongs to it.
    fn outside_load(&self, event: &Event) -> Option<Reason> {
        let (from, to, _) = self.find_load(event.load_id?).filter(|(_, _, closed)| !closed)?;
        (event.to < from || to < event.to).then(|| Reason::about(ReasonCode::OutsideLoad, "occurred_to", event.to))
    }

    pub(super) fn find_load(&self, id: LoadId) -> Option<LoadRow> {
        let recorded = self.state.loads.get(&id);
        let recorded = recorded.map(|load| (load.from, load.to, load.is_closed(self.size)));
        match (self.fresh.load(id), recorded) {
            // Only its closing can be fresh: a load is opened once.
            (Some((_, _, closed)), Some((from, to, _))) => Some((from, to, closed)),
            (fresh, recorded) => fresh.or(recorded),
        }
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
                | Field::Unit(_)
                | Field::Name(_)
                | Field::Text(_) => None,
            });
        });
        missing
    }

    fn school_reason(&self, field: &str, id: SchoolId) -> Option<Reason> {
        let known = self.fresh.knows_school(&id) || self.state.knows_school(&id, self.size);
        (!known).then(|| Reason::about(ReasonCode::UnknownSchool, field, id))
    }

    fn teacher_reason(&self, field: &str, id: TeacherId) -> Option<Reason> {
        let known = self.fresh.knows_teacher(&id) || self.state.knows_teacher(&id, self.size);
        (!known).then(|| Reason::about(ReasonCode::UnknownTeacher, field, id))
    }

    fn load_reason(&self, field: &str, id: LoadId) -> Option<Reason> {
        match self.find_load(id) {
            None => Some(Reason::about(ReasonCode::UnknownLoad, field, id)),
            Some((_, _, true)) => Some(Reason::about(ReasonCode::LoadClosed, field, id)),
            Some((_, _, false)) => None,
        }
    }

    /// Whether a recorded entry has effect, also after what the trial voids.
    pub(super) fn is_live(&self, index: u32) -> bool {
        let voided = || {
            let id = self.state.events.id(index);
            id.is_some_and(|id| self.fresh.is_voided(id))
        };
        self.state.live(index, self.size) && !voided()
    }

    /// Whether an event has effect, as far as the trial goes: also a void that came before it counts.
    pub(super) fn is_fresh_live(&self, id: EventId) -> bool {
        !self.fresh.is_voided(id) && !self.state.voids_ahead.contains_key(&id)
    }
}
