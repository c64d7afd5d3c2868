//! The year's training projects, and the sessions of the 14 subject bases.

use jiff::civil::{Date, date};
use keshi_core::codes::{AttendanceRole, Level, Mode, Stage};
use keshi_core::time::plus_days;

use super::county::{County, RESEARCHERS, School, Teacher};
use super::rng::Rng;
use super::sheets::{PERSON, day, number, person, table, text};
use crate::cell::Cell;
use crate::columns::{Col, Kind};
use crate::write::Table;

struct Project {
    name: &'static str,
    provider: &'static str,
    level: Level,
    mode: Mode,
    category: &'static str,
    topic: &'static str,
    from: Date,
    to: Date,
    hours: usize,
    /// How many learners, researchers included.
    learners: usize,
    /// Which of the office's people are among them, by place.
    office: &'static [usize],
    /// Which of the office's people speak.
    speakers: &'static [usize],
    passes: fn(&Teacher, &School) -> bool,
}

const fn any(_: &Teacher, _: &School) -> bool {
    true
}

fn kindergarten(_: &Teacher, school: &School) -> bool {
    school.stage == Stage::Kindergarten
}

fn class_teacher(teacher: &Teacher, _: &School) -> bool {
    teacher.post == keshi_core::codes::Post::ClassTeacher
}

/// Ten projects of 1,174 learners; the bases' 14 projects add 168, together 1,342 (DOMAIN §12: 1300余人次).
/// The researcher at place 2 misses the summer course, and with it her 90 hours.
const PROJECTS: [Project; 10] = [
    Project {
        name: "2022年师德师风全员培训",
        provider: "县教师进修学校",
        level: Level::County,
        mode: Mode::FaceToFace,
        category: "必修",
        topic: "师德",
        from: date(2022, 2, 18),
        to: date(2022, 2, 19),
        hours: 12,
        learners: 320,
        office: &[0, 1, 2, 3, 4, 5, 6, 7],
        speakers: &[],
        passes: any,
    },
    Project {
        name: "2022年义务教育新课程标准培训",
        provider: "县教研室",
        level: Level::County,
        mode: Mode::FaceToFace,
        category: "必修",
        topic: "学科",
        from: date(2022, 6, 11),
        to: date(2022, 6, 12),
        hours: 12,
        learners: 286,
        office: &[0, 1, 2, 3, 4, 5],
        speakers: &[],
        passes: any,
    },
    Project {
        name: "国培计划（2022）乡村骨干教师能力提升",
        provider: "省师范大学",
        level: Level::National,
        mode: Mode::Blended,
        category: "选修",
        topic: "学科",
        from: date(2022, 7, 11),
        to: date(2022, 7, 20),
        hours: 60,
        learners: 48,
        office: &[],
        speakers: &[],
        passes: any,
    },
    Project {
        name: "2022年暑期教师网络研修",
        provider: "省教师网络学院",
        level: Level::Province,
        mode: Mode::Online,
        category: "线上",
        topic: "综合",
        from: date(2022, 7, 25),
        to: date(2022, 8, 20),
        hours: 30,
        learners: 180,
        office: &[0, 1, 3, 4, 5],
        speakers: &[],
        passes: any,
    },
    Project {
        name: "2022年幼儿园游戏活动组织培训",
        provider: "县教研室",
        level: Level::County,
        mode: Mode::FaceToFace,
        category: "必修",
        topic: "学前",
        from: date(2022, 4, 16),
        to: date(2022, 4, 16),
        hours: 6,
        learners: 72,
        office: &[],
        speakers: &[3],
        passes: kindergarten,
    },
    Project {
        name: "2022年班主任专业能力培训",
        provider: "县教师进修学校",
        level: Level::County,
        mode: Mode::FaceToFace,
        category: "必修",
        topic: "班主任",
        from: date(2022, 5, 14),
        to: date(2022, 5, 15),
        hours: 12,
        learners: 90,
        office: &[],
        speakers: &[4, 5],
        passes: class_teacher,
    },
    Project {
        name: "2022年市级骨干教师跟岗研修",
        provider: "市教师发展中心",
        level: Level::City,
        mode: Mode::FaceToFace,
        category: "选修",
        topic: "学科",
        from: date(2022, 10, 17),
        to: date(2022, 10, 28),
        hours: 60,
        learners: 22,
        office: &[],
        speakers: &[],
        passes: any,
    },
    Project {
        name: "2022年教研员专题研修",
        provider: "省教育科学研究院",
        level: Level::Province,
        mode: Mode::FaceToFace,
        category: "必修",
        topic: "教研",
        from: date(2022, 8, 22),
        to: date(2022, 8, 27),
        hours: 36,
        learners: 14,
        office: &[0, 1, 2, 3, 4, 5],
        speakers: &[],
        passes: any,
    },
    Project {
        name: "2022年保育员岗位培训",
        provider: "县教研室",
        level: Level::County,
        mode: Mode::FaceToFace,
        category: "必修",
        topic: "保育",
        from: date(2022, 9, 24),
        to: date(2022, 9, 24),
        hours: 6,
        learners: 40,
        office: &[],
        speakers: &[3],
        passes: kindergarten,
    },
    Project {
        name: "2022年信息技术应用能力提升培训",
        provider: "县电教中心",
        level: Level::County,
        mode: Mode::Blended,
        category: "必修",
        topic: "信息技术",
        from: date(2022, 11, 5),
        to: date(2022, 11, 6),
        hours: 12,
        learners: 102,
        office: &[1, 2],
        speakers: &[],
        passes: any,
    },
];

