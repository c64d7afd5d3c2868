//! Every requirement in every period that answers a question.

use super::periods::Period;
use super::pieces::Piece;
use super::{Case, Standing, Status, substitute};
use crate::day::Day;
use crate::fraction::Fraction;
use crate::model::{PeriodKind, Policy};

impl Case<'_> {
    /// The standings of all versions, each in the periods at whose end it is in force.
    pub fn standings(&self, pieces: &[Piece<'_>], asked: (Day, Day)) -> Vec<Standing> {
        let mut standings = Vec::new();
        for version in &self.versions {
            for row in &version.requirements {
                for period in self.answering(version, row.period, asked) {
                    let in_force = self.in_force(period.to);
                    let is_skipped = period.kind == PeriodKind::Month && row.skip_months.contains(&period.from.ymd().1);
                    if in_force.is_none_or(|other| other.version != version.version) || is_skipped {
                        continue;
                    }
                    let tally = self.tally(pieces, version, row, period);
                    standings.push(Standing {
                        requirement: row.id.clone(),
                        version: version.version,
                        period,
                        min: tally.due.map_or(0, |due| due.min),
                        target: tally.due.and_then(|due| due.target),
                        counted: tally.counted(),
                        missing: 0,
                        status: match tally.due {
                            None => Status::NotInScope,
                            Some(due) if due.exempt => Status::Exempt,
                            Some(_) => Status::Met,
                        },
                    });
                }
            }
            substitute::fill(version, &mut standings);
            self.share_minimums(version, &mut standings);
        }
        for row in &mut standings {
            row.settle();
        }
        for version in &self.versions {
            for group in &version.one_of {
                let before = standings.clone();
                let is_in =
                    |row: &Standing| row.version == version.version && group.requirements.contains(&row.requirement);
                for row in standings
                    .iter_mut()
                    .filter(|row| row.status == Status::Short && is_in(row))
                {
                    let enough = |other: &&Standing| {
                        let met = [Status::Met, Status::TargetReached, Status::Exempt].contains(&other.status);
                        is_in(other) && met && other.period == row.period
                    };
                    if before.iter().any(|other| enough(&other)) {
                        row.status = Status::MetByAnother;
                        row.missing = 0;
                    }
                }
            }
        }
        standings
    }

    /// Minimums that are a share of what another requirement counts in the end.
    fn share_minimums(&self, version: &Policy, standings: &mut [Standing]) {
        for place in 0..standings.len() {
            let own = standings[place].clone();
            let stated = version.requirements.iter().find(|row| row.id == own.requirement);
            let Some((of, share)) = stated.and_then(|row| row.min_share_of.clone()) else {
                continue;
            };
            if own.version != version.version || own.status == Status::NotInScope {
                continue;
            }
            let base = standings.iter().find(|row| {
                let same = row.version == own.version && row.period == own.period;
                same && row.requirement == of && row.status != Status::NotInScope
            });
            let counted = base.map(|base| base.counted);
            let row = &mut standings[place];
            let Some(counted) = counted else {
                row.status = Status::NotInScope;
                continue;
            };
            let reduced = self
                .due(version, stated.unwrap(), own.period)
                .map_or(0, |due| due.reduced);
            let min = (Fraction::whole(counted) * share).up();
            row.min = (min - reduced).max(0);
            row.status = if reduced > 0 && min <= reduced {
                Status::Exempt
            } else {
                Status::Met
            };
        }
    }

    fn answering(&self, version: &crate::model::Policy, kind: PeriodKind, asked: (Day, Day)) -> Vec<Period> {
        let mut periods = match kind {
            PeriodKind::Probation => self.probation().into_iter().collect(),
            _ => self.periods_in(version, kind, asked),
        };
        periods.retain(|period| period.answers(asked));
        periods
    }
}

impl Standing {
    fn settle(&mut self) {
        if matches!(self.status, Status::NotInScope | Status::Exempt) {
            return;
        }
        self.missing = (self.min - self.counted).max(0);
        self.status = if self.missing > 0 {
            Status::Short
        } else if self.target.is_some_and(|target| self.counted >= target) {
            Status::TargetReached
        } else {
            Status::Met
        };
    }
}
