//! Random policies: versions of one policy share their ids, and differ in amounts and in what they lack.

use keshi_core::codes::{Level, Mode, Post};

use super::tape::{Raw, Tape};
use super::{conversions, requirements};
use crate::day::Day;
use crate::fraction::Fraction;
use crate::model::{
    Attribution, Cap, Cycle, FirstPeriod, Grace, Kind, Length, Limit, Meter, OneOf, PeriodKind, PersonalStart, Policy,
    Rounding, Span, Substitution, Where,
};

/// The words for all versions of one policy.
#[derive(Clone, Debug)]
pub struct RawPolicy {
    pub head: Raw,
    pub versions: Vec<Raw>,
    pub requirements: Vec<Raw>,
    pub conversions: Vec<Raw>,
    pub caps: Vec<Raw>,
    pub substitutions: Vec<Raw>,
}

/// What all versions of a policy have in common.
struct Head {
    id: &'static str,
    scope: Vec<Post>,
    by_share: bool,
    attribution: Attribution,
    first_period: FirstPeriod,
    cycle: Option<Cycle>,
    from: Day,
    year: i64,
}

const SCOPES: [&[Post]; 5] = [
    &[Post::Teacher],
    &[Post::Researcher],
    &[Post::Teacher, Post::ClassTeacher],
    &[Post::Researcher, Post::PartTimeResearcher],
    &[Post::Teacher, Post::PartTimeResearcher],
];

fn head(id: &'static str, raw: &Raw, year: i64) -> Head {
    let mut tape = Tape::new(raw);
    let attribution = [(5, Attribution::End), (2, Attribution::Start), (3, Attribution::Split)];
    let starts = [(-2, 1, 1), (-1, 1, 1), (-1, 9, 1), (0, 1, 1), (0, 3, 15)];
    let (years, month, day) = tape.one(&starts);
    Head {
        id,
        scope: tape.one(&SCOPES).to_vec(),
        by_share: !tape.chance(25),
        attribution: tape.weighted(&attribution),
        first_period: tape.one(&[FirstPeriod::NotDue, FirstPeriod::Full, FirstPeriod::Prorated]),
        year,
        from: Day::of(year + years, month, day),
        cycle: tape.chance(75).then(|| cycle(&mut tape, year)),
    }
}

fn cycle(tape: &mut Tape<'_>, year: i64) -> Cycle {
    let new_year = |years| Day::of(year + years, 1, 1);
    let repeating = |from, years| Span::Repeating {
        from,
        length: Length::Years(years),
    };
    let personal = |start, years| Span::Personal {
        start,
        length: Length::Years(years),
    };
    let of_days = |from, days| Span::Repeating {
        from,
        length: Length::Days(days),
    };
    let spans = [
        Span::Once {
            from: new_year(-1),
            to: Day::of(2025, 12, 31),
        },
        Span::Once {
            from: new_year(-1),
            to: Day::of(year, 12, 31),
        },
        Span::Once {
            from: Day::of(year, 3, 10),
            to: Day::of(year + 1, 6, 30),
        },
        repeating(new_year(-2), 1),
        repeating(new_year(-1), 1),
        repeating(new_year(-1), 2),
        repeating(Day::of(2020, 2, 29), 1),
        repeating(Day::of(2018, 9, 1), 3),
        repeating(Day::of(year - 1, 9, 1), 1),
        repeating(new_year(-5), 5),
        of_days(new_year(-1), 300),
        of_days(Day::of(year - 1, 3, 10), 500),
        Span::Personal {
            start: PersonalStart::HiredOn,
            length: Length::Days(365),
        },
        personal(PersonalStart::HiredOn, 1),
        personal(PersonalStart::HiredOn, 5),
        personal(PersonalStart::CareerFrom, 2),
        personal(PersonalStart::Title, 1),
        personal(PersonalStart::Title, 3),
    ];
    let span = tape.one(&spans);
    let windows = [
        Length::Months(2),
        Length::Months(1),
        Length::Days(90),
        Length::Months(6),
        Length::Days(45),
    ];
    let window = tape.some(75, &windows);
    let grace = tape.one(&[
        Grace::Ended,
        Grace::EndedIfShort,
        Grace::EndedIfShort,
        Grace::UntilAllMet,
        Grace::UntilAllMet,
    ]);
    Cycle { span, window, grace }
}

/// All versions of a policy.
pub fn policies(id: &'static str, raw: &RawPolicy, year: i64) -> Vec<Policy> {
    let head = head(id, &raw.head, year);
    let mut from = head.from;
    let mut versions = Vec::new();
    for (number, words) in (1..).zip(&raw.versions) {
        let mut tape = Tape::new(words);
        let months = tape.one(&[12, 6, 18, 24, 9, -3]);
        let days = tape.one(&[0, 0, 14, 5]);
        if number > 1 {
            from = from.plus_months(months).plus(days);
        }
        versions.push(version(&head, number, from, &mut tape, raw));
    }
    versions
}

