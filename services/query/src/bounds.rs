//! Questions that are too much, told from the question alone: beyond a limit of the core, and what to ask instead.

use keshi_core::balance::{Assessor, Excess, Extent, SPAN_YEARS_MAX, STANDINGS_MAX, STEPS_MAX};
use keshi_core::ids::TeacherId;
use keshi_core::period::Period;

use crate::error::Error;
use crate::place::one;

/// Refuses a period that is too long under any policy.
pub(crate) fn not_too_long(period: &Period) -> Result<(), Error> {
    within(period, Extent::of(period)).map(drop)
}

/// How much a question about one teacher is, under the policies of `assessor`; refuses one that is too much.
pub(crate) fn extent(assessor: &Assessor<'_>, period: &Period) -> Result<Extent, Error> {
    within(period, assessor.extent(period))
}

/// Steps of a question that is answered at once, not at the desk: six policies over a year are some 200, a tenth of a
/// millisecond.
const LIGHT_STEPS_MAX: u64 = 500;

/// Entries of a teacher that are looked through at once. A teacher has some 100 a year.
const LIGHT_ENTRIES_MAX: usize = 4_000;

/// Whether a question about this teacher is answered at once.
pub(crate) fn is_light(assessor: &Assessor<'_>, extent: Extent, id: &TeacherId) -> bool {
    extent.steps <= LIGHT_STEPS_MAX && assessor.entries_of(id) <= LIGHT_ENTRIES_MAX
}

fn within(period: &Period, extent: Extent) -> Result<Extent, Error> {
    let Some(excess) = extent.excess() else {
        return Ok(extent);
    };
    let (zh, en) = match excess {
        Excess::Span => (
            format!("期间至多 {SPAN_YEARS_MAX} 年；请分几次查询，如 2001..2025"),
            format!("a period has at most {SPAN_YEARS_MAX} years; ask in parts, such as 2001..2025"),
        ),
        Excess::Standings(count) => (
            format!("本次查询须计 {count} 项（要求×期间），至多 {STANDINGS_MAX} 项；请缩短期间，分几次查询"),
            format!(
                "this comes to {count} requirements × periods, at most {STANDINGS_MAX} are answered at once; \
                 ask for shorter periods, one after the other"
            ),
        ),
        Excess::Steps(count) => (
            format!("结转须逐期计算 {count} 步，至多 {STEPS_MAX} 步；请缩短期间，分几次查询"),
            format!(
                "what is carried on is looked for in {count} periods, at most {STEPS_MAX} at once; \
                 ask for shorter periods, one after the other"
            ),
        ),
    };
    Err(one("period", period.name.to_string(), zh, en))
}

#[cfg(test)]
mod tests {
    use keshi_core::period::Name;
    use keshi_door::Fault;

    use super::*;

    #[test]
    fn each_limit_is_said_in_both_languages_with_what_to_ask_instead_and_fits_into_a_status() {
        let period = Name::parse("2020..2029").unwrap().resolve(&[]).unwrap();
        let extent = |days, standings, steps| Extent { days, standings, steps };
        for extent in [extent(40_000, 0, 0), extent(1, u64::MAX, 0), extent(1, 0, u64::MAX)] {
            let fault = Fault::from(within(&period, extent).unwrap_err());
            assert!(
                fault.text.zh.contains("请") && fault.text.en.contains("ask"),
                "{fault:?}"
            );
            assert!(fault.text.en.chars().count() <= 200, "{fault:?}");
            assert_eq!(fault.violations[0].field, "period");
        }
        assert!(within(&period, extent(3_653, STANDINGS_MAX, STEPS_MAX)).is_ok());
    }
}
