//! Claims, their reviews and publicity.

use super::Fold;
use crate::event::{
    ClaimCountyChecked, ClaimCredited, ClaimRejected, ClaimReturned, ClaimSchoolChecked, ClaimSubmitted, Event,
    ObjectionDecided, ObjectionRaised, PublicityEnded, PublicityOpened,
};
use crate::ids::{BatchId, ClaimId, TeacherId};
use crate::review::Step;
use crate::state::State;
use crate::state::claims::{Act, Batch, ClaimSubmission, Decided, Objection};
use crate::text::Text;

impl Fold for ClaimSubmitted {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let claim = state.claims.row(self.claim_id);
        claim.submissions.push(ClaimSubmission {
            index,
            event_id: event.event_id,
            teacher_id: self.teacher_id,
            submitted_by: self.submitted_by,
            what: self.what.clone(),
            asked_hours: self.asked_hours,
            statement: self.statement.clone(),
        });
        state.act(self.claim_id, index, (Step::Submit, self.submitted_by), None, None);
        state.name(self.teacher_id, index);
    }
}

macro_rules! steps {
    ($($kind:ident $step:ident $reason:expr;)*) => { $(
        impl Fold for $kind {
            fn fold(&self, state: &mut State, index: u32, _: &Event) {
                let reason: fn(&Self) -> Option<Text> = $reason;
                state.act(self.claim_id, index, (Step::$step, self.reviewer), reason(self), None);
                state.name(self.teacher_id, index);
            }
        }
    )* };
}

steps! {
    ClaimSchoolChecked SchoolCheck |step| step.reason.clone();
    ClaimCountyChecked CountyCheck |step| step.reason.clone();
    ClaimCredited Credit |step| step.reason.clone();
    ClaimReturned Return |step| Some(step.reason.clone());
    ClaimRejected Reject |step| Some(step.reason.clone());
}

impl Fold for PublicityOpened {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        // decide lets a batch be opened once.
        state.claims.batches.entry(self.batch_id).or_insert_with(|| Batch {
            index,
            from: event.from,
            to: event.to,
            claims: self.claim_ids.clone(),
            reviewer: self.reviewer,
            ended: None,
        });
        for claim_id in &self.claim_ids {
            state.act(
                *claim_id,
                index,
                (Step::Publish, self.reviewer),
                None,
                Some(self.batch_id),
            );
            let last = state
                .claims
                .rows
                .get(claim_id)
                .and_then(|claim| claim.submissions.last());
            if let Some(teacher_id) = last.map(|last| last.teacher_id) {
                state.name(teacher_id, index);
            }
        }
    }
}

impl Fold for ObjectionRaised {
    fn fold(&self, state: &mut State, index: u32, event: &Event) {
        let claim = state.claims.row(self.claim_id);
        claim.objections.push(Objection {
            index,
            event_id: event.event_id,
            batch_id: self.batch_id,
            raised_by: self.raised_by,
            reason: self.reason.clone(),
            decision: None,
        });
        state.name(self.teacher_id, index);
    }
}

impl Fold for ObjectionDecided {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        let mut objections = state.claims.rows.get_mut(&self.claim_id).into_iter();
        let objection = objections.find_map(|claim| {
            let mut objections = claim.objections.iter_mut();
            objections.find(|one| one.event_id == self.objection_event)
        });
        if let Some(objection) = objection {
            objection.decision.get_or_insert_with(|| Decided {
                index,
                upheld: self.upheld,
                reason: self.reason.clone(),
                by: self.reviewer,
            });
        }
        state.name(self.teacher_id, index);
    }
}

impl Fold for PublicityEnded {
    fn fold(&self, state: &mut State, index: u32, _: &Event) {
        if let Some(batch) = state.claims.batches.get_mut(&self.batch_id) {
            batch.ended.get_or_insert((index, self.reviewer));
        }
    }
}

impl State {
    fn act(
        &mut self,
        claim_id: ClaimId,
        index: u32,
        (step, by): (Step, TeacherId),
        reason: Option<Text>,
        batch: Option<BatchId>,
    ) {
        let recorded_at = self.recorded_at;
        let act = Act {
            index,
            recorded_at,
            step,
            by,
            reason,
            batch,
        };
        self.claims.row(claim_id).acts.push(act);
        self.claims.settle(claim_id);
    }
}
