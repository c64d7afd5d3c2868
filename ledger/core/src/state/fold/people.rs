//! People, posts and exemptions.

use super::Fold;
use crate::event::{
    AssignmentEnded, AssignmentStarted, Event, ExemptionGranted, MergeReversed, PersonRegistered, PersonsMerged,
};
use crate::state::State;
use crate::state::rows::{Assignment, AssignmentEnd, Exemption, ProfileView};

impl Fold for PersonRegistered {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(teacher) = state.teachers.entry(self.teacher_id) {
            teacher.profiles.push(ProfileView {
                index,
                on: event.to,
                stage: self.stage,
                subject: self.subject.clone(),
                hired_on: self.hired_on,
                career_from: self.career_from,
                rank: self.rank.clone(),
            });
        }
    }
}

impl Fold for AssignmentStarted {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(teacher) = state.teachers.entry(self.teacher_id) {
            teacher.assignments.push(Assignment {
                index,
                event_id: event.event_id,
                school: self.school_id,
                unit: self.unit.clone(),
                post: self.post,
                share_hundredths: self.share_hundredths,
                from: event.from,
                until: self.until,
                nature: self.nature,
            });
        }
    }
}

impl Fold for AssignmentEnded {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(teacher) = state.teachers.entry(self.teacher_id) {
            teacher.ends.push(AssignmentEnd {
                index,
                started_event: self.started_event,
                last_day: event.to,
            });
        }
    }
}

impl Fold for ExemptionGranted {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        if let Some(teacher) = state.teachers.entry(self.teacher_id) {
            teacher.exemptions.push(Exemption {
                index,
                rule_id: self.rule_id,
                policy_id: self.policy_id,
                to: event.to,
                reduce_by: self.reduce_by,
            });
        }
    }
}

impl Fold for PersonsMerged {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        state.merges.merge(index, self.kept_id, self.dropped_id);
        state.name(self.kept_id, index);
        state.name(self.dropped_id, index);
    }
}

impl Fold for MergeReversed {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        state.merges.reverse(index, self.kept_id, self.dropped_id);
        state.name(self.kept_id, index);
        state.name(self.dropped_id, index);
    }
}
