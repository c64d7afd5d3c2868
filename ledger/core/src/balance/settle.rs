//! Steps 4 to 7 of crediting: one per session, the day limit, rounding, best only; and the split of attribution.

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::credit::Credit;
use super::exact::Exact;
use super::person::Person;
use super::{Assessor, Cut, Why, gather};
use crate::hours::Hours;
use crate::ids::{RuleId, SemesterId};
use crate::period;
use crate::policy::{Attribution, Fraction, Meter, Per};
use crate::time::{days_inclusive, plus_days};

/// The order of crediting: attribution day, then event id, then meter.
pub(super) fn sort(credits: &mut [Credit<'_>]) {
    // Stable: of two rows of one teacher in one outreach the order in the event stays.
    credits.sort_by_key(|credit| (credit.on, credit.event_id, credit.meter));
}

/// Of several credits by conversion from one session on one meter the best: what would count most after the day's limit,
/// beside the entries that nothing contests and the sessions settled before; then the earlier, then the smaller event id.
pub(super) fn one_per_session(credits: &mut Vec<Credit<'_>>) -> Result<(), u64> {
    let keyed = credits.iter().enumerate();
    let mut keyed: Vec<_> = keyed
        .filter_map(|(place, credit)| session_key(credit).map(|key| (key, place)))
        .collect();
    keyed.sort_unstable();
    let of_session = keyed.chunk_by(|one, two| one.0 == two.0);
    let mut contested: Vec<&[_]> = of_session.filter(|places| places.len() > 1).collect();
    contested.sort_unstable_by_key(|places| places.first().map(|(_, place)| *place));
    // What is not decided yet takes no day's room.
    let mut open = vec![false; credits.len()];
    for (_, place) in contested.iter().copied().flatten() {
        set(&mut open, *place, true);
    }
    let reach = credits.iter().map(|credit| days_inclusive(credit.from, credit.to));
    let reach = if contested.is_empty() {
        0
    } else {
        reach.max().unwrap_or(0)
    };
    for places in contested {
        let mut best: Option<(usize, Exact)> = None;
        for &(_, place) in places {
            let amount = limited(credits, &open, place, reach).ok_or_else(|| index_of(credits, place))?;
            // Beyond the limits nothing is better; the sum will say so.
            if best.is_none_or(|(_, held)| amount.exceeds(held).unwrap_or(false)) {
                best = Some((place, amount));
            }
        }
        let Some((winner, _)) = best else { continue };
        let index = index_of(credits, winner);
        for &(_, place) in places {
            if place == winner {
                set(&mut open, place, false);
            } else if let Some(credit) = credits.get_mut(place) {
                credit.lose(Why::OtherOfSession { index });
            }
        }
    }
    keep_one_variant(credits);
    Ok(())
}

fn set(flags: &mut [bool], place: usize, to: bool) {
    if let Some(flag) = flags.get_mut(place) {
        *flag = to;
    }
}

fn index_of(credits: &[Credit<'_>], place: usize) -> u64 {
    credits.get(place).map_or(0, |credit| credit.index.into())
}

fn session_key(credit: &Credit<'_>) -> Option<(u32, Meter)> {
    let session = credit.source.session?;
    (credit.is_counted() && credit.conversion.is_some()).then_some((session, credit.meter))
}

/// What the day limit would leave of a credit beside those before it, as far as they are not open. None lasts longer than
/// `reach` days.
fn limited(credits: &[Credit<'_>], open: &[bool], place: usize, reach: i64) -> Option<Exact> {
    let own = credits.get(place)?;
    let Some((rule, max)) = day_limit(own) else {
        return Some(own.exact);
    };
    let before = |span: (Date, Date)| {
        let earliest = plus_days(span.0, -reach);
        let before = credits.iter().zip(open).take(place).rev();
        // They stand in the order of a day of their own, so none further back shares a day with the span.
        let near = before.take_while(move |(credit, _)| credit.on >= earliest);
        near.filter(move |(credit, is_open)| {
            !**is_open
                && credit.is_counted()
                && gather::overlap((credit.from, credit.to), span)
                && day_limit(credit).is_some_and(|(other, _)| other == rule)
        })
    };
    // Those that share a day with it, and those that share one with them: no other takes from the room of its days.
    let mut span = (own.from, own.to);
    loop {
        let wider = before(span).fold(span, |(from, to), (credit, _)| {
            (from.min(credit.from), to.max(credit.to))
        });
        if wider == span {
            break;
        }
        span = wider;
    }
    let beside: Vec<&Credit<'_>> = before(span).map(|(credit, _)| credit).collect();
    let mut used = Days::default();
    for credit in beside.into_iter().rev() {
        if let Some(limit) = day_limit(credit) {
            used.fill(credit, limit)?;
        }
    }
    own.exact.minus(used.fill(own, (rule, max))?)
}

/// Of the credits that one entry has for each thing that its session says, on each meter that which counts; else the first
/// that lost to another entry; else the first. That nothing credits it is said only where that is all.
fn keep_one_variant(credits: &mut Vec<Credit<'_>>) {
    if !credits.iter().any(|credit| credit.is_variant) {
        return;
    }
    let rank = |credit: &Credit<'_>| {
        let counts = credit.why == Why::Counted;
        let lost = matches!(credit.why, Why::OtherOfSession { .. });
        (!counts, !lost, credit.conversion.is_none())
    };
    let mut kept: Vec<bool> = Vec::with_capacity(credits.len());
    // Those of one entry stand side by side.
    for of_entry in credits.chunk_by(|one, two| one.index == two.index) {
        for (place, credit) in of_entry.iter().enumerate() {
            let gives_way = of_entry.iter().enumerate().any(|(other_place, other)| {
                let better = other.meter == credit.meter && (rank(other), other_place) < (rank(credit), place);
                better || credit.conversion.is_none() && other.conversion.is_some()
            });
            kept.push(!credit.is_variant || !gives_way);
        }
    }
    let mut kept = kept.into_iter();
    credits.retain(|_| kept.next().unwrap_or(true));
}

fn day_limit(credit: &Credit<'_>) -> Option<(RuleId, Exact)> {
    let conversion = credit.conversion?;
    Some((conversion.id, Exact::of(conversion.per_day_max?)))
}

/// The day limit, then rounding. An entry over several days fills the earliest day first, entries in order.
pub(super) fn limit_days(credits: &mut [Credit<'_>]) -> Result<(), u64> {
    let mut used = Days::default();
    for credit in credits.iter_mut().filter(|credit| credit.is_counted()) {
        let Some((rule, max)) = day_limit(credit) else { continue };
        let left = used.fill(credit, (rule, max)).ok_or(u64::from(credit.index))?;
        if left.is_zero() {
            continue;
        }
        let rounding = credit.policy.map(|policy| policy.rounding).unwrap_or_default();
        let kept = credit.exact.minus(left).and_then(|kept| kept.rounded(rounding));
        let kept = kept.ok_or(u64::from(credit.index))?;
        let amount = credit.converted.checked_sub(kept).unwrap_or_default();
        if amount > Hours::ZERO {
            credit.cut(Cut { rule, amount });
        }
    }
    Ok(())
}

/// How much of each day's room is taken, by rule.
#[derive(Default)]
struct Days {
    /// A handful: looking through them costs less than hashing their names for each day.
    rules: Vec<RuleId>,
    used: FxHashMap<(usize, Date), Exact>,
}

impl Days {
    /// Fills the days of a credit; what finds no room is left.
    fn fill(&mut self, credit: &Credit<'_>, (rule, max): (RuleId, Exact)) -> Option<Exact> {
        let known = self.rules.iter().position(|known| *known == rule);
        let number = known.unwrap_or_else(|| {
            self.rules.push(rule);
            self.rules.len() - 1
        });
        let mut left = credit.exact;
        let mut day = credit.from;
        while !left.is_zero() && !max.is_zero() {
            let taken = self.used.entry((number, day)).or_insert(Exact::ZERO);
            if max.exceeds(*taken)? {
                let room = max.minus(*taken)?;
                let part = if left.exceeds(room)? { room } else { left };
                *taken = taken.plus(part)?;
                left = left.minus(part)?;
            }
            if day >= credit.to {
                break;
            }
            day = plus_days(day, 1);
        }
        Some(left)
    }
}

/// A group of credits of which only the best counts.
#[derive(PartialEq, Eq, Hash)]
enum Group {
    Work(u32, Meter),
    Topic(u32, Meter),
    Rule(RuleId, Meter, period::Kind, Date),
    Semester(RuleId, Meter, SemesterId),
}

impl Assessor<'_> {
    /// Best only: of one work, then of one conversion in a period. The best is the largest as rounded, then the earlier,
    /// then the smaller event id.
    pub(super) fn best_only(&self, credits: &mut [Credit<'_>], person: &Person<'_>) {
        keep_best(credits, |credit| {
            let work = credit.source.work.map(|work| Group::Work(work, credit.meter));
            let topic = || credit.source.topic.map(|topic| Group::Topic(topic, credit.meter));
            work.or_else(topic)
                .filter(|_| credit.policy.is_some_and(|policy| policy.same_work_best_only))
        });
        keep_best(credits, |credit| {
            let (policy, conversion) = (credit.policy?, credit.conversion?);
            let semester = (conversion.per == Per::Semester).then_some(period::Kind::Semester);
            let kind = conversion.best_only_per.or(semester)?;
            if kind == period::Kind::Semester {
                return Some(Group::Semester(conversion.id, credit.meter, self.semester_of(credit)?));
            }
            let period = self.period_of(kind, credit.on, policy, person)?;
            Some(Group::Rule(conversion.id, credit.meter, kind, period.from))
        });
    }

    /// Cuts entries over several days where periods part them, under policies that attribute so.
    pub(super) fn split(&self, credits: &mut Vec<Credit<'_>>, person: &Person<'_>) -> Result<(), u64> {
        let is_split = |credit: &Credit<'_>| {
            let splits = credit
                .policy
                .is_some_and(|policy| policy.attribution == Attribution::Split);
            splits && credit.conversion.is_some() && credit.is_counted() && credit.from < credit.to
        };
        if !credits.iter().any(is_split) {
            return Ok(());
        }
        let mut parts = Vec::with_capacity(credits.len());
        for credit in credits.drain(..) {
            if is_split(&credit) {
                self.split_one(&credit, person, &mut parts)
                    .ok_or(u64::from(credit.index))?;
            } else {
                parts.push(credit);
            }
        }
        sort(&mut parts);
        *credits = parts;
        Ok(())
    }

    fn split_one<'p>(&self, credit: &Credit<'p>, person: &Person<'_>, parts: &mut Vec<Credit<'p>>) -> Option<()> {
        let policy = credit.policy?;
        let all = days_inclusive(credit.from, credit.to);
        let up_to = |amount: Hours, days: i64| {
            let share = Fraction::of(days, all)?;
            Exact::of(amount).times(share)?.rounded(policy.rounding)
        };
        let (mut counted, mut converted) = (Hours::ZERO, Hours::ZERO);
        let mut from = credit.from;
        while from <= credit.to {
            let last = self.last_unparted(from, credit.to, policy, person);
            let days = days_inclusive(credit.from, last);
            let (counted_now, converted_now) = if last == credit.to {
                (credit.counted, credit.converted)
            } else {
                (up_to(credit.counted, days)?, up_to(credit.converted, days)?)
            };
            let mut part = credit.clone();
            part.on = last;
            part.counted = counted_now.checked_sub(counted)?;
            part.converted = converted_now.checked_sub(converted)?;
            part.cuts.clear();
            let taken = part.converted.checked_sub(part.counted)?;
            if let Some(cut) = credit.cuts.first().filter(|_| taken != Hours::ZERO) {
                part.cuts.push(Cut {
                    rule: cut.rule,
                    amount: taken,
                });
            }
            parts.push(part);
            (counted, converted) = (counted_now, converted_now);
            from = plus_days(last, 1);
        }
        Some(())
    }

    /// The last day, from `from` on, before a month, semester or cycle ends or a semester or cycle begins.
    fn last_unparted(&self, from: Date, to: Date, policy: &crate::policy::Policy, person: &Person<'_>) -> Date {
        let mut last = to.min(from.last_of_month());
        let semesters = self.semesters.iter().map(|semester| (semester.from, semester.to));
        let cycle = self.period_of(period::Kind::Cycle, from, policy, person);
        let cycles = person.cycles(policy, (from, to));
        let cycles = cycles.iter().chain(&cycle).map(|cycle| (cycle.from, cycle.to));
        for (first, end) in semesters.chain(cycles) {
            if from < first {
                last = last.min(plus_days(first, -1));
            }
            if from <= end {
                last = last.min(end);
            }
        }
        last
    }
}

/// In each group the best credit counts, the others lose to it.
fn keep_best(credits: &mut [Credit<'_>], group: impl Fn(&Credit<'_>) -> Option<Group>) {
    let mut best: FxHashMap<Group, (usize, Hours, u64)> = FxHashMap::default();
    for (place, credit) in credits.iter().enumerate().filter(|(_, credit)| credit.is_counted()) {
        if let Some(key) = group(credit) {
            let held = best.entry(key).or_insert((place, credit.counted, credit.index.into()));
            if credit.counted > held.1 {
                *held = (place, credit.counted, credit.index.into());
            }
        }
    }
    if best.is_empty() {
        return;
    }
    for (place, credit) in credits.iter_mut().enumerate().filter(|(_, credit)| credit.is_counted()) {
        let winner = group(credit).and_then(|key| best.get(&key));
        if let Some(&(_, _, index)) = winner.filter(|winner| winner.0 != place) {
            credit.lose(Why::BestOnly { index });
        }
    }
}
