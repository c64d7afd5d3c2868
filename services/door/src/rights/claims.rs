//! Claims and reviews: in whose name, and about whom.

use keshi_core::event::{Event, Fact, Field};
use keshi_core::ids::TeacherId;
use keshi_office::access::rights::{ActsOn, Right};
use keshi_office::access::{Denied, RoleName, Target};

use super::refusals::{no_person, not_her_claim, not_in_her_name};
use super::{Open, Rights};

/// The kind that stands for all that a claim holds: who may submit the claim may post what is under it.
const CLAIM: &str = "claim_submitted";

impl Rights<'_> {
    /// Claims, reviews and objections say who it was, and nobody does so in another's name: the ledger judges by persons, so
    /// that a second account is no way around it.
    pub(super) fn as_herself(&self, event: &Event) -> Result<(), Denied> {
        if self.caller.role().name() == RoleName::Dev {
            return Ok(());
        }
        let me = self.caller.teacher_id();
        match (in_whose_name(&event.fact), me) {
            // A teacher objects in her own name; who tells the office of an objection from outside need not be of the county.
            (InName::OfOneOutside, _) if self.caller.role().name() == RoleName::Teacher => Err(not_in_her_name("-")),
            (InName::Of(_), None) => Err(no_person()),
            (InName::Of(by), Some(me)) if by.as_str() != me => Err(not_in_her_name(by.as_str())),
            (InName::OfNobody | InName::OfOneOutside, _) | (InName::Of(_), Some(_)) => Ok(()),
        }
    }

    /// The right to a claim, and to what stands under one: her own, or that of her school's teachers. `None`: it is neither.
    pub(super) fn claims(&mut self, position: usize, event: &Event) -> Option<Result<(), Denied>> {
        let submits = matches!(event.fact, Fact::ClaimSubmitted(_));
        if event.claim_id.is_none() && !submits {
            return None;
        }
        Some(self.claim(position, event))
    }

    fn claim(&mut self, position: usize, event: &Event) -> Result<(), Denied> {
        let right = self.right(CLAIM);
        if right != Right::All {
            self.bounded.push((position, event.event_id));
        }
        self.original(position, event);
        let subjects = event.fact.subjects();
        let me = self.caller.teacher_id();
        // The course that it was done in names nobody.
        let hers = subjects.iter().any(|id| Some(id.as_str()) == me) || (subjects.is_empty() && me.is_some());
        if hers {
            return Ok(());
        }
        match right {
            Right::All => Ok(()),
            Right::School => {
                let school = event.org.as_ref().map(AsRef::as_ref);
                self.caller.may_post(
                    CLAIM,
                    Target {
                        school,
                        ..Target::default()
                    },
                )?;
                let crediting = subjects.into_iter().map(|id| Open {
                    position,
                    kind: CLAIM,
                    right,
                    acts_on: ActsOn::Crediting(*id),
                    under_claim: true,
                });
                self.open.extend(crediting);
                Ok(())
            }
            Right::Herself | Right::No | Right::Unit | Right::Subject | Right::Posted => Err(not_her_claim()),
        }
    }
}

/// In whose name something is done.
#[derive(Clone, Copy)]
enum InName {
    /// The kind names nobody who does it.
    OfNobody,
    /// Of somebody who is not of the county.
    OfOneOutside,
    /// Of this person.
    Of(TeacherId),
}

fn in_whose_name(fact: &Fact) -> InName {
    let mut name = match fact {
        Fact::ObjectionRaised(_) => InName::OfOneOutside,
        _ => InName::OfNobody,
    };
    fact.fields(&mut |field, value| {
        if let ("submitted_by" | "reviewer" | "raised_by", Field::Teacher(id)) = (field, value) {
            name = InName::Of(*id);
        }
    });
    name
}
