//! Random deeds, awards, exemptions, voids: few ids and few days, so that they collide.

use keshi_core::codes::{AttendanceResult, AttendanceRole, Award, AwardRole, LessonType, Level, TitleClass};

use super::Setting;
use super::people::{SEMESTERS, SESSIONS, TEACHERS, person, project};
use super::tape::{Raw, Tape};
use crate::day::Day;
use crate::facts::{Delivery, Event, Fact};
use crate::model::Kind;

/// The last one never arrives.
const COMPETITIONS: [&str; 3] = ["C1", "C2", "C3"];
const WORKS: [&str; 3] = ["W1", "W2", "W3"];
const LEVELS: [Level; 6] = [
    Level::County,
    Level::City,
    Level::School,
    Level::Province,
    Level::DistrictGroup,
    Level::Other,
];
const RESULTS: [Option<AttendanceResult>; 6] = [
    None,
    None,
    None,
    Some(AttendanceResult::Passed),
    Some(AttendanceResult::Failed),
    Some(AttendanceResult::Excellent),
];
const ROLES: [AttendanceRole; 10] = [
    AttendanceRole::Learner,
    AttendanceRole::Learner,
    AttendanceRole::Learner,
    AttendanceRole::Learner,
    AttendanceRole::Learner,
    AttendanceRole::Listener,
    AttendanceRole::Listener,
    AttendanceRole::Speaker,
    AttendanceRole::Judge,
    AttendanceRole::Organiser,
];

/// A posting without its id.
pub fn event(raw: &Raw, setting: &Setting) -> Event {
    let mut tape = Tape::new(raw);
    let to = day(&mut tape, &setting.hot);
    let days = tape.weighted(&[(10, 1), (2, 2), (2, 3), (2, 5), (1, 40), (1, 100)]);
    let fact = fact(&mut tape, setting, to);
    let lasts = !matches!(fact, Fact::AssignmentEnd { .. } | Fact::Title { .. });
    let from = if lasts { to.plus(1 - days) } else { to };
    Event {
        id: 0,
        from,
        to,
        supersedes: None,
        claim: None,
        fact,
    }
}

/// Mostly one of the hot days or close to one.
fn day(tape: &mut Tape<'_>, hot: &[Day]) -> Day {
    let (near, shift) = (tape.one(hot), tape.one(&[0, 0, 0, 1, 2, -1]));
    let far = Day::of(2019, 1, 1).plus(i64::from(tape.word() % 2_500));
    if tape.chance(12) { far } else { near.plus(shift) }
}

/// The number of the kind below.
const fn number(kind: Kind) -> usize {
    match kind {
        Kind::Attendance => 0,
        Kind::Outreach => 1,
        Kind::Given => 2,
        Kind::Observed => 3,
        Kind::Visit => 4,
        Kind::Award => 5,
        Kind::SchoolTerm => 6,
        Kind::Topic => 7,
        Kind::Published => 8,
        Kind::Awarded => 9,
    }
}