pub(super) fn projects(county: &County, rng: &mut Rng) -> Vec<Table> {
    let mut cols = PERSON.to_vec();
    cols.extend([
        Col::Year,
        Col::Level,
        Col::Project,
        Col::Provider,
        Col::Mode,
        Col::Hours,
        Col::Credits,
        Col::From,
        Col::To,
        Col::Role,
        Col::Result,
        Col::Group,
        Col::Category,
        Col::Topic,
    ]);
    let mut table = table(Kind::Training, &cols);
    for project in &PROJECTS {
        let pool = county.of_schools(project.passes);
        let mut learners: Vec<usize> = project.office.to_vec();
        learners.extend(rng.sample(&pool, project.learners - project.office.len()));
        let learners = learners.into_iter().map(|place| (place, AttendanceRole::Learner));
        let speakers = project.speakers.iter().map(|&place| (place, AttendanceRole::Speaker));
        for (place, role) in learners.chain(speakers) {
            let Some(teacher) = county.teachers.get(place) else {
                continue;
            };
            let speaks = role == AttendanceRole::Speaker;
            let hours = if speaks { 3 } else { project.hours };
            // Whole-staff training is held in each group of schools by itself.
            let group = county.school_of(teacher).filter(|_| project.topic == "师德");
            let result = if speaks {
                ""
            } else if rng.below(12) == 0 {
                "优秀"
            } else {
                "合格"
            };
            let mut row = person(teacher);
            row.extend([
                number(2022),
                text(project.level.zh()),
                text(project.name),
                text(project.provider),
                text(project.mode.code().to_string()),
                number(hours),
                text(format!("{}.{}", hours / 10, hours % 10)),
                day(project.from),
                day(project.to),
                text(role.zh()),
                text(result),
                text(group.map(|school| format!("PQ{}", school.group)).unwrap_or_default()),
                text(project.category),
                text(project.topic),
            ]);
            table.rows.push(row);
        }
    }
    vec![table]
}

/// Where the research bases are, by the stage of the school.
const RESEARCH_BASES: [Stage; 3] = [Stage::Primary, Stage::Junior, Stage::Senior];

/// The subjects of the 14 bases.
const BASES: [(&str, Stage); 14] = [
    ("小学语文", Stage::Primary),
    ("小学数学", Stage::Primary),
    ("小学英语", Stage::Primary),
    ("小学科学", Stage::Primary),
    ("小学道德与法治", Stage::Primary),
    ("初中语文", Stage::Junior),
    ("初中数学", Stage::Junior),
    ("初中英语", Stage::Junior),
    ("初中物理", Stage::Junior),
    ("初中化学", Stage::Junior),
    ("高中语文", Stage::Senior),
    ("高中数学", Stage::Senior),
    ("学前教育", Stage::Kindergarten),
    ("初中道德与法治", Stage::Junior),
];

/// Sessions of each base in the year.
const BASE_SESSIONS: usize = 14;

/// Members of each base's core team.
const BASE_MEMBERS: usize = 12;

