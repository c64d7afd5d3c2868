//! Random ladders, and people who climb them.

use keshi_core::codes::{Award, AwardRole, Level, TitleClass};
use proptest::collection::vec;
use proptest::prelude::*;

use super::people::merge;
use super::policies::{RawPolicy, policies};
use super::tape::{Raw, Tape};
use super::{correct, raw, raw_policy};
use crate::day::Day;
use crate::facts::{Event, Fact, Ground};
use crate::generate::Posting;
use crate::model::{Policy, Prize, Step};

/// The words of a county with ladders.
#[derive(Clone)]
pub struct RawLadders {
    base: Raw,
    policies: Vec<RawPolicy>,
    steps: Vec<Raw>,
    events: Vec<Raw>,
    asks: Vec<Raw>,
    merges: Vec<Raw>,
}

impl std::fmt::Debug for RawLadders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} events", self.events.len())
    }
}

/// A day asked about, when so many hundredths of the postings had been made.
#[derive(Clone, Debug)]
pub struct AskTier {
    pub today: Day,
    pub share: u64,
}

pub fn raw_ladders() -> impl Strategy<Value = RawLadders> {
    let places = (
        vec(raw_policy(), 0..=2),
        vec(raw(), 1..=6),
        vec(raw(), 0..=30),
        vec(raw(), 3..=5),
        vec(raw(), 0..=2),
    );
    (raw(), places).prop_map(|(base, places)| RawLadders {
        base,
        policies: places.0,
        steps: places.1,
        events: places.2,
        asks: places.3,
        merges: places.4,
    })
}

const CLASSES: [TitleClass; 6] = [
    TitleClass::ExpertTeacher,
    TitleClass::ExpertTeacher,
    TitleClass::ExpertTeacher,
    TitleClass::SubjectLeader,
    TitleClass::RisingTeacher,
    TitleClass::MasterTeacher,
];
const LEVELS: [Level; 6] = [
    Level::County,
    Level::County,
    Level::City,
    Level::City,
    Level::Province,
    Level::National,
];
const RANKS: [&str; 3] = ["一级教师", "高级教师", "二级教师"];

fn day(tape: &mut Tape<'_>) -> Day {
    let edges = [(3, 1), (2, 28), (1, 1), (9, 1), (6, 30), (12, 31)];
    let (month, day) = tape.one(&edges);
    let year = 2014 + i64::try_from(tape.pick(12)).unwrap();
    Day::of(year, month, day).plus(tape.one(&[0, 0, 0, 1, -1]))
}

impl RawLadders {
    pub fn county(&self) -> (Vec<Event>, Vec<AskTier>) {
        let mut base = Tape::new(&self.base);
        let mut postings = self.registers(&mut base);
        let first = postings.len();
        let id = |place: usize| {
            let place = u64::try_from(place).unwrap();
            let word = (place + u64::from(self.base[23])).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            u128::from(word) << 32 | u128::from(place + 1_000)
        };
        let after = first + self.events.len()..;
        let titles: Vec<u128> = (first..)
            .zip(&self.events)
            .filter(|(_, raw)| raw[0] % 10 < 4)
            .map(|(place, _)| id(place))
            .collect();
        let all: Vec<u128> = (0..first + self.events.len()).map(id).collect();
        for raw in &self.events {
            let mut tape = Tape::new(raw);
            let kind = tape.pick(10);
            let on = day(&mut tape);
            let fact = fact(kind, &mut tape, (on, &titles, &all));
            postings.push(posting(100 + u32::from(raw[22] % 100), on, fact));
        }
        for (posting, id) in postings.iter_mut().zip(&all) {
            posting.event.id = *id;
        }
        for (place, raw) in (first..).zip(&self.events) {
            if raw[20].is_multiple_of(9) {
                correct(&mut postings, place, raw[19]);
            }
        }
        let merged = after.zip(&self.merges).map(|(place, raw)| merge(raw, id(place), 220));
        postings.extend(merged);
        postings.sort_by_key(|posting| posting.place);
        let asks = self.asks.iter().map(|raw| {
            let mut tape = Tape::new(raw);
            let today = day(&mut tape);
            let share = if tape.chance(35) {
                u64::from(tape.word() % 100)
            } else {
                100
            };
            AskTier { today, share }
        });
        let asks = asks.collect();
        (postings.into_iter().map(|posting| posting.event).collect(), asks)
    }

