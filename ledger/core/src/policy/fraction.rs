//! Exact fractions of policies: `1/3`, `0.20`, `9`.

use std::fmt;

use thiserror::Error;

/// Largest numerator and denominator.
pub const FRACTION_MAX: i64 = 1_000_000_000;

/// A fraction that is not negative, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: i64,
    denominator: i64,
}

/// Why a text is not a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FractionError {
    /// Neither a decimal nor two whole numbers with a stroke.
    #[error("not a number or a fraction like 1/3")]
    NotANumber,
    /// A denominator of nothing.
    #[error("division by zero")]
    ByZero,
    /// Below zero.
    #[error("must not be negative")]
    Negative,
    /// Above or below the stroke more than 1,000,000,000.
    #[error("too many digits")]
    TooLarge,
}

impl Fraction {
    /// The whole.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// Nothing.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// One of `parts` equal parts.
    pub fn one_of(parts: u32) -> Self {
        Self {
            numerator: 1,
            denominator: i64::from(parts.max(1)),
        }
    }

    /// This many.
    pub fn whole(number: i64) -> Option<Self> {
        Self::of(number, 1)
    }

    /// `numerator / denominator`; `None` if that is negative or no number.
    pub fn of(numerator: i64, denominator: i64) -> Option<Self> {
        if numerator < 0 || denominator <= 0 {
            return None;
        }
        let common = gcd(numerator.unsigned_abs().into(), denominator.unsigned_abs().into());
        let common = i64::try_from(common).ok()?.max(1);
        Some(Self {
            numerator: numerator / common,
            denominator: denominator / common,
        })
    }

    /// Reads `1/3`, `0.20` or `9`.
    ///
    /// # Errors
    ///
    /// [`FractionError`] if it is none of these, negative, divides by zero, or is too long.
    pub fn parse(text: &str) -> Result<Self, FractionError> {
        if text.starts_with('-') {
            return Err(FractionError::Negative);
        }
        let whole = |text: &str| -> Result<i64, FractionError> {
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                return Err(FractionError::NotANumber);
            }
            let number = text.parse().map_err(|_| FractionError::TooLarge)?;
            (number <= FRACTION_MAX)
                .then_some(number)
                .ok_or(FractionError::TooLarge)
        };
        let (numerator, denominator) = if let Some((above, below)) = text.split_once('/') {
            (whole(above.trim())?, whole(below.trim())?)
        } else if let Some((before, after)) = text.split_once('.') {
            let digits = u32::try_from(after.len()).map_err(|_| FractionError::TooLarge)?;
            whole(before)?;
            whole(after)?;
            let scale = 10_i64.checked_pow(digits).filter(|scale| *scale <= FRACTION_MAX);
            (
                whole(&format!("{before}{after}"))?,
                scale.ok_or(FractionError::TooLarge)?,
            )
        } else {
            (whole(text)?, 1)
        };
        if denominator == 0 {
            return Err(FractionError::ByZero);
        }
        Self::of(numerator, denominator).ok_or(FractionError::TooLarge)
    }

    /// Above the stroke.
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// Below the stroke, never zero.
    pub const fn denominator(self) -> i64 {
        self.denominator
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            below => write!(f, "{}/{below}", self.numerator),
        }
    }
}

/// The greatest common divisor.
pub(crate) const fn gcd(mut one: u128, mut two: u128) -> u128 {
    while two != 0 {
        (one, two) = (two, one % two);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_read_exactly() {
        let parts = |text| Fraction::parse(text).map(|f| (f.numerator(), f.denominator()));
        assert_eq!(parts("1/3"), Ok((1, 3)));
        assert_eq!(parts("0.20"), Ok((1, 5)));
        assert_eq!(parts("9"), Ok((9, 1)));
        assert_eq!(parts("4/6"), Ok((2, 3)));
        assert_eq!(parts("0"), Ok((0, 1)));
        assert_eq!(parts("1/0"), Err(FractionError::ByZero));
        assert_eq!(parts("-1/2"), Err(FractionError::Negative));
        assert_eq!(parts(".5"), Err(FractionError::NotANumber));
        assert_eq!(parts("1e3"), Err(FractionError::NotANumber));
        assert_eq!(parts("99999999999"), Err(FractionError::TooLarge));
        assert_eq!(parts("0.0000000001"), Err(FractionError::TooLarge));
    }
}
