//! What one requirement counts in one period: its own credits, grace, the probation record, and what is carried in.

use super::Case;
use super::caps::fixed;
use super::filter::{credit_passes, required};
use super::owed::Due;
use super::periods::Period;
use super::pieces::Piece;
use crate::day::Day;
use crate::fraction::Fraction;
use crate::model::{Carry, Grace, Length, Meter, PeriodKind, Policy, Requirement, Where};

/// A surplus that goes on, and how many periods it has gone on already.
#[derive(Clone, Debug, PartialEq)]
pub struct Lot {
    pub amount: i64,
    pub age: u32,
}

#[derive(Clone, Debug)]
pub struct Tally<'p> {
    pub due: Option<Due>,
    /// The pieces that count here.
    pub own: Vec<&'p Piece<'p>>,
    pub lots: Vec<Lot>,
    /// Own credits, the probation record in place of what it replaces.
    pub earned: i64,
    /// Of these what came without the window after the cycle.
    pub before_grace: i64,
    /// What goes on to the next period.
    pub onward: Vec<Lot>,
}

impl Tally<'_> {
    pub fn counted(&self) -> i64 {
        self.earned + sum(&self.lots)
    }

    fn holds(&self, piece: &Piece<'_>) -> bool {
        self.own.iter().any(|other| key(other) == key(piece))
    }
}

fn window_length(version: &Policy) -> Option<Length> {
    version.cycle.as_ref()?.window
}

/// What tells a piece from every other.
pub type Key = (u128, Meter, Day);

fn key(piece: &Piece<'_>) -> Key {
    (piece.credit.deed.id, piece.credit.meter, piece.day)
}

fn sum(lots: &[Lot]) -> i64 {
    lots.iter().map(|lot| lot.amount).sum()
}

/// Pieces of a probation year, and what of each is recorded instead of counted.
type Hours<'p> = Vec<(&'p Piece<'p>, i64)>;