    /// People, their posts, competitions and ladders.
    fn registers(&self, base: &mut Tape<'_>) -> Vec<Posting> {
        let start = Day::of(2010, 1, 1);
        let mut postings = vec![
            posting(0, start, person("T1", base)),
            posting(0, start, person("T2", base)),
        ];
        for (competition, level) in [("C1", Level::County), ("C2", Level::City)] {
            let at = if base.chance(25) { 190 } else { 1 };
            postings.push(posting(at, start, Fact::Competition { competition, level }));
        }
        let mut post = keshi_core::codes::Post::Teacher;
        for (id, raw) in ["PA", "PB"].into_iter().zip(&self.policies) {
            for mut policy in policies(id, raw, 2018) {
                post = policy.scope[0];
                self.climb(&mut policy, base.word());
                let at = if base.chance(20) { 150 } else { 2 };
                postings.push(posting(at, start, Fact::Policy(Box::new(policy))));
            }
        }
        let assignment = Fact::Assignment {
            teacher: "T1",
            post,
            share: 100,
            until: base.some(20, &[Day::of(2019, 9, 1)]),
        };
        postings.push(posting(3, Day::of(2013, 9, 1), assignment));
        postings
    }

    /// Gives a version its steps, or none.
    fn climb(&self, policy: &mut Policy, word: u16) {
        if word.is_multiple_of(5) {
            return;
        }
        for (place, raw) in self.steps.iter().enumerate() {
            let step = step(place, &mut Tape::salted(raw, word % 8));
            let to = (step.class, step.level);
            let known = policy.steps.iter().any(|other| (other.class, other.level) == to);
            if !known && (word >> place) & 1 == 0 {
                policy.steps.push(step);
            }
        }
    }
}

fn posting(place: u32, on: Day, fact: Fact) -> Posting {
    Posting {
        place,
        event: Event {
            id: 0,
            from: on,
            to: on,
            supersedes: None,
            claim: None,
            fact,
        },
    }
}

fn person(teacher: &'static str, tape: &mut Tape<'_>) -> Fact {
    Fact::Person {
        teacher,
        hired_on: None,
        career_from: tape.some(80, &[Day::of(2012, 2, 29), Day::of(2016, 9, 1)]),
        rank: tape.some(70, &RANKS),
    }
}

fn step(place: usize, tape: &mut Tape<'_>) -> Step {
    let (class, level) = (tape.one(&CLASSES), tape.one(&LEVELS));
    let mut after: Vec<_> = (0..tape.pick(3))
        .map(|_| (tape.one(&CLASSES), tape.one(&LEVELS)))
        .collect();
    after.retain(|one| *one != (class, level));
    let years = [Some(1), Some(3), None];
    let prize = Prize {
        levels: [vec![], vec![Level::County], vec![Level::City]][tape.pick(3)].clone(),
        awards: [vec![], vec![Award::First, Award::Second]][tape.pick(2)].clone(),
        years: tape.one(&years),
    };
    Step {
        id: ["S1", "S2", "S3", "S4", "S5", "S6"][place],
        class,
        level,
        after,
        recommended: tape.chance(30),
        candidate: tape.some_amount(30, &[0, 1, 2]),
        career_years: tape.some_amount(30, &[3, 5]),
        ranks: if tape.chance(25) {
            vec![RANKS[0], RANKS[1]]
        } else {
            vec![]
        },
        prize: tape.chance(25).then_some(prize),
        observed: tape
            .chance(25)
            .then(|| (tape.amount(&[100, 300, 600]), tape.one(&years))),
    }
}

fn fact(kind: usize, tape: &mut Tape<'_>, (on, titles, all): (Day, &[u128], &[u128])) -> Fact {
    let teacher = if tape.chance(12) { "T2" } else { "T1" };
    let (class, level) = (tape.one(&CLASSES), tape.one(&LEVELS));
    let later = on.plus(tape.one(&[300, 1_000, 2_500]));
    let title = if titles.is_empty() { all[0] } else { tape.one(titles) };
    match (kind, tape.pick(4)) {
        (0..=3, _) => Fact::Title {
            teacher,
            class,
            level,
            valid_to: tape.chance(30).then_some(later),
        },
        (4 | 5, 0) => Fact::Withdrawn { teacher, title },
        (4 | 5, _) => Fact::Renewed {
            teacher,
            title,
            valid_to: tape.chance(30).then_some(later),
        },
        (6, _) => Fact::Recommended {
            teacher,
            from: if tape.chance(40) {
                Ground::Title(title)
            } else {
                Ground::Competition(tape.one(&["C1", "C2"]))
            },
            to: level,
        },
        (7, _) => Fact::Candidate {
            teacher,
            class,
            level,
            until: tape.chance(40).then_some(later),
        },
        (8, 0 | 1) => Fact::Award {
            competition: tape.one(&["C1", "C2"]),
            teacher,
            award: tape.one(Award::ALL),
            role: tape.one(&[AwardRole::Oneself, AwardRole::Oneself, AwardRole::Guide]),
            work: None,
        },
        (8, _) => Fact::LessonObserved {
            teacher,
            periods: 1 + u16::try_from(tape.pick(4)).unwrap(),
        },
        (_, 0) => person(teacher, tape),
        _ => Fact::Void { target: tape.one(all) },
    }
}
