//! What is said of rows: reason and remedy, in both languages.

use keshi_core::lang::Lang;

use crate::plan::{Like, Place, Rows};
use crate::problem::RowProblem;

/// Something to say of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The column's heading or the field's name; may be empty.
    pub column: String,
    /// The offending value; may be empty.
    pub value: String,
    /// Why, in Chinese and English.
    pub reason: [String; 2],
    /// What to do, in Chinese and English.
    pub remedy: [String; 2],
}

impl Remark {
    /// Why, in this language.
    pub fn reason(&self, lang: Lang) -> &str {
        let [zh, en] = &self.reason;
        lang.pick(zh, en)
    }

    /// What to do, in this language.
    pub fn remedy(&self, lang: Lang) -> &str {
        let [zh, en] = &self.remedy;
        lang.pick(zh, en)
    }
}

impl Remark {
    pub(super) fn said(&self, lang: Lang) -> String {
        let column = if self.column.is_empty() {
            String::new()
        } else {
            format!(" {}", self.column)
        };
        let value = if self.value.is_empty() {
            String::new()
        } else {
            format!("“{}”", self.value)
        };
        let (reason, remedy) = (self.reason(lang), self.remedy(lang));
        let (colon, semicolon) = lang.pick(("：", "；"), (": ", "; "));
        let remedy = if remedy.is_empty() {
            String::new()
        } else {
            format!("{semicolon}{remedy}")
        };
        format!("{column}{value}{colon}{reason}{remedy}")
    }
}

pub(super) fn of_problem(problem: &RowProblem) -> Remark {
    Remark {
        column: problem.column.clone(),
        value: problem.value.clone(),
        reason: [problem.reason(Lang::Zh), problem.reason(Lang::En)],
        remedy: [problem.remedy(Lang::Zh), problem.remedy(Lang::En)],
    }
}

pub(super) fn of_same(same: Place) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("与第 {} 行完全相同，只记一次", same.row),
            format!("it says the same as row {} and counts once with it", same.row),
        ],
        remedy: [
            "若确是两次，请在课题、内容或场次列中写明以区分".to_owned(),
            "if two things are meant, tell them apart by topic, content or session".to_owned(),
        ],
    }
}

/// Flagged only: two half days of one provider are two courses.
pub(super) fn of_like(files: &Rows, place: Place, like: &Like) -> Remark {
    let there = &like.place;
    let other = if (there.book, there.sheet) == (place.book, place.sheet) {
        there.row.to_string()
    } else {
        files.name_of(*there)
    };
    let name = &like.name;
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!(
                "与第 {other} 行“{name}”可能是同一培训：同一人、同一机构、同一日期，名称只差标点或写法；两行都会计入"
            ),
            format!(
                "it may be the course of row {other}, {name:?}: the same person, provider and days, and names that differ in \
                 dress alone; both count"
            ),
        ],
        remedy: [
            "若是同一培训，只留一行（已入账的，在“作废理由”列写明作废）".to_owned(),
            "if it is one course, keep one row (void what is recorded by a reason in the column 作废理由)".to_owned(),
        ],
    }
}

pub(super) fn left_to_others() -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            "项目和场次由立项单位提交，本行只提交参训记录".to_owned(),
            "project and session are for the unit that holds them to post; of this row the attendance alone is sent".to_owned(),
        ],
        remedy: [
            "场次尚未入账的，入账后自动生效，不必重新导入；项目名称、机构、年度和日期须与立项单位所填一致".to_owned(),
            "if the session is not recorded yet, it counts once it is, and nothing is imported again; name, provider, year and \
             days must be as that unit writes them"
                .to_owned(),
        ],
    }
}

pub(super) fn undated(old: &str, new: &str) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("任职有变动：台账 {old} · 表格 {new}，没有写明自哪天起"),
            format!("the post changes: ledger {old} · sheet {new}, and nothing says from which day"),
        ],
        remedy: [
            "在“任职开始”一列写明日期，或导入时写明名册自哪天起".to_owned(),
            "fill in the first day in the post (任职开始), or say from which day the roster holds when you import it"
                .to_owned(),
        ],
    }
}

