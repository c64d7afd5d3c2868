//! How an office reviews claims: the `[review]` table of a policy.

use crate::document::{Reader, TableReader};

/// Days after which a posting is late (补登) where no policy says otherwise (DOMAIN §9).
const LATE_AFTER_DAYS: i64 = 30;

/// Most working days of a publicity: a quarter of a year.
const PUBLICITY_DAYS_MAX: u32 = 60;

/// Most days after which a posting is late.
const LATE_DAYS_MAX: u32 = 366;

/// How the office reviews claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewRules {
    /// 公示工作日: how many working days a publicity runs at least.
    pub publicity_days: u32,
    /// Days after which a posting is 补登.
    pub late_after_days: i64,
}

/// Five working days and thirty days (DOMAIN §9), where no policy says otherwise.
impl Default for ReviewRules {
    fn default() -> Self {
        Self {
            publicity_days: 5,
            late_after_days: LATE_AFTER_DAYS,
        }
    }
}

impl ReviewRules {
    /// Reads the table `[review]`; `None` if there is none.
    pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Option<Self> {
        let mut review = reader.table(table, "review")?;
        let mut number = |key: &str, default: u32, max: u32| match reader.integer(&mut review, key) {
            None => default,
            Some((number, at)) => {
                if number == 0 || max < number {
                    reader.report(
                        at,
                        format!("{key} 应在 1 到 {max} 之间"),
                        format!("{key} must lie between 1 and {max}"),
                    );
                }
                number
            }
        };
        let default = Self::default();
        let publicity_days = number("publicity_days", default.publicity_days, PUBLICITY_DAYS_MAX);
        let late = u32::try_from(default.late_after_days).unwrap_or(LATE_DAYS_MAX);
        let late_after_days = number("late_after_days", late, LATE_DAYS_MAX).into();
        reader.done(review);
        Some(Self {
            publicity_days,
            late_after_days,
        })
    }
}
