//! Why a line changed, in both languages.

use keshi_core::balance::difference::{Cause, LineChange};
use keshi_core::balance::{Cut, Line};
use keshi_core::ids::RuleId;
use keshi_core::reason::field_zh;

use crate::balances::why_not;

/// Why a line changed.
pub(super) fn cause_texts(change: &LineChange) -> (String, String) {
    match &change.cause {
        Cause::NewEntry => new_entry(change.after.as_ref()),
        Cause::NowLookedAt => (
            "原有条目，现在才属于这项规则或期间".to_owned(),
            "an old entry that this policy and period look at only now".to_owned(),
        ),
        Cause::NoLongerLookedAt => (
            "不再属于这项规则或期间".to_owned(),
            "this policy and period do not look at it any more".to_owned(),
        ),
        Cause::Voided { by } => (format!("已由第 {by} 条作废"), format!("voided by entry {by}")),
        Cause::Corrected { by } => (format!("已由第 {by} 条更正"), format!("corrected by entry {by}")),
        Cause::Cancelled { by } => (
            format!("场次已由第 {by} 条取消"),
            format!("its session was cancelled by entry {by}"),
        ),
        Cause::Arrived { field, id } => (
            format!("所等待的{} {id} 已登记", field_zh(field)),
            format!("{field} {id}, which it waited for, has arrived"),
        ),
        Cause::OtherRule { before, after } => {
            let (before, after) = (rule(*before), rule(*after));
            (
                format!("折算由 {} 改为 {}", before.0, after.0),
                format!("credited by {} instead of {}", after.1, before.1),
            )
        }
        Cause::Outdone { index } => (
            format!("改由第 {index} 条计入，只计较高的一项"),
            format!("entry {index} counts instead, being the better"),
        ),
        Cause::NoLongerOutdone { index } => (
            format!("第 {index} 条不再计入，改计本条"),
            format!("entry {index} does not count any more, so this one does"),
        ),
        Cause::OtherDay => days(change),
        Cause::OtherAmount => (
            "折算所得不同".to_owned(),
            "it is converted to another amount".to_owned(),
        ),
        Cause::OtherCuts => {
            let cuts = |line: &Option<Line>| cuts(line.as_ref().map_or(&[], |line| &line.cuts));
            let (before, after) = (cuts(&change.before), cuts(&change.after));
            (
                format!("封顶扣减由 {} 改为 {}", before.0, after.0),
                format!("caps take {} instead of {}", after.1, before.1),
            )
        }
        Cause::OtherReason => reasons(change),
    }
}

fn new_entry(line: Option<&Line>) -> (String, String) {
    let (_, zh, en) = line.map(|line| why_not(&line.why)).unwrap_or_default();
    if zh.is_empty() {
        return ("新条目".to_owned(), "new entry".to_owned());
    }
    (format!("新条目，未计：{zh}"), format!("new entry, not counted: {en}"))
}

fn rule(rule: Option<(RuleId, u32)>) -> (String, String) {
    rule.map_or_else(
        || ("无".to_owned(), "none".to_owned()),
        |(id, version)| (format!("{id}（第 {version} 版）"), format!("{id} of version {version}")),
    )
}

fn cuts(cuts: &[Cut]) -> (String, String) {
    if cuts.is_empty() {
        return ("无".to_owned(), "nothing".to_owned());
    }
    let each: Vec<String> = cuts.iter().map(|cut| format!("{} −{}", cut.rule, cut.amount)).collect();
    (each.join("、"), each.join(", "))
}

fn days(change: &LineChange) -> (String, String) {
    let day = |line: &Option<Line>| line.as_ref().map_or_else(String::new, |line| line.on.to_string());
    let (before, after) = (day(&change.before), day(&change.after));
    (
        format!("归属日由 {before} 改为 {after}"),
        format!("attributed to {after} instead of {before}"),
    )
}

fn reasons(change: &LineChange) -> (String, String) {
    let reason = |line: &Option<Line>| {
        let (_, zh, en) = line.as_ref().map(|line| why_not(&line.why)).unwrap_or_default();
        if zh.is_empty() {
            ("计入".to_owned(), "it counts".to_owned())
        } else {
            (zh, en)
        }
    };
    let (before, after) = (reason(&change.before), reason(&change.after));
    (
        format!("现为：{}；此前：{}", after.0, before.0),
        format!("now: {}; before: {}", after.1, before.1),
    )
}