/// 14 bases of 14 sessions are 196 (近200场次); of these 32 have 7 and the others 8 present: 1,536 (1500余人次).
///
/// The second sheet is of the bases themselves, each led by the first of its team.
pub(super) fn bases(county: &County, rng: &mut Rng) -> Vec<Table> {
    let mut cols = PERSON.to_vec();
    cols.extend([
        Col::Year,
        Col::Level,
        Col::Project,
        Col::Provider,
        Col::Mode,
        Col::Hours,
        Col::From,
        Col::To,
        Col::Session,
        Col::SessionType,
        Col::SessionHours,
        Col::Base,
        Col::Subject,
        Col::Place,
    ]);
    let mut sessions = table(Kind::Training, &cols);
    let mut formed = table(
        Kind::Bases,
        &[
            &[Col::Base, Col::OrgName][..],
            &PERSON,
            &[Col::Subject, Col::School, Col::Research, Col::Members, Col::From],
        ]
        .concat(),
    );
    for (base, (subject, stage)) in BASES.iter().enumerate() {
        let own = county.of_schools(|teacher, school| school.stage == *stage && teacher.subject == *subject);
        let mut members = rng.sample(&own, BASE_MEMBERS);
        let others = county.of_schools(|teacher, school| school.stage == *stage && teacher.subject != *subject);
        members.extend(rng.sample(&others, BASE_MEMBERS - members.len()));
        let team: Vec<&Teacher> = members.iter().filter_map(|&place| county.teachers.get(place)).collect();
        if let Some((lead, others)) = team.split_first() {
            let mut row = vec![text(format!("JD{:02}", base + 1)), text(format!("{subject}学科基地"))];
            row.extend(person(lead));
            let others: Vec<&str> = others.iter().map(|one| one.id.as_str()).collect();
            row.extend([
                text(*subject),
                text(""),
                text("否"),
                text(others.join("、")),
                day(date(2019, 9, 2)),
            ]);
            formed.rows.push(row);
        }
        for session in 0..BASE_SESSIONS {
            let present = if (base * BASE_SESSIONS + session) % 6 == 5 {
                7
            } else {
                8
            };
            let BaseSession {
                project,
                provider,
                day: held,
                name,
                session_type,
                base,
            } = base_session(base, session);
            for seat in 0..present {
                let place = members.get((session * 5 + seat) % BASE_MEMBERS);
                let Some(teacher) = place.and_then(|&place| county.teachers.get(place)) else {
                    continue;
                };
                let mut row = person(teacher);
                row.extend([
                    number(2022),
                    text("40"),
                    text(&project),
                    text(provider),
                    text("短期面授"),
                    text("3"),
                    // As many a clerk writes it.
                    text(format!("{}/{}/{}", held.year(), held.month(), held.day())),
                    text(format!("{}.{}.{}", held.year(), held.month(), held.day())),
                    text(&name),
                    text(session_type),
                    number(3),
                    text(&base),
                    text(*subject),
                    text("基地学校"),
                ]);
                sessions.rows.push(row);
            }
        }
    }
    formed.rows.extend(research_bases(county));
    vec![sessions, formed]
}

/// The three research bases (教研基地), each at a school and led by a researcher, with the school's first teachers. What they do is
/// in no sheet: the report counts the sessions of subject bases.
fn research_bases(county: &County) -> impl Iterator<Item = Vec<Cell>> {
    RESEARCH_BASES.iter().enumerate().filter_map(|(place, stage)| {
        let lead = county.teachers.get(place)?;
        let seat = county.schools.iter().position(|school| school.stage == *stage)?;
        let school = county.schools.get(seat)?;
        let team = county.teachers.iter().filter(|teacher| teacher.school == Some(seat));
        let team: Vec<&str> = team.take(3).map(|teacher| teacher.id.as_str()).collect();
        let mut row = vec![
            text(format!("JY{:02}", place + 1)),
            text(format!("{}教研基地", stage.zh())),
        ];
        row.extend(person(lead));
        row.extend([
            text(""),
            text(&school.id),
            text("是"),
            text(team.join("、")),
            day(date(2021, 9, 6)),
        ]);
        Some(row)
    })
}

/// A session of a base, as the sheet 培训 tells it.
pub(super) struct BaseSession {
    pub(super) project: String,
    pub(super) provider: &'static str,
    pub(super) day: Date,
    pub(super) name: String,
    pub(super) session_type: &'static str,
    pub(super) base: String,
}

/// A session of a base, both from 0 on.
pub(super) fn base_session(base: usize, session: usize) -> BaseSession {
    let subject = BASES.get(base).map_or("", |(subject, _)| subject);
    let types = ["教研活动", "公开课", "讲座"];
    // 一课三研 近12节: eleven bases polish one lesson each.
    let is_polish = session == 3 && base < 11;
    let usual = types.get(session % types.len()).copied().unwrap_or_default();
    BaseSession {
        project: format!("{subject}学科基地2022年教研活动"),
        provider: "县教研室",
        day: base_day(base, session),
        name: format!("第{}次活动", session + 1),
        session_type: if is_polish { "磨课" } else { usual },
        base: format!("JD{:02}", base + 1),
    }
}

/// Every other week in term time, Wednesdays to Fridays.
pub(super) fn base_day(base: usize, session: usize) -> Date {
    let half = BASE_SESSIONS / 2;
    let start = if session < half {
        date(2022, 3, 2)
    } else {
        date(2022, 9, 7)
    };
    let days = (session % half) * 14 + base % 3;
    plus_days(start, i64::try_from(days).unwrap_or(0))
}

const _: () = assert!(RESEARCHERS == 6, "the projects name the researchers by place");
