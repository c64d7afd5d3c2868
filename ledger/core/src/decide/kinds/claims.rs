//! What stands in the way of a claim, of a step of its review, and of publicity (DOMAIN §9, §13.21).
//!
//! Which step may follow which is [`review::TABLE`]; here is who may take it, on what, and when.

use jiff::civil::Date;

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{
    ClaimCountyChecked, ClaimCredited, ClaimRejected, ClaimReturned, ClaimSchoolChecked, ClaimSubmitted, Event,
    ObjectionDecided, ObjectionRaised, PublicityEnded, PublicityOpened,
};
use crate::ids::{BatchId, ClaimId, EventId, TeacherId};
use crate::reason::{Reason, ReasonCode};
use crate::review::{self, Stage, Step};
use crate::state::{Act, BatchView, ClaimView, OBJECTIONS_MAX, SUBMISSIONS_MAX};

/// A step of the review, as all of them say it.
struct Taken {
    claim_id: ClaimId,
    teacher_id: TeacherId,
    submitted_event: EventId,
    reviewer: TeacherId,
    step: Step,
}

/// Who and when, of a step that was taken.
fn who_and_when(act: &Act) -> String {
    format!("{} {}", act.by, act.recorded_at.local_date())
}

/// A refusal that points at the entry in the way.
fn refused_by(code: ReasonCode, field: &str, value: impl ToString, index: u64) -> Ruling {
    Ruling::refused_because(Reason {
        index: Some(index),
        ..Reason::about(code, field, value)
    })
}

/// Whether the machine has the step. One that was taken already since the claim was submitted is told as such: by whom,
/// and when.
fn in_order(claim: &ClaimView<'_>, step: Step) -> Result<(), Ruling> {
    if review::next(Some(claim.stage), step).is_some() {
        return Ok(());
    }
    let taken = claim.last(step);
    Err(match taken {
        Some(act) => refused_by(
            ReasonCode::ReviewedAlready,
            "claim_id",
            who_and_when(act),
            act.index.into(),
        ),
        None => refused_by(ReasonCode::StepOutOfOrder, "claim_id", claim.claim_id, claim.since),
    })
}

