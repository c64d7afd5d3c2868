//! Steps 5 and 6: the day limit, and rounding.

use super::Cut;
use super::credits::Credit;
use crate::day::Day;
use crate::fraction::Fraction;
use crate::model::Rounding;

/// Step 5. An entry fills its earliest day first, up to what earlier entries of the conversion left there.
pub fn limit(credits: &mut [Credit<'_>]) {
    let mut brought: Vec<(String, Day, Fraction)> = Vec::new();
    credits.sort_by_key(|credit| (credit.day, credit.deed.id));
    for credit in credits.iter_mut().filter(|credit| credit.why.is_none()) {
        let Some(conversion) = credit.conversion else { continue };
        let Some(max) = conversion.per_day_max else { continue };
        let mut taken = Fraction::ZERO;
        for number in credit.deed.from.0..=credit.deed.to.0 {
            let day = Day(number);
            let before = brought.iter().filter(|row| row.0 == conversion.id && row.1 == day);
            let before = before.fold(Fraction::ZERO, |sum, row| sum + row.2);
            let room = (Fraction::whole(max) - before).max(Fraction::ZERO);
            let part = room.min(credit.converted - taken);
            if part > Fraction::ZERO {
                brought.push((conversion.id.clone(), day, part));
                taken = taken + part;
            }
            if taken == credit.converted {
                break;
            }
        }
        credit.limited = taken;
    }
}

/// As the version says: to a hundredth, or to a whole unit.
pub fn rounded(rounding: Rounding, hundredths: Fraction) -> i64 {
    match rounding {
        Rounding::HalfUpHundredth => hundredths.half_up(),
        Rounding::DownHundredth => hundredths.down(),
        Rounding::DownWhole => (hundredths * Fraction::new(1, 100)).down() * 100,
    }
}

impl Credit<'_> {
    /// The amount rounded as its version says; what counts by itself is whole.
    pub fn round(&self, hundredths: Fraction) -> i64 {
        let rounding = self.conversion.and(self.policy).map(|policy| policy.rounding);
        rounded(rounding.unwrap_or(Rounding::DownHundredth), hundredths)
    }
}

/// Step 6. What the day limit took is what is missing to the amount rounded without it.
pub fn round(credits: &mut [Credit<'_>]) {
    for credit in credits.iter_mut() {
        let limited = credit.limited < credit.converted;
        if credit.why.is_none() {
            credit.rounded = credit.round(credit.limited);
        }
        if let Some(conversion) = credit.conversion.filter(|_| limited) {
            let amount = credit.round(credit.converted) - credit.rounded;
            let rule = conversion.id.clone();
            if amount > 0 {
                credit.cuts.push(Cut { rule, amount });
            }
        }
    }
}
