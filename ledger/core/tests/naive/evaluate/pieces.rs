//! An entry, or the parts into which a policy splits it, each on its day.

use super::credits::{Credit, Why};
use super::{Case, Cut, Line};
use crate::day::Day;
use crate::fraction::Fraction;
use crate::model::{Attribution, PeriodKind, Policy};

#[derive(Clone, Debug)]
pub struct Piece<'d> {
    pub credit: &'d Credit<'d>,
    pub day: Day,
    pub counted: i64,
    pub cuts: Vec<Cut>,
}

/// The whole entry on its day, or its parts. One that counts nothing stays whole.
pub fn of<'d>(case: &Case<'_>, credit: &'d Credit<'d>) -> Vec<Piece<'d>> {
    let amount = if credit.why.is_none() { credit.rounded } else { 0 };
    let whole = Piece {
        credit,
        day: credit.day,
        counted: amount,
        cuts: credit.cuts.clone(),
    };
    let splits = |policy: &&Policy| policy.attribution == Attribution::Split && credit.conversion.is_some();
    let Some(policy) = credit.policy.filter(splits).filter(|_| credit.why.is_none()) else {
        return vec![whole];
    };
    let (from, to) = (credit.deed.from, credit.deed.to);
    let last_days = (from.0..=to.0)
        .map(Day)
        .filter(|day| *day == to || cut_after(case, policy, *day));
    // What the day limit took is cut into parts as the amount is.
    let taken: i64 = credit.cuts.iter().map(|cut| cut.amount).sum();
    let mut before = (0, 0);
    let mut pieces = Vec::new();
    for day in last_days {
        let share = Fraction::new((day.0 - from.0 + 1).into(), (to.0 - from.0 + 1).into());
        let up_to = |hundredths: i64| credit.round(Fraction::whole(hundredths) * share);
        let (unlimited, counted) = (up_to(amount + taken), up_to(amount));
        let (part, own) = (unlimited - before.0, counted - before.1);
        let cut = credit.cuts.first().filter(|_| part > own);
        pieces.push(Piece {
            credit,
            day,
            counted: own,
            cuts: cut
                .into_iter()
                .map(|cut| Cut {
                    rule: cut.rule.clone(),
                    amount: part - own,
                })
                .collect(),
        });
        before = (unlimited, counted);
    }
    pieces
}

/// After each last day of a month, a semester or a cycle, and before each first day of a semester or a cycle.
fn cut_after(case: &Case<'_>, policy: &Policy, day: Day) -> bool {
    let next = day.plus(1);
    let ends = |kind| {
        let period = case.period_with(policy, kind, day);
        period.is_some_and(|period| period.to == day)
    };
    let begins = |kind| {
        let period = case.period_with(policy, kind, next);
        period.is_some_and(|period| period.from == next)
    };
    let (semester, cycle) = (PeriodKind::Semester, PeriodKind::Cycle);
    ends(PeriodKind::Month) || ends(semester) || ends(cycle) || begins(semester) || begins(cycle)
}

impl Piece<'_> {
    pub fn line(&self, inside: bool) -> Line {
        let credit = self.credit;
        let cut: i64 = self.cuts.iter().map(|cut| cut.amount).sum();
        let converted = match credit.why {
            None => self.counted + cut,
            Some(why) if why < Why::OtherOfSession && why != Why::UnderReview => 0,
            Some(_) => credit.round(credit.converted),
        };
        Line {
            index: credit.deed.index,
            meter: credit.meter,
            day: self.day,
            inside,
            converted,
            counted: self.counted,
            rule: credit.conversion.map(|conversion| conversion.id.clone()),
            // What a line that counts nothing lost to a limit before is not told.
            cuts: if credit.why.is_none() {
                self.cuts.clone()
            } else {
                Vec::new()
            },
            why: credit.why,
        }
    }
}
