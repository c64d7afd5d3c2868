//! What an event says of whom it is about, and what in the ledger it acts on.

use keshi_core::event::{Event, Fact};
use keshi_core::ids::{BaseId, EventId, SchoolId, SessionId, TeacherId};
use keshi_office::access::Target;
use keshi_office::access::rights::Right;

/// What decides about a right beside the event itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum ActsOn {
    Event(EventId),
    Session(SessionId),
    Teacher(TeacherId),
    /// A teacher's attendance at a session.
    Attendance(SessionId, TeacherId),
    /// A post that the teacher is to take.
    Placing(TeacherId),
    /// An entry that the teacher gets credit for, outside the caller's school.
    Crediting(TeacherId),
}

/// What the event says of its school, its unit, and the person it is about.
pub(super) fn target_of(event: &Event) -> Target<'_> {
    let subjects = event.fact.subjects();
    Target {
        school: event.org.as_ref().map(SchoolId::as_str),
        unit: event.fact.unit().map(BaseId::as_str),
        about: subjects.first().filter(|_| subjects.len() == 1).map(|id| id.as_str()),
        posted_by: None,
    }
}

/// What the event acts on, where a right of this reach depends on it.
pub(super) fn acts_on(fact: &Fact, right: Right) -> Option<ActsOn> {
    let of_school = |acts_on| (right == Right::School).then_some(acts_on);
    match fact {
        // Registering a person again changes her record.
        Fact::PersonRegistered(f) => Some(ActsOn::Teacher(f.teacher_id)),
        Fact::AssignmentStarted(f) => of_school(ActsOn::Placing(f.teacher_id)),
        Fact::AssignmentEnded(f) => Some(ActsOn::Event(f.started_event)),
        Fact::EntryVoided(f) => Some(ActsOn::Event(f.target_event)),
        Fact::SessionMoved(f) => Some(ActsOn::Session(f.session_id)),
        Fact::SessionCancelled(f) => Some(ActsOn::Session(f.session_id)),
        Fact::AttendanceRecorded(f) => match right {
            Right::School => Some(ActsOn::Attendance(f.session_id, f.teacher_id)),
            Right::Unit | Right::Posted => Some(ActsOn::Session(f.session_id)),
            Right::No | Right::Herself | Right::All => None,
        },
        Fact::LessonGiven(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        Fact::LessonObserved(f) => of_school(ActsOn::Crediting(f.observer_id)),
        Fact::EntryMade(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        // Decided by what they say themselves, or the whole office's.
        Fact::SchoolRegistered(_)
        | Fact::SchoolClosed(_)
        | Fact::SchoolsMerged(_)
        | Fact::CalendarAdopted(_)
        | Fact::ProjectOpened(_)
        | Fact::SessionHeld(_)
        | Fact::OutreachDelivered(_)
        | Fact::SchoolVisit(_)
        | Fact::CompetitionHeld(_)
        | Fact::AwardGiven(_)
        | Fact::Recommended(_)
        | Fact::TitleConferred(_)
        | Fact::PolicyAdopted(_)
        | Fact::DocumentPart(_)
        | Fact::HistoricalLoadOpened(_)
        | Fact::HistoricalLoadClosed(_)
        | Fact::SchoolBasedTerm(_)
        | Fact::TopicApproved(_)
        | Fact::TopicConcluded(_)
        | Fact::WorkPublished(_)
        | Fact::WorkAwarded(_)
        | Fact::ExemptionGranted(_)
        | Fact::FigureNoted(_) => None,
    }
}
