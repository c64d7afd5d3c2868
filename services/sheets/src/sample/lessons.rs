//! Outreach, lessons given and observed, visits to schools.

use jiff::civil::{Date, date};
use keshi_core::time::plus_days;

use super::county::{County, RESEARCHERS};
use super::rng::Rng;
use super::sheets::{PERSON, day, number, person, table, text};
use crate::columns::{Col, Kind};
use crate::write::Table;

/// Trips of outreach in the year; each carries two lessons.
const TRIPS: usize = 48;
/// Trips with a second talk: 48 + 15 = 63 talks (60余场).
const SECOND_TALKS: usize = 15;

fn later(from: Date, days: usize) -> Date {
    plus_days(from, i64::try_from(days).unwrap_or(0))
}

/// A weekday near the day: weekends go to Monday.
fn weekday(day: Date) -> Date {
    match day.weekday().to_monday_zero_offset() {
        5 => later(day, 2),
        6 => later(day, 1),
        _ => day,
    }
}

/// 48 trips of two lessons are 96 (90余节), with 63 talks. Researchers carry talks only, so that their lessons stay
/// those of the sheet 授课.
pub(super) fn outreach(county: &County, skilled: &[usize], rng: &mut Rng) -> Vec<Table> {
    let mut cols = PERSON.to_vec();
    cols.extend([
        Col::From,
        Col::School,
        Col::Lessons,
        Col::Talks,
        Col::Content,
        Col::Listeners,
        Col::Requested,
    ]);
    let mut table = table(Kind::Outreach, &cols);
    let small: Vec<usize> = (0..county.schools.len()).filter(|place| place % 4 != 0).collect();
    for trip in 0..TRIPS {
        let half = TRIPS / 2;
        let start = if trip < half {
            date(2022, 3, 8)
        } else {
            date(2022, 9, 13)
        };
        let on = weekday(later(start, trip % half * 4));
        let to = small
            .get(trip % small.len())
            .and_then(|&place| county.schools.get(place));
        let Some(to) = to else { continue };
        let givers = rng.sample(skilled, 2);
        let mut rows = vec![];
        for (seat, giver) in givers.iter().enumerate() {
            // The second talk is given by one who also gives a lesson.
            let also_talks = seat == 0 && trip < SECOND_TALKS;
            rows.push((*giver, 1, usize::from(also_talks)));
        }
        rows.push((trip % RESEARCHERS, 0, 1));
        for (giver, lessons, talks) in rows {
            let Some(teacher) = county.teachers.get(giver) else {
                continue;
            };
            let what = if lessons > 0 {
                format!("{}研讨课", teacher.subject)
            } else {
                "新课标微讲座".to_owned()
            };
            let listeners = 8 + rng.below(20);
            let mut row = person(teacher);
            row.extend([
                text(format!("{}.{}.{}", on.year(), on.month(), on.day())),
                text(&to.name),
                number(lessons),
                number(talks),
                text(what),
                number(listeners),
                text(if trip % 5 == 0 { "是" } else { "否" }),
            ]);
            table.rows.push(row);
        }
    }
    vec![table]
}

/// Lessons of researchers in the school year 2021-2022, by place: the one at place 4 gives none.
const BY_RESEARCHERS: [(usize, usize); RESEARCHERS] = [(0, 1), (1, 3), (2, 1), (3, 2), (4, 0), (5, 1)];

pub(super) fn given(county: &County, skilled: &[usize], rng: &mut Rng) -> Vec<Table> {
    let mut cols = PERSON.to_vec();
    cols.extend([
        Col::From,
        Col::LessonType,
        Col::Level,
        Col::School,
        Col::Subject,
        Col::Content,
        Col::Lessons,
        Col::Listeners,
    ]);
    let mut table = table(Kind::LessonsGiven, &cols);
    let kinds = ["示范课", "公开课", "研究课"];
    let mut add = |place: usize, on: Date, kind: &str, level: &str, school: &str, rng: &mut Rng| {
        let Some(teacher) = county.teachers.get(place) else {
            return;
        };
        let mut row = person(teacher);
        row.extend([
            day(on),
            text(kind),
            text(level),
            text(school),
            text(teacher.subject),
            text(format!("第{}单元", 1 + rng.below(8))),
            number(1),
            number(10 + rng.below(30)),
        ]);
        table.rows.push(row);
    };
    for (place, lessons) in BY_RESEARCHERS {
        for lesson in 0..lessons {
            let school = county.schools.get((place * 3 + lesson) % county.schools.len());
            let on = weekday(later(date(2022, 3, 15), lesson * 21 + place));
            let kind = kinds.get(lesson % 3).copied().unwrap_or_default();
            add(
                place,
                on,
                kind,
                "县级",
                school.map_or("", |school| school.id.as_str()),
                rng,
            );
        }
    }
    for (seat, &place) in skilled.iter().enumerate() {
        let school = county.teachers.get(place).and_then(|teacher| county.school_of(teacher));
        let start = if seat % 2 == 0 {
            date(2022, 3, 21)
        } else {
            date(2022, 9, 19)
        };
        let on = weekday(later(start, seat * 2 % 80));
        let kind = ["公开课", "研讨课", "示范课", "同课异构", "观摩课"]
            .get(seat % 5)
            .copied()
            .unwrap_or_default();
        let level = ["县级", "片区", "校级"].get(seat % 3).copied().unwrap_or_default();
        add(
            place,
            on,
            kind,
            level,
            school.map_or("", |school| school.id.as_str()),
            rng,
        );
    }
    vec![table]
}

