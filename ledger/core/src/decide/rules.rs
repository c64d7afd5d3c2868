//! The rules for one event: refused with a reason, waiting for something, or recorded.

use jiff::civil::Date;

use super::fresh::{Fresh, LoadRow};
use super::trial::Ruling;
use crate::entry::{Posted, Verdict};
use crate::event::{Event, Fact};
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
        self.future(event)
            .or_else(|| self.outside_load(event))
            .or_else(|| self.unknown_school(event))
            .or_else(|| self.unknown_teacher(event))
            .or_else(|| self.by_kind(event))
    }

    fn future(&self, event: &Event) -> Option<Reason> {
        (event.to > self.today && !event.fact.may_lie_ahead())
            .then(|| Reason::about(ReasonCode::FutureDate, "occurred_to", event.to))
    }

    /// A load takes what is attributed to its period, so a course that began before it belongs to it.
    fn outside_load(&self, event: &Event) -> Option<Reason> {
        let id = event.load_id?;
        match self.find_load(id) {
            None => Some(Reason::about(ReasonCode::UnknownLoad, "load_id", id)),
            Some((_, _, true)) => Some(Reason::about(ReasonCode::LoadClosed, "load_id", id)),
            Some((from, to, false)) if event.to < from || to < event.to => {
                Some(Reason::about(ReasonCode::OutsideLoad, "occurred_to", event.to))
            }
            Some(_) => None,
        }
    }

    pub(super) fn find_load(&self, id: LoadId) -> Option<LoadRow> {
        let recorded = self.state.loads.get(&id).map(|load| (load.from, load.to, load.closed));
        match (self.fresh.load(id), recorded) {
            // Only its closing can be fresh: a load is opened once.
            (Some((_, _, closed)), Some((from, to, _))) => Some((from, to, closed)),
            (fresh, recorded) => fresh.or(recorded),
        }
    }

    fn unknown_school(&self, event: &Event) -> Option<Reason> {
        let in_fact: &[(&str, Option<SchoolId>)] = match &event.fact {
            Fact::SchoolClosed(f) => &[("school_id", Some(f.school_id)), ("successor_id", f.successor_id)],
            Fact::SchoolsMerged(f) => {
                let unknown = f.school_ids.iter().find_map(|&id| self.school_reason("school_ids", id));
                let fields = [("org", event.org), ("successor_id", Some(f.successor_id))];
                let other = || {
                    fields
                        .into_iter()
                        .find_map(|(field, id)| self.school_reason(field, id?))
                };
                return unknown.or_else(other);
            }
            Fact::AssignmentStarted(f) => &[("school_id", f.school_id)],
            Fact::OutreachDelivered(f) => &[("to_school", Some(f.to_school)), ("from_org", f.from_org)],
            Fact::LessonGiven(f) => &[("school_id", f.school_id)],
            Fact::LessonObserved(f) => &[("school_id", Some(f.school_id))],
            Fact::SchoolVisit(f) => &[("school_id", Some(f.school_id))],
            Fact::SchoolBasedTerm(f) => &[("school_id", Some(f.school_id))],
            // A school that registers itself may name itself as the poster.
            Fact::SchoolRegistered(f) if event.org == Some(f.school_id) => return None,
            _ => &[],
        };
        let org = [("org", event.org)];
        org.iter()
            .chain(in_fact)
            .find_map(|&(field, id)| self.school_reason(field, id?))
    }

    /// The office posts and sends under its own code, which no school register holds.
    fn school_reason(&self, field: &str, id: SchoolId) -> Option<Reason> {
        let is_office = matches!(field, "org" | "from_org") && id.as_str() == self.submission.office.as_str();
        let known = is_office || self.fresh.knows_school(&id) || self.state.knows_school(&id, self.size);
        (!known).then(|| Reason::about(ReasonCode::UnknownSchool, field, id))
    }

    fn unknown_teacher(&self, event: &Event) -> Option<Reason> {
        let (field, id) = match &event.fact {
            Fact::AssignmentStarted(f) => ("teacher_id", f.teacher_id),
            Fact::AssignmentEnded(f) => ("teacher_id", f.teacher_id),
            Fact::AttendanceRecorded(f) => ("teacher_id", f.teacher_id),
            Fact::LessonGiven(f) => ("teacher_id", f.teacher_id),
            Fact::EntryMade(f) => ("teacher_id", f.teacher_id),
            Fact::AwardGiven(f) => ("teacher_id", f.teacher_id),
            Fact::Recommended(f) => ("teacher_id", f.teacher_id),
            Fact::TitleConferred(f) => ("teacher_id", f.teacher_id),
            Fact::SchoolVisit(f) => ("researcher_id", f.researcher_id),
            Fact::SchoolBasedTerm(f) => ("teacher_id", f.teacher_id),
            Fact::ExemptionGranted(f) => ("teacher_id", f.teacher_id),
            Fact::TopicApproved(f) => return self.unknown_people(&f.lead_ids, &f.member_ids),
            Fact::TopicConcluded(f) => return self.unknown_people(&f.lead_ids, &f.member_ids),
            Fact::WorkPublished(f) => return self.unknown_of("author_ids", &f.author_ids),
            Fact::WorkAwarded(f) => return self.unknown_of("author_ids", &f.author_ids),
            Fact::LessonObserved(f) => {
                let taught = || self.teacher_reason("teacher_id", f.teacher_id?);
                return self.teacher_reason("observer_id", f.observer_id).or_else(taught);
            }
            Fact::OutreachDelivered(f) => {
                let mut ids = f.deliveries.iter().map(|delivery| delivery.teacher_id);
                return ids.find_map(|id| self.teacher_reason("teacher_id", id));
            }
            _ => return None,
        };
        self.teacher_reason(field, id)
    }

    fn unknown_of(&self, field: &str, ids: &[TeacherId]) -> Option<Reason> {
        ids.iter().find_map(|&id| self.teacher_reason(field, id))
    }

    fn unknown_people(&self, leads: &[TeacherId], members: &[TeacherId]) -> Option<Reason> {
        let lead = self.unknown_of("lead_ids", leads);
        lead.or_else(|| self.unknown_of("member_ids", members))
    }

    fn teacher_reason(&self, field: &str, id: TeacherId) -> Option<Reason> {
        let known = self.fresh.knows_teacher(&id) || self.state.knows_teacher(&id, self.size);
        (!known).then(|| Reason::about(ReasonCode::UnknownTeacher, field, id))
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