fn fact(tape: &mut Tape<'_>, setting: &Setting, day: Day) -> Fact {
    let any = tape.weighted(&[
        (8, 0),
        (2, 1),
        (5, 2),
        (3, 3),
        (3, 4),
        (2, 5),
        (2, 6),
        (2, 7),
        (2, 8),
        (2, 9),
        (4, 10),
        (2, 11),
        (3, 12),
        (3, 13),
        (1, 15),
        (4, 14),
    ]);
    let aim = tape.one(&setting.aims);
    let kind = if tape.chance(55) { number(aim) } else { any };
    let teacher = TEACHERS[tape.one(&[0, 0, 0, 0, 0, 0, 0, 1, 2])];
    let level = tape.one(&LEVELS);
    let number = u16::try_from(tape.pick(4) + 1).unwrap();
    match kind {
        0 => Fact::Attendance {
            session: session(tape, setting),
            teacher,
            role: tape.one(&ROLES),
            present: tape.one(&[600, 200, 400, 399, 1_200, 725, 100]),
            result: tape.one(&RESULTS),
        },
        1 => Fact::Outreach {
            deliveries: deliveries(tape, teacher, number),
        },
        2 => Fact::LessonGiven {
            teacher,
            kind: tape.one(LessonType::ALL),
            level,
            periods: number,
            session: tape.chance(40).then(|| session(tape, setting)),
        },
        3 => Fact::LessonObserved {
            teacher,
            periods: number,
        },
        4 => Fact::Visit { teacher },
        5 => Fact::Award {
            competition: tape.one(&COMPETITIONS),
            teacher,
            award: tape.one(Award::ALL),
            role: tape.one(&[AwardRole::Oneself, AwardRole::Oneself, AwardRole::Guide]),
            work: tape.some(60, &WORKS),
        },
        6 => Fact::SchoolTerm {
            teacher,
            semester: term(tape, day),
            plan: !tape.chance(5),
            log: !tape.chance(5),
            reflection: !tape.chance(5),
        },
        7 => {
            let (leads, members) = people(tape, teacher);
            Fact::Topic {
                topic: tape.one(&["K1", "K2"]),
                level,
                leads,
                members,
                result: tape.one(&[None, None, Some("合格"), Some("优秀"), Some("不合格"), Some("不 通過")]),
            }
        }
        8 => {
            let (leads, members) = people(tape, teacher);
            Fact::Published {
                work: tape.one(&WORKS),
                kind: tape.one(&["论文", "論文", "著 作"]),
                level,
                authors: [leads, members].concat(),
            }
        }
        9 => {
            let (leads, members) = people(tape, teacher);
            Fact::Awarded {
                work: tape.one(&WORKS),
                level,
                award: tape.one(Award::ALL),
                authors: [leads, members].concat(),
            }
        }
        10 => Fact::Exemption {
            teacher,
            rule: tape.one(&["R1", "R1", "R2", "R2", "R3", "R4"]).to_owned(),
            policy: tape.one(&[Some("PA"), Some("PA"), None, Some("PB")]),
            reduce_by: tape.one(&[100, 200, 350, 1_000, 10_000]),
        },
        11 => Fact::Title {
            teacher,
            class: tape.one(&[TitleClass::ExpertTeacher, TitleClass::SubjectLeader]),
            level: tape.one(&[Level::County, Level::City, Level::County]),
            valid_to: tape.some(20, &[day, day.plus(200)]),
        },
        12 => Fact::Competition {
            competition: tape.one(&COMPETITIONS[..2]),
            level,
        },
        13 => match tape.pick(4) {
            0 => Fact::Cancelled {
                session: tape.one(&SESSIONS),
            },
            1 => person(teacher, tape, setting.year),
            _ => Fact::AssignmentEnd {
                teacher,
                started: tape.one(&setting.ids),
            },
        },
        15 => defined_anew(tape, setting),
        _ => Fact::Void {
            target: tape.one(&setting.ids),
        },
    }
}

/// A session or project posted a second time.
fn defined_anew(tape: &mut Tape<'_>, setting: &Setting) -> Fact {
    let mut raw = [0; 24];
    for word in &mut raw {
        *word = tape.word();
    }
    if tape.chance(50) {
        project(usize::from(raw[23]) % 3, &raw)
    } else {
        super::people::session(usize::from(raw[23]) % setting.sessions, &raw, &setting.hot).fact
    }
}

/// Mostly one that arrives.
fn session(tape: &mut Tape<'_>, setting: &Setting) -> &'static str {
    let arriving = tape.one(&SESSIONS[..setting.sessions]);
    if tape.chance(6) { tape.one(&SESSIONS) } else { arriving }
}

/// The semester of about that day, now and then another.
fn term(tape: &mut Tape<'_>, day: Day) -> &'static str {
    let (year, month, _) = day.ymd();
    let half_years = (year - 2018) * 2 + i64::from(month >= 8) - 1;
    let place = usize::try_from(half_years).unwrap_or(0).min(SEMESTERS.len() - 1);
    if tape.chance(10) {
        tape.one(&SEMESTERS)
    } else {
        SEMESTERS[place]
    }
}

fn deliveries(tape: &mut Tape<'_>, teacher: &'static str, lessons: u16) -> Vec<Delivery> {
    let talks = tape.one(&[0, 1, 2]);
    let own = Delivery {
        teacher,
        lessons: lessons - 1,
        talks: if lessons == 1 { talks.max(1) } else { talks },
    };
    let other = TEACHERS.iter().find(|other| **other != teacher).unwrap();
    let others = Delivery {
        teacher: other,
        lessons: 1,
        talks: 0,
    };
    if tape.chance(30) { vec![others, own] } else { vec![own] }
}

/// Leads and members, all different, the teacher among them; at least one lead.
fn people(tape: &mut Tape<'_>, teacher: &'static str) -> (Vec<&'static str>, Vec<&'static str>) {
    let others: Vec<&'static str> = TEACHERS.iter().copied().filter(|other| *other != teacher).collect();
    let (one, two) = (others[0], others[1]);
    match tape.pick(6) {
        0 => (vec![teacher], vec![]),
        1 => (vec![teacher], vec![one]),
        2 => (vec![one], vec![teacher]),
        3 => (vec![one], vec![two, teacher]),
        4 => (vec![two, teacher], vec![one]),
        _ => (vec![teacher, one, two], vec![]),
    }
}