fn version(head: &Head, number: u32, from: Day, tape: &mut Tape<'_>, raw: &RawPolicy) -> Policy {
    let salt = if number == 1 || tape.chance(30) {
        0
    } else {
        tape.word() % 64
    };
    let lacks = |tape: &mut Tape<'_>| tape.word() & tape.word() & tape.word();
    let (no_requirement, no_conversion, no_cap) = (lacks(tape), lacks(tape), lacks(tape));
    let has = |lacking: u16, place: usize| number == 1 || (lacking >> place) & 1 == 0;
    let rounding = [
        (6, Rounding::HalfUpHundredth),
        (2, Rounding::DownHundredth),
        (2, Rounding::DownWhole),
    ];
    let presence = [(2, 3), (1, 2), (3, 4), (1, 1)];
    let (over, under) = tape.one(&presence);
    let has_cycle = head.cycle.is_some();
    let conversions: Vec<_> = (0..)
        .zip(&raw.conversions)
        .filter(|(place, _)| has(no_conversion, *place))
        .map(|(place, words)| conversions::conversion(place, words, salt, has_cycle))
        .collect();
    let ids: Vec<String> = conversions.iter().map(|row| row.id.clone()).collect();
    let all = requirements::requirements(&raw.requirements, salt, has_cycle, &ids);
    let requirements: Vec<_> = (0..)
        .zip(all)
        .filter(|(place, _)| has(no_requirement, *place))
        .map(|(_, row)| row)
        .collect();
    let mut policy = Policy {
        id: head.id,
        version: number,
        from,
        to: None,
        retroactive: true,
        first_period: head.first_period,
        attribution: head.attribution,
        rounding: tape.weighted(&rounding),
        min_presence: Fraction::new(over, under),
        best_only: !tape.chance(25),
        scope: head.scope.clone(),
        by_share: head.by_share,
        cycle: head.cycle.clone(),
        requirements,
        conversions,
        caps: Vec::new(),
        substitutions: Vec::new(),
        one_of: Vec::new(),
        steps: Vec::new(),
    };
    settle_shares(&mut policy);
    if tape.chance(12) {
        policy.to = Some(from.plus_months(tape.one(&[30, 12, 7])).plus(-1));
    }
    if number > 1 && tape.chance(15) {
        policy.scope = tape.one(&SCOPES).to_vec();
    }
    if number > 1 && tape.chance(10) {
        policy.by_share = !policy.by_share;
    }
    if number > 1 && tape.chance(12) {
        policy.attribution = tape.one(&[Attribution::Start, Attribution::End, Attribution::Split]);
    }
    if number > 1 && has_cycle && tape.chance(12) {
        policy.cycle = Some(cycle(tape, head.year));
    }
    policy.caps = (0..)
        .zip(&raw.caps)
        .filter(|(place, _)| has(no_cap, *place))
        .map(|(place, words)| cap(place, words, salt, &policy))
        .collect();
    policy.substitutions = substitutions(&raw.substitutions, &policy, salt);
    let caps = policy.caps.clone();
    for row in &mut policy.requirements {
        let fitting = caps.iter().find(|cap| {
            let is_fixed = !matches!(cap.limit, Limit::NotAbove(_));
            is_fixed && (cap.meter, cap.period) == (row.meter, row.period)
        });
        if let Some(carry) = &mut row.carry {
            carry.fills = fitting.filter(|_| tape.chance(60)).map(|cap| cap.id.clone());
        }
    }
    if tape.chance(35) {
        policy.one_of = one_of(&policy);
    }
    policy
}

/// A share of a requirement that the version lacks or that is of another meter is none; one has no target and no carry.
fn settle_shares(policy: &mut Policy) {
    let rows = policy.requirements.clone();
    for row in &mut policy.requirements {
        let Some((of, _)) = &row.min_share_of else { continue };
        let base = rows.iter().find(|base| base.id == *of);
        let fits = |base: &crate::model::Requirement| {
            base.min_share_of.is_none() && (base.meter, base.period) == (row.meter, row.period)
        };
        if base.is_some_and(fits) {
            row.target = None;
            row.carry = None;
            row.min = 0;
        } else {
            row.min_share_of = None;
        }
    }
}

/// The first two requirements over one kind of period.
fn one_of(policy: &Policy) -> Vec<OneOf> {
    let rows = &policy.requirements;
    let pair = rows.iter().enumerate().find_map(|(place, one)| {
        let other = rows[place + 1..].iter().find(|other| other.period == one.period)?;
        Some(vec![one.id.clone(), other.id.clone()])
    });
    let group = |requirements| OneOf {
        id: "G1".to_owned(),
        requirements,
    };
    pair.map(group).into_iter().collect()
}

