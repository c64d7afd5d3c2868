//! DOMAIN §8.2: the policy `sample-360`, its worked example and small checks; §13.11.

use keshi_core::codes::{
    AttendanceResult, AttendanceRole, Award, AwardRole, LessonType, Level, Mode, Post, SessionType,
};

use super::policy::{requirement, sample};
use crate::day::Day;
use crate::evaluate::{Section, Status, sections};
use crate::facts::{Event, Fact, Recorded, Semester};
use crate::model::{PeriodKind, Policy};

/// Facts in the order of recording, with event ids that rise.
#[derive(Default)]
struct County {
    facts: Vec<Recorded>,
}

impl County {
    fn on(&mut self, day: &str, fact: Fact) -> &mut Self {
        self.between(day, day, fact)
    }

    fn between(&mut self, from: &str, to: &str, fact: Fact) -> &mut Self {
        let index = self.facts.len();
        let event = Event {
            id: u128::try_from(index).unwrap() + 1,
            from: Day::parse(from),
            to: Day::parse(to),
            supersedes: None,
            claim: None,
            fact,
        };
        self.facts.push(Recorded {
            index: u64::try_from(index).unwrap(),
            event,
        });
        self
    }

    fn with_teacher(post: Post, from: &str) -> Self {
        let mut county = Self::default();
        county.on(
            "2010-01-01",
            Fact::Person {
                teacher: "T1",
                hired_on: Some(Day::parse("2010-09-01")),
                career_from: None,
                rank: None,
            },
        );
        let assignment = Fact::Assignment {
            teacher: "T1",
            post,
            share: 100,
            until: None,
        };
        county.on(from, assignment);
        let project = |project, level, topic| Fact::Project {
            project,
            level,
            mode: Mode::FaceToFace,
            category: None,
            topic,
        };
        county.on("2021-01-01", project("P1", Level::County, None));
        county.on("2021-01-01", project("P2", Level::County, Some("班主任")));
        county
    }

    /// A course of so many days, six hours each.
    fn course(&mut self, session: &'static str, from: &str, days: i64, result: Option<AttendanceResult>) {
        let to = Day::parse(from).plus(days - 1).to_string();
        let held = Fact::Session {
            session,
            project: "P1",
            kind: SessionType::Training,
            hours: days * 600,
        };
        self.between(from, &to, held);
        let attended = Fact::Attendance {
            session,
            teacher: "T1",
            role: AttendanceRole::Learner,
            present: days * 600,
            result,
        };
        self.between(from, &to, attended);
    }

    fn lesson(&mut self, day: &str) {
        let lesson = Fact::LessonGiven {
            teacher: "T1",
            kind: LessonType::Open,
            level: Level::County,
            periods: 1,
            session: None,
        };
        self.on(day, lesson);
    }

    fn term(&mut self, day: &str, semester: &'static str) {
        let term = Fact::SchoolTerm {
            teacher: "T1",
            semester,
            plan: true,
            log: true,
            reflection: true,
        };
        self.on(day, term);
    }

    fn section(&self, from: &str, to: &str) -> Section {
        let size = u64::try_from(self.facts.len()).unwrap();
        let found = sections(&self.facts, size, "T1", (Day::parse(from), Day::parse(to)));
        assert_eq!(found.len(), 1);
        found.into_iter().next().unwrap()
    }
}

fn semesters() -> Vec<Semester> {
    let ids = [
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
    ];
    let semester = |id: &'static str| {
        let first: i64 = id[..4].parse().unwrap();
        let (from, to) = if id.ends_with('1') {
            (Day::of(first, 9, 1), Day::of(first + 1, 1, 15))
        } else {
            (Day::of(first + 1, 2, 20), Day::of(first + 1, 7, 5))
        };
        Semester {
            id,
            from,
            to,
            weeks: 19,
        }
    };
    ids.map(semester).to_vec()
}

fn counted(section: &Section, requirement: &str) -> (i64, i64, Status) {
    let row = section.standings.iter().find(|row| row.requirement == requirement);
    let row = row.unwrap();
    (row.min, row.counted, row.status)
}

