//! Random people and posts, the school calendar, projects and sessions.

use keshi_core::codes::{Level, Mode, Post, SessionType};

use super::tape::{Raw, Tape};
use super::{Posting, Setting};
use crate::day::Day;
use crate::facts::{Event, Fact, Semester};

pub const TEACHERS: [&str; 3] = ["T1", "T2", "T3"];
pub const PROJECTS: [&str; 3] = ["P1", "P2", "P3"];
/// The last one never arrives.
pub const SESSIONS: [&str; 7] = ["X1", "X2", "X3", "X4", "X5", "X6", "X7"];

pub const SEMESTERS: [&str; 16] = [
    "2018-2019-1",
    "2018-2019-2",
    "2019-2020-1",
    "2019-2020-2",
    "2020-2021-1",
    "2020-2021-2",
    "2021-2022-1",
    "2021-2022-2",
    "2022-2023-1",
    "2022-2023-2",
    "2023-2024-1",
    "2023-2024-2",
    "2024-2025-1",
    "2024-2025-2",
    "2025-2026-1",
    "2025-2026-2",
];

/// The registration of a teacher.
pub fn person(teacher: &'static str, tape: &mut Tape<'_>, year: i64) -> Fact {
    let days = [
        "2021-03-15",
        "2010-09-01",
        "2019-09-01",
        "2020-02-29",
        "2021-08-31",
        "2022-01-01",
        "2023-06-15",
    ];
    let mut days = days.map(Day::parse).to_vec();
    let close = [(1, 1), (3, 10), (5, 4), (9, 1)].map(|(month, day)| Day::of(year, month, day));
    days.extend(close);
    days.extend(close);
    days.extend(close.map(|day| day.plus(-365)));
    Fact::Person {
        teacher,
        hired_on: tape.some(85, &days),
        career_from: tape.some(70, &days),
        rank: None,
    }
}

/// Two registrations found to be one person's, or no longer.
pub fn merge(raw: &Raw, id: u128, places: u16) -> Posting {
    let mut tape = Tape::new(raw);
    let (kept, dropped) = tape.one(&[("T1", "T2"), ("T1", "T2"), ("T1", "T3"), ("T2", "T1"), ("T3", "T2")]);
    let day = Day::of(2026, 8, 1);
    let fact = if tape.chance(30) {
        Fact::Parted { kept, dropped }
    } else {
        Fact::Merged { kept, dropped }
    };
    Posting {
        place: 1 + u32::from(tape.word() % places),
        event: Event {
            id,
            from: day,
            to: day,
            supersedes: None,
            claim: None,
            fact,
        },
    }
}

/// An assignment; the first one is to a post of the first policy's scope.
pub fn assignment(place: usize, raw: &Raw, setting: &Setting, post_wanted: Post) -> (Day, Fact) {
    let mut tape = Tape::new(raw);
    let teacher = if place == 0 { TEACHERS[0] } else { tape.one(&TEACHERS) };
    let posts = [
        post_wanted,
        Post::Teacher,
        Post::ClassTeacher,
        Post::Researcher,
        Post::PartTimeResearcher,
    ];
    let post = if place == 0 { post_wanted } else { tape.one(&posts) };
    let month = tape.one(&[9, 1, 3, 10]);
    let start = Day::of(setting.year + tape.one(&[-1, 0, 1]), month, tape.one(&[1, 15, 16, 14]));
    let always = Day::of(2018, 9, 1);
    let from = if place == 0 && !tape.chance(30) { always } else { start };
    let months = tape.one(&[36, 1, 5, 14, 24]);
    let days = tape.one(&[0, 14, -1, 3]);
    let until = tape
        .chance(if place == 0 { 15 } else { 35 })
        .then(|| from.plus_months(months).plus(days));
    let fact = Fact::Assignment {
        teacher,
        post,
        share: tape.one(&[100, 100, 100, 50, 30, 60]),
        until,
    };
    (from, fact)
}

/// The semesters of all years, each with its own dates.
pub fn semesters(raw: &Raw) -> Vec<Semester> {
    let mut tape = Tape::new(raw);
    let semester = |(place, id): (usize, &&'static str)| {
        let first = 2018 + i64::try_from(place / 2).unwrap();
        let shift = i64::try_from(tape.pick(4)).unwrap();
        let weeks = 20 - shift * 3;
        if place.is_multiple_of(2) {
            Semester {
                id,
                from: Day::of(first, 9, 1 + shift % 2),
                to: Day::of(first + 1, 1, 10 + shift * 7),
                weeks,
            }
        } else {
            Semester {
                id,
                from: Day::of(first + 1, 2, 15 + shift),
                to: Day::of(first + 1, 7, 5 + shift * 3),
                weeks,
            }
        }
    };
    SEMESTERS.iter().enumerate().map(semester).collect()
}

/// One semester with other dates, in a calendar of its own.
pub fn changed_semester(tape: &mut Tape<'_>, semesters: &[Semester]) -> Vec<Semester> {
    let mut semester = tape.one(semesters);
    semester.from = semester.from.plus(tape.one(&[2, 0, 1]));
    semester.to = semester.to.plus(tape.one(&[-5, 3, -30]));
    semester.weeks = tape.one(&[17, 5]);
    vec![semester]
}

pub fn project(place: usize, raw: &Raw) -> Fact {
    let mut tape = Tape::new(raw);
    let levels = [Level::County, Level::School, Level::City, Level::Province, Level::Other];
    Fact::Project {
        project: PROJECTS[place],
        level: tape.one(&levels),
        mode: tape.one(&[Mode::FaceToFace, Mode::Online, Mode::Blended]),
        category: tape.some(75, &["必修", "选修", "選 修", "线上", "線上"]),
        topic: tape.some(60, &["师德", "師德", "学科", "班主任"]),
    }
}

pub fn session(place: usize, raw: &Raw, hot: &[Day]) -> Event {
    let mut tape = Tape::new(raw);
    let types = [
        SessionType::Training,
        SessionType::OpenLesson,
        SessionType::Training,
        SessionType::SameLesson,
        SessionType::Talk,
    ];
    let day = tape.one(hot);
    Event {
        id: 0,
        from: day,
        to: day,
        supersedes: None,
        claim: None,
        fact: Fact::Session {
            session: SESSIONS[place],
            // Now and then one that never arrives.
            project: PROJECTS[tape.one(&[0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2])],
            kind: tape.one(&types),
            hours: tape.one(&[600, 0, 200, 300, 800, 1_200]),
        },
    }
}
