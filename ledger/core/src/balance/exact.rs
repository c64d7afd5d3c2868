//! Amounts before rounding: exact fractions of a hundredth.

use crate::hours::Hours;
use crate::policy::{Fraction, Rounding, gcd};

/// An exact amount that is not negative, in hundredths. Operations answer `None` beyond the type's limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    above: i128,
    below: i128,
}

impl Exact {
    pub(super) const ZERO: Self = Self { above: 0, below: 1 };

    pub(super) fn of(amount: Hours) -> Self {
        Self {
            above: amount.hundredths().into(),
            below: 1,
        }
    }

    fn reduced(above: i128, below: i128) -> Self {
        if below == 1 {
            return Self { above, below };
        }
        let common = i128::try_from(gcd(above.unsigned_abs(), below.unsigned_abs()))
            .unwrap_or(1)
            .max(1);
        Self {
            above: above / common,
            below: below / common,
        }
    }

    pub(super) fn times(self, factor: Fraction) -> Option<Self> {
        if factor == Fraction::ONE {
            return Some(self);
        }
        let above = self.above.checked_mul(factor.numerator().into())?;
        let below = self.below.checked_mul(factor.denominator().into())?;
        Some(Self::reduced(above, below))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.combined(other, i128::checked_add)
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        self.combined(other, i128::checked_sub)
    }

    fn combined(self, other: Self, with: fn(i128, i128) -> Option<i128>) -> Option<Self> {
        if self.below == other.below {
            return Some(Self::reduced(with(self.above, other.above)?, self.below));
        }
        let one = self.above.checked_mul(other.below)?;
        let two = other.above.checked_mul(self.below)?;
        Some(Self::reduced(with(one, two)?, self.below.checked_mul(other.below)?))
    }

    /// Whether it is more than `other`; `None` beyond the limits.
    pub(super) fn exceeds(self, other: Self) -> Option<bool> {
        if self.below == other.below {
            return Some(self.above > other.above);
        }
        Some(self.above.checked_mul(other.below)? > other.above.checked_mul(self.below)?)
    }

    pub(super) const fn is_zero(self) -> bool {
        self.above == 0
    }

    /// The amount rounded once (DOMAIN §4); `None` if it does not fit.
    pub(super) fn rounded(self, rounding: Rounding) -> Option<Hours> {
        let hundredths = match rounding {
            Rounding::HalfUpHundredth if self.below == 1 => self.above,
            Rounding::HalfUpHundredth => {
                let doubled = self.above.checked_mul(2)?.checked_add(self.below)?;
                doubled.div_euclid(self.below.checked_mul(2)?)
            }
            Rounding::DownHundredth => self.above.div_euclid(self.below),
            Rounding::DownWhole => self.above.div_euclid(self.below.checked_mul(100)?) * 100,
        };
        i64::try_from(hundredths).ok().map(Hours::from_hundredths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Exact {
        Exact::of(Hours::parse(text).unwrap())
    }

    fn fraction(text: &str) -> Fraction {
        Fraction::parse(text).unwrap()
    }

    #[test]
    fn a_third_of_ten_is_three_thirty_three_and_three_of_them_are_ten() {
        let third = of("10").times(fraction("1/3")).unwrap();
        let rounded = third.rounded(Rounding::HalfUpHundredth).unwrap();
        assert_eq!(rounded.to_string(), "3.33");
        let whole = third.plus(third).unwrap().plus(third).unwrap();
        assert_eq!(whole.rounded(Rounding::DownWhole).unwrap().to_string(), "10");
        assert!(whole.minus(of("10")).unwrap().is_zero());
    }

    #[test]
    fn half_a_hundredth_is_rounded_up_or_down_as_the_policy_says() {
        let half = of("0.01").times(fraction("1/2")).unwrap();
        assert_eq!(half.rounded(Rounding::HalfUpHundredth).unwrap().to_string(), "0.01");
        assert_eq!(half.rounded(Rounding::DownHundredth).unwrap().to_string(), "0");
        assert_eq!(of("5.99").rounded(Rounding::DownWhole).unwrap().to_string(), "5");
    }

    #[test]
    fn amounts_beyond_the_type_are_none_and_never_wrap() {
        let huge = Exact::of(Hours::from_hundredths(i64::MAX));
        let factor = fraction("1000000000");
        assert!(huge.times(factor).unwrap().rounded(Rounding::HalfUpHundredth).is_none());
        let beyond = huge.times(factor).and_then(|huge| huge.times(factor));
        assert!(beyond.and_then(|beyond| beyond.times(factor)).is_none());
    }
}
