//! Step 8: caps, each in turn, entry by entry.

use super::filter::credit_passes;
use super::periods::Period;
use super::pieces::Piece;
use super::{Case, Cut};
use crate::fraction::Fraction;
use crate::model::{Cap, Limit, Policy};

/// Runs all caps over the pieces, which stand in order.
pub fn run(case: &Case<'_>, pieces: &mut [Piece<'_>]) {
    for id in order(&case.versions) {
        let before = pieces.to_vec();
        // What earlier entries under this cap took of the room of a period.
        let mut taken: Vec<(Period, i64)> = Vec::new();
        for piece in pieces.iter_mut().filter(|piece| piece.counted > 0) {
            let Some((version, cap, period)) = cap_of(case, piece, &id) else {
                continue;
            };
            let limit = limit(case, (version, cap, period), &before);
            let same_room = taken.iter().filter(|row| row.0.shares_room(&period));
            let used: i64 = same_room.map(|row| row.1).sum();
            let room = (limit - used).max(0);
            let cut = (piece.counted - room).max(0);
            if cut > 0 {
                piece.counted -= cut;
                let rule = id.clone();
                piece.cuts.push(Cut { rule, amount: cut });
            }
            taken.push((period, piece.counted));
        }
    }
}

/// The caps of the newest version, then those it lacks by version and place.
fn order(versions: &[&Policy]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let newest = versions.last().into_iter();
    for cap in newest.chain(versions).flat_map(|version| &version.caps) {
        if !ids.contains(&cap.id) {
            ids.push(cap.id.clone());
        }
    }
    ids
}

/// The cap of the piece's own version, and its period, if they take the piece.
fn cap_of<'p>(case: &Case<'_>, piece: &Piece<'p>, id: &str) -> Option<(&'p Policy, &'p Cap, Period)> {
    let version = piece.credit.policy?;
    let cap = version.caps.iter().find(|cap| cap.id == id)?;
    let period = case.period_of_piece(version, cap.period, piece)?;
    let taken = cap.meter == piece.credit.meter && credit_passes(&cap.filter, piece.credit);
    taken.then_some((version, cap, period))
}

fn limit(case: &Case<'_>, (version, cap, period): (&Policy, &Cap, Period), before: &[Piece<'_>]) -> i64 {
    match &cap.limit {
        Limit::Max(max) => *max,
        Limit::ShareOf { requirement, share } => {
            let stated = version.requirements.iter().find(|row| row.id == *requirement).unwrap();
            (Fraction::whole(stated.min) * *share).down()
        }
        Limit::NotAbove(filter) => before
            .iter()
            .filter(|piece| case.falls_into(piece, period) && piece.credit.meter == cap.meter)
            .filter(|piece| credit_passes(filter, piece.credit))
            .map(|piece| piece.counted)
            .sum(),
    }
}