/// Lessons that each researcher observes in the spring and in the autumn semester: the one at place 3 misses 40 in
/// autumn.
const OBSERVED: [[usize; 2]; RESEARCHERS] = [[46, 44], [42, 40], [40, 41], [44, 31], [48, 42], [40, 40]];

pub(super) fn observed(county: &County, part_time: &[usize], rng: &mut Rng) -> Vec<Table> {
    let cols = [
        Col::Name,
        Col::IdType,
        Col::IdNo,
        Col::From,
        Col::School,
        Col::Lessons,
        Col::TaughtTeacher,
        Col::Subject,
        Col::Content,
        Col::Comment,
    ];
    let mut table = table(Kind::LessonsObserved, &cols);
    let mut observers: Vec<(usize, [usize; 2])> = OBSERVED.iter().copied().enumerate().collect();
    observers.extend(part_time.iter().map(|&place| (place, [12, 9])));
    for (observer, terms) in observers {
        let Some(teacher) = county.teachers.get(observer) else {
            continue;
        };
        for (term, periods) in terms.into_iter().enumerate() {
            let start = if term == 0 { date(2022, 3, 1) } else { date(2022, 9, 6) };
            let mut left = periods;
            let mut turn = 0;
            while left > 0 {
                let now = left.min(if turn % 3 == 2 { 1 } else { 2 });
                left -= now;
                let on = weekday(later(start, turn * 3 + observer % 3));
                let place = rng.below(county.schools.len());
                let Some(school) = county.schools.get(place) else {
                    continue;
                };
                let taught = county.of_schools(|_, of| of.id == school.id);
                let taught = rng.pick(&taught).filter(|&taught| taught != observer && turn % 2 == 0);
                let taught = taught.and_then(|taught| county.teachers.get(taught));
                let mut row = person(teacher);
                row.extend([
                    day(on),
                    text(&school.id),
                    number(now),
                    text(taught.map_or("", |taught| taught.id.as_str())),
                    text(taught.map_or("", |taught| taught.subject)),
                    text(format!("第{}课", turn + 1)),
                    text(if turn % 4 == 0 { "是" } else { "否" }),
                ]);
                table.rows.push(row);
                turn += 1;
            }
        }
    }
    vec![table]
}

/// The months in which a visit is due under the policy.
const MONTHS: [i8; 9] = [1, 3, 4, 5, 6, 9, 10, 11, 12];

/// Every researcher visits a school in each of these months, but the one at place 5 none in November.
pub(super) fn visits(county: &County, rng: &mut Rng) -> Vec<Table> {
    let cols = [Col::Name, Col::IdType, Col::IdNo, Col::From, Col::School, Col::Purpose];
    let mut table = table(Kind::Visits, &cols);
    let purposes = ["教学常规督导", "校本研修指导", "新课标落实调研", "质量分析反馈"];
    for place in 0..RESEARCHERS {
        let Some(teacher) = county.teachers.get(place) else {
            continue;
        };
        for month in MONTHS.into_iter().filter(|&month| (place, month) != (5, 11)) {
            let visits = 1 + rng.below(2);
            for visit in 0..visits {
                // January's must lie before the holidays.
                let on = weekday(later(date(2022, month, 4), visit * 7 + place % 2));
                let school = county.schools.get(rng.below(county.schools.len()));
                let mut row = person(teacher);
                row.extend([
                    day(on),
                    text(school.map_or("", |school| school.name.as_str())),
                    text(rng.pick(&purposes).unwrap_or_default()),
                ]);
                table.rows.push(row);
            }
        }
    }
    vec![table]
}
