//! Grace: what falls into the window after a cycle may count to it.

use std::rc::Rc;

use super::due::{Due, Owed};
use super::standing::{Beyond, Case, counts, is_next};
use super::{Adjustment, AdjustmentKind, alternatives};
use crate::hours::Hours;
use crate::period::{Kind, Period};
use crate::policy::{Grace, GraceTakes, Policy, version_on};
use crate::time::plus_days;

/// What a period counts by itself.
#[derive(Default)]
pub(super) struct Own {
    pub(super) amount: i64,
    pub(super) adjustments: Vec<Adjustment>,
    /// Places of the credits that the cycle before took from it by grace.
    pub(super) given: Vec<u32>,
    /// Places of the credits that it took by grace from the cycle after.
    pub(super) taken: Vec<u32>,
    /// What that brings it.
    pub(super) graced: i64,
}

impl Own {
    pub(super) fn adjust(&mut self, kind: AdjustmentKind, amount: i64) {
        if amount == 0 {
            return;
        }
        self.amount = self.amount.saturating_add(amount);
        let known = self.adjustments.iter_mut().find(|known| known.kind == kind);
        match known {
            Some(known) => {
                known.amount = Hours::from_hundredths(known.amount.hundredths().saturating_add(amount));
            }
            None => self.adjustments.push(Adjustment {
                kind,
                amount: Hours::from_hundredths(amount),
            }),
        }
    }
}

