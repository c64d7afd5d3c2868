//! A year's training in the columns of the national teacher system (国内培训): what is in the file, and what is not and why. The
//! file is in Chinese, as the system takes it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api::{self, NationalGap, NationalRestReason};
use keshi_proto::date_from_wire;
use keshi_sheets::cell::Cell;
use keshi_sheets::columns::{Kind, national_headings};
use keshi_sheets::write::List;

use crate::names::{amount, count};
use crate::paper::issued;

/// The columns of the second sheet.
pub const REST_HEADINGS: [(&str, &str); 7] = [
    ("教师", "id"),
    ("教师姓名（未导出部分）", "name"),
    ("所在学校", "school"),
    ("项目或事项", "project or kind of entries"),
    ("未导出学时", "hours not exported"),
    ("未导出学分", "credits not exported"),
    ("未导出的原因", "why"),
];

/// All pages of an answer as one.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    /// 培训年度
    pub year: i32,
    /// The school whose teachers they are; empty: all.
    pub school_id: String,
    /// The policy that counts; empty: each one's own.
    pub policy_id: String,
    /// Entries of the ledger.
    pub size: u64,
    /// Those who have counted hours, and those of whom it cannot be told.
    pub records: Vec<api::NationalRecord>,
    /// Those for whom nothing counts in the year.
    pub without_hours: i64,
    /// Those who do not stand under the policy.
    pub not_under: i64,
}

/// What is in an export and what is not, in numbers. Hours and credits are in hundredths; those of the rows are whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Rows of the first sheet.
    pub rows: i64,
    /// Persons in it.
    pub persons: i64,
    /// Persons who are in no row though something counts, or of whom it cannot be told.
    pub left_out: i64,
    /// Hours in the rows.
    pub hours: i64,
    /// Credits in the rows.
    pub credits: i64,
    /// Hours in no row.
    pub rest_hours: i64,
    /// Credits in no row.
    pub rest_credits: i64,
}

impl Exported {
    /// In numbers.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for record in &self.records {
            sums.persons += i64::from(!record.rows.is_empty());
            sums.left_out += i64::from(record.rows.is_empty());
            for row in &record.rows {
                sums.rows += 1;
                sums.hours = sums.hours.saturating_add(row.hours.saturating_mul(100));
                sums.credits = sums.credits.saturating_add(row.credits.saturating_mul(100));
            }
            for rest in &record.rests {
                sums.rest_hours = sums.rest_hours.saturating_add(rest.centihours);
                sums.rest_credits = sums.rest_credits.saturating_add(rest.centicredits);
            }
        }
        sums
    }

    /// Whether anything counts in no row, or somebody is left out.
    pub fn has_rests(&self) -> bool {
        let mut records = self.records.iter();
        records.any(|record| !record.rests.is_empty() || record.rows.is_empty())
    }

    /// The sheet in the national columns.
    pub fn rows(&self) -> List {
        let rows = self.records.iter().flat_map(|record| {
            let cells = |row| national_cells(self.year, record, row);
            record.rows.iter().map(cells)
        });
        List {
            // By its name, too, it is what the import takes.
            name: Kind::Training.zh().to_owned(),
            headings: national_headings().map(ToOwned::to_owned).collect(),
            rows: rows.collect(),
        }
    }

    /// The sheet of what is in no row.
    pub fn rests(&self) -> List {
        List {
            name: "余数".to_owned(),
            headings: REST_HEADINGS.iter().map(|(zh, _)| (*zh).to_owned()).collect(),
            rows: self.records.iter().flat_map(rest_cells).collect(),
        }
    }

    /// The sheet that says how both come to what the balances count.
    pub fn explained(&self) -> List {
        let sums = self.sums();
        let text = |text: String| Cell::text_of(&text);
        let number = |number: i64| Cell::hundredths(number.saturating_mul(100));
        let or_all = |text: &str, all: &str| Cell::text_of(if text.is_empty() { all } else { text });
        let rows = vec![
            vec![text("培训年度".into()), number(self.year.into())],
            vec![text("学校".into()), or_all(&self.school_id, "全县")],
            vec![text("计算规则".into()), or_all(&self.policy_id, "各人适用的规则")],
            vec![text("台账条数".into()), text(count(self.size))],
            vec![text("已导出人数".into()), number(sums.persons)],
            vec![text("已导出行数".into()), number(sums.rows)],
            vec![text("已导出学时".into()), Cell::hundredths(sums.hours)],
            vec![text("余数表学时".into()), Cell::hundredths(sums.rest_hours)],
            vec![
                text("计入学时合计（以上两项之和，与个人课时一致）".into()),
                Cell::hundredths(sums.hours.saturating_add(sums.rest_hours)),
            ],
            vec![text("已导出学分".into()), Cell::hundredths(sums.credits)],
            vec![text("余数表学分".into()), Cell::hundredths(sums.rest_credits)],
            vec![text("未导出人数（见余数表）".into()), number(sums.left_out)],
            vec![text("当年没有计入学时的人数".into()), number(self.without_hours)],
            vec![text("不适用所选规则的人数".into()), number(self.not_under)],
            vec![
                text("说明".into()),
                text("学时、学分按项目合计后只取整数，余数见余数表；培训类别中片区（50）按其他（99）填写；培训类别和培训方式填代码".into()),
            ],
            vec![text(issued()), Cell::Empty],
        ];
        List {
            name: "说明".to_owned(),
            headings: vec!["项".to_owned(), "内容".to_owned()],
            rows,
        }
    }

    /// What was exported, in a line.
    pub fn said(&self) -> Say {
        let sums = self.sums();
        let (hours, rest) = (amount(sums.hours), amount(sums.rest_hours));
        let [persons, rows, left_out] = [sums.persons, sums.rows, sums.left_out].map(|n| count(n.unsigned_abs()));
        let without = count(self.without_hours.unsigned_abs());
        say(
            format!(
                "{persons} 人 {rows} 行，共 {hours} 学时；余数 {rest} 学时；未导出 {left_out} 人，当年没有计入学时 {without} 人"
            ),
            format!(
                "{rows} rows of {persons} persons, {hours} hours; {rest} hours in no row; {left_out} persons left out, {without} for \
                 whom nothing counts in the year"
            ),
        )
    }

    /// Who is left out and how many for the same reason, with what to do.
    pub fn gaps(&self) -> Vec<(Say, Vec<&str>)> {
        let without = self.records.iter().filter(|record| record.rows.is_empty());
        let reasons: BTreeSet<i32> = without.clone().map(|record| record.gap).collect();
        let of = |code: i32| {
            let ids = without.clone().filter(move |record| record.gap == code);
            ids.map(|record| record.teacher_id.as_str()).collect()
        };
        let told = reasons.into_iter().filter_map(|code| {
            let gap = NationalGap::try_from(code)
                .ok()
                .filter(|gap| *gap != NationalGap::Unspecified)?;
            Some((gap_said(gap, &[]), of(code)))
        });
        told.collect()
    }
}

