//! Step 8 of crediting: caps. Those with a fixed room entry by entry, so that what counts in the end is taken from the room
//! of each; then the relative ones over the sums that are left.

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::credit::Credit;
use super::person::Person;
use super::{Assessor, Cut};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::period::Kind;
use crate::policy::{Cap, Ceiling, Policy, Where};

/// A room that entries share: of a cap of one version (of none: of all versions that say so), in one period.
type Room = (RuleId, Option<u32>, Kind, Date);

impl Assessor<'_> {
    /// Applies all caps. Their order is that of the newest version; what it lacks comes after, by version.
    ///
    /// # Errors
    ///
    /// The entry's index, if a sum goes beyond the type.
    pub(super) fn cap(&self, credits: &mut [Credit<'_>], versions: &[&Policy], person: &Person<'_>) -> Result<(), u64> {
        let mut order: Vec<RuleId> = Vec::new();
        let newest_first = versions.last().into_iter().chain(versions);
        for cap in newest_first.flat_map(|policy| &policy.caps) {
            if !order.contains(&cap.id) {
                order.push(cap.id);
            }
        }
        self.cap_fixed(&order, credits, person)?;
        let is_relative = |cap: &&Cap| matches!(cap.ceiling, Ceiling::NotAbove(_));
        let relative = versions
            .iter()
            .flat_map(|policy| policy.caps.iter().filter(is_relative));
        let relative: Vec<RuleId> = relative.map(|cap| cap.id).collect();
        for id in order.into_iter().filter(|id| relative.contains(id)) {
            self.cap_relative(id, credits, person)?;
        }
        Ok(())
    }

    /// What an entry counts after all caps is what it takes of the room of each.
    fn cap_fixed(&self, order: &[RuleId], credits: &mut [Credit<'_>], person: &Person<'_>) -> Result<(), u64> {
        let mut used: FxHashMap<Room, i64> = FxHashMap::default();
        let mut rooms: Vec<Room> = Vec::new();
        for credit in credits.iter_mut().filter(|credit| credit.is_counted()) {
            rooms.clear();
            for &id in order {
                let cap = cap_on(id, credit).filter(|cap| credit.passes(&cap.filter));
                let Some((cap, &Ceiling::Amount(max))) = cap.map(|cap| (cap, &cap.ceiling)) else {
                    continue;
                };
                let Some(room) = self.room(cap, credit, person) else {
                    continue;
                };
                let left = max.hundredths().saturating_sub(used.get(&room).copied().unwrap_or(0));
                cut_to(credit, id, left);
                rooms.push(room);
            }
            for room in &rooms {
                add(&mut used, *room, credit)?;
            }
        }
        Ok(())
    }

    fn cap_relative(&self, id: RuleId, credits: &mut [Credit<'_>], person: &Person<'_>) -> Result<(), u64> {
        let mut others: FxHashMap<Room, i64> = FxHashMap::default();
        for credit in credits.iter().filter(|credit| credit.is_counted()) {
            if let Some((room, _, others_of)) = self.relative_room(id, credit, person)
                && credit.passes(others_of)
            {
                add(&mut others, room, credit)?;
            }
        }
        let mut used: FxHashMap<Room, i64> = FxHashMap::default();
        for credit in credits.iter_mut().filter(|credit| credit.is_counted()) {
            let room = self.relative_room(id, credit, person);
            let Some((room, cap, _)) = room.filter(|(_, cap, _)| credit.passes(&cap.filter)) else {
                continue;
            };
            let of = |sums: &FxHashMap<Room, i64>| sums.get(&room).copied().unwrap_or(0);
            let left = of(&others).saturating_sub(of(&used));
            cut_to(credit, cap.id, left);
            add(&mut used, room, credit)?;
        }
        Ok(())
    }

    /// The relative cap of this id in the version that credits, and what it is measured against.
    fn relative_room<'p>(
        &self,
        id: RuleId,
        credit: &Credit<'p>,
        person: &Person<'_>,
    ) -> Option<(Room, &'p Cap, &'p Where)> {
        let cap = cap_on(id, credit)?;
        match &cap.ceiling {
            Ceiling::NotAbove(others) => Some((self.room(cap, credit, person)?, cap, others)),
            Ceiling::Amount(_) => None,
        }
    }

    /// The room that a cap gives where the credit lies.
    fn room(&self, cap: &Cap, credit: &Credit<'_>, person: &Person<'_>) -> Option<Room> {
        let policy = credit.policy?;
        let period = self.period_of_credit(cap.period, credit, policy, person)?;
        let version = (!cap.across_versions).then_some(policy.version);
        Some((cap.id, version, cap.period, period.from))
    }
}

/// The cap of this id in the version that credits, if it is about the credit's meter.
fn cap_on<'p>(id: RuleId, credit: &Credit<'p>) -> Option<&'p Cap> {
    let cap = credit.policy?.caps.iter().find(|cap| cap.id == id)?;
    (cap.meter == credit.meter).then_some(cap)
}

/// Leaves of a credit at most the room that is left.
fn cut_to(credit: &mut Credit<'_>, rule: RuleId, left: i64) {
    let over = credit.counted.hundredths().saturating_sub(left.max(0));
    if over > 0 {
        let amount = Hours::from_hundredths(over);
        credit.cut(Cut { rule, amount });
    }
}

fn add(sums: &mut FxHashMap<Room, i64>, room: Room, credit: &Credit<'_>) -> Result<(), u64> {
    let sum = sums.entry(room).or_insert(0);
    *sum = sum
        .checked_add(credit.counted.hundredths())
        .ok_or(u64::from(credit.index))?;
    Ok(())
}
