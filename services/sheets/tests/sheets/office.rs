//! 复核续期, 联系点, 专家库, 中期检查, and the nature of a post.

use keshi_core::codes::{AssignmentNature, ExpertPool, TopicCheck};
use keshi_core::event::Fact;
use keshi_sheets::plan::Plan;

use crate::row;
use crate::support::{folder, planned, workbook};

/// The rows, as the spreadsheet numbers them, in which something is wrong.
fn problem_rows(plan: &Plan) -> Vec<u32> {
    let bad = plan.rows.iter().filter(|row| !row.problems.is_empty());
    bad.map(|row| row.place.row).collect()
}

#[test]
fn a_renewal_names_the_naming_of_the_sheet_of_titles() {
    let dir = folder();
    let named = workbook(
        &dir,
        "1.xlsx",
        "称号",
        &[
            row!["姓名", "称号类别", "称号级别", "命名日期"],
            row!["乙", "教学能手", "县级", (2017, 3, 30)],
        ],
    );
    let renewed = workbook(
        &dir,
        "2.xlsx",
        "复核",
        &[
            row!["姓名", "称号类别", "称号级别", "命名日期", "复核日期", "有效期至"],
            row!["乙", "教学能手", "县级", (2017, 3, 30), (2022, 3, 1), (2027, 3, 29)],
            row!["乙", "教学能手", "县级", "", (2022, 3, 1), ""],
        ],
    );
    let conferred = planned(&named).events[0].event_id;
    let plan = planned(&renewed);
    let Fact::TitleRenewed(renewal) = &plan.events[0].fact else {
        panic!()
    };
    assert_eq!(renewal.title_event, conferred);
    assert_eq!(problem_rows(&plan), [3]);
}

#[test]
fn links_and_experts_have_their_terms_and_a_subject_expert_her_subject() {
    let dir = folder();
    let links = workbook(
        &dir,
        "1.xlsx",
        "联系点",
        &[
            row!["姓名", "联系学校", "联系开始日期", "截止日期"],
            row!["甲", "LB-XX01", (2022, 9, 1), (2023, 8, 31)],
            row!["甲", "LB-XX01", (2023, 9, 1), (2023, 8, 31)],
        ],
    );
    let plan = planned(&links);
    assert!(matches!(&plan.events[0].fact, Fact::SchoolLinked(link) if link.until.is_some()));
    assert_eq!(problem_rows(&plan), [3]);
    let experts = workbook(
        &dir,
        "2.xlsx",
        "专家",
        &[
            row!["姓名", "专家库", "学科", "入库日期"],
            row!["甲", "学科专家库", "小学语文", (2022, 9, 1)],
            row!["乙", "政策专家库", "", (2022, 9, 1)],
            row!["丙", "学科专家库", "", (2022, 9, 1)],
        ],
    );
    let plan = planned(&experts);
    let pools = plan.events.iter().map(|event| match &event.fact {
        Fact::ExpertPooled(expert) => expert.pool,
        other => panic!("{other:?}"),
    });
    let mut pools: Vec<_> = pools.collect();
    pools.sort_unstable();
    assert_eq!(pools, [ExpertPool::Subject, ExpertPool::Policy]);
    assert_eq!(problem_rows(&plan), [4]);
}

#[test]
fn a_mid_term_check_that_did_not_pass_says_why_and_a_post_says_its_nature() {
    let dir = folder();
    let checks = workbook(
        &dir,
        "1.xlsx",
        "中期",
        &[
            row!["课题名称", "课题级别", "姓名", "检查日期", "检查结果", "检查意见"],
            row!["课题1", "县级", "甲", (2022, 6, 15), "通过", ""],
            row!["课题2", "县级", "甲", (2022, 6, 15), "整改", "补充课例"],
            row!["课题3", "县级", "乙", (2022, 6, 15), "终止", ""],
        ],
    );
    let plan = planned(&checks);
    let results = plan.events.iter().map(|event| match &event.fact {
        Fact::TopicChecked(check) => check.result,
        other => panic!("{other:?}"),
    });
    let mut results: Vec<_> = results.collect();
    results.sort_unstable();
    assert_eq!(results, [TopicCheck::Passed, TopicCheck::ToMend]);
    assert_eq!(problem_rows(&plan), [4]);
    let posts = workbook(
        &dir,
        "2.xlsx",
        "任职",
        &[
            row!["姓名", "任职学校", "岗位", "任职开始", "任职性质"],
            row!["甲", "LB-XX01", "教师", (2022, 9, 1), "轮岗"],
        ],
    );
    let Fact::AssignmentStarted(start) = &planned(&posts).events[0].fact else {
        panic!()
    };
    assert_eq!(start.nature, Some(AssignmentNature::Rotation));
}
