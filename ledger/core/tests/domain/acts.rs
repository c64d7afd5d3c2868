//! What people of the office do beside posting: claims are brought on their way, certificates issued, persons merged and parted.

use std::collections::BTreeSet;

use jiff::civil::Date;
use keshi_core::event::{
    CertificateIssued, ClaimCountyChecked, ClaimCredited, ClaimReturned, ClaimSchoolChecked, ClaimSubmitted, Event,
    Fact, PublicityEnded, PublicityOpened,
};
use keshi_core::ids::{BatchId, ClaimId, EventId, TeacherId};
use keshi_core::registry::Validity;
use keshi_core::review::Stage;
use keshi_core::state::ClaimView;
use keshi_core::time::plus_days;

use crate::documents::{adopt_calendar, adopted};
use crate::merges::{merged, reversed};
use crate::support::facts::{person, teacher, text};
use crate::support::{Ledger, on};

/// Three years whose working days are known.
const CALENDAR: &str = r#"id = "gongzuori"
[[working_days]]
year = 2024
off = []
on = []
[[working_days]]
year = 2025
off = []
on = []
[[working_days]]
year = 2026
off = []
on = []
"#;

/// Steps from a claim that nobody submitted to one that is credited.
pub const STEPS: usize = 6;

/// One thing that is done.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// The claim that the posting stands under takes its next step.
    Advance,
    /// It goes back.
    Return,
    /// A certificate is issued for the posting.
    Certify,
    /// Two of the four are merged, chosen by the number.
    Merge(u8),
    /// They are parted.
    Part(u8),
}

/// Something done, and the day on which it was.
#[derive(Clone, Debug)]
pub struct Done {
    pub today: Date,
    pub event: Event,
}

/// The claim that the posting at `place` would stand under.
pub fn claim_at(place: usize) -> ClaimId {
    ClaimId::new(&format!("C{place}")).unwrap()
}

/// The posting at `place`, under a claim of its own where the kind may be claimed and the byte says so.
pub fn maybe_claimed(event: Event, place: usize, byte: u8) -> Event {
    let may = matches!(
        event.fact,
        Fact::AttendanceRecorded(_) | Fact::LessonGiven(_) | Fact::LessonObserved(_) | Fact::AwardGiven(_)
    );
    Event {
        claim_id: (may && byte % 4 < 3).then(|| claim_at(place)),
        ..event
    }
}

/// The two whom the number chooses: the one kept, the one dropped.
pub fn pair(number: u8) -> (String, String) {
    let (one, other) = (number % 4, (number / 4) % 3);
    let other = if other >= one { other + 1 } else { other };
    (format!("T{}", one + 1), format!("T{}", other + 1))
}

impl Ledger {
    /// As [`Ledger::county`], with a calendar, and `T5` who reviews for the school and `T6` for the county.
    pub fn office() -> Self {
        let mut ledger = Self::county();
        adopted(&mut ledger, adopt_calendar(1_000, "2023-12-01", CALENDAR));
        let reviewers = [(15, "T5"), (16, "T6")];
        ledger.given(reviewers.map(|(number, id)| on(number, "2010-01-01", person(id))));
        ledger
    }

    /// Does it, about the posting at a place as it stands there; what was done if the ledger took it.
    pub fn act(&mut self, number: u128, act: Act, (place, standing): (usize, Option<&Event>)) -> Option<Done> {
        let fact = self.fact_of(number, act, (place, standing))?;
        let last = match fact {
            Fact::PublicityOpened(_) => self.state.at(self.size()).working_day_after(self.today, 5).unwrap(),
            _ => self.today,
        };
        let done = Done {
            today: self.today,
            event: Event::of(crate::support::id(number), self.today, last, fact),
        };
        self.again(&done).then_some(done)
    }

    /// Does what was done elsewhere; whether the ledger took it.
    pub fn again(&mut self, done: &Done) -> bool {
        self.today = done.today;
        self.post(done.event.clone()).verdict.is_in_ledger()
    }