impl View<'_> {
    /// What stands under a claim waits for it; under one that is being looked at nothing is added.
    pub(in crate::decide) fn under_claim(&self, event: &Event) -> Option<Ruling> {
        let original = event.supersedes.and_then(|id| self.state.events.recorded(id));
        let Some(claim_id) = event.claim_id else {
            return self.instead_of_claimed(event, original?);
        };
        if original.is_some_and(|original| self.state.claims.under.get(&original) != Some(&claim_id)) {
            return Some(Ruling::refused(
                ReasonCode::NotUnderClaim,
                "supersedes",
                event.supersedes?,
            ));
        }
        let claim = self.state.claim(&claim_id, self.size);
        if let Some(claim) = claim.filter(|claim| !claim.stage.is_open()) {
            return Some(refused_by(
                ReasonCode::ClaimUnderReview,
                "claim_id",
                claim_id,
                claim.since,
            ));
        }
        Some(Ruling::waiting(Reason::about(
            ReasonCode::UnderReview,
            "claim_id",
            claim_id,
        )))
    }

    /// What is claimed is corrected under its claim, until that is credited: else it would count without a review.
    fn instead_of_claimed(&self, event: &Event, original: u32) -> Option<Ruling> {
        self.state.pending(original, self.size)?;
        let code = ReasonCode::CorrectsClaimed;
        Some(Ruling::refused_for(code, "supersedes", event.supersedes?, original))
    }

    fn known_claim(&self, id: ClaimId) -> Result<ClaimView<'_>, Ruling> {
        let claim = self.state.claim(&id, self.size);
        claim.ok_or_else(|| Ruling::refused(ReasonCode::UnknownClaim, "claim_id", id))
    }

    fn known_batch(&self, id: BatchId) -> Result<BatchView<'_>, Ruling> {
        let batch = self.state.at(self.size).batch(&id);
        batch.ok_or_else(|| Ruling::refused(ReasonCode::UnknownBatch, "batch_id", id))
    }

    fn is_one(&self, one: TeacherId, other: TeacherId) -> bool {
        self.state.is_one(one, other, self.size)
    }

    /// Whether the claim is this person's, under whichever of her ids.
    fn is_claim_of(&self, claim: &ClaimView<'_>, teacher: TeacherId) -> bool {
        claim.teacher_id().is_some_and(|hers| self.is_one(hers, teacher))
    }

    /// Nobody reviews what she submitted, what is about herself, nor what she objected to.
    fn not_her_own(&self, claim: &ClaimView<'_>, reviewer: TeacherId) -> Result<(), Ruling> {
        let submitted = claim.submissions.iter();
        let own = submitted
            .into_iter()
            .any(|one| self.is_one(one.submitted_by, reviewer) || self.is_one(one.teacher_id, reviewer));
        let about_her = || {
            let what = claim.submission().into_iter().flat_map(|last| &last.what);
            what.into_iter().any(|id| self.state.is_about(*id, &reviewer))
        };
        let by_her = |by: TeacherId| self.is_one(by, reviewer);
        let objected = || claim.objections.iter().any(|one| one.raised_by.is_some_and(by_her));
        if own || about_her() || objected() {
            return Err(Ruling::refused(ReasonCode::OwnReview, "reviewer", claim.claim_id));
        }
        Ok(())
    }

    fn step(&self, taken: &Taken) -> Result<(), Ruling> {
        let claim = self.known_claim(taken.claim_id)?;
        let last = claim.submission();
        if !self.is_claim_of(&claim, taken.teacher_id) {
            return Err(Ruling::refused(ReasonCode::WrongTarget, "teacher_id", taken.teacher_id));
        }
        self.not_her_own(&claim, taken.reviewer)?;
        if last.is_none_or(|last| last.event_id != taken.submitted_event) {
            let index = last.map_or(0, |last| last.index.into());
            return Err(refused_by(
                ReasonCode::ClaimChanged,
                "submitted_event",
                taken.claim_id,
                index,
            ));
        }
        in_order(&claim, taken.step)?;
        if matches!(taken.step, Step::Return | Step::Reject) {
            return Ok(());
        }
        self.is_complete(&claim)?;
        if taken.step == Step::Credit {
            self.publicity_is_over(&claim)?;
        }
        Ok(())
    }

    fn is_complete(&self, claim: &ClaimView<'_>) -> Result<(), Ruling> {
        match self.state.missing_of(claim, self.size) {
            Some(missing) => Err(Ruling::refused(ReasonCode::ClaimIncomplete, "what", missing)),
            None => Ok(()),
        }
    }

    fn publicity_is_over(&self, claim: &ClaimView<'_>) -> Result<(), Ruling> {
        let batch = claim.batch().map(|id| self.known_batch(id)).transpose()?;
        if let Some(batch) = batch.filter(|batch| batch.ended.is_none()) {
            return Err(refused_by(
                ReasonCode::PublicityRunning,
                "batch_id",
                batch.to,
                batch.opened,
            ));
        }
        match claim.stopping() {
            Some(objection) => {
                let at = objection.index.into();
                Err(refused_by(ReasonCode::ObjectionOpen, "claim_id", claim.claim_id, at))
            }
            None => Ok(()),
        }
    }
}

impl Judged for ClaimSubmitted {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl ClaimSubmitted {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        if let Some(claim) = view.state.claim(&self.claim_id, view.size) {
            if !view.is_claim_of(&claim, self.teacher_id) {
                return Err(Ruling::refused(ReasonCode::WrongTarget, "claim_id", self.claim_id));
            }
            if review::next(Some(claim.stage), Step::Submit).is_none() {
                return Err(refused_by(
                    ReasonCode::ClaimUnderReview,
                    "claim_id",
                    self.claim_id,
                    claim.since,
                ));
            }
            if claim.submissions.len() >= SUBMISSIONS_MAX {
                return Err(Ruling::refused(ReasonCode::ClaimTooOften, "claim_id", self.claim_id));
            }
        }
        // What has not arrived cannot be judged; no step is taken while it is missing.
        let strange = self.what.iter().find(|id| {
            let index = view.state.events.recorded(**id);
            index.is_some_and(|index| view.state.claims.under.get(&index) != Some(&self.claim_id))
        });
        if let Some(id) = strange {
            return Err(Ruling::refused(ReasonCode::NotUnderClaim, "what", id));
        }
        let of_others = self.what.iter().find(|id| {
            let index = view.state.events.recorded(**id);
            index.is_some_and(|index| !view.state.may_be_claimed_for(index, &self.teacher_id, view.size))
        });
        match of_others {
            Some(id) => Err(Ruling::refused(ReasonCode::WrongTarget, "what", id)),
            None => Ok(()),
        }
    }
}

