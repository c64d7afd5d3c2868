//! Random conversions, each with the keys that its kind may have.

use keshi_core::codes::{Award, Level, Post, SessionType};

use super::policies::filter;
use super::tape::{Raw, Tape};
use crate::fraction::Fraction;
use crate::model::{Base, Conversion, Factor, Kind, Meter, Part, Per, PeriodKind, Shares};

const IDS: [&str; 8] = ["V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8"];

const LEVELS: [Level; 5] = [Level::County, Level::City, Level::School, Level::Province, Level::Other];

/// Amounts of the tables and fixed bases.
const AMOUNTS: [i64; 7] = [300, 200, 500, 1_000, 100, 725, 333];

/// A conversion under the id of its place. What it is about is the same in all versions.
pub fn conversion(place: usize, raw: &Raw, salt: u16, has_cycle: bool) -> Conversion {
    let mut tape = Tape::salted(raw, salt);
    let kinds = [
        (7, Kind::Attendance),
        (2, Kind::Given),
        (2, Kind::Outreach),
        (1, Kind::Observed),
        (1, Kind::Visit),
        (3, Kind::Award),
        (2, Kind::SchoolTerm),
        (2, Kind::Topic),
        (2, Kind::Published),
        (2, Kind::Awarded),
    ];
    let kind = tape.weighted(&kinds);
    let meters = [
        (12, Meter::Hours),
        (3, Meter::Credits),
        (2, Meter::Given),
        (1, Meter::Visits),
    ];
    let meter = tape.weighted(&meters);
    let by_itself = matches!(
        (kind, meter),
        (Kind::Given, Meter::Given) | (Kind::Visit, Meter::Visits)
    );
    let meter = if by_itself { Meter::Hours } else { meter };
    let (base, per) = base(&mut tape, kind);
    let (factor, shares) = (factor(&mut tape, kind), shares(&mut tape, kind));
    let attends = kind == Kind::Attendance;
    let has_result = attends || kind == Kind::Topic;
    let results = if has_result { results(&mut tape) } else { Vec::new() };
    let presences = [(1, 2), (1, 1), (9, 10)].map(|(over, under)| Fraction::new(over, under));
    let periods = [
        PeriodKind::Year,
        PeriodKind::Semester,
        PeriodKind::Month,
        PeriodKind::SchoolYear,
        PeriodKind::Cycle,
    ];
    let periods = if has_cycle { &periods[..] } else { &periods[..4] };
    let event_lists: [&[SessionType]; 2] = [
        &[SessionType::OpenLesson],
        &[SessionType::Training, SessionType::OpenLesson, SessionType::SameLesson],
    ];
    let events = tape.some(15, &event_lists).filter(|_| attends);
    let awards: [&[Award]; 2] = [&[Award::First], &[Award::First, Award::Second, Award::Excellent]];
    let awards = tape.some(25, &awards).filter(|_| kind == Kind::Award);
    let works: [&[&'static str]; 2] = [&["论文"], &["論文", "著作"]];
    let works = tape.some(30, &works).filter(|_| kind == Kind::Published);
    let posts: [&[Post]; 3] = [
        &[Post::Teacher],
        &[Post::Researcher],
        &[Post::ClassTeacher, Post::PartTimeResearcher],
    ];
    Conversion {
        id: IDS[place].to_owned(),
        kind,
        meter,
        roles: roles(&mut tape, kind),
        base,
        factor,
        per,
        if_result: results,
        shares,
        min_presence: tape.some_amount(20, &presences).filter(|_| attends),
        per_day_max: per_day_max(&mut tape),
        best_only_per: tape.some(15, periods),
        counts_as_level: tape.some(15, &[Level::County, Level::School]),
        counts_as_category: tape.some(15, &["选修", "必修", "校本"]),
        events: events.map_or_else(Vec::new, <[SessionType]>::to_vec),
        awards: awards.map_or_else(Vec::new, <[Award]>::to_vec),
        posts: tape.some(10, &posts).map_or_else(Vec::new, <[Post]>::to_vec),
        work_kinds: works.map_or_else(Vec::new, <[&'static str]>::to_vec),
        filter: filter(&mut tape, 20, &[]),
    }
}

/// Whether there is a day limit is the same in all versions, its amount is not.
fn per_day_max(tape: &mut Tape<'_>) -> Option<i64> {
    tape.some_amount(35, &[600, 300, 200, 450])
}

fn base(tape: &mut Tape<'_>, kind: Kind) -> (Base, Option<Per>) {
    let per = match (kind, tape.pick(8)) {
        (Kind::SchoolTerm, 0..=5) | (_, 6) => Some(Per::Semester),
        (_, 4) => Some(Per::Day),
        (_, 5) => Some(Per::HalfDay),
        _ => None,
    };
    let sort = tape.pick(4);
    let fixed = tape.amount(&AMOUNTS);
    let by_level = amounts(tape, &LEVELS);
    let awards = [Award::First, Award::Second, Award::Third];
    let by_award = amounts(tape, &awards);
    let base = match (kind, sort) {
        (Kind::Attendance, 0..=2) => Base::HoursPresent,
        (Kind::Given | Kind::Observed, 0..=2) => Base::Periods,
        (Kind::Outreach, 0 | 1) => Base::Lessons,
        (Kind::Outreach, 2) => Base::Talks,
        (Kind::Award | Kind::Awarded, 1) => Base::ByAward(by_award),
        (Kind::Award | Kind::Awarded, 2) => {
            let rows = by_level.iter().map(|row| (row.0, by_award.clone()));
            Base::ByLevelAward(rows.collect())
        }
        (Kind::Award | Kind::Awarded | Kind::Topic | Kind::Published, 0) => Base::ByLevel(by_level),
        _ => Base::Fixed(fixed),
    };
    let per = per.filter(|_| matches!(base, Base::Fixed(_)));
    (base, per)
}

/// A table over the first few keys.
fn amounts<K: Copy>(tape: &mut Tape<'_>, keys: &[K]) -> Vec<(K, i64)> {
    let count = tape.pick(keys.len()) + 1;
    let first = tape.amount(&[0_usize, 1, 2, 3, 4, 5, 6]);
    let row = |(place, key): (usize, &K)| (*key, AMOUNTS[(first + place) % AMOUNTS.len()]);
    keys[..count].iter().enumerate().map(row).collect()
}

fn factor(tape: &mut Tape<'_>, kind: Kind) -> Factor {
    let sort = tape.pick(4);
    let (over, under) = tape.amount(&[(1, 2), (1, 3), (2, 1), (3, 2), (1, 7)]);
    let value = Fraction::new(over, under);
    let has_level = !matches!(kind, Kind::Outreach | Kind::Observed | Kind::Visit | Kind::SchoolTerm);
    match sort {
        2 => Factor::Plain(value),
        3 if has_level => {
            let count = tape.pick(4) + 1;
            let row = |(place, level): (i64, &Level)| (*level, value * Fraction::whole(place));
            Factor::ByLevel((1..).zip(&LEVELS[..count]).map(row).collect())
        }
        _ => Factor::None,
    }
}

fn shares(tape: &mut Tape<'_>, kind: Kind) -> Shares {
    let sort = tape.pick(3);
    let parts = [
        Part::Fraction(Fraction::ONE),
        Part::Fraction(Fraction::new(1, 3)),
        Part::Equal,
        Part::Fraction(Fraction::new(3, 4)),
    ];
    let (lead, member) = (tape.amount(&parts), tape.amount(&parts));
    match (kind, sort) {
        (Kind::Topic | Kind::Published | Kind::Awarded, 1) => Shares::Equal,
        (Kind::Topic | Kind::Published | Kind::Awarded, 2) => Shares::Parts { lead, member },
        _ => Shares::Whole,
    }
}

fn results(tape: &mut Tape<'_>) -> Vec<(&'static str, Fraction)> {
    let failed = ("不合格", Fraction::new(1, 5));
    let excellent = ("优秀", Fraction::new(3, 2));
    match tape.pick(6) {
        3 => vec![failed],
        4 => vec![failed, excellent],
        5 => vec![excellent, ("合格", Fraction::new(1, 2))],
        _ => Vec::new(),
    }
}

fn roles(tape: &mut Tape<'_>, kind: Kind) -> Vec<&'static str> {
    let lists: &[&[&'static str]] = match kind {
        Kind::Attendance => &[&["学员"], &["学员", "听课"], &[], &["主讲", "评委"], &["听课"]],
        Kind::Award => &[&[], &["指导教师"], &["本人", "指导教师"]],
        Kind::Topic | Kind::Published | Kind::Awarded => &[&[], &["负责人"], &["成员"]],
        _ => &[&[]],
    };
    tape.one(lists).to_vec()
}
