//! How everybody of a school stands, for people: what could not be looked at, and the paper of it.

use keshi_core::lang::{Lang, Say};
use keshi_proto::api;
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::balance::{standing_cells, totals};
use crate::names::count;
use crate::{paper, shortfall};

/// The same as a list of shortfalls says it, whose words hold here too.
fn as_shortfalls(all: &api::ListBalancesResponse) -> api::ListShortfallsResponse {
    api::ListShortfallsResponse {
        teachers: all.teachers,
        without_policy: all.without_policy,
        without_calendar: all.without_calendar.clone(),
        not_begun: all.not_begun,
        ..api::ListShortfallsResponse::default()
    }
}

/// Why nothing is said of anybody; `None` if something is.
pub fn nothing_said(all: &api::ListBalancesResponse) -> Option<Say> {
    shortfall::nothing_said(&as_shortfalls(all))
}

/// Which requirements are missing because no calendar gives a semester; `None` if none is.
pub fn without_calendar(all: &api::ListBalancesResponse) -> Option<Say> {
    shortfall::without_calendar(&as_shortfalls(all))
}

/// Of whom nothing is asked: why, and her totals.
pub fn nothing_asked(told: &api::TeacherBalance, lang: Lang) -> String {
    if told.too_large_at.is_some() {
        return beyond(told, lang);
    }
    let policies = told.balance.iter().flat_map(|balance| &balance.policies);
    let totals: String = policies.map(|policy| totals(policy, lang)).collect();
    let none = lang.pick("没有适用的规则", "no policy applies");
    match totals.trim() {
        "" => none.to_owned(),
        totals => format!("{none}{}{totals}", lang.pick("；", "; ")),
    }
}

/// A teacher whose amounts cannot be counted, and what to do.
fn beyond(told: &api::TeacherBalance, lang: Lang) -> String {
    let as_shortfall = api::Shortfall {
        teacher_id: told
            .balance
            .as_ref()
            .map_or_else(String::new, |balance| balance.teacher_id.clone()),
        too_large_at: told.too_large_at,
        ..api::Shortfall::default()
    };
    shortfall::beyond(&as_shortfall, lang)
}

/// The school as a paper.
pub fn leaf(all: &api::ListBalancesResponse, school: &str, period: &str) -> Leaf {
    let headings = [
        "教师编号",
        "姓名",
        "学科",
        "规则",
        "要求编号",
        "要求",
        "期间",
        "已计",
        "最低",
        "单位",
        "状态",
        "差额",
        "剩余周",
        "说明",
    ];
    let mut rows = Vec::new();
    for told in &all.balances {
        let balance = told.balance.clone().unwrap_or_default();
        let who = [&balance.teacher_id, &balance.name, &balance.subject].map(|text| Cell::text_of(text));
        let standings = balance.policies.iter().flat_map(|policy| {
            let standings = policy.standings.iter();
            standings.map(move |standing| standing_cells(policy, standing))
        });
        let before = rows.len();
        rows.extend(standings.map(|cells| {
            let mut row = who.to_vec();
            row.extend(cells);
            row.push(Cell::Empty);
            row
        }));
        if rows.len() == before {
            let why = nothing_asked(told, Lang::Zh);
            let mut row = who.to_vec();
            row.resize(headings.len() - 1, Cell::Empty);
            row.push(Cell::text_of(&why));
            rows.push(row);
        }
    }
    let met = all.teachers - all.short - all.without_policy - all.too_large;
    let mut of = format!("学校：{school}");
    if !period.is_empty() {
        of = format!("{of}　期间：{period}");
    }
    let notes = vec![
        of,
        format!(
            "教师 {} 人　达标 {met} 人　未达标 {} 人　没有适用规则 {} 人　台账 {} 条",
            all.teachers,
            all.short,
            all.without_policy,
            count(all.size)
        ),
    ];
    paper::leaf("学校教师课时情况表", notes, &headings, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_has_a_row_for_each_requirement_and_one_for_whom_nothing_is_asked_of() {
        let standing = |id: &str| api::Standing {
            requirement_id: id.into(),
            ..api::Standing::default()
        };
        let of = |id: &str, standings| api::TeacherBalance {
            balance: Some(api::Balance {
                teacher_id: id.into(),
                policies: vec![api::PolicyBalance {
                    standings,
                    ..api::PolicyBalance::default()
                }],
                ..api::Balance::default()
            }),
            too_large_at: None,
        };
        let mut beyond = of("T3", Vec::new());
        beyond.too_large_at = Some(7);
        let all = api::ListBalancesResponse {
            balances: vec![
                of("T1", vec![standing("R1"), standing("R2")]),
                of("T2", Vec::new()),
                beyond,
            ],
            teachers: 3,
            short: 1,
            without_policy: 1,
            too_large: 1,
            ..api::ListBalancesResponse::default()
        };
        let leaf = leaf(&all, "城关小学", "2022");
        assert_eq!(leaf.rows.len(), 4);
        assert!(leaf.rows.iter().all(|row| row.len() == leaf.headings.len()));
        assert_eq!(leaf.rows[2][13], Cell::text_of("没有适用的规则"));
        assert!(leaf.rows[3][13].text().contains("第 7 条"), "{:?}", leaf.rows[3]);
        assert_eq!(leaf.notes[0], "学校：城关小学　期间：2022");
    }
}
