//! Ladders (称号阶梯, DOMAIN §7): which titles there are, and what each presupposes on the day of selection.

use jiff::civil::Date;

use super::{Meter, Policy, Word, version_on};
use crate::codes::{Award, Level, TitleClass};
use crate::hours::Hours;
use crate::ids::{PolicyId, RuleId};

/// One step of a ladder: a title, and what it presupposes.
#[derive(Clone, Debug, PartialEq)]
pub struct LadderStep {
    /// Its id within the policy, e.g. `S4`.
    pub id: RuleId,
    /// 称号类别
    pub class: TitleClass,
    /// 级别
    pub level: Level,
    /// Titles of which one, or one of the same class or higher at the same level or higher, is held; empty: none need be.
    pub after: Vec<(TitleClass, Level)>,
    /// Whether a recommendation to the level is needed.
    pub recommended: bool,
    /// Whether she has to have been chosen as 培养对象 for this title, and how many years before.
    pub candidate: Option<i16>,
    /// Least years of service (教龄).
    pub career_years: Option<i16>,
    /// Greatest age in full years, of which the ledger knows nothing: whoever holds the birth dates looks at it.
    pub age_max: Option<u8>,
    /// 职称 of which she has one; empty: any.
    pub ranks: Vec<Word>,
    /// A prize of her own.
    pub prize: Option<Prize>,
    /// What must have been counted.
    pub counts: Vec<Count>,
    /// The regulation's own words.
    pub text: String,
}

/// A prize of her own in a competition (not as a guide of others).
#[derive(Clone, Debug, PartialEq)]
pub struct Prize {
    /// At one of these levels; empty: any.
    pub levels: Vec<Level>,
    /// One of these; empty: any.
    pub awards: Vec<Award>,
    /// Won within so many years before the day; `None`: ever.
    pub years: Option<i16>,
}

/// An amount that must have been counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// Of what.
    pub meter: Meter,
    /// At least so much.
    pub min: Hours,
    /// Within so many years before the day; `None`: ever.
    pub years: Option<i16>,
    /// Under this policy; `None`: as hours count where no policy is about a person.
    pub under: Option<PolicyId>,
}

/// Policies that have steps, the versions of one together.
#[derive(Debug)]
pub(crate) struct Ladders<'s>(Vec<Vec<&'s Policy>>);

impl<'s> Ladders<'s> {
    /// Those of these policies of which a version has steps. The others of their versions are kept: one without steps ends
    /// the ladder as any version ends the one before it (DOMAIN §8).
    pub(crate) fn among(policies: impl Iterator<Item = &'s Policy>) -> Self {
        let mut policies: Vec<&Policy> = policies.collect();
        policies.sort_by_key(|policy| (policy.id, policy.version));
        let of_one = policies.chunk_by(|one, two| one.id == two.id);
        let climbs = |versions: &&[&Policy]| versions.iter().any(|policy| !policy.steps.is_empty());
        Self(of_one.filter(climbs).map(<[&Policy]>::to_vec).collect())
    }

    /// Those in force on a day, by policy id.
    pub(crate) fn on(&self, day: Date) -> impl Iterator<Item = &'s Policy> {
        let in_force = self.0.iter().filter_map(move |versions| version_on(versions, day));
        in_force.filter(|policy| !policy.steps.is_empty())
    }
}
