//! Requirements held against credits: grace, probation, carry, substitution, and the status that comes of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::credit::Credit;
use super::due::{Due, Owed};
use super::grace::Own;
use super::person::Person;
use super::probation::Probation;
use super::{Adjustment, AdjustmentKind, Assessor, Standing, Status, Why, alternatives};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::period::{Kind, Name, Period};
use crate::policy::{Ceiling, Meter, Policy, Requirement, Where, version_on};
use crate::time::plus_days;

/// Everything that standings of one person under one policy are computed from.
pub(super) struct Case<'a, 'p> {
    pub(super) assessor: &'a Assessor<'p>,
    pub(super) person: &'a Person<'a>,
    pub(super) versions: &'a [&'p Policy],
    /// In the order of crediting.
    pub(super) credits: &'a [Credit<'p>],
    /// What a probation year records, for each meter.
    pub(super) probations: Vec<Probation>,
    /// What cycles took by grace for all their requirements together, by their last days.
    pub(super) together: RefCell<FxHashMap<Date, Rc<Vec<u32>>>>,
}

/// A surplus carried on: the last day of the period that it was earned in, its age in periods, what is left of it.
#[derive(Clone, Copy)]
struct Lot {
    from: Date,
    age: u32,
    amount: i64,
}

/// The amount at which sums went beyond the type: the entry's index.
pub(super) type Beyond = u64;

impl<'a, 'p> Case<'a, 'p> {
    /// The standings of all dues, substitutions included.
    pub(super) fn standings(&self, dues: &[Due<'p>]) -> Result<Vec<Standing>, Beyond> {
        let mut standings = Vec::with_capacity(dues.len());
        for due in dues {
            standings.push(self.standing(due)?);
        }
        self.substitute(&mut standings);
        alternatives::add_shares(&mut standings);
        for standing in &mut standings {
            finish(standing);
        }
        alternatives::excuse(self.versions, &mut standings);
        Ok(standings)
    }

    fn standing(&self, due: &Due<'p>) -> Result<Standing, Beyond> {
        let owed = self.assessor.owed(due, self.person, self.versions);
        let mut standing = blank(due, owed.is_some());
        let Some(owed) = owed else { return Ok(standing) };
        let own = self.own(due, Some(&owed))?;
        let lots = if self.versions.iter().any(|policy| carries(policy, due.requirement.id)) {
            self.lots_into(due)?
        } else {
            Vec::new()
        };
        standing.adjustments = own.adjustments;
        let lots = lots.iter().filter(|lot| lot.amount > 0);
        standing.adjustments.extend(lots.clone().map(|lot| Adjustment {
            kind: AdjustmentKind::CarriedIn { from: lot.from },
            amount: Hours::from_hundredths(lot.amount),
        }));
        let carried = lots.fold(0_i64, |sum, lot| sum.saturating_add(lot.amount));
        let index = self.credits.last().map_or(0, |credit| u64::from(credit.index));
        let counted = own.amount.checked_add(carried).ok_or(index)?;
        standing.counted = Hours::from_hundredths(counted);
        standing.min = owed.min;
        standing.target = owed.target;
        standing.prorated = owed.prorated;
        standing.exempted = owed.exempted;
        Ok(standing)
    }

    /// The credits of a span, and the place of the first of them.
    pub(super) fn within(&self, from: Date, to: Date) -> (usize, &'a [Credit<'p>]) {
        let first = self.credits.partition_point(|credit| credit.on < from);
        let end = self.credits.partition_point(|credit| credit.on <= to);
        (first, self.credits.get(first..end).unwrap_or_default())
    }

