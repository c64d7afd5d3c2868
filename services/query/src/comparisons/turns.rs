//! How one teacher's requirements come out otherwise.

use std::collections::BTreeMap;

use keshi_core::balance::{Balance, Standing, Status};
use keshi_core::hours::Hours;
use keshi_core::ids::{RuleId, TeacherId};
use keshi_core::period::Name;
use keshi_proto::api;

use crate::balances::standing_weight;

/// What of one teacher comes out otherwise.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) teacher_id: TeacherId,
    pub(super) turn: api::Turn,
    pub(super) what: What,
}

/// What comes out otherwise: a requirement, or a step to a title, of which at least one side is there.
#[derive(Clone, Debug)]
pub(super) enum What {
    Requirement(Pair),
    Step {
        before: Option<api::TierStep>,
        after: Option<api::TierStep>,
    },
}

/// A requirement of one period under both policies; at least one side is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Pair {
    pub(super) before: Option<Standing>,
    pub(super) after: Option<Standing>,
}

/// The requirements of both balances, told by their ids and periods.
pub(super) fn pairs(before: Option<Balance>, after: Option<Balance>) -> Vec<Pair> {
    let mut pairs: BTreeMap<(RuleId, Name), Pair> = BTreeMap::new();
    for standing in standings(before) {
        let key = (standing.requirement.id, standing.period.name);
        pairs.entry(key).or_default().before = Some(standing);
    }
    for standing in standings(after) {
        let key = (standing.requirement.id, standing.period.name);
        pairs.entry(key).or_default().after = Some(standing);
    }
    pairs.into_values().collect()
}

/// Those of the policy; a balance without one has none.
fn standings(balance: Option<Balance>) -> impl Iterator<Item = Standing> {
    let sections = balance.into_iter().flat_map(|balance| balance.sections);
    sections.flat_map(|section| section.standings)
}

pub(super) fn is_short(standing: Option<&Standing>) -> bool {
    standing.is_some_and(|standing| standing.status == Status::Short)
}

/// What is missing; nothing where nothing is required.
pub(super) fn missing(standing: Option<&Standing>) -> Hours {
    standing.map_or(Hours::ZERO, |standing| standing.missing)
}

impl Pair {
    /// How it comes out otherwise; `None` if the same is missing.
    pub(super) fn turn(&self) -> Option<api::Turn> {
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        match (is_short(before), is_short(after)) {
            (false, false) => None,
            (false, true) => Some(api::Turn::NowShort),
            (true, false) => Some(api::Turn::NowMet),
            (true, true) => match missing(after).cmp(&missing(before)) {
                std::cmp::Ordering::Greater => Some(api::Turn::MoreMissing),
                std::cmp::Ordering::Less => Some(api::Turn::LessMissing),
                std::cmp::Ordering::Equal => None,
            },
        }
    }
}

impl Row {
    /// The bytes that it takes.
    pub(super) fn weight(&self) -> usize {
        let held = match &self.what {
            What::Requirement(Pair { before, after }) => before.iter().chain(after).map(standing_weight).sum::<usize>(),
            What::Step { before, after } => before.iter().chain(after).map(prost::Message::encoded_len).sum(),
        };
        size_of::<Self>() + held
    }

    /// Missing after less missing before, in hundredths.
    pub(super) fn missing_change(&self) -> i64 {
        let missing = |standing: &Option<Standing>| missing(standing.as_ref()).hundredths();
        match &self.what {
            What::Requirement(Pair { before, after }) => missing(after).saturating_sub(missing(before)),
            What::Step { .. } => 0,
        }
    }
}
