//! Substitutions: a surplus of one requirement fills what another lacks in the same period.

use super::{Standing, Status};
use crate::model::Policy;

/// Fills the standings of one version, substitution by substitution. What is given counts no more where it was earned.
pub fn fill(version: &Policy, standings: &mut [Standing]) {
    for row in &version.substitutions {
        for to in 0..standings.len() {
            let period = standings[to].period;
            let is = |standing: &Standing, id: &str| {
                let same = standing.version == version.version && standing.period == period;
                same && standing.requirement == id && standing.status != Status::NotInScope
            };
            if !is(&standings[to], &row.to) {
                continue;
            }
            let Some(from) = standings.iter().position(|standing| is(standing, &row.from)) else {
                continue;
            };
            let surplus = (standings[from].counted - standings[from].min).max(0);
            let lacking = (standings[to].min - standings[to].counted).max(0);
            let filled = surplus.min(lacking).min(row.max);
            standings[from].counted -= filled;
            standings[to].counted += filled;
        }
    }
}
