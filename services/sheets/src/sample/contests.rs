//! Competitions, prizes, recommendations and titles: the funnels of the annual report (DOMAIN §12).

use jiff::civil::{Date, date};
use keshi_core::codes::{Level, Stage};

use super::county::County;
use super::rng::Rng;
use super::sheets::{PERSON, day, person, table, text};
use crate::columns::{Col, Kind};
use crate::write::Table;

/// Papers of the office that name the title holders.
const COUNTY_PAPER: &str = "留教研发〔2022〕9号";
const CITY_PAPER: &str = "市教研发〔2022〕31号";

struct Contest {
    name: &'static str,
    level: Level,
    organiser: &'static str,
    from: Date,
    to: Date,
}

const EXPERTS: Contest = contest(
    "县级教学能手评选",
    Level::County,
    "县教研室",
    date(2022, 4, 18),
    date(2022, 4, 20),
);
const CIVICS: Contest = contest(
    "思政课教师教学竞赛",
    Level::County,
    "县教研室",
    date(2022, 5, 16),
    date(2022, 5, 18),
);
const INNOVATION: Contest = contest(
    "课堂教学创新大赛",
    Level::County,
    "县教研室",
    date(2022, 3, 21),
    date(2022, 3, 23),
);
const CITY_INNOVATION: Contest = contest(
    "全市课堂教学创新大赛",
    Level::City,
    "市教研室",
    date(2022, 6, 6),
    date(2022, 6, 7),
);
const CARERS: Contest = contest(
    "保育员技能大赛",
    Level::County,
    "县教研室",
    date(2022, 10, 20),
    date(2022, 10, 20),
);
const LESSONS: Contest = contest(
    "基础教育精品课例遴选",
    Level::County,
    "县教研室",
    date(2022, 9, 26),
    date(2022, 9, 28),
);

const fn contest(name: &'static str, level: Level, organiser: &'static str, from: Date, to: Date) -> Contest {
    Contest {
        name,
        level,
        organiser,
        from,
        to,
    }
}

/// The four sheets under construction.
struct Funnel<'c> {
    county: &'c County,
    contests: Table,
    awards: Table,
    sent: Table,
    titles: Table,
    studios: Table,
}

/// 教学能手 10 → 6 → 3; 思政 3 → 3; innovation 14 → 4 → 3; 保育员 11 from 8 kindergartens → 1; 精品课例 → 1.
pub(super) fn contests(county: &County, skilled: &[usize], rng: &mut Rng) -> Vec<Table> {
    let with_person = |more: &[Col]| [&PERSON[..], more].concat();
    let mut funnel = Funnel {
        county,
        contests: table(
            Kind::Contests,
            &[Col::Contest, Col::Level, Col::Organiser, Col::From, Col::To],
        ),
        awards: table(
            Kind::Awards,
            &with_person(&[Col::Contest, Col::From, Col::Award, Col::AwardRole]),
        ),
        sent: table(
            Kind::Recommendations,
            &with_person(&[
                Col::ToLevel,
                Col::From,
                Col::Contest,
                Col::Class,
                Col::TitleLevel,
                Col::TitleDay,
            ]),
        ),
        titles: table(
            Kind::Titles,
            &with_person(&[Col::Class, Col::Level, Col::From, Col::DocNo]),
        ),
        studios: table(
            Kind::Studios,
            &with_person(&[
                Col::OrgName,
                Col::Class,
                Col::Level,
                Col::Subject,
                Col::Members,
                Col::From,
            ]),
        ),
    };
    for contest in [&EXPERTS, &CIVICS, &INNOVATION, &CITY_INNOVATION, &CARERS, &LESSONS] {
        funnel.held(contest);
    }
    funnel.experts(&rng.sample(skilled, 18));
    let civics = county.of_schools(|teacher, _| teacher.subject.contains("政治") || teacher.subject.contains("法治"));
    for (seat, place) in rng.sample(&civics, 3).into_iter().enumerate() {
        funnel.entered(&CIVICS, place, ["一等", "二等", "三等"].get(seat).copied());
        funnel.sent_from(&CIVICS, place, date(2022, 6, 1));
    }
    for (seat, place) in rng.sample(skilled, 14).into_iter().enumerate() {
        funnel.entered(&INNOVATION, place, prize(seat, 2, 4, 4));
        if seat < 4 {
            funnel.sent_from(&INNOVATION, place, date(2022, 4, 25));
            funnel.entered(&CITY_INNOVATION, place, prize(seat, 1, 1, 1));
        }
    }
    funnel.carers(rng);
    for (seat, place) in rng.sample(skilled, 5).into_iter().enumerate() {
        funnel.entered(&LESSONS, place, prize(seat, 1, 1, 1));
        if seat == 0 {
            funnel.sent_from(&LESSONS, place, date(2022, 10, 10));
        }
    }
    vec![
        funnel.contests,
        funnel.awards,
        funnel.sent,
        funnel.titles,
        funnel.studios,
    ]
}

