//! Step 8: caps. Fixed ones entry by entry, then relative ones over the sums that are left.

use super::Case;
use super::Cut;
use super::filter::credit_passes;
use super::periods::Period;
use super::pieces::Piece;
use crate::fraction::Fraction;
use crate::model::{Cap, Limit, Policy};

/// What a cap of one version, or one that its versions share, leaves in a period.
#[derive(Clone, PartialEq)]
struct Room {
    cap: String,
    /// None: of all versions that share it.
    version: Option<u32>,
    period: Period,
}

impl Room {
    fn is(&self, other: &Self) -> bool {
        self.cap == other.cap && self.version == other.version && self.period.shares_room(&other.period)
    }
}

/// Runs all caps over the pieces, which stand in order.
pub fn run(case: &Case<'_>, pieces: &mut [Piece<'_>]) {
    let ids = order(&case.versions);
    let mut taken: Vec<(Room, i64)> = Vec::new();
    for piece in pieces.iter_mut() {
        let mut rooms = Vec::new();
        for id in &ids {
            let Some((version, cap, room)) = cap_of(case, piece, id) else {
                continue;
            };
            let Some(max) = fixed(version, cap).filter(|_| credit_passes(&cap.filter, piece.credit)) else {
                continue;
            };
            let used: i64 = taken.iter().filter(|row| row.0.is(&room)).map(|row| row.1).sum();
            piece.leave((max - used).max(0), id);
            rooms.push(room);
        }
        taken.extend(rooms.into_iter().map(|room| (room, piece.counted)));
    }
    for id in &ids {
        let before = pieces.to_vec();
        let mut taken: Vec<(Room, i64)> = Vec::new();
        for piece in pieces.iter_mut() {
            let Some((_, cap, room)) = cap_of(case, piece, id) else {
                continue;
            };
            if !matches!(cap.limit, Limit::NotAbove(_)) || !credit_passes(&cap.filter, piece.credit) {
                continue;
            }
            let others = before.iter().filter(|other| {
                cap_of(case, other, id).is_some_and(|(_, cap, of_other)| {
                    let limits = matches!(&cap.limit, Limit::NotAbove(filter) if credit_passes(filter, other.credit));
                    limits && of_other.is(&room)
                })
            });
            let limit: i64 = others.map(|other| other.counted).sum();
            let used: i64 = taken.iter().filter(|row| row.0.is(&room)).map(|row| row.1).sum();
            piece.leave((limit - used).max(0), id);
            taken.push((room, piece.counted));
        }
    }
}

/// The room of a cap that is not measured by other credits.
pub fn fixed(version: &Policy, cap: &Cap) -> Option<i64> {
    match &cap.limit {
        Limit::NotAbove(_) => None,
        Limit::Max(max) => Some(*max),
        Limit::ShareOf { requirement, share } => {
            let stated = version.requirements.iter().find(|row| row.id == *requirement)?;
            Some((Fraction::whole(stated.min) * *share).down())
        }
    }
}

impl Piece<'_> {
    fn leave(&mut self, room: i64, rule: &str) {
        let amount = self.counted - room;
        if amount > 0 {
            self.counted = room;
            let rule = rule.to_owned();
            self.cuts.push(Cut { rule, amount });
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

/// The cap of the piece's own version, if it is of the same meter and has a period there.
fn cap_of<'p>(case: &Case<'_>, piece: &Piece<'p>, id: &str) -> Option<(&'p Policy, &'p Cap, Room)> {
    let version = piece.credit.policy?;
    let cap = version.caps.iter().find(|cap| cap.id == id)?;
    if cap.meter != piece.credit.meter {
        return None;
    }
    let room = Room {
        cap: id.to_owned(),
        version: (!cap.across_versions).then_some(version.version),
        period: case.period_of_piece(version, cap.period, piece)?,
    };
    Some((version, cap, room))
}
