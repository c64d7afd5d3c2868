//! Amounts in exact hundredths. No floats: a third of 40 课时 is 13.33 by rule and sums must agree.

use std::fmt;

use thiserror::Error;

/// An amount of training credit, in hundredths of a class hour (课时, 学时).
///
/// Also carries the plain counts of other meters (节, 次, 场): one lesson is `1.00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours(i64);

/// Why a text is not an amount of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HoursError {
    /// Not a decimal number.
    #[error("not a number")]
    NotANumber,
    /// More than two decimals.
    #[error("at most two decimals")]
    TooFine,
    /// More than 64 bits of hundredths hold.
    #[error("too large")]
    TooLarge,
}

impl Hours {
    /// No hours.
    pub const ZERO: Self = Self(0);

    /// `hundredths` hundredths of an hour.
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// `whole` hours, or `whole` lessons, visits, talks.
    pub const fn whole(whole: u32) -> Self {
        Self(whole as i64 * 100)
    }

    /// The amount in hundredths.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// The sum, or `None` beyond the type's limit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` beyond the type's limit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// How much is missing from `self` up to `wanted`; zero when nothing is.
    #[must_use]
    pub fn missing_to(self, wanted: Self) -> Self {
        Self(wanted.0.saturating_sub(self.0).max(0))
    }

    /// Reads a decimal with at most two decimals: `6`, `4.5`, `0.25`, `-1`.
    ///
    /// # Errors
    ///
    /// [`HoursError`] if it is no number, has more than two decimals, or is too large.
    pub fn parse(text: &str) -> Result<Self, HoursError> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !numeric(whole) || !numeric(fraction) {
            return Err(HoursError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        let fraction: i64 = match fraction.len() {
            0 => 0,
            1 => fraction.parse::<i64>().map_err(|_| HoursError::NotANumber)? * 10,
            2 => fraction.parse().map_err(|_| HoursError::NotANumber)?,
            _ => return Err(HoursError::TooFine),
        };
        let whole: i64 = whole.parse().map_err(|_| HoursError::TooLarge)?;
        let amount = whole
            .checked_mul(100)
            .and_then(|hundredths| hundredths.checked_add(fraction))
            .ok_or(HoursError::TooLarge)?;
        Ok(Self(if negative { -amount } else { amount }))
    }
}

/// Prints `90`, `4.5`, `0.25`: no more decimals than needed.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let text = match fraction {
            0 => format!("{sign}{whole}"),
            tenths if tenths % 10 == 0 => format!("{sign}{whole}.{}", tenths / 10),
            hundredths => format!("{sign}{whole}.{hundredths:02}"),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_read_with_at_most_two_decimals() {
        assert_eq!(Hours::parse("4.5"), Ok(Hours::from_hundredths(450)));
        assert_eq!(Hours::parse("0.250"), Ok(Hours::from_hundredths(25)));
        assert_eq!(Hours::parse("1.234"), Err(HoursError::TooFine));
        assert_eq!(Hours::parse(".5"), Err(HoursError::NotANumber));
        assert_eq!(Hours::parse("1e3"), Err(HoursError::NotANumber));
        assert_eq!(Hours::parse("99999999999999999999"), Err(HoursError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(hundredths in -10_000_000_000_i64..10_000_000_000) {
            let hours = Hours::from_hundredths(hundredths);
            prop_assert_eq!(Hours::parse(&hours.to_string()), Ok(hours));
        }
    }
}
