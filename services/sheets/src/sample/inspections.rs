//! One round of teaching inspections: three schools in October 2022, eight findings, and what had changed by December.

use jiff::civil::{Date, date};
use keshi_core::codes::{FindingOutcome, InspectionAspect, Stage};

use super::county::{County, School};
use super::sheets::{day, table, text};
use crate::columns::{Col, Kind};
use crate::write::Table;

const PURPOSE: &str = "2022年秋季教学常规视导";

struct Finding {
    aspect: InspectionAspect,
    text: &'static str,
    /// Until when something is to change; `None`: nothing is.
    due: Option<Date>,
    looked: Option<(Date, FindingOutcome)>,
}

const fn noted(aspect: InspectionAspect, text: &'static str) -> Finding {
    Finding {
        aspect,
        text,
        due: None,
        looked: None,
    }
}

const fn to_change(
    aspect: InspectionAspect,
    text: &'static str,
    due: Date,
    looked: Option<(Date, FindingOutcome)>,
) -> Finding {
    Finding {
        aspect,
        text,
        due: Some(due),
        looked,
    }
}

/// A school by its stage and its place among those, its days, the places of who inspects, and what was found.
struct Round {
    stage: Stage,
    place: usize,
    days: (Date, Date),
    inspectors: &'static [usize],
    findings: &'static [Finding],
}

const ROUND: [Round; 3] = [
    Round {
        stage: Stage::Primary,
        place: 1,
        days: (date(2022, 10, 11), date(2022, 10, 11)),
        inspectors: &[0, 1],
        findings: &[
            noted(InspectionAspect::Classroom, "语文课朗读训练扎实，提问层次清楚"),
            to_change(
                InspectionAspect::Routine,
                "备课有教案无二次修改",
                date(2022, 11, 15),
                Some((date(2022, 11, 16), FindingOutcome::Done)),
            ),
            to_change(
                InspectionAspect::Homework,
                "三年级书面作业总量偏多",
                date(2022, 11, 15),
                Some((date(2022, 11, 16), FindingOutcome::Partly)),
            ),
        ],
    },
    Round {
        stage: Stage::Junior,
        place: 2,
        days: (date(2022, 10, 18), date(2022, 10, 19)),
        inspectors: &[1, 2, 3],
        findings: &[
            to_change(
                InspectionAspect::SchoolResearch,
                "校本教研没有主题，记录不全",
                date(2022, 11, 30),
                Some((date(2022, 12, 1), FindingOutcome::Done)),
            ),
            to_change(
                InspectionAspect::Curriculum,
                "实验课开出率不足",
                date(2022, 11, 30),
                Some((date(2022, 12, 1), FindingOutcome::NotDone)),
            ),
            noted(InspectionAspect::Management, "推门听课制度坚持得好"),
        ],
    },
    Round {
        stage: Stage::Kindergarten,
        place: 3,
        days: (date(2022, 10, 25), date(2022, 10, 25)),
        inspectors: &[3, 4],
        findings: &[
            to_change(
                InspectionAspect::Other,
                "户外活动器械摆放不便幼儿取用",
                date(2022, 11, 10),
                Some((date(2022, 11, 11), FindingOutcome::Done)),
            ),
            // Nobody has looked again, so it is overdue from December on.
            to_change(
                InspectionAspect::Routine,
                "一日活动计划没有按周调整",
                date(2022, 11, 30),
                None,
            ),
        ],
    },
];

/// The sheet.
pub(super) fn inspections(county: &County) -> Vec<Table> {
    let cols = [
        Col::School,
        Col::From,
        Col::To,
        Col::Purpose,
        Col::Inspectors,
        Col::Aspect,
        Col::Finding,
        Col::Requested,
        Col::Due,
        Col::CheckedOn,
        Col::Outcome,
        Col::CheckedBy,
    ];
    let mut table = table(Kind::Inspections, &cols);
    for round in &ROUND {
        let mut of_stage = county.schools.iter().filter(|school| school.stage == round.stage);
        let Some(School { id: school, .. }) = of_stage.nth(round.place) else {
            continue;
        };
        let ids = round.inspectors.iter().filter_map(|&place| county.teachers.get(place));
        let ids: Vec<&str> = ids.map(|one| one.id.as_str()).collect();
        for finding in round.findings {
            let looked = finding.looked;
            table.rows.push(vec![
                text(school),
                day(round.days.0),
                day(round.days.1),
                text(PURPOSE),
                text(ids.join("、")),
                text(finding.aspect.zh()),
                text(finding.text),
                text(finding.due.map_or("", |_| "是")),
                finding.due.map_or_else(|| text(""), day),
                looked.map_or_else(|| text(""), |(on, _)| day(on)),
                text(looked.map_or("", |(_, outcome)| outcome.zh())),
                text(looked.map_or("", |_| ids.first().copied().unwrap_or_default())),
            ]);
        }
    }
    vec![table]
}
