//! People, posts and exemptions.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{AssignmentEnded, AssignmentStarted, Event, ExemptionGranted, PersonRegistered};
use crate::reason::{Reason, ReasonCode};
use crate::state::Assignment;

/// A second registration with other data is a correction, and says of which event, or it is refused (DOMAIN §13a).
impl Judged for PersonRegistered {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let profiles = &view.state.teachers.get(&self.teacher_id)?.profiles;
        let mut live = profiles.iter().filter(|row| view.state.live(row.index, view.size));
        let other = live.find(|row| !row.is_said_by(self))?;
        let corrects = event.supersedes.is_some() && event.supersedes == view.state.events.id(other.index);
        (!corrects).then(|| {
            Ruling::refused_for(
                ReasonCode::RegisteredOtherwise,
                "teacher_id",
                self.teacher_id,
                other.index,
            )
        })
    }
}

/// The start that corrects another lies not behind the end of that post.
impl Judged for AssignmentStarted {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let corrected = view.state.stands_for(event.supersedes?, view.size)?;
        let teacher = view.state.teachers.get(&self.teacher_id)?;
        let old = teacher.assignments.iter().find(|row| row.index == corrected)?;
        let mut ends = teacher.ends.iter();
        let end = ends.find(|end| {
            end.last_day < event.from
                && view.state.live(end.index, view.size)
                && view.state.is_end_of(end, old, view.size)
        })?;
        Some(Ruling::refused_for(
            ReasonCode::EndsBeforeStart,
            "occurred_from",
            end.last_day,
            end.index,
        ))
    }
}

impl Judged for AssignmentEnded {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let (target, kind) = (self.started_event, AssignmentStarted::KIND);
        let wrong = view.wrong_target("started_event", target, self.teacher_id, kind);
        wrong
            .or_else(|| self.before_its_start(view, event))
            .or_else(|| self.second(view, event))
    }
}

impl AssignmentEnded {
    fn before_its_start(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let start = self.start(view).filter(|start| event.to < start.from)?;
        Some(Ruling::refused_for(
            ReasonCode::EndsBeforeStart,
            "occurred_to",
            event.to,
            start.index,
        ))
    }

    /// Which of two ends holds cannot be told from them: the first is voided or corrected (DOMAIN §13a).
    fn second(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let mut ends = view.state.teachers.get(&self.teacher_id)?.ends.iter();
        let start = self.start(view);
        let first = ends.find(|end| {
            view.state.live(end.index, view.size)
                && (event.supersedes.is_none() || event.supersedes != view.state.events.id(end.index))
                && match start {
                    Some(start) => view.state.is_end_of(end, start, view.size),
                    None => end.started_event == self.started_event,
                }
        })?;
        Some(Ruling::refused_for(
            ReasonCode::EndedAlready,
            "started_event",
            first.last_day,
            first.index,
        ))
    }

    fn start<'v>(&self, view: &'v View<'_>) -> Option<&'v Assignment> {
        let mut started = view.state.teachers.get(&self.teacher_id)?.assignments.iter();
        let standing = view.state.stands_or_stood_for(self.started_event, view.size);
        started.find(|start| Some(start.index) == standing)
    }
}

/// It waits for a policy with such a requirement (DOMAIN §13a).
impl Judged for ExemptionGranted {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let mut policies = view.state.at(view.size).policies().map(|row| &row.policy);
        let is_stated = policies.any(|policy| {
            self.policy_id.is_none_or(|id| id == policy.id)
                && policy
                    .requirements
                    .iter()
                    .any(|requirement| requirement.id == self.rule_id)
        });
        (!is_stated).then(|| Ruling::waiting(Reason::about(ReasonCode::RuleNotAdopted, "rule_id", self.rule_id)))
    }
}