/// The prize of the one at `seat`, of so many first, second and third ones.
const fn prize(seat: usize, first: usize, second: usize, third: usize) -> Option<&'static str> {
    if seat < first {
        Some("一等")
    } else if seat < first + second {
        Some("二等")
    } else if seat < first + second + third {
        Some("三等")
    } else {
        None
    }
}

impl Funnel<'_> {
    fn held(&mut self, contest: &Contest) {
        self.contests.rows.push(vec![
            text(contest.name),
            text(contest.level.zh()),
            text(contest.organiser),
            day(contest.from),
            day(contest.to),
        ]);
    }

    fn entered(&mut self, contest: &Contest, place: usize, award: Option<&str>) {
        let Some(teacher) = self.county.teachers.get(place) else {
            return;
        };
        let mut row = person(teacher);
        row.extend([
            text(contest.name),
            day(contest.to),
            text(award.unwrap_or_default()),
            text("本人"),
        ]);
        self.awards.rows.push(row);
    }

    fn sent_from(&mut self, contest: &Contest, place: usize, on: Date) {
        let Some(teacher) = self.county.teachers.get(place) else {
            return;
        };
        let mut row = person(teacher);
        row.extend([text("地市级"), day(on), text(contest.name)]);
        self.sent.rows.push(row);
    }

    fn conferred(&mut self, place: usize, level: Level, on: Date, paper: &str) {
        let Some(teacher) = self.county.teachers.get(place) else {
            return;
        };
        let mut row = person(teacher);
        row.extend([text("教学能手"), text(level.zh()), day(on), text(paper)]);
        self.titles.rows.push(row);
    }

    /// 18 take part, 10 are named, 6 are sent on, 3 get the city's title.
    fn experts(&mut self, entrants: &[usize]) {
        let named_on = date(2022, 5, 30);
        for (seat, &place) in entrants.iter().enumerate() {
            self.entered(&EXPERTS, place, prize(seat, 3, 3, 4));
            if seat < 10 {
                self.conferred(place, Level::County, named_on, COUNTY_PAPER);
            }
            if seat < 6
                && let Some(teacher) = self.county.teachers.get(place)
            {
                let mut row = person(teacher);
                let empty = text("");
                row.extend([
                    text("地市级"),
                    day(date(2022, 6, 20)),
                    empty,
                    text("教学能手"),
                    text("县级"),
                    day(named_on),
                ]);
                self.sent.rows.push(row);
            }
            if seat < 3 {
                self.conferred(place, Level::City, date(2022, 12, 5), CITY_PAPER);
            }
        }
        // Two stations, of the first two.
        if let [first, second, others @ ..] = entrants {
            let (ones, twos) = others.split_at(others.len().min(6));
            self.station(*first, ones);
            self.station(*second, twos.get(..6).unwrap_or(twos));
        }
    }

    /// A station (教学能手工作站) of one of the city's experts, with others of the county's.
    fn station(&mut self, host: usize, members: &[usize]) {
        let Some(teacher) = self.county.teachers.get(host) else {
            return;
        };
        let members: Vec<&str> = members
            .iter()
            .filter_map(|&place| self.county.teachers.get(place))
            .map(|one| one.id.as_str())
            .collect();
        let mut row = person(teacher);
        row.extend([
            text(format!("{}教学能手工作站", teacher.subject)),
            text("教学能手"),
            text(Level::County.zh()),
            text(teacher.subject),
            text(members.join("、")),
            day(date(2022, 9, 5)),
        ]);
        self.studios.rows.push(row);
    }

    /// 11 of 8 kindergartens: two from each of the first three.
    fn carers(&mut self, rng: &mut Rng) {
        let kindergartens: Vec<&str> = self
            .county
            .schools
            .iter()
            .filter(|school| school.stage == Stage::Kindergarten)
            .map(|school| school.id.as_str())
            .collect();
        let mut entrants = Vec::new();
        for (seat, kindergarten) in kindergartens.into_iter().take(8).enumerate() {
            let staff = self.county.of_schools(|_, school| school.id == kindergarten);
            entrants.extend(rng.sample(&staff, if seat < 3 { 2 } else { 1 }));
        }
        for (seat, &place) in entrants.iter().enumerate() {
            self.entered(&CARERS, place, prize(seat, 1, 2, 3));
        }
        if let Some(&first) = entrants.first() {
            self.sent_from(&CARERS, first, date(2022, 11, 1));
        }
    }
}