/// A row of the first sheet, in the order of the national columns.
fn national_cells(year: i32, record: &api::NationalRecord, row: &api::NationalRow) -> Vec<Cell> {
    let number = |number: i64| Cell::hundredths(number.saturating_mul(100));
    let day = |date: Option<&keshi_proto::event::Date>| -> Cell {
        let day: Option<Date> = date.and_then(date_from_wire);
        day.map_or(Cell::Empty, Cell::Date)
    };
    vec![
        Cell::text_of(&record.name),
        Cell::text_of(&record.id_doc_type),
        Cell::text_of(&record.id_doc_no),
        number(year.into()),
        number(row.level.into()),
        Cell::text_of(&row.project),
        Cell::text_of(&row.provider),
        number(row.mode.into()),
        number(row.hours),
        number(row.credits),
        day(row.from.as_ref()),
        day(row.to.as_ref()),
    ]
}

/// The rows of the second sheet about one person.
fn rest_cells(record: &api::NationalRecord) -> Vec<Vec<Cell>> {
    let line = |what: &str, hours: Cell, credits: Cell, why: &str| {
        vec![
            Cell::text_of(&record.teacher_id),
            Cell::text_of(&record.name),
            Cell::text_of(&record.school_names.join("、")),
            Cell::text_of(what),
            hours,
            credits,
            Cell::text_of(why),
        ]
    };
    let gap = record.gap();
    let mut lines: Vec<Vec<Cell>> = record
        .rests
        .iter()
        .map(|rest| {
            let why = why_not(rest, record).zh;
            let (hours, credits) = (Cell::hundredths(rest.centihours), Cell::hundredths(rest.centicredits));
            line(what(rest, Lang::Zh), hours, credits, &why)
        })
        .collect();
    if lines.is_empty() && gap != NationalGap::Unspecified {
        lines.push(line(
            "",
            Cell::Empty,
            Cell::Empty,
            &gap_said(gap, &record.policy_ids).zh,
        ));
    }
    lines
}

/// The project, or the kind of entries.
pub fn what(rest: &api::NationalRest, lang: Lang) -> &str {
    if rest.project.is_empty() {
        lang.pick(rest.kind_zh.as_str(), rest.kind.as_str())
    } else {
        &rest.project
    }
}

/// Why it is in no row.
pub fn why_not(rest: &api::NationalRest, record: &api::NationalRecord) -> Say {
    match rest.reason() {
        NationalRestReason::Unspecified => Say::same(""),
        NationalRestReason::Rounded => say(
            "只填整数：不足 1 学时（学分）的部分未导出",
            "whole numbers alone: less than one hour or credit",
        ),
        NationalRestReason::BelowOne => say(
            "该项目合计不足 1 学时，未导出",
            "the project comes to less than one hour",
        ),
        NationalRestReason::NoProject => say("不是培训项目，不在国内培训之列", "it is of no training project"),
        NationalRestReason::Gap => gap_said(record.gap(), &record.policy_ids),
    }
}