pub(super) fn renamed(old: &str, new: &str) -> Remark {
    Remark {
        column: "姓名".to_owned(),
        value: String::new(),
        reason: [
            format!("人员库 {old} · 表格 {new}"),
            format!("people register {old} · sheet {new}"),
        ],
        remedy: [
            "表格对的，导入时写明更正的理由，即更正人员库；人员库对的，把表格改成一致".to_owned(),
            "if the sheet is right, import it with a reason for the correction; if the register is, mend the sheet"
                .to_owned(),
        ],
    }
}

pub(super) fn several_posts(in_ledger: usize, in_sheet: usize) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("该教师在台账中有 {in_ledger} 个岗位，在表中有 {in_sheet} 行，无法判断是哪一个岗位变动"),
            format!(
                "she has {in_ledger} posts in the ledger and {in_sheet} rows here: which post changes cannot be told"
            ),
        ],
        remedy: [
            "用“任职”表写明哪一个离任、哪一个就任，及其日期".to_owned(),
            "say in the sheet 任职 which post she leaves and which she takes, with the days".to_owned(),
        ],
    }
}

pub(super) fn nothing_there() -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            "台账中没有这一行，无可更正或作废".to_owned(),
            "the ledger has nothing of this row to correct or to void".to_owned(),
        ],
        remedy: [
            "人员、日期、项目等改过的，先用原来的行作废，再把改正后的行作为新行（两列留空）导入".to_owned(),
            "where person, date or project were changed, void the row as it was, and import the mended one as new, both columns \
             blank"
                .to_owned(),
        ],
    }
}

pub(super) fn voided_as_wished(index: u64, by: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("第 {index} 条已由第 {by} 条作废"),
            format!("entry {index} is void by entry {by} already"),
        ],
        remedy: ["无需处理".to_owned(), "nothing needs to be done".to_owned()],
    }
}

pub(super) fn back_since(index: u64, by: u64, back: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("第 {index} 条已由第 {by} 条作废，后又恢复，第 {back} 条仍计入"),
            format!("entry {index} was voided by entry {by} and brought back since: entry {back} counts"),
        ],
        remedy: [
            "同一理由只作废一次；确要再次作废的，另写理由再导入".to_owned(),
            "one reason voids it once; to void it again, give another reason and import it again".to_owned(),
        ],
    }
}

/// How what is void comes back, which it does only on purpose.
pub(super) const BRING_BACK: [&str; 2] = [
    "不再计入；确要恢复的，在“更正理由”一列写明理由再导入",
    "it does not count; to bring it back on purpose, say why in the column 更正理由 and import it again",
];

pub(super) fn voided(index: u64, by: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("此前已入账（第 {index} 条），后由第 {by} 条作废"),
            format!("it was recorded before (entry {index}) and voided since by entry {by}"),
        ],
        remedy: [BRING_BACK[0].to_owned(), BRING_BACK[1].to_owned()],
    }
}

pub(super) fn posted_by_another(index: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("其他单位已提交过（台账第 {index} 条），内容相同，只记一次"),
            format!("another school or the office posted it already (entry {index}), and it counts once"),
        ],
        remedy: ["无需处理".to_owned(), "nothing needs to be done".to_owned()],
    }
}

/// A clerk knows of no event ids: to her the row is in the ledger, and says something else there.
pub(super) fn conflict(column: String, value: String, index: u64) -> Remark {
    Remark {
        reason: [
            format!("台账第 {index} 条已记有这一项，“{column}”与表中不同"),
            format!("entry {index} of the ledger has this already, with another {column}"),
        ],
        remedy: [
            "表格填错的，改成与台账一致；台账记错的，请提交原记录的单位或教研室更正".to_owned(),
            "if the sheet is wrong, make it say the same; if the ledger is, ask who posted it, or the office, to correct it"
                .to_owned(),
        ],
        column,
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Kind;

    #[test]
    fn a_column_that_a_remedy_asks_for_is_one_that_is_read() {
        let zh = |remark: Remark| remark.remedy(Lang::Zh).to_owned();
        let texts = [
            (Kind::Teachers, zh(undated("S1 教师", "S2 教师"))),
            (Kind::Training, zh(voided(1, 2))),
            (Kind::Training, BRING_BACK[0].to_owned()),
        ];
        for (kind, text) in texts {
            let (_, rest) = text.split_once('“').unwrap_or_else(|| panic!("{text} names no column"));
            let (named, _) = rest.split_once('”').expect("it ends");
            let is_there = kind.columns().iter().any(|column| column.heading == named);
            assert!(is_there, "{kind:?} has no column {named}: {text}");
        }
    }
}
