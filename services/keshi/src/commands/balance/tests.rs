use keshi_proto::event;

use super::*;
use crate::show::table::Width;

#[allow(clippy::unnecessary_wraps, reason = "as the fields of messages take it")]
fn day(year: i32, month: i32, day: i32) -> Option<event::Date> {
    Some(event::Date { year, month, day })
}

fn line(index: u64, month: i32, what: &str, asked: i64) -> api::Line {
    api::Line {
        index,
        from: day(2022, month, 5),
        to: day(2022, month, 7),
        on: day(2022, month, 7),
        kind: "attendance_recorded".into(),
        kind_zh: "出勤".into(),
        what: what.into(),
        meter: "training_hours".into(),
        asked_centiamount: asked,
        converted_centiamount: asked,
        counted_centiamount: asked,
        rule_id: "V1".into(),
        version: 2,
        ..api::Line::default()
    }
}

fn cut(rule: &str, centiamount: i64) -> api::Cut {
    api::Cut {
        rule_id: rule.into(),
        centiamount,
    }
}

/// Capped, best-only, void, of another year, and one that may be posted twice.
fn lines() -> Vec<api::Line> {
    vec![
        api::Line {
            from: day(2021, 12, 20),
            to: day(2021, 12, 21),
            on: day(2021, 12, 21),
            version: 1,
            ..line(90, 12, "上年的培训", 1200)
        },
        line(812, 3, "义务教育课程标准培训", 1800),
        api::Line {
            converted_centiamount: 2500,
            counted_centiamount: 1800,
            cuts: vec![cut("K2", 500), cut("K4", 200)],
            kind: "lesson_given".into(),
            kind_zh: "授课".into(),
            rule_id: "V2".into(),
            ..line(815, 4, "", 500)
        },
        api::Line {
            counted_centiamount: 0,
            why_not_code: "BestOnly".into(),
            why_not_zh: "同一作品只计最高的一项，以第 815 条为准".into(),
            why_not_en: "only the best of one work counts, which is entry 815".into(),
            ..line(816, 5, "", 1800)
        },
        api::Line {
            counted_centiamount: 0,
            why_not_code: "Void".into(),
            why_not_zh: "已由第 901 条作废".into(),
            why_not_en: "voided by entry 901".into(),
            ..line(818, 6, "国培", 600)
        },
        api::Line {
            on: day(2022, 7, 5),
            overlaps: Some(812),
            ..line(820, 7, "义务教育课标培训", 600)
        },
    ]
}

fn balance() -> api::Balance {
    let hours = api::Standing {
        requirement_id: "R1".into(),
        meter: "training_hours".into(),
        period: "2022".into(),
        min_centiamount: 4600,
        stated_min_centiamount: 9000,
        prorated_min_centiamount: 5600,
        counted_centiamount: 5400,
        status: api::Status::Met.into(),
        unit: "课时".into(),
        text: "每位教研员每年接受不少于90课时的培训".into(),
        version: 2,
        adjustments: vec![
            api::Adjustment {
                kind: "carried_in".into(),
                centiamount: 1400,
                earned_until: day(2021, 12, 31),
                text_zh: "结转自截至 2021-12-31 的期间".into(),
                text_en: "carried in from the period that ended on 2021-12-31".into(),
                ..api::Adjustment::default()
            },
            api::Adjustment {
                kind: "substituted_to".into(),
                centiamount: -200,
                requirement_id: "R5".into(),
                text_zh: "超出部分抵充 R5".into(),
                text_en: "surplus that fills R5".into(),
                ..api::Adjustment::default()
            },
        ],
        exempted: vec![api::Exempted {
            index: 700,
            reduce_by_centiamount: 1000,
        }],
        line_positions: vec![1, 2, 3, 5],
        ..api::Standing::default()
    };
    let observed = api::Standing {
        requirement_id: "R2".into(),
        meter: "lessons_observed".into(),
        period: "2022-2023-1".into(),
        min_centiamount: 4000,
        stated_min_centiamount: 4000,
        prorated_min_centiamount: 4000,
        missing_centiamount: 4000,
        status: api::Status::Short.into(),
        unit: "节".into(),
        text: "每学期听课不少于40节".into(),
        weeks_left: 5,
        ..api::Standing::default()
    };
    let total = |meter: &str, unit: &str, centiamount| api::MeterTotal {
        meter: meter.into(),
        unit: unit.into(),
        centiamount,
        ..api::MeterTotal::default()
    };
    api::Balance {
        official: None,
        teacher_id: "T0001".into(),
        name: "王芳".into(),
        period: "2022".into(),
        from: day(2022, 1, 1),
        to: day(2022, 12, 31),
        size: 24_531,
        until: None,
        school_names: vec!["城关小学".into()],
        subject: "语文".into(),
        policies: vec![PolicyBalance {
            policy_id: "dongxing-researcher-2020".into(),
            version: 2,
            policy_name: "专职教研员".into(),
            meters: vec![
                total("training_hours", "课时", 4200),
                total("lessons_observed", "节", 0),
            ],
            standings: vec![hours, observed],
            lines: lines(),
        }],
    }
}

