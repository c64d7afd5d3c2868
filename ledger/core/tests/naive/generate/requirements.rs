//! Random requirements.

use keshi_core::codes::{LessonType, Post};

use super::policies::filter;
use super::tape::{Raw, Tape};
use crate::fraction::Fraction;
use crate::model::{Carry, Meter, OnlyIf, PeriodKind, Prorate, Requirement, Where};

const IDS: [&str; 5] = ["R1", "R2", "R3", "R4", "R5"];

/// All requirements of a policy, before a version leaves some out. One may be a twin of the one before it.
pub fn requirements(words: &[Raw], salt: u16, has_cycle: bool, conversions: &[String]) -> Vec<Requirement> {
    let mut rows: Vec<Requirement> = Vec::new();
    for (place, raw) in words.iter().enumerate() {
        let twin = rows.last().map(|row| (row.meter, row.period));
        rows.push(requirement(place, raw, salt, has_cycle, conversions, twin));
    }
    let with_probation = words[0][20] % 100 >= 80;
    if let [first, second, ..] = rows.as_mut_slice()
        && has_cycle
        && with_probation
    {
        plain(first, PeriodKind::Probation);
        first.then_record = Some(first.then_record.unwrap_or(200).min(first.min));
        plain(second, PeriodKind::Cycle);
    }
    rows
}

/// Hours of any kind over this period.
fn plain(row: &mut Requirement, period: PeriodKind) {
    row.meter = Meter::Hours;
    row.period = period;
    row.filter = Where::default();
    row.types = Vec::new();
    row.skip_months = Vec::new();
    row.prorate = None;
    row.then_record = None;
    row.min_share_of = None;
    row.carry = row.carry.take().filter(|_| period == PeriodKind::Cycle);
}

fn requirement(
    place: usize,
    raw: &Raw,
    salt: u16,
    has_cycle: bool,
    conversions: &[String],
    twin: Option<(Meter, PeriodKind)>,
) -> Requirement {
    let mut tape = Tape::salted(raw, salt);
    let is_twin = tape.chance(45);
    let meter = tape.weighted(&[
        (13, Meter::Hours),
        (2, Meter::Credits),
        (2, Meter::Given),
        (1, Meter::Observed),
        (1, Meter::Visits),
        (1, Meter::Talks),
    ]);
    let periods = [
        (6, PeriodKind::Year),
        (3, PeriodKind::Month),
        (3, PeriodKind::Semester),
        (3, PeriodKind::SchoolYear),
        (5, PeriodKind::Probation),
        (10, PeriodKind::Cycle),
    ];
    let period = tape.weighted(if has_cycle { &periods } else { &periods[..5] });
    let (meter, period) = match twin {
        // What a probation year records matters only to cycles.
        Some((meter, PeriodKind::Probation)) if has_cycle && is_twin => (meter, PeriodKind::Cycle),
        Some(twin) if is_twin => twin,
        _ => (meter, period),
    };
    let min = if period == PeriodKind::Month {
        tape.amount(&[100, 200, 50, 150])
    } else {
        tape.amount(&[600, 200, 400, 450, 1_000, 100, 300, 1_800, 125])
    };
    let target = tape.some_amount(25, &[100, 300, 50]).map(|more| min + more);
    let filtered = if period == PeriodKind::Probation { 12 } else { 28 };
    let row_filter = filter(&mut tape, filtered, conversions);
    let lesson_types: [&[LessonType]; 3] = [
        &[LessonType::Open],
        &[LessonType::Demonstration, LessonType::Open, LessonType::Research],
        &[LessonType::SameLesson],
    ];
    let types = tape.some(50, &lesson_types).filter(|_| meter == Meter::Given);
    let posts = [Post::ClassTeacher, Post::Teacher, Post::Researcher];
    let only_if = if tape.chance(if period == PeriodKind::Probation { 70 } else { 6 }) {
        Some(OnlyIf::NewTeacher)
    } else {
        tape.some(10, &posts).map(OnlyIf::Post)
    };
    let months: [&[i64]; 3] = [&[7, 8], &[2, 7, 8], &[12]];
    let skip_months = tape.some(30, &months).filter(|_| period == PeriodKind::Month);
    let prorates = [Prorate::Not, Prorate::Month, Prorate::TeachingWeek];
    let prorate = tape.some(35, &prorates).filter(|prorate| match prorate {
        Prorate::TeachingWeek => period == PeriodKind::Semester,
        Prorate::Month => matches!(period, PeriodKind::Year | PeriodKind::SchoolYear | PeriodKind::Cycle),
        Prorate::Not => period != PeriodKind::Probation,
    });
    let record = tape.some_amount(90, &[100, 300, 50]);
    let (over, under) = tape.amount(&[(1, 2), (2, 3), (1, 10)]);
    let of_twin = is_twin && place > 0 && tape.chance(30) && period != PeriodKind::Probation;
    let share_of = of_twin.then(|| (IDS[place - 1].to_owned(), Fraction::new(over, under)));
    Requirement {
        id: IDS[place].to_owned(),
        meter,
        period,
        min,
        min_share_of: share_of,
        target,
        filter: row_filter,
        types: types.map_or_else(Vec::new, <[LessonType]>::to_vec),
        only_if,
        skip_months: skip_months.map_or_else(Vec::new, <[i64]>::to_vec),
        prorate,
        then_record: record
            .map(|record| record.min(min))
            .filter(|_| period == PeriodKind::Probation),
        carry: carry(&mut tape, has_cycle, conversions).filter(|_| period != PeriodKind::Probation),
    }
}

fn carry(tape: &mut Tape<'_>, has_cycle: bool, conversions: &[String]) -> Option<Carry> {
    if !tape.chance(45) {
        return None;
    }
    let (over, under) = tape.amount(&[(1, 1), (1, 2), (1, 3)]);
    Some(Carry {
        share: Fraction::new(over, under),
        expires_after: tape.amount(&[1, 2, 3]),
        max: tape.some_amount(40, &[200, 100, 500]),
        within_cycle: tape.chance(35) && has_cycle,
        only_if_met: tape.chance(20),
        fills: None,
        filter: filter(tape, 30, conversions),
    })
}
