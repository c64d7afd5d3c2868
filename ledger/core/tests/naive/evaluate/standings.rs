//! Every requirement in every period that answers a question.

use super::periods::Period;
use super::pieces::Piece;
use super::{Case, Standing, Status, substitute};
use crate::day::Day;
use crate::model::PeriodKind;

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
        }
        for row in &mut standings {
            row.settle();
        }
        standings
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
