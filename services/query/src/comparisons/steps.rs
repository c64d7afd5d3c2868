//! What if for ladders: which next steps each teacher would fulfil under either side.

use std::collections::BTreeMap;

use jiff::civil::Date;
use keshi_core::balance::Assessor;
use keshi_core::ids::TeacherId;
use keshi_core::period::Period;
use keshi_core::state::At;
use keshi_proto::api;

use super::Compare;
use super::choice::Choice;
use crate::Context;
use crate::error::Error;
use crate::ready::{BIRTHS_AT_ONCE, Place, place};
use crate::tiers::step_to_api;

/// What comparing steps needs beside the two policies.
pub(super) struct Ladders {
    /// The day of selection: the last of the period, or today while it runs.
    pub(super) on: Date,
    /// When teachers were born, if a step of either side asks for an age.
    births: BTreeMap<TeacherId, Option<Date>>,
}

/// The next steps of teachers under both sides.
pub(super) struct Sides<'s> {
    before: Assessor<'s>,
    after: Assessor<'s>,
    ladders: &'s Ladders,
}

/// A title as a next step on both sides; at least one is there.
#[derive(Debug, Default)]
pub(super) struct Next {
    pub(super) before: Option<api::TierStep>,
    pub(super) after: Option<api::TierStep>,
}

impl Context {
    /// What comparing the steps of these policies needs; `None` if they have none.
    pub(super) async fn ladders(
        &self,
        sides: [&Choice; 2],
        period: Period,
        size: u64,
    ) -> Result<Option<Ladders>, Error> {
        let policies = sides.map(|side| side.policies.as_slice()).concat();
        if policies.iter().all(|policy| policy.steps.is_empty()) {
            return Ok(None);
        }
        let mut births = BTreeMap::new();
        let mut steps = policies.iter().flat_map(|policy| policy.steps.iter());
        let asks_for_age = steps.any(|step| step.age_max.is_some());
        drop(steps);
        if asks_for_age {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method is of one lifetime, not of any"
            )]
            let ids = self.engine.query_at(size, |at| at.teacher_ids());
            for some in ids.chunks(BIRTHS_AT_ONCE) {
                let dates = self.birth_dates(some.to_vec()).await?;
                births.extend(some.iter().copied().zip(dates));
            }
        }
        let on = period.to.min(self.today()).max(period.from);
        Ok(Some(Ladders { on, births }))
    }
}

impl Ladders {
    pub(super) fn sides<'s>(&'s self, at: At<'s>, question: &'s Compare) -> Sides<'s> {
        let under = |choice: &'s Choice| Assessor::new(at).with_ladders(&choice.policies);
        Sides {
            before: under(&question.before),
            after: under(&question.after),
            ladders: self,
        }
    }
}

impl Sides<'_> {
    /// The next steps of a teacher, by title.
    pub(super) fn of(&self, id: &TeacherId) -> BTreeMap<Place, Next> {
        let Ladders { on, births } = self.ladders;
        let born = births.get(id).copied().flatten();
        let steps = |assessor: &Assessor<'_>| assessor.tier(id, *on).map_or_else(Vec::new, |tier| tier.steps);
        let mut next: BTreeMap<Place, Next> = BTreeMap::new();
        for step in steps(&self.before) {
            let known = next.entry(place(step.class, step.level)).or_default();
            known.before = Some(step_to_api(&step, born, *on));
        }
        for step in steps(&self.after) {
            let known = next.entry(place(step.class, step.level)).or_default();
            known.after = Some(step_to_api(&step, born, *on));
        }
        next
    }
}