    fn sum(&self, period: &Period, passes: impl Fn(&Credit<'p>) -> bool) -> Result<i64, Beyond> {
        let mut sum = 0_i64;
        let named = matches!(period.name, Name::Semester(_));
        let within = if named {
            self.credits
        } else {
            self.within(period.from, period.to).1
        };
        for credit in within {
            let lies_in = !named || self.assessor.lies_in(credit, period);
            if credit.is_counted() && lies_in && passes(credit) {
                let next = sum.checked_add(credit.counted.hundredths());
                sum = next.ok_or(u64::from(credit.index))?;
            }
        }
        Ok(sum)
    }

    /// The sum of credits by their places.
    pub(super) fn sum_of(&self, places: &[u32], passes: impl Fn(&Credit<'p>) -> bool) -> Result<i64, Beyond> {
        let mut sum = 0_i64;
        let credits = places.iter().filter_map(|place| self.credits.get(*place as usize));
        for credit in credits.filter(|credit| passes(credit)) {
            sum = sum
                .checked_add(credit.counted.hundredths())
                .ok_or(u64::from(credit.index))?;
        }
        Ok(sum)
    }

    /// What a period counts by itself: its credits, grace and probation. No carry, no substitution.
    fn own(&self, due: &Due<'p>, owed: Option<&Owed>) -> Result<Own, Beyond> {
        if due.requirement.period == Kind::Cycle && self.has_grace() {
            return self.own_by_grace(due, owed);
        }
        self.own_of(due, Vec::new())
    }

    /// What falls into a period, what was given away by grace aside, and what a probation year makes of it.
    pub(super) fn own_of(&self, due: &Due<'p>, given: Vec<u32>) -> Result<Own, Beyond> {
        let passes = |credit: &Credit<'p>| counts(due.requirement, credit);
        let mut own = Own {
            amount: self.sum(&due.period, passes)?,
            ..Own::default()
        };
        let out = self.sum_of(&given, |credit| passes(credit) && due.period.contains(credit.on))?;
        own.adjust(AdjustmentKind::GraceOut, -out);
        own.given = given;
        if let Some(probation) = self.probation_of(due) {
            own.adjust(
                AdjustmentKind::Probation,
                self.probation_in(due, probation, &own.given, passes),
            );
        }
        Ok(own)
    }

    /// What a probation year changes in a cycle: its hours go, its record comes.
    fn probation_in(
        &self,
        due: &Due<'p>,
        probation: &Probation,
        given: &[u32],
        passes: impl Fn(&Credit<'p>) -> bool,
    ) -> i64 {
        let (first, within) = self.within(due.period.from, due.period.to);
        let mut gone = 0_i64;
        for (place, _) in (first..).zip(within).filter(|(_, credit)| passes(credit)) {
            let is_given = u32::try_from(place).is_ok_and(|place| given.contains(&place));
            if !is_given {
                gone = gone.saturating_add(probation.taken(place));
            }
        }
        let record = if probation.is_recorded_in(&due.period) {
            self.record(probation, passes)
        } else {
            0
        };
        record.saturating_sub(gone)
    }

    /// The probation year that a cycle's requirement reckons with.
    pub(super) fn probation_of(&self, due: &Due<'p>) -> Option<&Probation> {
        let mut of_meter = self.probations.iter();
        let found = of_meter.find(|probation| probation.meter == due.requirement.meter);
        found.filter(|_| due.requirement.period == Kind::Cycle)
    }

    /// All periods of the requirement's kind up to that of `due`, each with the requirement where it exists.
    pub(super) fn chain(&self, due: &Due<'p>) -> Vec<Option<Due<'p>>> {
        let (id, kind) = (due.requirement.id, due.requirement.period);
        let begin = self.versions.iter().map(|policy| policy.effective_from).min();
        let span = (begin.unwrap_or(due.period.from).min(due.period.from), due.period.to);
        let mut links: Vec<(Period, Option<Due<'p>>)> = Vec::new();
        for &policy in self.versions {
            for period in self.assessor.periods(kind, span, policy, self.person) {
                let in_force = version_on(self.versions, period.to).is_some_and(|v| v.version == policy.version);
                if kind == Kind::Cycle && !in_force {
                    // Years and months are the same to all versions; another version's cycles are nothing to this one.
                    continue;
                }
                let has = |requirement: &&Arc<Requirement>| requirement.id == id && requirement.period == kind;
                let requirement = policy
                    .requirements
                    .iter()
                    .find(has)
                    .filter(|requirement| in_force && !(kind == Kind::Month && skips(requirement, period.from)));
                let link = requirement.map(|requirement| Due {
                    policy,
                    requirement,
                    period,
                });
                links.push((period, link));
            }
        }
        // Stable: of several versions that have a period, the first that states the requirement is taken.
        links.sort_by_key(|(period, _)| (period.from, period.to));
        links.dedup_by(|(period, link), (known, kept)| {
            let same = period == known;
            if same {
                *kept = kept.or(*link);
            }
            same
        });
        links.retain(|(period, _)| period.to <= due.period.to);
        if kind == Kind::Cycle {
            keep_neighbours(&mut links, due.period);
        }
        links.into_iter().map(|(_, link)| link).collect()
    }

    /// The lots that are carried into the period of `due`.
    fn lots_into(&self, due: &Due<'p>) -> Result<Vec<Lot>, Beyond> {
        let mut lots: Vec<Lot> = Vec::new();
        let mut before: Option<Due<'p>> = None;
        for link in self.chain(due) {
            let Some(link) = link else {
                lots.clear();
                before = None;
                continue;
            };
            if before.is_some_and(|before| !is_next(&before, &link) || self.parts_cycles(&before, &link)) {
                lots.clear();
            }
            if let Some(fills) = before.and_then(|before| before.requirement.carry.as_ref()?.fills) {
                self.fill(&link, fills, &mut lots)?;
            }
            if link.period == due.period {
                return Ok(lots);
            }
            let Some(owed) = self.assessor.owed(&link, self.person, self.versions) else {
                lots.clear();
                before = None;
                continue;
            };
            lots = self.lots_after(&link, &owed, lots)?;
            before = Some(link);
        }
        Ok(Vec::new())
    }

    /// Leaves of what is carried in what finds room in a cap of the period, beside its own credits.
    fn fill(&self, link: &Due<'p>, cap: RuleId, lots: &mut [Lot]) -> Result<(), Beyond> {
        let cap = link.policy.caps.iter().find(|other| other.id == cap);
        let Some((cap, Ceiling::Amount(max))) = cap.map(|cap| (cap, &cap.ceiling)) else {
            return Ok(());
        };
        let own = self.sum(&link.period, |credit| {
            counts(link.requirement, credit) && credit.meter == cap.meter && credit.passes(&cap.filter)
        })?;
        let mut room = max.hundredths().saturating_sub(own).max(0);
        for lot in lots {
            lot.amount = lot.amount.min(room);
            room -= lot.amount;
        }
        Ok(())
    }

    /// Whether a carry of `before` that stays within its cycle must stop before `after`.
    fn parts_cycles(&self, before: &Due<'p>, after: &Due<'p>) -> bool {
        let within = before
            .requirement
            .carry
            .as_ref()
            .is_some_and(|carry| carry.within_cycle);
        let cycle = |day| self.assessor.period_of(Kind::Cycle, day, before.policy, self.person);
        within && cycle(before.period.to) != cycle(after.period.to)
    }

    /// What goes on after a period: what is left of the lots carried in, and of its own surplus.
    fn lots_after(&self, link: &Due<'p>, owed: &Owed, mut lots: Vec<Lot>) -> Result<Vec<Lot>, Beyond> {
        let Some(carry) = &link.requirement.carry else {
            return Ok(Vec::new());
        };
        let own = self.own(link, Some(owed))?;
        let carried = lots.iter().fold(0_i64, |sum, lot| sum.saturating_add(lot.amount));
        let without_grace = own.amount.saturating_sub(own.graced).saturating_add(carried);
        if carry.only_if_met && without_grace < owed.min.hundredths() {
            return Ok(Vec::new());
        }
        let mut need = owed.min.hundredths();
        for lot in &mut lots {
            let used = lot.amount.min(need);
            lot.amount -= used;
            need -= used;
            lot.age += 1;
        }
        lots.retain(|lot| lot.amount > 0 && lot.age <= carry.expires_after);
        let surplus = own.amount.saturating_sub(need).max(0);
        let eligible = if carry.filter == Where::default() {
            surplus
        } else {
            let passes = |credit: &Credit<'p>| counts(link.requirement, credit) && credit.passes(&carry.filter);
            surplus.min(self.passing(link, &own, passes)?)
        };
        let share = i128::from(eligible) * i128::from(carry.share.numerator()) / i128::from(carry.share.denominator());
        lots.push(Lot {
            from: link.period.to,
            age: 1,
            amount: i64::try_from(share).unwrap_or(i64::MAX),
        });
        if let Some(max) = carry.max {
            let mut room = max.hundredths();
            for lot in &mut lots {
                lot.amount = lot.amount.min(room);
                room -= lot.amount;
            }
        }
        lots.retain(|lot| lot.amount > 0);
        Ok(lots)
    }

    /// The part of what a period counts by itself that passes.
    fn passing(&self, link: &Due<'p>, own: &Own, passes: impl Fn(&Credit<'p>) -> bool) -> Result<i64, Beyond> {
        let in_period = self.sum(&link.period, &passes)?;
        let given = self.sum_of(&own.given, |credit| passes(credit) && link.period.contains(credit.on))?;
        let taken = self.sum_of(&own.taken, &passes)?;
        let mut amount = in_period.saturating_sub(given).saturating_add(taken);
        if let Some(probation) = self.probation_of(link) {
            amount = amount.saturating_add(self.probation_in(link, probation, &own.given, &passes));
            for &place in &own.taken {
                let is_passing = self.credits.get(place as usize).is_some_and(&passes);
                let gone = if is_passing { probation.taken(place as usize) } else { 0 };
                amount = amount.saturating_sub(gone);
            }
        }
        Ok(amount)
    }

    /// Surplus of one requirement fills another in the same period, as each version's document lists them.
    fn substitute(&self, standings: &mut [Standing]) {
        for policy in self.versions {
            for substitution in &policy.substitutions {
                let places = |id: RuleId, standings: &[Standing]| -> Vec<usize> {
                    let found = standings.iter().enumerate().filter(|(_, standing)| {
                        standing.version == policy.version
                            && standing.requirement.id == id
                            && standing.status != Status::NotInScope
                    });
                    found.map(|(place, _)| place).collect()
                };
                for from in places(substitution.from, standings) {
                    for to in places(substitution.to, standings) {
                        substitute(standings, (from, to), substitution.max);
                    }
                }
            }
        }
    }
}

/// Of cycles of several versions those that lead to `last`, each ending the day before the next begins.
fn keep_neighbours(links: &mut Vec<(Period, Option<Due<'_>>)>, last: Period) {
    let mut next = last;
    let mut kept = vec![last];
    while let Some((before, _)) = links.iter().find(|(period, _)| plus_days(period.to, 1) == next.from) {
        next = *before;
        kept.push(next);
    }
    links.retain(|(period, _)| kept.contains(period));
}

/// Whether one period follows on the other. Others than cycles come in their order, without gaps of their own making.
pub(super) fn is_next(before: &Due<'_>, after: &Due<'_>) -> bool {
    after.requirement.period != Kind::Cycle || plus_days(before.period.to, 1) == after.period.from
}

pub(super) fn carries(policy: &Policy, id: RuleId) -> bool {
    let mut requirements = policy.requirements.iter();
    requirements.any(|requirement| requirement.id == id && requirement.carry.is_some())
}

/// Whether a requirement counts a credit, its day aside.
pub(super) fn counts(requirement: &Requirement, credit: &Credit<'_>) -> bool {
    let of_type = || {
        let types = &requirement.types;
        // Outreach lessons have no type; the conversion that credits them says where they count.
        types.is_empty() || credit.traits.lesson_type().is_none_or(|kind| types.contains(&kind))
    };
    credit.meter == requirement.meter && of_type() && credit.passes(&requirement.filter)
}

/// Whether nothing is due in the month of this day.
pub(super) fn skips(requirement: &Requirement, day: Date) -> bool {
    let month = u32::try_from(day.month()).unwrap_or(0);
    requirement.skip_months.contains(&month)
}

fn blank(due: &Due<'_>, in_scope: bool) -> Standing {
    Standing {
        requirement: Arc::clone(due.requirement),
        version: due.policy.version,
        period: due.period,
        min: Hours::ZERO,
        target: None,
        prorated: Hours::ZERO,
        exempted: Vec::new(),
        counted: Hours::ZERO,
        adjustments: Vec::new(),
        lines: Vec::new(),
        missing: Hours::ZERO,
        status: if in_scope { Status::Short } else { Status::NotInScope },
    }
}

fn substitute(standings: &mut [Standing], (from, to): (usize, usize), max: Option<Hours>) {
    let (Some(giver), Some(taker)) = (standings.get(from), standings.get(to)) else {
        return;
    };
    if giver.period != taker.period {
        return;
    }
    let surplus = giver.min.missing_to(giver.counted);
    let lack = taker.counted.missing_to(taker.min);
    let moved = surplus.min(lack).min(max.unwrap_or(surplus));
    if moved == Hours::ZERO {
        return;
    }
    let (giver_id, taker_id) = (giver.requirement.id, taker.requirement.id);
    let out = Hours::from_hundredths(-moved.hundredths());
    let entries = [
        (from, AdjustmentKind::SubstitutedTo { requirement: taker_id }, out),
        (to, AdjustmentKind::SubstitutedFrom { requirement: giver_id }, moved),
    ];
    for (place, kind, amount) in entries {
        if let Some(standing) = standings.get_mut(place) {
            standing.counted = standing.counted.checked_add(amount).unwrap_or(standing.counted);
            standing.adjustments.push(Adjustment { kind, amount });
        }
    }
}

fn finish(standing: &mut Standing) {
    if standing.status == Status::NotInScope {
        return;
    }
    standing.missing = standing.counted.missing_to(standing.min);
    standing.status = match standing.target {
        _ if standing.min == Hours::ZERO && !standing.exempted.is_empty() => Status::Exempt,
        _ if standing.missing > Hours::ZERO => Status::Short,
        Some(target) if standing.counted >= target => Status::TargetReached,
        _ => Status::Met,
    };
}

impl Assessor<'_> {
    /// The meters' sums over a period.
    pub(super) fn totals(&self, credits: &[Credit<'_>], period: &Period) -> Result<Vec<(Meter, Hours)>, Beyond> {
        self.sums(credits.iter().filter(|credit| credit.is_counted()), period, |credit| {
            credit.counted
        })
    }

    /// What waits for claims, by meter, where there is any.
    pub(super) fn pending(&self, credits: &[Credit<'_>], period: &Period) -> Result<Vec<(Meter, Hours)>, Beyond> {
        let waits = credits
            .iter()
            .filter(|credit| matches!(credit.why, Why::UnderReview { .. }));
        let mut sums = self.sums(waits, period, |credit| credit.converted)?;
        sums.retain(|(_, sum)| *sum > Hours::ZERO);
        Ok(sums)
    }

    fn sums<'c>(
        &self,
        credits: impl Iterator<Item = &'c Credit<'c>>,
        period: &Period,
        amount: impl Fn(&Credit<'_>) -> Hours,
    ) -> Result<Vec<(Meter, Hours)>, Beyond> {
        let mut totals: Vec<(Meter, i64)> = Meter::ALL.iter().map(|&meter| (meter, 0)).collect();
        for credit in credits.filter(|credit| self.lies_in(credit, period)) {
            for (_, sum) in totals.iter_mut().filter(|(meter, _)| *meter == credit.meter) {
                *sum = sum
                    .checked_add(amount(credit).hundredths())
                    .ok_or(u64::from(credit.index))?;
            }
        }
        let sums = totals
            .into_iter()
            .map(|(meter, sum)| (meter, Hours::from_hundredths(sum)));
        Ok(sums.collect())
    }
}