#[test]
fn a_balance_says_what_is_met_what_is_missing_and_how_long_there_is() {
    let text = render(&balance(), false, Lang::Zh, Width::ANY);
    assert!(
        text.starts_with("王芳  T0001  2022（2022-01-01 … 2022-12-31）  台账 24,531 条\n"),
        "{text}"
    );
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("  R")).collect();
    assert!(
        rows[0].contains("54/46") && rows[0].contains("达标") && rows[0].ends_with('-'),
        "{text}"
    );
    assert!(
        rows[1].contains("0/40") && rows[1].contains("未达标") && rows[1].ends_with('5'),
        "{text}"
    );
    assert!(!text.contains("出勤"), "{text}");
}

#[test]
fn explained_it_lists_every_entry_and_what_each_requirement_adds_up_to() {
    insta::assert_snapshot!("explained_zh", render(&balance(), true, Lang::Zh, Width::ANY));
    insta::assert_snapshot!("explained_en", render(&balance(), true, Lang::En, Width::ANY));
}

#[test]
fn an_exempt_requirement_and_one_that_is_not_due_say_so() {
    let mut balance = balance();
    let standings = &mut balance.policies[0].standings;
    standings[0].set_status(api::Status::Exempt);
    standings[1].set_status(api::Status::NotInScope);
    let text = render(&balance, false, Lang::Zh, Width::ANY);
    assert!(text.contains("减免") && text.contains("不适用"), "{text}");
}

#[test]
fn a_difference_lists_what_is_new_gone_or_counted_otherwise_with_the_reason() {
    let before = balance().policies.remove(0);
    let mut after = before.clone();
    after.standings[0].counted_centiamount = 6000;
    let change = |before: Option<api::Line>, after: Option<api::Line>, zh: &str, en: &str| api::LineChange {
        before,
        after,
        cause_zh: zh.into(),
        cause_en: en.into(),
        ..api::LineChange::default()
    };
    let known = lines();
    let cut_deeper = api::Line {
        counted_centiamount: 1300,
        ..known[2].clone()
    };
    let changes = api::BalanceDifference {
        teacher_id: "T0001".into(),
        name: "王芳".into(),
        period: "2022".into(),
        from: day(2022, 1, 1),
        to: day(2022, 12, 31),
        before_size: 900,
        after_size: 24_531,
        policies: vec![api::PolicyDifference {
            policy_id: before.policy_id.clone(),
            policy_name: before.policy_name.clone(),
            was_there: true,
            is_there: true,
            before_version: 1,
            after_version: 2,
            meters: vec![api::MeterChange {
                meter: "training_hours".into(),
                unit: "课时".into(),
                before_centiamount: 4200,
                after_centiamount: 4900,
                ..api::MeterChange::default()
            }],
            standings: vec![
                api::StandingChange {
                    before: Some(before.standings[0].clone()),
                    after: Some(after.standings[0].clone()),
                },
                api::StandingChange {
                    before: None,
                    after: Some(after.standings[1].clone()),
                },
            ],
            lines: vec![
                change(None, Some(known[1].clone()), "新条目", "new entry"),
                change(
                    Some(known[2].clone()),
                    Some(cut_deeper),
                    "封顶扣减由 K2 −5 改为 K2 −10",
                    "caps take K2 −10 instead of K2 −5",
                ),
                change(
                    Some(known[5].clone()),
                    None,
                    "不再属于这项规则或期间",
                    "this policy and period do not look at it any more",
                ),
            ],
        }],
    };
    insta::assert_snapshot!("difference_zh", difference::render(&changes, Lang::Zh, Width::ANY));
    insta::assert_snapshot!("difference_en", difference::render(&changes, Lang::En, Width::ANY));
    let none = api::BalanceDifference::default();
    assert!(difference::render(&none, Lang::En, Width::ANY).ends_with("nothing changed\n"));
}

#[test]
fn the_paper_of_a_balance_has_whose_it_is_each_requirement_and_each_entry() {
    let balance = balance();
    let leaves = leaves(&balance);
    let [standings, lines] = leaves.as_slice() else {
        panic!("{} leaves", leaves.len())
    };
    assert!(
        standings.notes[0].contains("王芳") && standings.notes[0].contains("城关小学"),
        "{:?}",
        standings.notes
    );
    assert_eq!(standings.rows.len(), balance.policies[0].standings.len());
    assert_eq!(lines.rows.len(), balance.policies[0].lines.len());
    for leaf in &leaves {
        assert!(leaf.rows.iter().all(|row| row.len() == leaf.headings.len()));
    }
}
