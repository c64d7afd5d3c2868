//! What only a kind knows to judge, by family as in [`crate::event`].
//!
//! Every kind says it, also the one that has no rule of its own; a kind that says nothing does not compile.

pub(super) mod certificates;
mod claims;
mod contests;
mod documents;
mod inspections;
mod people;
mod questions;
mod records;
mod schools;
mod topics;
mod training;
mod years;

use super::rules::View;
use super::ruling::Ruling;
use crate::event::{
    AttendanceRecorded, AwardGiven, BaseFormed, CandidateChosen, CompetitionHeld, EntryMade, Event, ExpertPooled,
    FigureNoted, GroupFormed, HistoricalLoadClosed, LessonGiven, LessonObserved, Mentoring, OutreachDelivered,
    ProjectOpened, SchoolLinked, SchoolRegistered, SchoolVisit, SessionCancelled, SessionHeld, SessionMoved,
    StudioFormed, TopicApproved, TopicConcluded, WorkAwarded, WorkPublished, with_fact,
};
use crate::ids::{EventId, TeacherId};
use crate::reason::ReasonCode;

/// A kind of fact that may be refused, or wait, by rules of its own.
trait Judged {
    /// What becomes of the fact of `event`, of which everything that it names is known; `None` if nothing stands in its
    /// way.
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling>;
}

/// States the kinds that have no rule but those of all kinds.
macro_rules! no_rule_of_its_own {
    ($($name:ident)*) => { $(
        impl Judged for $name {
            fn ruling(&self, _: &View<'_>, _: &Event) -> Option<Ruling> {
                None
            }
        }
    )* };
}

no_rule_of_its_own! {
    SchoolRegistered ProjectOpened SessionHeld SessionMoved SessionCancelled AttendanceRecorded
    OutreachDelivered LessonGiven LessonObserved Mentoring SchoolVisit CompetitionHeld EntryMade AwardGiven
    HistoricalLoadClosed TopicApproved TopicConcluded WorkPublished WorkAwarded FigureNoted
    CandidateChosen GroupFormed BaseFormed StudioFormed SchoolLinked ExpertPooled
}

impl View<'_> {
    /// The entry whose place the event takes, if that is there.
    fn corrected(&self, event: &Event) -> Option<u32> {
        self.state.events.recorded(event.supersedes?)
    }

    /// The ruling of the event's kind.
    pub(super) fn by_kind(&self, event: &Event) -> Option<Ruling> {
        with_fact!(&event.fact, fact => fact.ruling(self, event))
    }

    /// A reference to a recorded event that is of another kind or about another teacher. What has not arrived cannot
    /// be judged: it waits, and stays without effect if it turns out wrong.
    fn wrong_target(&self, field: &str, target: EventId, teacher: TeacherId, kind: &str) -> Option<Ruling> {
        let (of_kind, _) = self.state.kind_of(target)?;
        let right = of_kind == kind && self.state.is_about(target, &teacher);
        (!right).then(|| Ruling::refused(ReasonCode::WrongTarget, field, target))
    }
}
