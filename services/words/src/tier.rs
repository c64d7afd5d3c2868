//! A teacher's titles, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{self, Title};
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::names::count;
use crate::paper;
use crate::time::date;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 4] = [
    ("称号", "title"),
    ("命名日期", "conferred on"),
    ("有效至", "valid to"),
    ("条目", "entry"),
];

/// The cells of one title, in the order of [`HEADINGS`].
pub fn row(title: &Title) -> [String; 4] {
    [
        title.name_zh.clone(),
        date(title.conferred_on.as_ref()),
        date(title.valid_to.as_ref()),
        title.index.to_string(),
    ]
}

/// What a title that was posted before its time waits for; empty if it waits for nothing.
pub fn waits(title: &Title, lang: Lang) -> String {
    let Title {
        name_zh, waits_for_zh, ..
    } = title;
    if waits_for_zh.is_empty() {
        return String::new();
    }
    lang.pick(
        format!("{name_zh} 等待 {waits_for_zh}"),
        format!("{name_zh} waits for {waits_for_zh}"),
    )
}

/// Her titles as a paper.
pub fn leaf(tier: &api::Tier) -> Leaf {
    let who = paper::whose(&tier.name, &tier.teacher_id, &tier.school_names, &tier.subject);
    let mut notes = vec![who, format!("台账 {} 条", count(tier.size))];
    if let Some(next) = &tier.next {
        notes.push(format!("下一步：{}", next.name_zh));
        notes.extend(next.missing_zh.iter().map(|lack| format!("还缺：{lack}")));
    }
    let headings = ["称号", "命名日期", "有效至", "条目", "状态"];
    let held = tier.titles.iter().map(|title| (title, "现有"));
    let all = held.chain(tier.waiting.iter().map(|title| (title, "待生效")));
    let rows = all.map(|(title, state)| {
        let [name, conferred, until, index] = row(title);
        [name, conferred, until, index, state.to_owned()]
            .map(|text| Cell::text_of(&text))
            .to_vec()
    });
    paper::leaf("教师称号情况表", notes, &headings, rows.collect())
}
