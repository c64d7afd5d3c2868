//! The naive evaluator: from recorded facts to lines and standings, by filtering, sorting and folding.
//!
//! Everything is worked out anew for each question; nothing of the engine is used.

pub mod best;
pub mod caps;
pub mod claims;
pub mod county;
pub mod credits;
pub mod days;
pub mod deeds;
pub mod filter;
pub mod owed;
pub mod periods;
pub mod pieces;
pub mod standings;
pub mod substitute;
pub mod tally;
pub mod tier;

use std::cell::RefCell;
use std::collections::BTreeMap;

use self::county::County;
use self::credits::{Credit, Why};
use self::pieces::Piece;
use crate::day::Day;
use crate::evaluate::periods::Period;
use crate::facts::{Id, Recorded};
use crate::merges::Merges;
use crate::model::{Meter, PeriodKind, Policy};

/// What one policy says about one teacher in the period asked for.
#[derive(Clone, Debug)]
pub struct Section {
    pub policy: Id,
    /// Of all time.
    pub lines: Vec<Line>,
    pub standings: Vec<Standing>,
    /// What each meter counts in the asked period.
    pub meters: Vec<(Meter, i64)>,
    /// What would count there more, were all claims credited, as far as it is anything.
    pub pending: Vec<(Meter, i64)>,
}

/// One entry in one meter.
#[derive(Clone, Debug)]
pub struct Line {
    pub index: u64,
    pub meter: Meter,
    pub day: Day,
    /// Whether it falls into the asked period.
    pub inside: bool,
    /// What the conversion makes of it, as a rounded amount before any limit.
    pub converted: i64,
    pub counted: i64,
    pub rule: Option<String>,
    pub cuts: Vec<Cut>,
    pub why: Option<Why>,
}

/// What a rule took away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    pub rule: String,
    pub amount: i64,
}

#[derive(Clone, Debug)]
pub struct Standing {
    pub requirement: String,
    pub version: u32,
    pub period: Period,
    pub min: i64,
    pub target: Option<i64>,
    pub counted: i64,
    pub missing: i64,
    pub status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    NotInScope,
    Exempt,
    Short,
    Met,
    MetByAnother,
    TargetReached,
}

/// All about one teacher under one policy.
pub struct Case<'c> {
    pub county: &'c County<'c>,
    pub teacher: Id,
    /// Live versions, the lowest first.
    pub versions: Vec<&'c Policy>,
    /// What cycles take by grace for all requirements together, by their last days.
    pub known_together: RefCell<BTreeMap<Day, Vec<tally::Key>>>,
}

/// The sections of a teacher for the days from `asked.0` to `asked.1`, at size `size`.
pub fn sections(facts: &[Recorded], size: u64, teacher: Id, asked: (Day, Day)) -> Vec<Section> {
    let (facts, teacher) = as_one(facts, size, teacher);
    let county = County::at(&facts, size);
    let mut sections = Vec::new();
    for policy in county.policy_ids() {
        let versions = county.versions(policy);
        let case = Case {
            county: &county,
            teacher,
            versions,
            known_together: RefCell::default(),
        };
        sections.extend(case.section(asked));
    }
    sections
}

/// What was posted below the size, and who she is, each person under one id.
fn as_one(facts: &[Recorded], size: u64, teacher: Id) -> (Vec<Recorded>, Id) {
    let below = || facts.iter().filter(|row| row.index < size);
    let merges = Merges::of(below());
    (merges.facts(below()), merges.kept(teacher))
}

impl Case<'_> {
    /// The highest version that has begun, unless it has ended.
    pub fn in_force(&self, day: Day) -> Option<&Policy> {
        let begun = self.versions.iter().rfind(|version| version.from <= day)?;
        begun.to.is_none_or(|to| day <= to).then_some(*begun)
    }

    fn section(&self, asked: (Day, Day)) -> Option<Section> {
        let deeds = deeds::of(self.county, self.teacher);
        let credits = self.credits(&deeds);
        let pieces = self.pieces(&credits);
        let standings = self.standings(&pieces, asked);
        let newest_due = standings.iter().map(|row| row.version).max();
        let of_scope = match self.in_force(asked.1) {
            Some(version) => version,
            None => self
                .versions
                .iter()
                .find(|version| Some(version.version) == newest_due)?,
        };
        if !self.holds_post_between(of_scope, asked) {
            return None;
        }
        // A semester is known by its days: nothing else has the same.
        let mut semesters = self.county.semesters.iter();
        let is_semester = semesters.any(|semester| (semester.from, semester.to) == asked);
        let asked_period = Period {
            kind: if is_semester {
                PeriodKind::Semester
            } else {
                PeriodKind::Year
            },
            from: asked.0,
            to: asked.1,
        };
        let line = |piece: &Piece<'_>| piece.line(self.falls_into(piece, asked_period));
        let lines: Vec<Line> = pieces.iter().map(line).collect();
        let counts = |meter: Meter| -> i64 {
            let inside = lines.iter().filter(|line| line.inside && line.meter == meter);
            inside.map(|line| line.counted).sum()
        };
        let waits = |meter: Meter| -> i64 {
            let waiting = |line: &&Line| line.inside && line.meter == meter && line.why == Some(Why::UnderReview);
            lines.iter().filter(waiting).map(|line| line.converted).sum()
        };
        let pending = credits::METERS.map(|meter| (meter, waits(meter)));
        Some(Section {
            policy: of_scope.id,
            pending: pending.into_iter().filter(|row| row.1 > 0).collect(),
            meters: credits::METERS.map(|meter| (meter, counts(meter))).to_vec(),
            lines,
            standings,
        })
    }

    /// Steps 1 to 7: entries wholly, none of them cut by a cap yet.
    fn credits<'d>(&'d self, deeds: &'d [deeds::Deed]) -> Vec<Credit<'d>> {
        let mut credits = self.converted(deeds);
        best::one_per_session(&mut credits);
        days::limit(&mut credits);
        days::round(&mut credits);
        best::same_work(&mut credits);
        best::per_semester(self, &mut credits);
        best::best_only_per(self, &mut credits);
        credits
    }

    /// Step 8, after entries are cut in parts where the policy splits them.
    fn pieces<'d>(&self, credits: &'d [Credit<'d>]) -> Vec<Piece<'d>> {
        let mut pieces: Vec<Piece<'d>> = credits.iter().flat_map(|credit| pieces::of(self, credit)).collect();
        pieces.sort_by_key(|piece| (piece.day, piece.credit.deed.id));
        caps::run(self, &mut pieces);
        pieces
    }
}
