//! People, posts and exemptions.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{
    AssignmentEnded, AssignmentStarted, Event, ExemptionGranted, MergeReversed, PersonRegistered, PersonsMerged,
};
use crate::ids::TeacherId;
use crate::reason::{Reason, ReasonCode};
use crate::state::{Assignment, IDS_OF_ONE_MAX, MERGES_MAX};

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
        let teacher = view.state.person(&self.teacher_id, view.size)?;
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
        let teacher = view.state.person(&self.teacher_id, view.size)?;
        let mut ends = teacher.ends.iter();
        let start = self.start(view);
        let start = start.as_ref();
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

    fn start(&self, view: &View<'_>) -> Option<Assignment> {
        let teacher = view.state.person(&self.teacher_id, view.size)?;
        let mut started = teacher.assignments.iter();
        let standing = view.state.stands_or_stood_for(self.started_event, view.size);
        started.find(|start| Some(start.index) == standing).cloned()
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

/// An id is merged once at a time, into one that stands for itself: so there is one id for each person, no circle can close, and
/// a reversal frees exactly what its merge took.
impl Judged for PersonsMerged {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let Self {
            kept_id: kept,
            dropped_id: dropped,
            reviewer,
            reason: _,
        } = self;
        let (state, size) = (view.state, view.size);
        if let Some(own) = view.of_the_reviewer(*reviewer, [*kept, *dropped]) {
            return Some(own);
        }
        if let Some(merge) = state.merges.standing(dropped, size) {
            let code = ReasonCode::MergedAlready;
            return Some(Ruling::refused_for(code, "dropped_id", merge.kept, merge.index));
        }
        if let Some(merge) = state.merges.standing(kept, size) {
            // Where it leads back to the dropped one, merging would leave nobody.
            let to = state.kept_id(*kept, size);
            let code = if to == *dropped {
                ReasonCode::MergedTheOtherWay
            } else {
                ReasonCode::MergesIntoMerged
            };
            return Some(Ruling::refused_for(code, "kept_id", to, merge.index));
        }
        let ids = state.ids_of(*kept, size).len() + state.ids_of(*dropped, size).len();
        let often = state.merges.of.get(dropped).map_or(0, Vec::len);
        let too_much = ids > IDS_OF_ONE_MAX || often >= MERGES_MAX;
        too_much.then(|| Ruling::refused(ReasonCode::MergedTooOften, "dropped_id", dropped))
    }
}

impl Judged for MergeReversed {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        let (kept, dropped) = (self.kept_id, self.dropped_id);
        let own = view.of_the_reviewer(self.reviewer, [kept, dropped]);
        own.or_else(|| {
            let merge = view.state.merges.standing(&dropped, view.size);
            let is_merged = merge.is_some_and(|merge| merge.kept == kept);
            (!is_merged).then(|| Ruling::refused(ReasonCode::NotMerged, "dropped_id", dropped))
        })
    }
}

impl View<'_> {
    /// Nobody decides of whom she herself is one with.
    fn of_the_reviewer(&self, reviewer: TeacherId, of: [TeacherId; 2]) -> Option<Ruling> {
        let is_her = |id: &TeacherId| self.state.is_one(reviewer, *id, self.size);
        let own = of.iter().find(|id| is_her(id))?;
        Some(Ruling::refused(ReasonCode::OwnMerge, "reviewer", own))
    }
}