impl Case<'_> {
    /// The same requirement in the neighbouring period before, by the version in force at its end.
    fn before(&self, row: &Requirement, period: Period) -> Option<(&Policy, &Requirement, Period)> {
        let last_day = self.neighbour_ends(period)?;
        let version = self.in_force(last_day)?;
        let row = version.requirements.iter().find(|other| other.id == row.id)?;
        let before = self.period_with(version, period.kind, last_day)?;
        let neighbours = row.period == period.kind && before.to == last_day;
        neighbours.then_some((version, row, before))
    }

    pub fn tally<'p>(&self, pieces: &'p [Piece<'p>], version: &Policy, row: &Requirement, period: Period) -> Tally<'p> {
        let has_grace = period.kind == PeriodKind::Cycle && window_length(version).is_some();
        let before = self.before(row, period).filter(|(version, row, period)| {
            let left_some = period.kind == PeriodKind::Cycle && window_length(version).is_some();
            row.carry.is_some() || left_some
        });
        let last = before.map(|(version, row, period)| {
            let tally = self.tally(pieces, version, row, period);
            (version, row, period, tally)
        });
        let due = self.due(version, row, period);
        let mut lots = Vec::new();
        if let Some((last_version, last_row, last_period, last)) = &last
            && let Some(carry) = &last_row.carry
            && last.due.is_some()
            && due.is_some()
            && !(carry.within_cycle && self.crosses_cycles(last_version, *last_period, period))
        {
            lots.clone_from(&last.onward);
            let filled = carry.fills.as_ref();
            let cap = filled.and_then(|id| version.caps.iter().find(|cap| cap.id == *id));
            if let Some((cap, max)) = cap.and_then(|cap| Some((cap, fixed(version, cap)?))) {
                let inside = pieces.iter().filter(|piece| self.falls_into(piece, period));
                let inside = inside.filter(|piece| required(row, piece.credit) && piece.credit.meter == cap.meter);
                let own = inside.filter(|piece| credit_passes(&cap.filter, piece.credit));
                let mut room = (max - own.map(|piece| piece.counted).sum::<i64>()).max(0);
                for lot in &mut lots {
                    lot.amount = lot.amount.min(room);
                    room -= lot.amount;
                }
            }
        }
        let mut tally = Tally {
            due,
            own: Vec::new(),
            lots,
            earned: 0,
            before_grace: 0,
            onward: Vec::new(),
        };
        let mut taken: Vec<&Piece<'_>> = pieces.iter().filter(|piece| required(row, piece.credit)).collect();
        taken.retain(|piece| piece.counted > 0);
        let inside = taken.iter().copied().filter(|piece| self.falls_into(piece, period));
        // What fell into the grace of the cycle before, and counts there.
        let whole = last.as_ref().map_or_else(Vec::new, |last| {
            self.went_together(pieces, last.0, last.2, last.3.due.is_some())
        });
        let gone =
            |piece: &Piece<'_>| whole.contains(&key(piece)) || last.as_ref().is_some_and(|last| last.3.holds(piece));
        tally.own = inside.filter(|piece| !gone(piece)).collect();
        tally.earned = self.earned(pieces, row, period, &tally.own, None);
        tally.before_grace = tally.earned;
        let grace = version.cycle.as_ref().map(|cycle| cycle.grace);
        if has_grace && due.is_some() {
            let together = (grace == Some(Grace::UntilAllMet)).then(|| self.together(pieces, version, period));
            let window = Self::window(version, period);
            for piece in taken.iter().copied().filter(|piece| window.holds(piece.day)) {
                // What is carried in aside.
                let short = due.is_some_and(|due| tally.earned < due.min);
                let comes_in = match &together {
                    Some(together) => together.contains(&key(piece)),
                    None => grace == Some(Grace::Ended) || short,
                };
                if comes_in {
                    tally.own.push(piece);
                    tally.earned = self.earned(pieces, row, period, &tally.own, None);
                }
            }
        }
        if let (Some(due), Some(carry)) = (due, &row.carry) {
            tally.onward = self.onward(pieces, row, carry, period, due.min, &tally);
        }
        tally
    }

    /// The days after a cycle in which entries may still count to it.
    fn window(version: &Policy, cycle: Period) -> Period {
        let from = cycle.to.plus(1);
        Period {
            kind: PeriodKind::Cycle,
            from,
            to: window_length(version).unwrap().after(from, 1).plus(-1),
        }
    }

    /// What a cycle takes for all its requirements together goes to it whole, whichever of them counts it: an entry counts
    /// in one cycle only, also where another version counts it for another requirement.
    fn went_together(&self, pieces: &[Piece<'_>], version: &Policy, period: Period, is_due: bool) -> Vec<Key> {
        let together = version
            .cycle
            .as_ref()
            .is_some_and(|cycle| cycle.window.is_some() && cycle.grace == Grace::UntilAllMet);
        if is_due && together && period.kind == PeriodKind::Cycle {
            self.together(pieces, version, period)
        } else {
            Vec::new()
        }
    }

    /// The pieces in the window of a cycle that it takes for all its requirements, while one of them is short.
    fn together(&self, pieces: &[Piece<'_>], version: &Policy, cycle: Period) -> Vec<Key> {
        if let Some(known) = self.known_together.borrow().get(&cycle.to) {
            return known.clone();
        }
        let mut rows: Vec<(&Requirement, Due, Vec<&Piece<'_>>)> = Vec::new();
        for row in version
            .requirements
            .iter()
            .filter(|row| row.period == PeriodKind::Cycle)
        {
            let Some(due) = self.due(version, row, cycle) else {
                continue;
            };
            let last = self.before(row, cycle).filter(|(version, ..)| {
                let grace = version.cycle.as_ref().filter(|cycle| cycle.window.is_some());
                grace.is_some_and(|cycle| cycle.grace == Grace::UntilAllMet)
            });
            let last = last.map(|(version, row, period)| {
                let tally = self.tally(pieces, version, row, period);
                let whole = self.went_together(pieces, version, period, tally.due.is_some());
                (tally, whole)
            });
            let inside = pieces
                .iter()
                .filter(|piece| cycle.holds(piece.day) && required(row, piece.credit));
            let own = inside.filter(|piece| {
                let went = |(last, whole): &(Tally<'_>, Vec<Key>)| last.holds(piece) || whole.contains(&key(piece));
                !last.as_ref().is_some_and(went)
            });
            rows.push((row, due, own.collect()));
        }
        let earned = |row: &Requirement, own: &[&Piece<'_>]| self.earned(pieces, row, cycle, own, None);
        let mut taken = Vec::new();
        let window = Self::window(version, cycle);
        for piece in pieces
            .iter()
            .filter(|piece| piece.counted > 0 && window.holds(piece.day))
        {
            let met = |id: &String| {
                let found = rows.iter().find(|(row, ..)| row.id == *id);
                found.is_some_and(|(row, due, own)| {
                    let min = match &row.min_share_of {
                        None => due.min,
                        Some((of, share)) => rows
                            .iter()
                            .find(|(base, ..)| base.id == *of)
                            .map_or(0, |(base, _, own)| (Fraction::whole(earned(base, own)) * *share).up()),
                    };
                    earned(row, own) >= min
                })
            };
            let enough = |id: &String| {
                let groups = version.one_of.iter().filter(|group| group.requirements.contains(id));
                met(id) || groups.clone().any(|group| group.requirements.iter().any(met))
            };
            let any_short = !rows.iter().all(|(row, ..)| enough(&row.id));
            let is_wanted = rows.iter().any(|(row, ..)| required(row, piece.credit));
            if any_short && is_wanted {
                taken.push(key(piece));
                for (row, _, own) in &mut rows {
                    if required(row, piece.credit) {
                        own.push(piece);
                    }
                }
            }
        }
        self.known_together.borrow_mut().insert(cycle.to, taken.clone());
        taken
    }

    /// The sum of the pieces (of those that pass `only`), less what of them a probation year records; in the cycle that
    /// holds its last day the record stands for all of it that the requirement would count.
    fn earned(
        &self,
        pieces: &[Piece<'_>],
        row: &Requirement,
        period: Period,
        own: &[&Piece<'_>],
        only: Option<&Where>,
    ) -> i64 {
        let passes = |piece: &Piece<'_>| only.is_none_or(|only| credit_passes(only, piece.credit));
        let own: Vec<&&Piece<'_>> = own.iter().filter(|piece| passes(piece)).collect();
        let counted: i64 = own.iter().map(|piece| piece.counted).sum();
        let probation = (period.kind == PeriodKind::Cycle)
            .then(|| self.recorded(pieces, row))
            .flatten();
        let Some((year, hours, record)) = probation else {
            return counted;
        };
        let gone = |piece: &Piece<'_>| -> i64 {
            let same = hours.iter().filter(|(place, _)| std::ptr::eq(*place, piece));
            same.map(|(_, amount)| amount).sum()
        };
        let left = counted - own.iter().map(|piece| gone(piece)).sum::<i64>();
        if !period.holds(year.to) {
            return left;
        }
        let passing = pieces
            .iter()
            .filter(|piece| required(row, piece.credit) && passes(piece));
        left + passing.map(gone).sum::<i64>().min(record)
    }

    /// The probation year, the earliest of its hours up to its minimum, and what of a requirement over it is recorded for
    /// them.
    fn recorded<'p>(&self, pieces: &'p [Piece<'p>], row: &Requirement) -> Option<(Period, Hours<'p>, i64)> {
        let year = self.probation()?;
        let version = self.in_force(year.to)?;
        let of_year = version.requirements.iter().find(|other| {
            let records = other.period == PeriodKind::Probation && other.then_record.is_some();
            records && other.meter == row.meter && self.due(version, other, year).is_some()
        })?;
        let mut hours = Vec::new();
        for piece in pieces
            .iter()
            .filter(|piece| year.holds(piece.day) && required(of_year, piece.credit))
        {
            let before: i64 = hours.iter().map(|(_, amount)| amount).sum();
            hours.push((piece, piece.counted.min(of_year.min - before)));
        }
        let sum: i64 = hours.iter().map(|(_, amount)| amount).sum();
        Some((year, hours, sum.min(of_year.then_record?)))
    }

    fn crosses_cycles(&self, version: &Policy, one: Period, two: Period) -> bool {
        let cycle_of = |period: Period| self.period_with(version, PeriodKind::Cycle, period.to);
        cycle_of(one) != cycle_of(two)
    }

    fn onward(
        &self,
        pieces: &[Piece<'_>],
        row: &Requirement,
        carry: &Carry,
        period: Period,
        min: i64,
        tally: &Tally<'_>,
    ) -> Vec<Lot> {
        if carry.only_if_met && tally.before_grace + sum(&tally.lots) < min {
            return Vec::new();
        }
        // The minimum takes the lots first, the oldest of them first.
        let mut needed = min;
        let mut onward = Vec::new();
        for lot in &tally.lots {
            let used = lot.amount.min(needed);
            needed -= used;
            if lot.age < carry.expires_after {
                onward.push(Lot {
                    amount: lot.amount - used,
                    age: lot.age + 1,
                });
            }
        }
        let surplus = (tally.earned - needed).max(0);
        let under_where = self.earned(pieces, row, period, &tally.own, Some(&carry.filter));
        let share = Fraction::whole(surplus.min(under_where)) * carry.share;
        onward.push(Lot {
            amount: share.down(),
            age: 1,
        });
        if let Some(max) = carry.max {
            let mut room = max;
            for lot in &mut onward {
                lot.amount = lot.amount.min(room);
                room -= lot.amount;
            }
        }
        onward.retain(|lot| lot.amount > 0);
        onward
    }
}