impl<'p> Case<'_, 'p> {
    pub(super) fn has_grace(&self) -> bool {
        self.versions.iter().any(|policy| grace_of(policy).is_some())
    }

    /// Walks the cycles up to this one, for what falls into the window of one may count to it or to the next.
    pub(super) fn own_by_grace(&self, due: &Due<'p>, owed: Option<&Owed>) -> Result<Own, Beyond> {
        // Places of the credits that the cycle before took from its window.
        let mut taken: Vec<u32> = Vec::new();
        let mut before: Option<Due<'p>> = None;
        for link in self.chain(due) {
            let Some(link) = link else {
                taken.clear();
                before = None;
                continue;
            };
            if !before.is_some_and(|before| is_next(&before, &link)) {
                taken.clear();
            }
            let is_asked = link.period == due.period;
            let link_owed;
            let owed = if is_asked {
                owed
            } else {
                link_owed = self.assessor.owed(&link, self.person, self.versions);
                link_owed.as_ref()
            };
            let mut own = self.own_of(&link, taken)?;
            if let Some(owed) = owed {
                self.take_grace(&link, owed, &mut own)?;
            }
            if is_asked {
                return Ok(own);
            }
            taken = own.taken;
            before = owed.is_some().then_some(link);
        }
        Ok(Own::default())
    }

    /// Takes what the window after a cycle brings it.
    fn take_grace(&self, due: &Due<'p>, owed: &Owed, own: &mut Own) -> Result<(), Beyond> {
        let Some(grace) = grace_of(due.policy) else {
            return Ok(());
        };
        let taken = match grace.takes {
            GraceTakes::UntilAllMet => self.taken_together(due.policy, due.period)?.to_vec(),
            GraceTakes::All => self.taken_while(due, grace, |_| true),
            GraceTakes::WhileShort => {
                let missing = owed.min.hundredths().saturating_sub(own.amount);
                self.taken_while(due, grace, |sum| sum < missing)
            }
        };
        let amount = self.sum_of(&taken, |credit| counts(due.requirement, credit))?;
        let gone = taken
            .iter()
            .map(|&place| self.gone(due, place))
            .fold(0, i64::saturating_add);
        own.adjust(AdjustmentKind::GraceIn, amount);
        own.adjust(AdjustmentKind::Probation, -gone);
        own.graced = amount.saturating_sub(gone);
        own.taken = taken;
        Ok(())
    }

    /// The places of a requirement's credits in the window, while their sum so far is wanted.
    fn taken_while(&self, due: &Due<'p>, grace: Grace, is_wanted: impl Fn(i64) -> bool) -> Vec<u32> {
        let (mut taken, mut sum) = (Vec::new(), 0_i64);
        for (place, credit) in self.in_window(due.period, grace) {
            if credit.is_counted() && counts(due.requirement, credit) && is_wanted(sum) {
                taken.push(place);
                let gone = self.gone(due, place);
                sum = sum.saturating_add(credit.counted.hundredths().saturating_sub(gone));
            }
        }
        taken
    }

    fn in_window(&self, cycle: Period, grace: Grace) -> impl Iterator<Item = (u32, &super::credit::Credit<'p>)> {
        let from = plus_days(cycle.to, 1);
        let next = grace.window.after(from, 1);
        let last = next.map_or(jiff::civil::Date::MAX, |next| plus_days(next, -1));
        let (first, within) = self.within(from, last);
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        (first..).zip(within)
    }

    /// What of a credit a probation year records instead.
    fn gone(&self, due: &Due<'p>, place: u32) -> i64 {
        let is_counted = |probation: &&super::probation::Probation| {
            let credit = self.credits.get(place as usize);
            probation.meter == due.requirement.meter && credit.is_some_and(|credit| counts(due.requirement, credit))
        };
        let probation = self.probation_of(due).filter(is_counted);
        probation.map_or(0, |probation| probation.taken(place as usize))
    }

    /// The places of the credits in the window after a cycle that it takes for all its requirements together, each while
    /// one of them is short.
    fn taken_together(&self, policy: &'p Policy, cycle: Period) -> Result<Rc<Vec<u32>>, Beyond> {
        let known = self.together.borrow().get(&cycle.to).map(Rc::clone);
        if let Some(known) = known {
            return Ok(known);
        }
        let Some(grace) = grace_of(policy) else {
            return Ok(Rc::default());
        };
        let mut rows: Vec<(Due<'p>, i64, Hours)> = Vec::new();
        for requirement in policy
            .requirements
            .iter()
            .filter(|requirement| requirement.period == Kind::Cycle)
        {
            let due = Due {
                policy,
                requirement,
                period: cycle,
            };
            if let Some(owed) = self.assessor.owed(&due, self.person, self.versions) {
                let own = self.own_of(&due, self.given_together(&due)?)?;
                rows.push((due, own.amount, owed.min));
            }
        }
        let mut taken = Vec::new();
        for (place, credit) in self.in_window(cycle, grace) {
            let is_wanted = || rows.iter().any(|(due, ..)| counts(due.requirement, credit));
            if !credit.is_counted() || !is_wanted() || !alternatives::is_any_short(policy, &rows) {
                continue;
            }
            taken.push(place);
            for (due, amount, _) in rows.iter_mut().filter(|(due, ..)| counts(due.requirement, credit)) {
                let part = credit.counted.hundredths().saturating_sub(self.gone(due, place));
                *amount = amount.saturating_add(part);
            }
        }
        let taken = Rc::new(taken);
        self.together.borrow_mut().insert(cycle.to, Rc::clone(&taken));
        Ok(taken)
    }

    /// What the cycle before took of this one, where it takes for all requirements together and this one was due there.
    fn given_together(&self, due: &Due<'p>) -> Result<Vec<u32>, Beyond> {
        let last = plus_days(due.period.from, -1);
        let before = version_on(self.versions, last).and_then(|policy| {
            let cycle = self.assessor.period_of(Kind::Cycle, last, policy, self.person)?;
            let mut requirements = policy.requirements.iter();
            let requirement =
                requirements.find(|other| other.id == due.requirement.id && other.period == Kind::Cycle)?;
            Some(Due {
                policy,
                requirement,
                period: cycle,
            })
        });
        let Some(before) = before.filter(|before| before.period.to == last) else {
            return Ok(Vec::new());
        };
        let together = grace_of(before.policy).is_some_and(|grace| grace.takes == GraceTakes::UntilAllMet);
        if !together || self.assessor.owed(&before, self.person, self.versions).is_none() {
            return Ok(Vec::new());
        }
        Ok(self.taken_together(before.policy, before.period)?.to_vec())
    }
}

fn grace_of(policy: &Policy) -> Option<Grace> {
    policy.cycle.and_then(|cycle| cycle.grace)
}