/// Why somebody has no rows, and what to do.
pub fn gap_said(gap: NationalGap, policies: &[String]) -> Say {
    match gap {
        NationalGap::Unspecified => Say::same(""),
        NationalGap::NoIdentity => say(
            "人员档案中没有此人：请导入“教师”表补录姓名和证件后重新导出",
            "the people register does not know her: import the sheet 教师 with name and document, then export again",
        ),
        NationalGap::Erased => say(
            "身份信息已删除，不能导出",
            "her identity was erased and cannot be exported",
        ),
        NationalGap::NoDocument => say(
            "人员档案中没有身份证件：请在“教师”表中补录后重新导出",
            "the people register has no identity document of hers: import the sheet 教师 with it, then export again",
        ),
        NationalGap::Unreadable => say(
            "人员档案损坏：请由管理员恢复备份，或重新补录",
            "her record in the people register is damaged: let the operator restore it, or put it anew",
        ),
        NationalGap::SeveralPolicies => {
            let ids = policies.join("、");
            say(
                format!(
                    "适用几项规则而计算不一{}：请用 --policy（网页上选“计算规则”）指定一项后重新导出",
                    brackets(&ids, ("（", "）"))
                ),
                format!(
                    "she stands under several policies that count differently{}: name one with --policy",
                    brackets(&ids, (" (", ")"))
                ),
            )
        }
        NationalGap::TooLarge => say(
            "数额超出可计范围：请核对所依据的规则",
            "her amounts go beyond what can be counted: look at the policy",
        ),
    }
}

fn brackets(text: &str, (open, close): (&str, &str)) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{open}{text}{close}")
    }
}

#[cfg(test)]
mod tests {
    use keshi_sheets::columns::NATIONAL;

    use super::*;

    fn exported() -> Exported {
        let row = api::NationalRow {
            project: "国培计划".into(),
            level: 99,
            mode: 2,
            hours: 12,
            from: Some(keshi_proto::event::Date {
                year: 2022,
                month: 3,
                day: 1,
            }),
            to: Some(keshi_proto::event::Date {
                year: 2022,
                month: 3,
                day: 2,
            }),
            ..api::NationalRow::default()
        };
        let rest = api::NationalRest {
            reason: NationalRestReason::Rounded.into(),
            project: "国培计划".into(),
            centihours: 50,
            ..api::NationalRest::default()
        };
        let told = api::NationalRecord {
            teacher_id: "T1".into(),
            name: "试样甲".into(),
            id_doc_type: "护照".into(),
            id_doc_no: "E12345678".into(),
            rows: vec![row],
            rests: vec![rest],
            ..api::NationalRecord::default()
        };
        let gap = api::NationalRecord {
            teacher_id: "T2".into(),
            gap: NationalGap::SeveralPolicies.into(),
            policy_ids: vec!["a".into(), "b".into()],
            ..api::NationalRecord::default()
        };
        Exported {
            year: 2022,
            records: vec![told, gap],
            without_hours: 3,
            ..Exported::default()
        }
    }

    #[test]
    fn a_row_has_a_cell_for_each_national_column_and_codes_as_numbers() {
        let rows = exported().rows();
        assert_eq!(rows.headings.len(), NATIONAL.len());
        let cells: Vec<String> = rows.rows[0].iter().map(Cell::text).collect();
        assert_eq!(
            cells,
            [
                "试样甲",
                "护照",
                "E12345678",
                "2022",
                "99",
                "国培计划",
                "",
                "2",
                "12",
                "0",
                "2022-03-01",
                "2022-03-02"
            ]
        );
    }

    #[test]
    fn whoever_is_in_no_row_is_in_the_other_sheet_with_the_reason() {
        let exported = exported();
        let rests = exported.rests();
        assert!(rests.rows.iter().all(|row| row.len() == REST_HEADINGS.len()));
        assert_eq!(rests.rows[0][4], Cell::Number(0.5));
        assert!(rests.rows[1][6].text().contains("（a、b）"), "{:?}", rests.rows[1]);
        let sums = exported.sums();
        assert_eq!(
            (sums.persons, sums.left_out, sums.hours, sums.rest_hours),
            (1, 1, 1200, 50)
        );
        assert_eq!(exported.gaps().len(), 1);
        assert!(exported.said().zh.contains("未导出 1 人，当年没有计入学时 3 人"));
    }

    #[test]
    fn every_gap_is_said_in_both_languages() {
        for code in 1.. {
            let Ok(gap) = NationalGap::try_from(code) else { break };
            let said = gap_said(gap, &[]);
            assert!(!said.zh.is_ascii() && said.en.len() > 10, "{gap:?}");
        }
    }
}
