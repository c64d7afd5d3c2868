//! Candidates, topics and prize-winning papers: 66; 6 + 37 concluded, 1 running, 6 + 16 new; 28 = 6 + 6 + 16 (DOMAIN §12).

use jiff::civil::{Date, date};
use keshi_core::codes::{Award, Level, TitleClass};
use keshi_core::time::plus_days;

use super::county::County;
use super::rng::Rng;
use super::sheets::{PERSON, day, person, table, text};
use crate::columns::{Col, Kind};
use crate::write::Table;

const CANDIDATES_PAPER: &str = "留教研发〔2022〕15号";

/// How many are developed towards which title.
const CANDIDATES: [(TitleClass, Level, usize); 3] = [
    (TitleClass::SubjectLeader, Level::City, 6),
    (TitleClass::SubjectLeader, Level::County, 20),
    (TitleClass::ExpertTeacher, Level::County, 40),
];

const PRIZES: [(Award, usize); 3] = [(Award::First, 6), (Award::Second, 6), (Award::Third, 16)];

const PAPER_CONTEST: &str = "全市教育教学论文评选";

/// What topics and papers are about, put together with the subject of whoever leads.
const THEMES: [&str; 12] = [
    "课堂提问有效性",
    "作业设计优化",
    "小组合作学习",
    "大单元教学设计",
    "学习评价改进",
    "信息技术融合",
    "学困生转化",
    "情境教学",
    "乡土资源开发",
    "预习指导",
    "课后服务",
    "核心素养落实",
];

struct Round {
    level: Level,
    count: usize,
    approved: Date,
    concluded: Option<Date>,
}

/// Rounds of topics, in the order of their approval.
const ROUNDS: [Round; 6] = [
    round(Level::County, 37, date(2020, 10, 12), Some(date(2022, 6, 24))),
    round(Level::City, 6, date(2020, 11, 20), Some(date(2022, 9, 16))),
    round(Level::Province, 1, date(2021, 6, 15), None),
    round(Level::County, 10, date(2022, 3, 10), None),
    round(Level::City, 6, date(2022, 4, 22), None),
    round(Level::County, 6, date(2022, 10, 14), None),
];

const fn round(level: Level, count: usize, approved: Date, concluded: Option<Date>) -> Round {
    Round {
        level,
        count,
        approved,
        concluded,
    }
}

/// The three sheets.
pub(super) fn works(county: &County, rng: &mut Rng) -> Vec<Table> {
    let seasoned = county.of_schools(|teacher, _| (1_998..=2_014).contains(&teacher.hired.year()));
    let chosen = rng.sample(&seasoned, CANDIDATES.iter().map(|(_, _, count)| count).sum());
    let leads = rng.sample(&seasoned, ROUNDS.iter().map(|round| round.count).sum());
    let authors = rng.sample(&seasoned, PRIZES.iter().map(|(_, count)| count).sum());
    vec![
        candidates(county, &chosen),
        topics(county, &leads, &seasoned, rng),
        papers(county, &authors),
    ]
}

fn with_person(more: &[Col]) -> Vec<Col> {
    [&PERSON[..], more].concat()
}

fn candidates(county: &County, chosen: &[usize]) -> Table {
    let cols = with_person(&[Col::Class, Col::Level, Col::From, Col::ValidTo, Col::DocNo]);
    let mut table = table(Kind::Candidates, &cols);
    let aims = CANDIDATES
        .iter()
        .flat_map(|&(class, level, count)| std::iter::repeat_n((class, level), count));
    for (&place, (class, level)) in chosen.iter().zip(aims) {
        let Some(teacher) = county.teachers.get(place) else {
            continue;
        };
        let mut row = person(teacher);
        row.extend([
            text(class.zh()),
            text(level.zh()),
            day(date(2022, 9, 15)),
            day(date(2023, 9, 14)),
            text(CANDIDATES_PAPER),
        ]);
        table.rows.push(row);
    }
    table
}

fn topics(county: &County, leads: &[usize], all: &[usize], rng: &mut Rng) -> Table {
    let cols = with_person(&[
        Col::TopicName,
        Col::Level,
        Col::From,
        Col::Members,
        Col::ConcludedOn,
        Col::Conclusion,
    ]);
    let mut table = table(Kind::Topics, &cols);
    let rounds = ROUNDS.iter().flat_map(|round| std::iter::repeat_n(round, round.count));
    for (number, (&place, round)) in leads.iter().zip(rounds).enumerate() {
        let Some(teacher) = county.teachers.get(place) else {
            continue;
        };
        let others = rng.sample(all, 3).into_iter().filter(|&other| other != place);
        let members: Vec<&str> = others
            .filter_map(|other| county.teachers.get(other))
            .map(|other| other.id.as_str())
            .collect();
        let theme = THEMES.get(number % THEMES.len()).copied().unwrap_or_default();
        let school = county.school_of(teacher).map_or("", |school| school.name.as_str());
        // Not all of a round fall on one day.
        let shift = i64::try_from(number % 4).unwrap_or(0);
        let mut row = person(teacher);
        row.extend([
            text(format!("{school}{}{theme}的实践研究", teacher.subject)),
            text(round.level.zh()),
            day(plus_days(round.approved, shift)),
            text(members.join("、")),
            round.concluded.map_or_else(|| text(""), |on| day(plus_days(on, shift))),
            text(
                round
                    .concluded
                    .map_or("", |_| if number % 9 == 0 { "优秀" } else { "合格" }),
            ),
        ]);
        table.rows.push(row);
    }
    table
}

fn papers(county: &County, authors: &[usize]) -> Table {
    let cols = with_person(&[Col::Work, Col::Level, Col::Award, Col::Contest, Col::From]);
    let mut table = table(Kind::WorksAwarded, &cols);
    let prizes = PRIZES
        .iter()
        .flat_map(|&(award, count)| std::iter::repeat_n(award, count));
    for (number, (&place, award)) in authors.iter().zip(prizes).enumerate() {
        let Some(teacher) = county.teachers.get(place) else {
            continue;
        };
        let theme = THEMES.get((number + 5) % THEMES.len()).copied().unwrap_or_default();
        let school = county.school_of(teacher).map_or("", |school| school.name.as_str());
        let mut row = person(teacher);
        row.extend([
            text(format!("《{}教学中的{theme}》（{school}）", teacher.subject)),
            text(Level::City.zh()),
            text(award.zh()),
            text(PAPER_CONTEST),
            day(date(2022, 11, 18)),
        ]);
        table.rows.push(row);
    }
    table
}