    fn fact_of(&mut self, number: u128, act: Act, (place, standing): (usize, Option<&Event>)) -> Option<Fact> {
        match act {
            Act::Advance => self.next_step(number, place, standing?),
            Act::Return => {
                let (submitted_event, teacher_id) = self.submission(place)?;
                let fact = ClaimReturned {
                    claim_id: claim_at(place),
                    teacher_id,
                    submitted_event,
                    reviewer: teacher("T6"),
                    reason: text("缺证明"),
                };
                Some(fact.into())
            }
            Act::Certify => {
                let fact = CertificateIssued {
                    teacher_id: **standing?.fact.subjects().first()?,
                    basis_event: standing?.event_id,
                    attests: text("属实"),
                    old_number: None,
                };
                Some(fact.into())
            }
            Act::Merge(number) => {
                let (kept, dropped) = pair(number);
                Some(by("T6", merged(&kept, &dropped)))
            }
            Act::Part(number) => {
                let (kept, dropped) = pair(number);
                Some(by("T6", reversed(&kept, &dropped)))
            }
        }
    }

    /// The submission of the claim that holds, and whose it is.
    fn submission(&self, place: usize) -> Option<(EventId, TeacherId)> {
        let claim = self.state.at(self.size()).claim(&claim_at(place))?;
        let last = claim.submission()?;
        Some((last.event_id, last.teacher_id))
    }

    fn next_step(&mut self, number: u128, place: usize, standing: &Event) -> Option<Fact> {
        let claim_id = standing.claim_id?;
        let claim = self.state.at(self.size()).claim(&claim_id);
        let stage = claim.as_ref().map(|claim| claim.stage);
        let is_claimed = claim
            .as_ref()
            .and_then(|claim| claim.submission())
            .is_some_and(|last| last.what.contains(&standing.event_id));
        let batch = claim.as_ref().and_then(ClaimView::batch);
        macro_rules! step {
            ($kind:ident $by:literal) => {{
                let (submitted_event, teacher_id) = self.submission(place)?;
                let fact = $kind {
                    claim_id,
                    teacher_id,
                    submitted_event,
                    reviewer: teacher($by),
                    reason: None,
                };
                Some(fact.into())
            }};
        }
        match stage {
            Some(Stage::Submitted) if is_claimed => step!(ClaimSchoolChecked "T5"),
            None | Some(Stage::Submitted | Stage::Returned) => {
                let hers = **standing.fact.subjects().first()?;
                let fact = ClaimSubmitted {
                    claim_id,
                    teacher_id: hers,
                    submitted_by: hers,
                    what: vec![standing.event_id],
                    asked_hours: None,
                    statement: None,
                };
                Some(fact.into())
            }
            Some(Stage::SchoolChecked) => step!(ClaimCountyChecked "T6"),
            Some(Stage::CountyChecked) => {
                let fact = PublicityOpened {
                    batch_id: BatchId::new(&format!("B{number}")).unwrap(),
                    claim_ids: vec![claim_id],
                    reviewer: teacher("T6"),
                };
                Some(fact.into())
            }
            Some(Stage::Publicity) => {
                let batch = self.state.at(self.size()).batch(&batch?)?;
                if batch.ended.is_some() {
                    return step!(ClaimCredited "T6");
                }
                let (batch_id, last) = (batch.batch_id, batch.to);
                self.today = self.today.max(plus_days(last, 1));
                let fact = PublicityEnded {
                    batch_id,
                    reviewer: teacher("T6"),
                };
                Some(fact.into())
            }
            Some(Stage::Credited | Stage::Rejected) => None,
        }
    }

    /// For whom, and on what stands now, there is a certificate that is worth something.
    pub fn valid_certificates(&self) -> BTreeSet<(TeacherId, EventId)> {
        let at = self.state.at(self.size());
        let valid = at
            .certificates()
            .filter(|view| matches!(view.validity, Validity::Valid | Validity::Reissued(_)));
        let known = valid.filter_map(|view| Some((at.kept_id(&view.teacher_id), self.state.event_at(view.basis?)?)));
        known.collect()
    }

    /// How many claims are credited.
    pub fn credited(&self) -> usize {
        let claims = self.state.at(self.size()).claims();
        claims.filter(|claim| claim.stage == Stage::Credited).count()
    }
}

/// The merge or reversal, decided by this person.
fn by(reviewer: &str, mut fact: Fact) -> Fact {
    match &mut fact {
        Fact::PersonsMerged(merge) => merge.reviewer = teacher(reviewer),
        Fact::MergeReversed(merge) => merge.reviewer = teacher(reviewer),
        _ => {}
    }
    fact
}
