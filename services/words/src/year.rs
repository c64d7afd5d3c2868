//! How a year stands (封账, 重述), for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{ChangedFigure, Year, YearClosing};

use crate::names::count;
use crate::time::moment;

/// The columns' names of the list of closings.
pub const CLOSING_HEADINGS: [(&str, &str); 5] = [
    ("事项", "what"),
    ("时间", "when"),
    ("台账（条）", "entries"),
    ("数据校验", "hash of the figures"),
    ("由", "by"),
];

/// The columns' names of the list of changes.
pub const CHANGE_HEADINGS: [(&str, &str); 4] = [
    ("指标", "figure"),
    ("封账时", "official"),
    ("现在", "now"),
    ("依据的变化", "entries that made the difference"),
];

/// Most entries that one line names.
const NAMED_MAX: usize = 8;

/// A closing or restatement, by the columns.
pub fn closing(closing: &YearClosing, lang: Lang) -> [String; 5] {
    let what = if closing.reason.is_empty() {
        lang.pick("封账", "closed").to_owned()
    } else {
        format!("{}{}", lang.pick("重述：", "restated: "), closing.reason)
    };
    [
        what,
        closing.recorded_at.as_ref().map_or_else(String::new, moment),
        count(closing.position),
        keshi_core::hex::show(closing.figures_hash.get(..8).unwrap_or_default()),
        closing.poster.clone(),
    ]
}

/// A figure that is another now, by the columns.
pub fn change(change: &ChangedFigure, lang: Lang) -> [String; 4] {
    let listed = |sign: &str, entries: &[u64], total: i64| {
        let named: Vec<String> = entries
            .iter()
            .take(NAMED_MAX)
            .map(|index| format!("{sign}{index}"))
            .collect();
        let more = total.saturating_sub(i64::try_from(named.len()).unwrap_or(0));
        let more = if more > 0 {
            lang.pick(format!(" 等 {total} 条"), format!(" and {more} more"))
        } else {
            String::new()
        };
        if named.is_empty() {
            String::new()
        } else {
            named.join(" ") + &more
        }
    };
    let (came, went) = (
        listed("+", &change.came, change.came_total),
        listed("−", &change.went, change.went_total),
    );
    let entries = [came, went]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("；");
    [
        change.name.clone(),
        or_none(&change.before, lang),
        or_none(&change.after, lang),
        entries,
    ]
}

fn or_none(text: &str, lang: Lang) -> String {
    if text.is_empty() {
        lang.pick("（没有此指标）", "(not defined)").to_owned()
    } else {
        text.to_owned()
    }
}

/// How the year stands, in one sentence.
pub fn stands(year: &Year, lang: Lang) -> String {
    let number = year.year;
    let changed = year.changed.len();
    match year.closings.last() {
        None if !year.is_over => lang.pick(
            format!("{number} 年还没有过完，不能封账。"),
            format!("The year {number} is not over and cannot be closed."),
        ),
        None => lang.pick(
            format!("{number} 年还没有封账：数据随时按现有记录计算。"),
            format!("The year {number} is open: it is counted from what is there."),
        ),
        Some(_) if changed == 0 && year.changed_teachers_total == 0 => lang.pick(
            format!("{number} 年已封账，现有记录与官方数据一致。"),
            format!("The year {number} is closed, and what is known now gives the same figures."),
        ),
        Some(_) => {
            let teachers = year.changed_teachers_total;
            let (zh, en) = match teachers {
                0 => (String::new(), String::new()),
                _ => (
                    format!("、{teachers} 名教师的年度数据"),
                    format!(" and the year of {teachers} teachers"),
                ),
            };
            lang.pick(
                format!("{number} 年已封账；此后的迟报和更正使 {changed} 项指标{zh}有变化，待重述。"),
                format!("The year {number} is closed; what came since changes {changed} figures{en}, to be restated."),
            )
        }
    }
}
