//! Step 8 of crediting: caps, each in turn as the policy lists them, credit by credit.

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::credit::Credit;
use super::person::Person;
use super::{Assessor, Cut};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::policy::{Cap, Ceiling, Policy};

/// A kind of period and its first day name a period of one policy and person.
type Key = (crate::period::Kind, Date);

impl Assessor<'_> {
    /// Applies all caps. The order is that of the newest version; what it lacks comes after, by version.
    pub(super) fn cap(&self, credits: &mut [Credit<'_>], versions: &[&Policy], person: &Person<'_>) -> Result<(), u64> {
        let mut order: Vec<RuleId> = Vec::new();
        let (newest, earlier) = versions
            .split_last()
            .map_or((None, versions), |(last, rest)| (Some(last), rest));
        for policy in newest.into_iter().chain(earlier) {
            for cap in &policy.caps {
                if !order.contains(&cap.id) {
                    order.push(cap.id);
                }
            }
        }
        for id in order {
            self.apply(id, credits, versions, person)?;
        }
        Ok(())
    }

    fn apply(
        &self,
        id: RuleId,
        credits: &mut [Credit<'_>],
        versions: &[&Policy],
        person: &Person<'_>,
    ) -> Result<(), u64> {
        let others = self.others(id, credits, versions, person)?;
        let mut used: FxHashMap<Key, i64> = FxHashMap::default();
        for credit in credits.iter_mut().filter(|credit| credit.is_counted()) {
            let Some((policy, cap)) = cap_of(credit, id) else {
                continue;
            };
            if cap.meter != credit.meter || !credit.passes(&cap.filter) {
                continue;
            }
            let Some(period) = self.period_of_credit(cap.period, credit, policy, person) else {
                continue;
            };
            let key = (cap.period, period.from);
            let max = match &cap.ceiling {
                Ceiling::Amount(max) => max.hundredths(),
                Ceiling::NotAbove(_) => others.get(&(policy.version, key)).copied().unwrap_or(0),
            };
            let used = used.entry(key).or_insert(0);
            let room = max.saturating_sub(*used).max(0);
            let over = credit.counted.hundredths().saturating_sub(room);
            if over > 0 {
                credit.cut(Cut {
                    rule: id,
                    amount: Hours::from_hundredths(over),
                });
            }
            *used = used
                .checked_add(credit.counted.hundredths())
                .ok_or(u64::from(credit.index))?;
        }
        Ok(())
    }

    /// What a relative cap measures against: by version and period, what the other credits count before it.
    fn others(
        &self,
        id: RuleId,
        credits: &[Credit<'_>],
        versions: &[&Policy],
        person: &Person<'_>,
    ) -> Result<FxHashMap<(u32, Key), i64>, u64> {
        let mut sums = FxHashMap::default();
        for policy in versions {
            let relative = policy.caps.iter().find(|cap| cap.id == id);
            let Some((cap, filter)) = relative.and_then(|cap| match &cap.ceiling {
                Ceiling::NotAbove(filter) => Some((cap, filter)),
                Ceiling::Amount(_) => None,
            }) else {
                continue;
            };
            for credit in credits.iter().filter(|credit| credit.is_counted()) {
                if credit.meter != cap.meter || !credit.passes(filter) {
                    continue;
                }
                if let Some(period) = self.period_of_credit(cap.period, credit, policy, person) {
                    let sum: &mut i64 = sums.entry((policy.version, (cap.period, period.from))).or_insert(0);
                    *sum = sum
                        .checked_add(credit.counted.hundredths())
                        .ok_or(u64::from(credit.index))?;
                }
            }
        }
        Ok(sums)
    }
}

/// The cap of this id in the version that credits, if it has one.
fn cap_of<'p>(credit: &Credit<'p>, id: RuleId) -> Option<(&'p Policy, &'p Cap)> {
    let policy = credit.policy?;
    policy.caps.iter().find(|cap| cap.id == id).map(|cap| (policy, cap))
}
