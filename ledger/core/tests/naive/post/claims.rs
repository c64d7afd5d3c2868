//! The core's facts of claims; and who looks at them, on which working days.

use keshi_core::codes::Stage;
use keshi_core::event as core;
use keshi_core::ids::{BatchId, ClaimId, TeacherId};

use super::facts::{event_id, teacher, text};
use crate::facts::{Act, Fact};

/// Days of a publicity after its first: five of them are working days in any season.
pub const PUBLICITY_DAYS: i64 = 16;

/// The working days of the years in which publicity can run.
pub const WORKING_DAYS: &str = r#"id = "gongzuori"
[[working_days]]
year = 2026
off = ["2026-10-01..2026-10-07"]
[[working_days]]
year = 2027
off = ["2027-01-01..2027-01-03"]
"#;

/// Whom no generated fact is about.
pub fn reviewer() -> TeacherId {
    TeacherId::new("V1").unwrap()
}

pub fn registered() -> core::PersonRegistered {
    core::PersonRegistered {
        teacher_id: reviewer(),
        stage: Stage::Primary,
        subject: None,
        hired_on: None,
        career_from: None,
        rank: None,
    }
}

fn batch_id(batch: &str) -> BatchId {
    BatchId::new(if batch.is_empty() { "B0" } else { batch }).unwrap()
}

pub fn claim_id(id: &str) -> ClaimId {
    ClaimId::new(id).unwrap()
}

macro_rules! step {
    ($kind:ident, $claim:expr, $submitted:expr, $reason:expr) => {
        core::Fact::from(core::$kind {
            claim_id: claim_id($claim.0),
            teacher_id: teacher($claim.1),
            submitted_event: event_id(*$submitted),
            reviewer: reviewer(),
            reason: $reason,
        })
    };
}

pub fn claim(own: &Fact) -> core::Fact {
    let Fact::Claim {
        claim,
        teacher: who,
        act,
    } = own
    else {
        unreachable!()
    };
    let about = (*claim, *who);
    let (claim_id, teacher_id, reviewer) = (claim_id(claim), teacher(who), reviewer());
    match act {
        Act::Submit { what } => core::Fact::from(core::ClaimSubmitted {
            claim_id,
            teacher_id,
            submitted_by: teacher_id,
            what: what.iter().copied().map(event_id).collect(),
            asked_hours: None,
            statement: None,
        }),
        Act::SchoolCheck { submitted } => step!(ClaimSchoolChecked, about, submitted, None),
        Act::CountyCheck { submitted } => step!(ClaimCountyChecked, about, submitted, None),
        Act::Return { submitted } => step!(ClaimReturned, about, submitted, text("缺证明")),
        Act::Reject { submitted } => step!(ClaimRejected, about, submitted, text("不属实")),
        Act::Credit { submitted } => step!(ClaimCredited, about, submitted, None),
        Act::Publish { batch } => core::Fact::from(core::PublicityOpened {
            batch_id: batch_id(batch),
            claim_ids: vec![claim_id],
            reviewer,
        }),
        Act::EndPublicity { batch } => core::Fact::from(core::PublicityEnded {
            batch_id: batch_id(batch),
            reviewer,
        }),
        Act::Object { batch } => core::Fact::from(core::ObjectionRaised {
            batch_id: batch_id(batch),
            claim_id,
            teacher_id,
            reason: text("课时不符"),
            raised_by: None,
        }),
        Act::Decide { objection, upheld } => core::Fact::from(core::ObjectionDecided {
            objection_event: event_id(*objection),
            claim_id,
            teacher_id,
            upheld: *upheld,
            reason: text("已核实"),
            reviewer,
        }),
    }
}
