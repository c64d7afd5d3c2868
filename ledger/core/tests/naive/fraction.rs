//! Exact fractions.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Sub};

/// `over / under`, in lowest terms, `under` above zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    over: i128,
    under: i128,
}

fn common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { common_divisor(b, a % b) }
}

impl Fraction {
    pub const ZERO: Self = Self { over: 0, under: 1 };
    pub const ONE: Self = Self { over: 1, under: 1 };

    pub fn new(over: i128, under: i128) -> Self {
        assert!(under > 0);
        let divisor = common_divisor(over, under).max(1);
        Self {
            over: over / divisor,
            under: under / divisor,
        }
    }

    pub fn whole(number: i64) -> Self {
        Self::new(number.into(), 1)
    }

    /// The greatest whole number not above it.
    pub fn down(self) -> i64 {
        i64::try_from(self.over.div_euclid(self.under)).unwrap()
    }

    /// The least whole number not below it.
    pub fn up(self) -> i64 {
        -Self::new(-self.over, self.under).down()
    }

    /// The nearest whole number, the greater of two.
    pub fn half_up(self) -> i64 {
        (self + Self::new(1, 2)).down()
    }

    /// As a policy document writes it: `0.2`, `3`, or `1/3`.
    pub fn text(self) -> String {
        let tenths = self * Self::whole(10);
        let hundredths = self * Self::whole(100);
        if self.under == 1 {
            self.over.to_string()
        } else if tenths.under == 1 {
            format!("{}.{}", tenths.over / 10, tenths.over % 10)
        } else if hundredths.under == 1 {
            format!("{}.{:02}", hundredths.over / 100, hundredths.over % 100)
        } else {
            format!("{}/{}", self.over, self.under)
        }
    }
}

impl Add for Fraction {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(
            self.over * other.under + other.over * self.under,
            self.under * other.under,
        )
    }
}

impl Sub for Fraction {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + other * Self::whole(-1)
    }
}

impl Mul for Fraction {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.over * other.over, self.under * other.under)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.over * other.under).cmp(&(other.over * self.under))
    }
}

impl fmt::Debug for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.over, self.under)
    }
}

#[test]
fn fractions_round_up_down_and_to_the_nearest() {
    let third = Fraction::new(4_000, 3);
    assert_eq!((third.down(), third.half_up(), third.up()), (1_333, 1_333, 1_334));
    assert_eq!(Fraction::new(5, 2).half_up(), 3);
    assert_eq!(
        ["0.2", "1/3", "0.25", "12"],
        [(1, 5), (1, 3), (1, 4), (12, 1)].map(|(over, under)| Fraction::new(over, under).text())
    );
}