fn worked_example() -> County {
    let mut county = County::with_teacher(Post::Teacher, "2020-09-01");
    county.on("2021-01-01", Fact::Policy(Box::new(sample())));
    county.on("2021-01-01", Fact::Calendar(semesters()));
    for (session, from, days) in [
        ("X21", "2021-03-01", 6),
        ("X22", "2022-03-01", 8),
        ("X23", "2023-03-01", 7),
        ("X24", "2024-03-01", 5),
        ("X25", "2025-03-01", 9),
    ] {
        county.course(session, from, days, None);
    }
    let two_of_each_year = semesters();
    for (year, two) in (2021..).zip(two_of_each_year.chunks(2)) {
        county.term(&format!("{year}-06-30"), two[0].id);
        county.term(&format!("{year}-12-30"), two[1].id);
    }
    for day in ["2022-04-01", "2022-05-01"] {
        county.lesson(day);
    }
    for month in 4..=8 {
        county.lesson(&format!("2023-{month:02}-10"));
    }
    for competition in ["C1", "C2"] {
        let level = Level::County;
        county.on("2023-09-01", Fact::Competition { competition, level });
        let award = Fact::Award {
            competition,
            teacher: "T1",
            award: Award::First,
            role: AwardRole::Oneself,
            work: None,
        };
        county.on("2023-09-01", award);
    }
    county
}

#[test]
fn the_worked_example_of_sample_360_comes_out_exactly() {
    let county = worked_example();
    let cycle = county.section("2021-01-01", "2025-12-31");
    assert_eq!(counted(&cycle, "C1"), (36_000, 37_600, Status::Met));
    assert_eq!(counted(&cycle, "C2"), (24_000, 25_600, Status::Met));
    assert_eq!(counted(&cycle, "C5").2, Status::NotInScope);
    let cut = |rule: &str| -> i64 {
        let cuts = cycle.lines.iter().flat_map(|line| &line.cuts);
        cuts.filter(|cut| cut.rule == rule).map(|cut| cut.amount).sum()
    };
    assert_eq!((cut("K1"), cut("K2"), cut("K3")), (3_000, 700, 0));
    let not_best = cycle
        .lines
        .iter()
        .filter(|line| line.why == Some(crate::evaluate::credits::Why::BestOnly));
    assert_eq!(not_best.map(|line| line.converted).collect::<Vec<_>>(), [1_800]);
    let years = [(2021, 66), (2022, 88), (2023, 108), (2024, 60), (2025, 54)];
    for (year, hours) in years {
        let section = county.section(&format!("{year}-01-01"), &format!("{year}-12-31"));
        assert_eq!(counted(&section, "C4"), (4_800, hours * 100, Status::Met), "{year}");
    }
}

#[test]
fn the_small_checks_of_sample_360_come_out_exactly() {
    let mut county = County::with_teacher(Post::Teacher, "2020-09-01");
    county.on("2021-01-01", Fact::Policy(Box::new(sample())));
    county.course("X1", "2022-03-01", 5, Some(AttendanceResult::Failed));
    let topic = Fact::Topic {
        topic: "K1",
        level: Level::County,
        leads: vec!["T2"],
        members: vec!["T1", "T3"],
        result: None,
    };
    county.on("2022-04-01", topic);
    let open_lesson = Fact::Session {
        session: "X2",
        project: "P1",
        kind: SessionType::OpenLesson,
        hours: 200,
    };
    county.on("2022-05-01", open_lesson);
    let listened = Fact::Attendance {
        session: "X2",
        teacher: "T1",
        role: AttendanceRole::Listener,
        present: 200,
        result: None,
    };
    county.on("2022-05-01", listened);
    let lines = county.section("2022-01-01", "2022-12-31").lines;
    let counted: Vec<i64> = lines.iter().map(|line| line.counted).collect();
    assert_eq!(counted, [600, 333, 100]);
}

#[test]
fn a_minimum_follows_the_months_in_post() {
    for (from, min) in [("2022-09-01", 3_000), ("2022-09-15", 3_000), ("2022-09-16", 2_300)] {
        let mut county = County::with_teacher(Post::Researcher, from);
        let policy = Policy {
            scope: vec![Post::Researcher],
            cycle: None,
            requirements: vec![requirement("R1", PeriodKind::Year, 90)],
            caps: Vec::new(),
            ..sample()
        };
        county.on("2021-01-01", Fact::Policy(Box::new(policy)));
        let section = county.section("2022-01-01", "2022-12-31");
        assert_eq!(counted(&section, "R1"), (min, 0, Status::Short));
    }
}
