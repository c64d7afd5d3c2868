//! Balances: lines summed up by meter and held against what each policy requires.

use jiff::civil::Date;

use super::{Balance, Line, Section, Standing, Status};
use crate::calendar::Semester;
use crate::hours::Hours;
use crate::ids::TeacherId;
use crate::period::{Kind, Period};
use crate::policy::{Meter, Policy, Requirement, version_on};
use crate::state::{State, Teacher};

impl State {
    /// The teacher's balance in `period` at `size`; `None` if she is not registered below it.
    ///
    /// One section for each policy that she stands under on some day of the period, by policy id. A requirement is that
    /// of the version in force at its own period's end; a line is credited under the version in force on its own day
    /// (DOMAIN §13.16). The section names the version in force at the end of the period asked about, or the last before.
    pub fn balance(&self, teacher_id: &TeacherId, period: Period, size: u64) -> Option<Balance> {
        let teacher = self.teachers.get(teacher_id).filter(|teacher| teacher.is_known(size))?;
        let semesters = self.semesters(size);
        let mut sections: Vec<Section> = self
            .policies_by_id(size)
            .iter()
            .filter_map(|versions| self.section(teacher, versions, period, &semesters, size))
            .collect();
        if sections.is_empty() {
            let mut lines = self.lines(teacher, None, size);
            lines.retain(|line| period.contains(line.to));
            sections.push(Section {
                policy: None,
                meters: totals(&lines, period),
                standings: Vec::new(),
                lines,
            });
        }
        Some(Balance {
            teacher_id: *teacher_id,
            period,
            size,
            sections,
        })
    }

    /// Of each policy the version in force on `day` at `size`, by policy id. Of the versions that have begun the highest
    /// counts, for a new version ends its predecessor; if that one has ended, none is in force.
    pub fn policies_in_force(&self, day: Date, size: u64) -> Vec<&Policy> {
        let policies = self.policies_by_id(size);
        policies
            .iter()
            .filter_map(|versions| version_on(versions, day))
            .collect()
    }

    /// All versions adopted below `size`, those of one policy together, by policy id.
    fn policies_by_id(&self, size: u64) -> Vec<Vec<&Policy>> {
        let mut all: Vec<&Policy> = self.policies(size).map(|version| &*version.policy).collect();
        all.sort_by_key(|policy| (policy.id, policy.version));
        all.chunk_by(|one, two| one.id == two.id)
            .map(<[&Policy]>::to_vec)
            .collect()
    }

    fn section(
        &self,
        teacher: &Teacher,
        versions: &[&Policy],
        asked: Period,
        semesters: &[Semester],
        size: u64,
    ) -> Option<Section> {
        let dues = self.dues(teacher, versions, asked, semesters, size);
        let at_end = version_on(versions, asked.to);
        let named = at_end.or_else(|| dues.iter().map(|due| due.0).max_by_key(|policy| policy.version))?;
        if !self.is_in_post(teacher, &named.posts, &asked, size) {
            return None;
        }
        let mut lines = self.lines(teacher, Some(versions), size);
        let mut standings: Vec<Standing> = dues
            .into_iter()
            .map(|(_, requirement, period)| standing(requirement, period, &lines))
            .collect();
        let place = |standing: &Standing| {
            let mut ids = named.requirements.iter().map(|requirement| requirement.id);
            let place = ids.position(|id| id == standing.requirement.id);
            (
                place.unwrap_or(usize::MAX),
                standing.requirement.id,
                standing.period.from,
            )
        };
        standings.sort_by_key(place);
        let meters = totals(&lines, asked);
        let due = |line: &Line| {
            let mut standings = standings.iter();
            standings.any(|s| s.requirement.meter == line.meter && s.period.contains(line.to))
        };
        lines.retain(|line| asked.contains(line.to) || due(line));
        Some(Section {
            policy: Some((named.id, named.version, named.name.clone())),
            meters,
            standings,
            lines,
        })
    }

    /// What is due of this teacher in the periods that `asked` is answered with, each by the version at its end.
    fn dues<'p>(
        &self,
        teacher: &Teacher,
        versions: &[&'p Policy],
        asked: Period,
        semesters: &[Semester],
        size: u64,
    ) -> Vec<(&'p Policy, &'p Requirement, Period)> {
        let mut dues = Vec::new();
        for &policy in versions {
            for requirement in &policy.requirements {
                for period in asked.parts(requirement.period, semesters) {
                    let in_force = version_on(versions, period.to).is_some_and(|v| v.version == policy.version);
                    let skipped = requirement.period == Kind::Month && skips(requirement, period.from);
                    if in_force && !skipped && self.is_in_post(teacher, &policy.posts, &period, size) {
                        dues.push((policy, requirement, period));
                    }
                }
            }
        }
        dues
    }
}

fn skips(requirement: &Requirement, day: Date) -> bool {
    let month = u32::try_from(day.month()).unwrap_or(0);
    requirement.skip_months.contains(&month)
}

/// Sums in the type's full width: a line has at most 2³² hundredths and a ledger at most 2³² lines.
fn sum<'l>(lines: impl Iterator<Item = &'l Line>) -> Hours {
    Hours::from_hundredths(lines.map(|line| line.counted.hundredths()).fold(0, i64::saturating_add))
}

fn totals(lines: &[Line], period: Period) -> Vec<(Meter, Hours)> {
    let of = |meter| {
        sum(lines
            .iter()
            .filter(|line| line.meter == meter && period.contains(line.to)))
    };
    Meter::ALL.iter().map(|&meter| (meter, of(meter))).collect()
}

fn standing(requirement: &Requirement, period: Period, lines: &[Line]) -> Standing {
    let types = &requirement.types;
    // Outreach lessons have no type; the conversion that credits them says where they count.
    let of_type = |line: &Line| types.is_empty() || line.lesson_type.is_none_or(|kind| types.contains(&kind));
    let counts = |line: &&Line| line.meter == requirement.meter && period.contains(line.to) && of_type(line);
    let counted = sum(lines.iter().filter(counts));
    let missing = counted.missing_to(requirement.min);
    let status = match requirement.target {
        _ if missing > Hours::ZERO => Status::Short,
        Some(target) if counted >= target => Status::TargetReached,
        _ => Status::Met,
    };
    Standing {
        requirement: requirement.clone(),
        period,
        counted,
        missing,
        status,
    }
}
