//! Steps 4 and 7: of several credits the best.

use std::cmp::Reverse;

use super::Case;
use super::credits::{Credit, Why};
use super::days;
use crate::model::{Kind, Per, PeriodKind};

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

fn better_as_rounded(one: &Credit<'_>, two: &Credit<'_>) -> bool {
    let key = |credit: &Credit<'_>| (Reverse(credit.rounded), credit.day, credit.deed.id);
    key(one) < key(two)
}

/// Step 4: of several credits of one session and meter the one that counts most after the day limit, beside what is not
/// contested and what was settled before. Of an entry that is taken by several postings of its session one credit stays.
pub fn one_per_session(credits: &mut Vec<Credit<'_>>) {
    credits.sort_by_key(|credit| (credit.day, credit.deed.id, credit.meter, credit.deed.posting));
    let rivals = |credits: &[Credit<'_>], place: usize| -> Vec<usize> {
        let one = &credits[place];
        let competes = |credit: &Credit<'_>| credit.conversion.is_some() && credit.why.is_none();
        let is_rival = |two: &Credit<'_>| two.deed.session == one.deed.session && two.meter == one.meter;
        let all = 0..credits.len();
        if one.deed.session.is_none() || !competes(one) {
            return Vec::new();
        }
        all.filter(|other| competes(&credits[*other]) && is_rival(&credits[*other]))
            .collect()
    };
    let all = 0..credits.len();
    let mut groups: Vec<Vec<usize>> = all
        .map(|place| rivals(credits, place))
        .filter(|group| group.len() > 1)
        .collect();
    groups.sort();
    groups.dedup();
    let contested: Vec<usize> = groups.concat();
    let mut chosen: Vec<usize> = (0..credits.len()).filter(|place| !contested.contains(place)).collect();
    for group in groups {
        let worth = |place: usize| {
            let mut beside: Vec<Credit<'_>> = (0..=place)
                .filter(|other| *other == place || chosen.contains(other))
                .map(|other| credits[other].clone())
                .collect();
            days::limit(&mut beside);
            beside.last().unwrap().limited
        };
        let best = group.iter().map(|place| worth(*place)).max().unwrap();
        let winner = *group.iter().find(|place| worth(**place) == best).unwrap();
        chosen.push(winner);
        for place in group.into_iter().filter(|place| *place != winner) {
            credits[place].why = Some(Why::OtherOfSession);
        }
    }
    keep_one_posting(credits);
}

/// On each meter what counts, else what lost first, else the first; that nothing credits it only where that is all.
fn keep_one_posting(credits: &mut Vec<Credit<'_>>) {
    let all = credits.clone();
    let is_last_resort = |credit: &Credit<'_>| {
        let loses = |other: &Credit<'_>| match (credit.why, other.why) {
            (None, _) | (_, None) => credit.why.is_some() && other.why.is_none(),
            (Some(Why::OtherOfSession), Some(Why::OtherOfSession)) => other.deed.posting < credit.deed.posting,
            (Some(Why::OtherOfSession), _) => false,
            (_, Some(Why::OtherOfSession)) => true,
            _ => {
                let key = |credit: &Credit<'_>| (credit.conversion.is_none(), credit.deed.posting);
                key(other) < key(credit)
            }
        };
        all.iter().filter(|other| other.deed.id == credit.deed.id).any(|other| {
            let says_more = credit.conversion.is_none() && other.conversion.is_some();
            (other.meter == credit.meter && loses(other)) || says_more
        })
    };
    credits.retain(|credit| credit.deed.kind != Kind::Attendance || !is_last_resort(credit));
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
