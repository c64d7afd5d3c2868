//! Minimums that are a share of what another requirement counts, and requirements of which one is enough.

use super::due::Due;
use super::{Standing, Status};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::policy::{Fraction, Policy};

/// The minimums that are shares of what others count.
pub(super) fn add_shares(standings: &mut [Standing]) {
    for place in 0..standings.len() {
        let Some(standing) = standings.get(place).filter(|row| row.status != Status::NotInScope) else {
            continue;
        };
        let Some((of, share)) = standing.requirement.min_share_of else {
            continue;
        };
        let base = standings.iter().find(|other| {
            other.requirement.id == of
                && (other.version, other.period) == (standing.version, standing.period)
                && other.status != Status::NotInScope
        });
        let min = base.map(|base| share_of(base.counted, share));
        let Some(standing) = standings.get_mut(place) else {
            continue;
        };
        let Some(min) = min else {
            standing.status = Status::NotInScope;
            standing.counted = Hours::ZERO;
            standing.adjustments.clear();
            continue;
        };
        let granted = standing.exempted.iter().map(|row| row.reduce_by.hundredths());
        let granted = granted.fold(0, i64::saturating_add);
        standing.prorated = min;
        standing.min = Hours::from_hundredths(min.hundredths().saturating_sub(granted).max(0));
    }
}

/// A share of an amount, rounded up to the hundredth.
fn share_of(amount: Hours, share: Fraction) -> Hours {
    let above = i128::from(amount.hundredths()) * i128::from(share.numerator());
    let below = i128::from(share.denominator());
    // A share is at most one.
    let part = above.saturating_add(below - 1).div_euclid(below);
    i64::try_from(part).map_or(amount, Hours::from_hundredths)
}

/// What is short where another of the same period is enough is short no more.
pub(super) fn excuse(versions: &[&Policy], standings: &mut [Standing]) {
    for policy in versions {
        for group in &policy.one_of {
            let is_in =
                |row: &Standing| row.version == policy.version && group.requirements.contains(&row.requirement.id);
            let enough = |row: &&Standing| is_in(row) && (row.status.is_met() || row.status == Status::Exempt);
            let periods: Vec<_> = standings.iter().filter(enough).map(|row| row.period).collect();
            for row in standings.iter_mut().filter(|row| row.status == Status::Short) {
                if is_in(row) && periods.contains(&row.period) {
                    row.status = Status::MetByAnother;
                    row.missing = Hours::ZERO;
                }
            }
        }
    }
}

/// Whether one of the requirements of a cycle is short of its minimum, and no other is enough in its place.
pub(super) fn is_any_short(policy: &Policy, rows: &[(Due<'_>, i64, Hours)]) -> bool {
    let short = |(due, amount, min): &(Due<'_>, i64, Hours)| {
        let min = match due.requirement.min_share_of {
            None => *min,
            Some((of, share)) => {
                let base = rows.iter().find(|(due, ..)| due.requirement.id == of);
                base.map_or(Hours::ZERO, |(_, counted, _)| {
                    share_of(Hours::from_hundredths(*counted), share)
                })
            }
        };
        *amount < min.hundredths()
    };
    let is_met = |id: &RuleId| rows.iter().any(|row| row.0.requirement.id == *id && !short(row));
    let is_excused = |id: RuleId| {
        let mut groups = policy.one_of.iter().filter(|group| group.requirements.contains(&id));
        groups.any(|group| group.requirements.iter().any(is_met))
    };
    rows.iter().any(|row| short(row) && !is_excused(row.0.requirement.id))
}
