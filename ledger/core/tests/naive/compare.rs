//! Both opinions in one plain form, and what differs between them.

use std::collections::BTreeSet;
use std::fmt;

use keshi_core::balance as engine;
use keshi_core::period::{Name, Period};
use keshi_core::policy;

use crate::day::Day;
use crate::evaluate::credits::Why;
use crate::evaluate::{self, Status};
use crate::model::Meter;

/// One policy's section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub policy: String,
    pub meters: BTreeSet<(Meter, i64)>,
    pub pending: BTreeSet<(Meter, i64)>,
    pub standings: BTreeSet<Standing>,
    /// What has effect and is credited.
    pub lines: BTreeSet<Line>,
    /// What brings nothing.
    pub idle: BTreeSet<Idle>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    pub requirement: String,
    pub from: Day,
    pub to: Day,
    pub version: u32,
    pub status: Status,
    pub min: i64,
    pub target: Option<i64>,
    pub counted: i64,
    pub missing: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub index: u64,
    pub meter: Meter,
    pub on: Day,
    pub rule: Option<String>,
    pub why: &'static str,
    pub converted: i64,
    pub counted: i64,
    pub cuts: Vec<(String, i64)>,
}

/// The entry, its day, and why it brings nothing.
pub type Idle = (u64, Day, &'static str);

const IDLE: [&str; 6] = [
    "void",
    "corrected",
    "cancelled",
    "waiting",
    "not in force",
    "not credited",
];

pub fn day(date: jiff::civil::Date) -> Day {
    Day::of(date.year().into(), date.month().into(), date.day().into())
}

const fn meter(meter: policy::Meter) -> Meter {
    match meter {
        policy::Meter::TrainingHours => Meter::Hours,
        policy::Meter::Credits => Meter::Credits,
        policy::Meter::LessonsObserved => Meter::Observed,
        policy::Meter::LessonsGiven => Meter::Given,
        policy::Meter::SchoolVisits => Meter::Visits,
        policy::Meter::Talks => Meter::Talks,
    }
}

/// The period of this name, with its days; `None` if no calendar knows the semester.
pub fn period(name: &str, state: &keshi_core::state::State, size: u64) -> Option<(Period, (Day, Day))> {
    let period = Name::parse(name)?.resolve(&state.at(size).semesters())?;
    Some((period, (day(period.from), day(period.to))))
}

impl Section {
    fn add(&mut self, line: Line) {
        if IDLE.contains(&line.why) {
            self.idle.insert((line.index, line.on, line.why));
        } else {
            self.lines.insert(line);
        }
    }

    /// `None` for a teacher who stands under no policy: that section is not about policies.
    pub fn of_engine(section: &engine::Section) -> Option<Self> {
        let mut plain = Self {
            policy: section.policy.as_ref()?.0.to_string(),
            meters: section
                .meters
                .iter()
                .map(|row| (meter(row.0), row.1.hundredths()))
                .collect(),
            pending: section
                .pending
                .iter()
                .map(|row| (meter(row.0), row.1.hundredths()))
                .collect(),
            standings: section.standings.iter().map(Standing::of_engine).collect(),
            ..Self::default()
        };
        section.lines.iter().for_each(|line| plain.add(Line::of_engine(line)));
        Some(plain)
    }

    /// With, of the lines outside the asked period, only those that the engine lists too: which of them are listed is
    /// the engine's choice, what they say is not.
    pub fn of_naive(section: &evaluate::Section, engine: Option<&Self>) -> Self {
        let key = |line: &Line| (line.index, line.meter, line.on);
        let listed: BTreeSet<_> = engine
            .into_iter()
            .flat_map(|engine| engine.lines.iter().map(key))
            .collect();
        let idle: BTreeSet<_> = engine
            .into_iter()
            .flat_map(|engine| engine.idle.iter().map(|row| (row.0, row.1)))
            .collect();
        let mut plain = Self {
            policy: section.policy.to_owned(),
            meters: section.meters.iter().copied().collect(),
            pending: section.pending.iter().copied().collect(),
            standings: section.standings.iter().map(Standing::of_naive).collect(),
            ..Self::default()
        };
        for own in &section.lines {
            let line = Line::of_naive(own);
            let is_listed = if IDLE.contains(&line.why) {
                idle.contains(&(line.index, line.on))
            } else {
                listed.contains(&key(&line))
            };
            if own.inside || is_listed {
                plain.add(line);
            }
        }
        plain
    }
}

/// Whether the lines and adjustments of each requirement that is due add up to what it counts.
fn adds_up(section: &engine::Section) -> bool {
    let due = |standing: &&engine::Standing| standing.status != engine::Status::NotInScope;
    section.standings.iter().filter(due).all(|standing| {
        let lines = standing.lines.iter().map(|place| &section.lines[*place as usize]);
        let lines: i64 = lines.map(|line| line.counted.hundredths()).sum();
        let adjustments = standing.adjustments.iter();
        let adjustments: i64 = adjustments.map(|row| row.amount.hundredths()).sum();
        standing.counted.hundredths() == lines + adjustments
    })
}

impl Standing {
    fn of_engine(row: &engine::Standing) -> Self {
        let plain = Self {
            requirement: row.requirement.id.to_string(),
            from: day(row.period.from),
            to: day(row.period.to),
            version: row.version,
            status: match row.status {
                engine::Status::TargetReached => Status::TargetReached,
                engine::Status::Met => Status::Met,
                engine::Status::Short => Status::Short,
                engine::Status::Exempt => Status::Exempt,
                engine::Status::NotInScope => Status::NotInScope,
                engine::Status::MetByAnother => Status::MetByAnother,
            },
            min: row.min.hundredths(),
            target: row.target.map(keshi_core::hours::Hours::hundredths),
            counted: row.counted.hundredths(),
            missing: row.missing.hundredths(),
        };
        plain.bare_unless_due()
    }

    fn of_naive(row: &evaluate::Standing) -> Self {
        let plain = Self {
            requirement: row.requirement.clone(),
            from: row.period.from,
            to: row.period.to,
            version: row.version,
            status: row.status,
            min: row.min,
            target: row.target,
            counted: row.counted,
            missing: row.missing,
        };
        plain.bare_unless_due()
    }

    /// Of what is not due only that it is not.
    fn bare_unless_due(self) -> Self {
        if self.status != Status::NotInScope {
            return self;
        }
        Self {
            min: 0,
            target: None,
            counted: 0,
            missing: 0,
            ..self
        }
    }
}

impl Line {
    fn of_engine(line: &engine::Line) -> Self {
        let cuts = line.cuts.iter();
        Self {
            index: line.index,
            meter: meter(line.meter),
            on: day(line.on),
            rule: line.rule.map(|rule| rule.to_string()),
            why: match line.why {
                engine::Why::Counted => "counted",
                engine::Why::Void { .. } => "void",
                engine::Why::Corrected { .. } => "corrected",
                engine::Why::UnderReview { .. } => "under review",
                engine::Why::Cancelled { .. } => "cancelled",
                engine::Why::WaitingFor { .. } => "waiting",
                engine::Why::NotInForce => "not in force",
                engine::Why::NotCredited => "not credited",
                engine::Why::BelowPresence { .. } => "below presence",
                engine::Why::NotPassed => "not passed",
                engine::Why::NotInTable => "not in table",
                engine::Why::RoundsToNothing => "rounds to nothing",
                engine::Why::Incomplete => "incomplete",
                engine::Why::OtherOfSession { .. } => "other of session",
                engine::Why::BestOnly { .. } => "best only",
            },
            converted: line.converted.hundredths(),
            counted: line.counted.hundredths(),
            cuts: cuts
                .map(|cut| (cut.rule.to_string(), cut.amount.hundredths()))
                .collect(),
        }
    }

    fn of_naive(line: &evaluate::Line) -> Self {
        let cuts = line.cuts.iter();
        Self {
            index: line.index,
            meter: line.meter,
            on: line.day,
            rule: line.rule.clone(),
            why: match line.why {
                None => "counted",
                Some(Why::Voided) => "void",
                Some(Why::Corrected) => "corrected",
                Some(Why::Cancelled) => "cancelled",
                Some(Why::Waiting) => "waiting",
                Some(Why::UnderReview) => "under review",
                Some(Why::NotInForce) => "not in force",
                Some(Why::NotCredited) => "not credited",
                Some(Why::Presence) => "below presence",
                Some(Why::Failed) => "not passed",
                Some(Why::LevelNotInTable | Why::AwardNotInTable) => "not in table",
                Some(Why::RoundsToNothing) => "rounds to nothing",
                Some(Why::NotOnFile) => "incomplete",
                Some(Why::OtherOfSession) => "other of session",
                Some(Why::SameWork | Why::OnePerSemester | Why::BestOnly) => "best only",
            },
            converted: line.converted,
            counted: line.counted,
            cuts: cuts.map(|cut| (cut.rule.clone(), cut.amount)).collect(),
        }
    }
}

/// What one has and the other has not.
pub struct Difference {
    engine: Vec<Section>,
    naive: Vec<Section>,
    /// Whether the engine's lines and adjustments add up to what it counts.
    adds_up: bool,
}

/// `None` if both opinions agree.
pub fn difference(engine: &engine::Balance, naive: &[evaluate::Section]) -> Option<Difference> {
    let adds_up = engine.sections.iter().all(adds_up);
    let mut engine: Vec<Section> = engine.sections.iter().filter_map(Section::of_engine).collect();
    engine.sort_by(|one, two| one.policy.cmp(&two.policy));
    let of_naive = |own: &evaluate::Section| {
        let same = engine.iter().find(|section| section.policy == own.policy);
        Section::of_naive(own, same)
    };
    let mut naive: Vec<Section> = naive.iter().map(of_naive).collect();
    naive.sort_by(|one, two| one.policy.cmp(&two.policy));
    let agree = engine == naive && adds_up;
    (!agree).then_some(Difference { engine, naive, adds_up })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |sections: &[Section]| sections.iter().map(|row| row.policy.clone()).collect::<Vec<_>>();
        writeln!(f, "sections {:?} {:?}", names(&self.engine), names(&self.naive))?;
        writeln!(f, "the engine's amounts add up: {}", self.adds_up)?;
        for (engine, naive) in self.engine.iter().zip(&self.naive) {
            rows(f, "engine", &engine.meters, &naive.meters)?;
            rows(f, "naive ", &naive.meters, &engine.meters)?;
            rows(f, "engine", &engine.pending, &naive.pending)?;
            rows(f, "naive ", &naive.pending, &engine.pending)?;
            rows(f, "engine", &engine.standings, &naive.standings)?;
            rows(f, "naive ", &naive.standings, &engine.standings)?;
            rows(f, "engine", &engine.lines, &naive.lines)?;
            rows(f, "naive ", &naive.lines, &engine.lines)?;
            rows(f, "engine", &engine.idle, &naive.idle)?;
            rows(f, "naive ", &naive.idle, &engine.idle)?;
        }
        Ok(())
    }
}

fn rows<T: Ord + fmt::Debug>(
    f: &mut fmt::Formatter<'_>,
    who: &str,
    one: &BTreeSet<T>,
    other: &BTreeSet<T>,
) -> fmt::Result {
    for row in one.difference(other) {
        writeln!(f, "{who}: {row:?}")?;
    }
    Ok(())
}
