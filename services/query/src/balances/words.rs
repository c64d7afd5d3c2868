//! The words of balances: why a line does not count, what an adjustment is for, in both languages.

use keshi_core::balance::{AdjustmentKind, Why};
use keshi_core::reason::field_zh;

/// Code and texts of what keeps a line from counting; all empty if it counts.
pub(crate) fn why_not(why: &Why) -> (String, String, String) {
    let (code, zh, en) = match why {
        Why::Counted => ("", String::new(), String::new()),
        Why::Void { by } => ("Void", format!("已由第 {by} 条作废"), format!("voided by entry {by}")),
        Why::Corrected { by } => (
            "Corrected",
            format!("已由第 {by} 条更正"),
            format!("corrected by entry {by}"),
        ),
        Why::Cancelled { by } => (
            "Cancelled",
            format!("场次已由第 {by} 条取消"),
            format!("its session was cancelled by entry {by}"),
        ),
        Why::UnderReview {
            claim_id,
            stage: Some(stage),
        } => (
            "UnderReview",
            format!("申报 {claim_id} {}，入账后计入", stage.zh()),
            format!("claim {claim_id} {}; it counts once that is credited", stage.en()),
        ),
        Why::UnderReview { claim_id, stage: None } => (
            "UnderReview",
            format!("属于申报 {claim_id}，该申报尚未提交或已不含本条"),
            format!("part of claim {claim_id}, which was not submitted or does not claim it"),
        ),
        Why::WaitingFor { field, id } => (
            "WaitingFor",
            format!("{} {id} 尚未登记，登记后自动生效", field_zh(field)),
            format!("waiting for {field} {id}; it counts once that arrives"),
        ),
        Why::NotInForce => (
            "NotInForce",
            "当日规则未生效".to_owned(),
            "no version of the policy was in force on the day".to_owned(),
        ),
        Why::NotCredited => (
            "NotCredited",
            "规则中没有对应的折算".to_owned(),
            "no conversion of the policy credits it".to_owned(),
        ),
        Why::BelowPresence { of } => (
            "BelowPresence",
            format!("出勤不足：场次共 {of} 课时，未达规则要求的比例"),
            format!("present for less of the session's {of} hours than the policy asks"),
        ),
        Why::NotPassed => (
            "NotPassed",
            "考核不合格，规则不计".to_owned(),
            "not passed (不合格 or 不通过), and the policy credits nothing for that".to_owned(),
        ),
        Why::NotInTable => (
            "NotInTable",
            "规则的折算表中没有该级别或奖次".to_owned(),
            "the conversion's table has no such level or award".to_owned(),
        ),
        Why::RoundsToNothing => (
            "RoundsToNothing",
            "折算后不足规则取整的最小单位，取整后为零".to_owned(),
            "so little after conversion that nothing is left by the policy's rounding".to_owned(),
        ),
        Why::Incomplete => (
            "Incomplete",
            "计划、记录、反思三样未备齐".to_owned(),
            "plan, log and reflection are not all on file".to_owned(),
        ),
        Why::OtherOfSession { index } => (
            "OtherOfSession",
            format!("同一场次以第 {index} 条为准"),
            format!("entry {index} counts for the same session"),
        ),
        Why::BestOnly { index } => (
            "BestOnly",
            format!("同一作品或同一期间只计最高的一项，以第 {index} 条为准"),
            format!("only the best of one work or period counts, which is entry {index}"),
        ),
    };
    (code.to_owned(), zh, en)
}

/// What an adjustment is for.
pub(super) fn adjustment_texts(kind: AdjustmentKind) -> (String, String) {
    match kind {
        AdjustmentKind::CarriedIn { from } => (
            format!("结转自截至 {from} 的期间"),
            format!("carried in from the period that ended on {from}"),
        ),
        AdjustmentKind::SubstitutedFrom { requirement } => (
            format!("由 {requirement} 的超出部分抵充"),
            format!("filled from the surplus of {requirement}"),
        ),
        AdjustmentKind::SubstitutedTo { requirement } => (
            format!("超出部分抵充 {requirement}"),
            format!("surplus that fills {requirement}"),
        ),
        AdjustmentKind::Probation => (
            "试用期培训按规定课时记入周期".to_owned(),
            "the probation year is recorded as less".to_owned(),
        ),
        AdjustmentKind::GraceIn => (
            "宽限期内所得，计入上一周期".to_owned(),
            "earned in the grace window, counted to the cycle that ended".to_owned(),
        ),
        AdjustmentKind::GraceOut => (
            "宽限期内所得，已计入上一周期".to_owned(),
            "earned in the grace window, counted to the cycle before".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use keshi_core::hours::Hours;

    use super::*;

    #[test]
    fn everything_that_keeps_a_line_from_counting_has_a_code_and_words_in_both_languages() {
        let all = [
            Why::Void { by: 1 },
            Why::Corrected { by: 1 },
            Why::Cancelled { by: 1 },
            Why::WaitingFor {
                field: "comp_id",
                id: "C1".to_owned(),
            },
            Why::NotInForce,
            Why::NotCredited,
            Why::BelowPresence { of: Hours::whole(6) },
            Why::NotPassed,
            Why::NotInTable,
            Why::RoundsToNothing,
            Why::Incomplete,
            Why::OtherOfSession { index: 1 },
            Why::BestOnly { index: 1 },
        ];
        let mut codes = std::collections::BTreeSet::new();
        for why in &all {
            let (code, zh, en) = why_not(why);
            assert!(!zh.is_ascii() && en.len() > 8, "{why:?}");
            assert!(codes.insert(code), "{why:?}");
        }
        assert_eq!(why_not(&Why::Counted), Default::default());
        assert!(why_not(&all[3]).1.contains("竞赛 C1"));
    }
}
