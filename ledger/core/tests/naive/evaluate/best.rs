//! Steps 4 and 7: of several credits the best.

use std::cmp::Reverse;

use super::Case;
use super::credits::{Credit, Why};
use crate::model::{Per, PeriodKind};

/// Marks every credit for which there is a better rival.
fn mark_losers(
    credits: &mut [Credit<'_>],
    why: Why,
    is_rival: impl Fn(&Credit<'_>, &Credit<'_>) -> bool,
    is_better: impl Fn(&Credit<'_>, &Credit<'_>) -> bool,
) {
    let beaten = |credit: &Credit<'_>| {
        let alive = credits.iter().filter(|other| other.why.is_none());
        credit.why.is_none()
            && alive
                .filter(|other| is_rival(credit, other))
                .any(|other| is_better(other, credit))
    };
    let losers: Vec<bool> = credits.iter().map(beaten).collect();
    for (credit, loses) in credits.iter_mut().zip(losers) {
        if loses {
            credit.why = Some(why);
        }
    }
}

/// Larger as converted, then earlier, then of the smaller event id.
fn better_as_converted(one: &Credit<'_>, two: &Credit<'_>) -> bool {
    let key = |credit: &Credit<'_>| (Reverse(credit.converted), credit.day, credit.deed.id);
    key(one) < key(two)
}

fn better_as_rounded(one: &Credit<'_>, two: &Credit<'_>) -> bool {
    let key = |credit: &Credit<'_>| (Reverse(credit.rounded), credit.day, credit.deed.id);
    key(one) < key(two)
}

/// Step 4.
pub fn one_per_session(credits: &mut [Credit<'_>]) {
    let is_rival = |one: &Credit<'_>, two: &Credit<'_>| {
        let converted = one.conversion.is_some() && two.conversion.is_some();
        let same = one.deed.session.is_some() && one.deed.session == two.deed.session;
        converted && same && one.meter == two.meter
    };
    mark_losers(credits, Why::OtherOfSession, is_rival, better_as_converted);
}

fn best_only(credit: &Credit<'_>) -> bool {
    credit.conversion.is_some() && credit.policy.is_some_and(|policy| policy.best_only)
}

/// Step 7: credits for one work, of all time, under versions that say so.
pub fn same_work(credits: &mut [Credit<'_>]) {
    let is_rival = |one: &Credit<'_>, two: &Credit<'_>| {
        let work = |credit: &Credit<'_>| (credit.deed.work, credit.deed.concluded);
        let same = work(one) != (None, None) && work(one) == work(two) && one.meter == two.meter;
        same && best_only(one) && best_only(two)
    };
    mark_losers(credits, Why::SameWork, is_rival, better_as_rounded);
}

/// By id, in whatever version, and in one meter.
fn same_conversion(one: &Credit<'_>, two: &Credit<'_>) -> bool {
    let id = |credit: &Credit<'_>| credit.conversion.map(|conversion| conversion.id.clone());
    id(one).is_some() && id(one) == id(two) && one.meter == two.meter
}

/// Step 7: `per = "semester"`.
pub fn per_semester(case: &Case<'_>, credits: &mut [Credit<'_>]) {
    let limited = |credit: &Credit<'_>| {
        let per = credit.conversion.and_then(|conversion| conversion.per);
        per == Some(Per::Semester)
    };
    let term = |credit: &Credit<'_>| case.term(credit);
    let is_rival = |one: &Credit<'_>, two: &Credit<'_>| {
        let both = limited(one) && limited(two) && same_conversion(one, two);
        both && term(one).is_some() && term(one) == term(two)
    };
    mark_losers(credits, Why::OnePerSemester, is_rival, better_as_rounded);
}

/// Step 7: `best_only_per`, the period being that of the entry's own version.
pub fn best_only_per(case: &Case<'_>, credits: &mut [Credit<'_>]) {
    let kind = |credit: &Credit<'_>| -> Option<PeriodKind> { credit.conversion?.best_only_per };
    let is_rival = |one: &Credit<'_>, two: &Credit<'_>| {
        let both = kind(one).is_some() && kind(two).is_some() && same_conversion(one, two);
        if kind(one) == Some(PeriodKind::Semester) && kind(one) == kind(two) {
            // A term is known by its name, also where no calendar says its days.
            return both && case.term(one).is_some() && case.term(one) == case.term(two);
        }
        let period = |credit: &Credit<'_>| case.period_with(credit.policy?, kind(credit)?, credit.day);
        let shared = period(one)
            .zip(period(two))
            .is_some_and(|(one, two)| one.shares_room(&two));
        both && shared
    };
    mark_losers(credits, Why::BestOnly, is_rival, better_as_rounded);
}