macro_rules! steps {
    ($($kind:ident $step:ident)*) => { $(
        impl Judged for $kind {
            fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
                let taken = Taken {
                    claim_id: self.claim_id,
                    teacher_id: self.teacher_id,
                    submitted_event: self.submitted_event,
                    reviewer: self.reviewer,
                    step: Step::$step,
                };
                view.step(&taken).err()
            }
        }
    )* };
}

steps! {
    ClaimSchoolChecked SchoolCheck
    ClaimCountyChecked CountyCheck
    ClaimCredited Credit
    ClaimReturned Return
    ClaimRejected Reject
}

impl Judged for PublicityOpened {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        self.refusal(view, event).err()
    }
}

impl PublicityOpened {
    fn refusal(&self, view: &View<'_>, event: &Event) -> Result<(), Ruling> {
        let at = view.state.at(view.size);
        if let Some(batch) = at.batch(&self.batch_id) {
            return Err(refused_by(
                ReasonCode::BatchTaken,
                "batch_id",
                self.batch_id,
                batch.opened,
            ));
        }
        for claim_id in &self.claim_ids {
            let claim = view.known_claim(*claim_id)?;
            view.not_her_own(&claim, self.reviewer)?;
            in_order(&claim, Step::Publish)?;
            view.is_complete(&claim)?;
        }
        if event.from < view.today {
            return Err(Ruling::refused(
                ReasonCode::PublicityBackdated,
                "occurred_from",
                event.from,
            ));
        }
        let days = at.review_rules(view.today).publicity_days;
        let least = at
            .working_day_after(event.from, days)
            .map_err(|year| Ruling::refused(ReasonCode::CalendarYearMissing, "occurred_to", year))?;
        if event.to < least {
            return Err(Ruling::refused(ReasonCode::PublicityTooShort, "occurred_to", least));
        }
        Ok(())
    }
}

impl Judged for ObjectionRaised {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl ObjectionRaised {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        let claim = view.known_claim(self.claim_id)?;
        let batch = view.known_batch(self.batch_id)?;
        if !view.is_claim_of(&claim, self.teacher_id) || !batch.claims.contains(&self.claim_id) {
            return Err(Ruling::refused(ReasonCode::NotInBatch, "claim_id", self.claim_id));
        }
        // The day in China on which it was taken in: the last one ends at midnight.
        if view.today > batch.to || batch.ended.is_some() {
            return Err(refused_by(
                ReasonCode::ObjectionTooLate,
                "batch_id",
                batch.to,
                batch.opened,
            ));
        }
        if claim.objections.len() >= OBJECTIONS_MAX {
            return Err(Ruling::refused(ReasonCode::ClaimTooOften, "claim_id", self.claim_id));
        }
        if claim.stage != Stage::Publicity || claim.batch() != Some(self.batch_id) {
            return Err(refused_by(
                ReasonCode::StepOutOfOrder,
                "claim_id",
                self.claim_id,
                claim.since,
            ));
        }
        Ok(())
    }
}

impl Judged for ObjectionDecided {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl ObjectionDecided {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        let claim = view.known_claim(self.claim_id)?;
        let mut objections = claim.objections.iter();
        let Some(objection) = objections.find(|one| one.event_id == self.objection_event) else {
            return Err(Ruling::refused(
                ReasonCode::UnknownObjection,
                "objection_event",
                self.objection_event,
            ));
        };
        if !view.is_claim_of(&claim, self.teacher_id) {
            return Err(Ruling::refused(ReasonCode::WrongTarget, "teacher_id", self.teacher_id));
        }
        view.not_her_own(&claim, self.reviewer)?;
        match claim.decision(objection) {
            Some(decided) => Err(refused_by(
                ReasonCode::ReviewedAlready,
                "objection_event",
                decided.by,
                decided.index.into(),
            )),
            None => Ok(()),
        }
    }
}

/// It is over when its last day is.
impl Judged for PublicityEnded {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl PublicityEnded {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        let batch = view.known_batch(self.batch_id)?;
        if let Some(ended) = batch.ended {
            return Err(refused_by(ReasonCode::BatchEnded, "batch_id", self.batch_id, ended));
        }
        let last: Date = batch.to;
        if view.today <= last {
            return Err(refused_by(ReasonCode::PublicityRunning, "batch_id", last, batch.opened));
        }
        Ok(())
    }
}
