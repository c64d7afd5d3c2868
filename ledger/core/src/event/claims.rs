//! Claims (申报), their reviews, and what is put before the public (公示): DOMAIN §9.
//!
//! What is claimed are events in their own right that name the claim ([`Event::claim_id`]); they count once it is credited.
//! Which step may follow which is the matter of [`crate::review`].

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::hours::Hours;
use crate::ids::{BatchId, ClaimId, EventId, TeacherId};
use crate::text::Text;
use crate::violation::Problem;

/// Most events in one submission of a claim: a course, what was given in it, and what came of it.
pub const CLAIM_EVENTS_MAX: usize = 20;

/// Most claims in one batch of a publicity: with the longest ids they fill an event of 4 KiB.
pub const BATCH_CLAIMS_MAX: usize = 100;

kinds! {
    /// Somebody asks that what happened be credited; the same claim may be submitted again until the school has checked it.
    ClaimSubmitted "claim_submitted" "申报" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Who gets the credit.
        teacher_id: TeacherId => Subject,
        /// The person who submits it: she herself, or one of her school.
        submitted_by: TeacherId => Teacher,
        /// The events that are claimed, each of which names the claim.
        what: Vec<EventId> => Claimed,
        /// 申报课时
        asked_hours: Option<Hours> => Value,
        /// 说明
        statement: Option<Text> => Text,
    }
    /// The school has looked at it.
    ClaimSchoolChecked "claim_school_checked" "学校初审" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The submission of the claim that was looked at.
        submitted_event: EventId => Claimed,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// 意见
        reason: Option<Text> => Text,
    }
    /// The county has looked at it.
    ClaimCountyChecked "claim_county_checked" "县级审核" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The submission of the claim that was looked at.
        submitted_event: EventId => Claimed,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// 意见
        reason: Option<Text> => Text,
    }
    /// It goes back to be mended.
    ClaimReturned "claim_returned" "退回修改" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The submission of the claim that was looked at.
        submitted_event: EventId => Claimed,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// What is to be mended.
        reason: Text => Text,
    }
    /// It is not credited, for good.
    ClaimRejected "claim_rejected" "不通过" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The submission of the claim that was looked at.
        submitted_event: EventId => Claimed,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// Why.
        reason: Text => Text,
    }
    /// What is claimed counts from here on.
    ClaimCredited "claim_credited" "审核入账" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose it is.
        teacher_id: TeacherId => Subject,
        /// The submission of the claim that was looked at.
        submitted_event: EventId => Claimed,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// 意见
        reason: Option<Text> => Text,
    }
    /// Claims are put before the public from the event's first day to its last.
    PublicityOpened "publicity_opened" "公示" { voidable: false, correctable: false, may_lie_ahead: true, credits: false } {
        /// The batch.
        batch_id: BatchId => Batch,
        /// Its claims, each one line.
        claim_ids: Vec<ClaimId> => Claim,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
    }
    /// Somebody objects to one line.
    ObjectionRaised "objection_raised" "公示异议" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The batch.
        batch_id: BatchId => Batch,
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose claim it is.
        teacher_id: TeacherId => Subject,
        /// What is objected.
        reason: Text => Text,
        /// Who objects; absent where somebody from outside told the office.
        raised_by: Option<TeacherId> => Teacher,
    }
    /// What became of an objection.
    ObjectionDecided "objection_decided" "异议处理" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The event that raised it.
        objection_event: EventId => Claimed,
        /// The claim.
        claim_id: ClaimId => Claim,
        /// Whose claim it is.
        teacher_id: TeacherId => Subject,
        /// 成立: the line goes back or is rejected.
        upheld: bool => Value,
        /// Why.
        reason: Text => Text,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
    }
    /// The days of a publicity are over.
    PublicityEnded "publicity_ended" "公示期满" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The batch.
        batch_id: BatchId => Batch,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
    }
}

impl Checked for ClaimSubmitted {
    fn check(&self, event: &Event, found: &mut Found) {
        if self.what.is_empty() {
            found.missing("what");
        }
        listed(found, "what", &self.what, CLAIM_EVENTS_MAX);
        if let Some(asked) = self.asked_hours {
            found.range("asked_hours", asked, Hours::ZERO, Hours::whole(10_000));
        }
        own_days(event, found);
    }
}

macro_rules! steps {
    ($($step:ident)*) => { $(
        impl Checked for $step {
            fn check(&self, event: &Event, found: &mut Found) {
                own_days(event, found);
            }
        }
    )* };
}

steps! { ClaimSchoolChecked ClaimCountyChecked ClaimReturned ClaimRejected ClaimCredited ObjectionRaised ObjectionDecided PublicityEnded }

impl Checked for PublicityOpened {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.claim_ids.is_empty() {
            found.missing("claim_ids");
        }
        listed(found, "claim_ids", &self.claim_ids, BATCH_CLAIMS_MAX);
    }
}

/// A step is taken on one day.
fn own_days(event: &Event, found: &mut Found) {
    if event.from != event.to {
        let (min, max) = (event.from.to_string(), event.from.to_string());
        found.add("occurred_to", event.to, Problem::OutOfRange { min, max });
    }
}

/// Not too many, and each once.
fn listed<T: PartialEq + ToString>(found: &mut Found, field: &str, list: &[T], max: usize) {
    if list.len() > max {
        found.add(field, list.len(), Problem::TooMany { max });
        return;
    }
    for (place, one) in list.iter().enumerate() {
        if list.iter().take(place).any(|other| other == one) {
            found.add(field, one.to_string(), Problem::Repeated);
        }
    }
}
