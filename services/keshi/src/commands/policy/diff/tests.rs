use keshi_core::lang::Lang;

use super::*;
use crate::show::table::Width;

fn standing(counted: i64, min: i64, status: api::Status) -> api::Standing {
    api::Standing {
        requirement_id: "R1".into(),
        meter: "training_hours".into(),
        period: "2022".into(),
        min_centiamount: min,
        counted_centiamount: counted,
        missing_centiamount: (min - counted).max(0),
        status: status.into(),
        unit: "课时".into(),
        ..api::Standing::default()
    }
}

#[test]
fn a_comparison_lists_who_comes_out_otherwise_and_counts_them() {
    let changes = [
        api::PolicyChange {
            teacher_id: "T1".into(),
            name: "王芳".into(),
            turn: api::Turn::NowShort.into(),
            before: Some(standing(9600, 9000, api::Status::Met)),
            after: Some(standing(9600, 12000, api::Status::Short)),
            missing_change_centiamount: 2400,
            ..api::PolicyChange::default()
        },
        api::PolicyChange {
            teacher_id: "T2".into(),
            turn: api::Turn::NowMet.into(),
            before: Some(standing(8050, 9000, api::Status::Short)),
            missing_change_centiamount: -950,
            ..api::PolicyChange::default()
        },
    ];
    let result = api::PolicyComparison {
        before_policy_id: "teacher-90".into(),
        before_name: "每年 90 课时".into(),
        after_policy_id: "teacher-120".into(),
        after_version: 2,
        after_name: "每年 120 课时".into(),
        period: "2022".into(),
        size: 5908,
        teachers: 240,
        under_before: 240,
        under_after: 239,
        met_before: 200,
        met_after: 150,
        now_short: 51,
        now_met: 1,
        requirements: vec![api::RequirementComparison {
            requirement_id: "R1".into(),
            meter: "training_hours".into(),
            unit: "课时".into(),
            text: "每年接受不少于90课时的培训".into(),
            short_before: 40,
            short_after: 90,
            now_short: 51,
            now_met: 1,
            more_missing: 39,
            missing_before_centiamount: 36_050,
            missing_after_centiamount: 240_000,
            ..api::RequirementComparison::default()
        }],
        ..api::PolicyComparison::default()
    };
    insta::assert_snapshot!("comparison_zh", render::text(&changes, &result, Lang::Zh, Width::ANY));
    insta::assert_snapshot!("comparison_en", render::text(&changes, &result, Lang::En, Width::ANY));
    let none = render::text(&[], &api::PolicyComparison::default(), Lang::En, Width::ANY);
    assert!(none.contains("nobody would stand otherwise"), "{none}");
}

#[test]
fn a_comparison_of_ladders_says_who_may_newly_be_selected_and_nothing_of_hours() {
    let step = |missing: &[&str]| api::TierStep {
        name_zh: "县级学科带头人".into(),
        missing_zh: missing.iter().map(ToString::to_string).collect(),
        policy_id: "ladder".into(),
        version: 2,
        step_id: "S3".into(),
        ..api::TierStep::default()
    };
    let changes = [api::PolicyChange {
        teacher_id: "T2".into(),
        turn: api::Turn::NowReady.into(),
        step_before: Some(step(&["已超过 40 周岁"])),
        step_after: Some(step(&[])),
        ..api::PolicyChange::default()
    }];
    let result = api::PolicyComparison {
        before_policy_id: "ladder".into(),
        after_policy_id: "ladder".into(),
        after_version: 2,
        period: "2022".into(),
        size: 40,
        steps: vec![api::StepComparison {
            name_zh: "县级学科带头人".into(),
            ready_before: 1,
            ready_after: 2,
            now_ready: 1,
            ..api::StepComparison::default()
        }],
        steps_on: Some(keshi_proto::event::Date {
            year: 2022,
            month: 12,
            day: 31,
        }),
        ..api::PolicyComparison::default()
    };
    insta::assert_snapshot!("ladders_zh", render::text(&changes, &result, Lang::Zh, Width::ANY));
}

#[test]
fn a_policy_is_a_file_if_it_looks_like_one_else_an_id() {
    let adopted = |text: &str| match choice(text).unwrap().policy {
        Some(Given::Adopted(id)) => id,
        other => panic!("{other:?}"),
    };
    assert_eq!(adopted("sample-360"), "sample-360");
    assert_eq!(adopted("sample-360@2"), "sample-360@2");
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../ledger/core/policies/dongxing-researcher-2020.toml"
    );
    assert!(matches!(choice(file).unwrap().policy, Some(Given::Document(_))));
    assert_eq!(choice("missing.toml").unwrap_err().exit, crate::Exit::Failed);
    assert_eq!(choice("规则").unwrap_err().exit, crate::Exit::Usage);
}