/// Filters of a conversion (without ids of conversions), requirement, cap or carry.
pub fn filter(tape: &mut Tape<'_>, percent: u16, conversions: &[String]) -> Where {
    let mut filter = Where::default();
    let level_lists: [&[Level]; 6] = [
        &[Level::County],
        &[Level::National, Level::Province, Level::City, Level::County],
        &[Level::City, Level::County],
        &[Level::School],
        &[Level::Province, Level::County, Level::School],
        &[Level::DistrictGroup, Level::Other],
    ];
    let mode_lists: [&[Mode]; 3] = [&[Mode::FaceToFace], &[Mode::Online], &[Mode::FaceToFace, Mode::Blended]];
    let categories: [&[&'static str]; 4] = [&["必修"], &["选修"], &["線上"], &["必修", "選修"]];
    let topics: [&[&'static str]; 3] = [&["师德"], &["學科"], &["师德", "班主任"]];
    let types: [&[&'static str]; 4] = [&["公开课"], &["培训"], &["示范课", "讲座"], &["同课异构", "公开课"]];
    let kinds: [&[Kind]; 4] = [
        &[Kind::Attendance],
        &[Kind::Given, Kind::Attendance],
        &[Kind::Award, Kind::Awarded, Kind::Published],
        &[Kind::Outreach, Kind::Visit, Kind::Observed],
    ];
    let mut more = tape.chance(percent);
    while more {
        match tape.pick(if conversions.is_empty() { 6 } else { 8 }) {
            0 => filter.levels = tape.one(&level_lists).to_vec(),
            1 => filter.categories = tape.one(&categories).to_vec(),
            2 => filter.topics = tape.one(&topics).to_vec(),
            3 => filter.types = tape.one(&types).to_vec(),
            4 => filter.kinds = tape.one(&kinds).to_vec(),
            5 => filter.modes = tape.one(&mode_lists).to_vec(),
            _ => filter.conversions.push(tape.one(conversions)),
        }
        more = tape.chance(15);
    }
    filter.conversions.sort();
    filter.conversions.dedup();
    filter
}

const CAP_IDS: [&str; 4] = ["K1", "K2", "K3", "K4"];

fn cap(place: usize, raw: &Raw, salt: u16, policy: &Policy) -> Cap {
    let mut tape = Tape::salted(raw, salt);
    let ids: Vec<String> = policy.conversions.iter().map(|row| row.id.clone()).collect();
    let meter = tape.weighted(&[(8, Meter::Hours), (1, Meter::Credits), (1, Meter::Given)]);
    let kinds = [
        PeriodKind::Year,
        PeriodKind::Month,
        PeriodKind::SchoolYear,
        PeriodKind::Semester,
        PeriodKind::Cycle,
    ];
    let kinds = if policy.cycle.is_some() {
        &kinds[..]
    } else {
        &kinds[..4]
    };
    let period = tape.one(kinds);
    let sort = tape.pick(4);
    let max = tape.amount(&[600, 300, 1_000, 450, 1_800, 100, 333]);
    let (over, under) = tape.amount(&[(1, 2), (1, 4), (1, 3), (1, 1)]);
    let wanted = tape.pick(4);
    let of_meter: Vec<_> = policy.requirements.iter().filter(|row| row.meter == meter).collect();
    let limit = match (sort, of_meter.as_slice()) {
        (2, [_, ..]) => Limit::ShareOf {
            requirement: of_meter[wanted % of_meter.len()].id.clone(),
            share: Fraction::new(over, under),
        },
        (3, _) => Limit::NotAbove(filter(&mut tape, 100, &ids)),
        _ => Limit::Max(max),
    };
    Cap {
        id: CAP_IDS[place].to_owned(),
        period,
        meter,
        filter: filter(&mut tape, 60, &ids),
        limit,
        across_versions: tape.chance(40),
    }
}

/// Pairs of requirements of one meter and kind of period, always from one listed before to one listed after.
fn substitutions(words: &[Raw], policy: &Policy, salt: u16) -> Vec<Substitution> {
    let mut pairs = Vec::new();
    for (place, from) in policy.requirements.iter().enumerate() {
        let later = policy.requirements[place + 1..].iter();
        let fitting = later.filter(|to| to.meter == from.meter && to.period == from.period);
        let fitting = fitting.filter(|to| to.min_share_of.is_none() && from.min_share_of.is_none());
        pairs.extend(fitting.map(|to| (from.id.clone(), to.id.clone())));
    }
    let mut rows: Vec<Substitution> = Vec::new();
    for (place, raw) in words.iter().enumerate() {
        let mut tape = Tape::salted(raw, salt);
        if pairs.is_empty() {
            break;
        }
        let (from, to) = tape.one(&pairs);
        if rows.iter().any(|row| row.from == from && row.to == to) {
            continue;
        }
        rows.push(Substitution {
            id: ["S1", "S2", "S3"][place].to_owned(),
            from,
            to,
            max: tape.amount(&[300, 100, 250, 1_000]),
        });
    }
    rows
}
