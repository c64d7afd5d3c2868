//! What is wrong with a row: which column, which value, why, and what to do, in Chinese and English.

use std::fmt;

use keshi_core::lang::Lang;
use keshi_core::violation::{Problem, Violation};

/// One thing wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// The row, as the spreadsheet shows it.
    pub row: u32,
    /// The column's heading, as the sheet writes it.
    pub column: String,
    /// The offending value, shortened; empty where it is personal data or nothing.
    pub value: String,
    /// What is wrong.
    pub issue: Issue,
}

/// What may be wrong with a cell or row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issue {
    /// What the ledger itself would say of the field.
    Field(Problem),
    /// Blank, where something is needed.
    Missing,
    /// Blank, where one of several columns is needed.
    MissingOneOf(String),
    /// No number.
    NotANumber,
    /// More than two decimals.
    TooFine,
    /// No whole number from 0 on.
    NotWhole,
    /// More than one where one may stand.
    OneOnly,
    /// No day.
    NotADay,
    /// No year.
    NotAYear,
    /// Neither 是 nor 否.
    NotYesNo,
    /// None of the words.
    UnknownWord(String),
    /// No id.
    NotAnId(String),
    /// The error of a formula.
    Formula,
    /// A formula that the file has no result of.
    Uncalculated,
    /// A long number kept as a number, so that its last digits are lost.
    DigitsLost,
    /// An ID number whose check character does not fit, or that is none.
    BadIdNumber,
    /// The row is to correct and to void the same thing.
    CorrectAndVoid,
    /// The day of birth is not the one in the ID number.
    OtherBirthDate,
    /// It may be one of these teachers, whose records in the people register are damaged.
    UnreadablePerson(String),
    /// Nobody of this name or document is registered.
    UnknownPerson,
    /// Several people are registered that it may be.
    AmbiguousPerson(String),
    /// The id is of a teacher with another name, this one.
    OtherName(String),
    /// No school of this name or id is known.
    UnknownSchool,
    /// Another row says something else of the same thing.
    Contradicts {
        /// The other rows.
        rows: String,
    },
}

impl RowProblem {
    /// What is wrong, without row and column.
    pub fn reason(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let text = |chinese: &str, english: &str| (if zh { chinese } else { english }).to_owned();
        match &self.issue {
            Issue::Field(problem) => {
                let text = Violation::new(&*self.column, &self.value, problem.clone()).text(lang);
                // The line begins with the column already; only what is said to be in it needs the column's name.
                match text.strip_prefix(&self.column) {
                    Some(rest) if !matches!(problem, Problem::PersonalData | Problem::NamesPupil) => {
                        rest.trim_start().to_owned()
                    }
                    _ => text,
                }
            }
            Issue::Missing => text("没有填写", "it is blank"),
            Issue::MissingOneOf(columns) if zh => format!("{columns} 都没有填写"),
            Issue::MissingOneOf(columns) => format!("{columns} are all blank"),
            Issue::NotANumber => text("不是数字", "it is not a number"),
            Issue::TooFine => text("小数超过两位", "it has more than two decimals"),
            Issue::NotWhole => text("不是从 0 起的整数", "it is not a whole number from 0 on"),
            Issue::OneOnly => text("只能填一个", "only one may stand here"),
            Issue::NotADay => text("不是日期", "it is not a date"),
            Issue::NotAYear => text("不是四位年份", "it is not a year of four digits"),
            Issue::NotYesNo => text("既不是“是”也不是“否”", "it is neither 是 nor 否"),
            Issue::UnknownWord(_) => text("没有这一项", "there is no such value"),
            Issue::NotAnId(_) if zh => "不是有效编号".to_owned(),
            Issue::NotAnId(why) => format!("it is not an id: {why}"),
            Issue::Formula => text("公式出错", "its formula has an error"),
            Issue::Uncalculated => text(
                "公式没有计算结果（文件不是由表格软件保存的）",
                "its formula was never calculated: the file was not saved by a spreadsheet program",
            ),
            Issue::DigitsLost => text(
                "号码被存成了数字，末几位已丢失",
                "the number was kept as a numeric value and lost its last digits",
            ),
            Issue::CorrectAndVoid => text("既要更正又要作废", "it is to correct and to void"),
            Issue::BadIdNumber => text(
                "身份证件号码不对（位数、出生日期或校验位不符）",
                "the ID number is wrong: its length, day of birth or check character does not fit",
            ),
            Issue::OtherBirthDate => text(
                "与身份证件号码中的出生日期不同",
                "it differs from the day of birth in the ID number",
            ),
            Issue::UnknownPerson => text(
                "在您可查的人员中没有此人",
                "nobody among those whom you may look up is this person",
            ),
            Issue::OtherName(name) if zh => format!("这个教师编号在人员库中是 {name}"),
            Issue::OtherName(name) => format!("the teacher of this id is {name} in the people register"),
            Issue::UnreadablePerson(ids) if zh => format!("可能是人员档案已损坏的教师：{ids}"),
            Issue::UnreadablePerson(ids) => format!("it may be a teacher whose record is damaged: {ids}"),
            Issue::AmbiguousPerson(who) if zh => format!("人员库中有几位同名者：{who}"),
            Issue::AmbiguousPerson(who) => format!("several registered people have this name: {who}"),
            Issue::UnknownSchool => text("学校不在本县学校名录中", "the school is not in the county's register"),
            Issue::Contradicts { rows } if zh => format!("与第 {rows} 行说的是同一事项，但内容不同"),
            Issue::Contradicts { rows } => format!("it differs from row {rows}, which is about the same thing"),
        }
    }

    /// What to do about it.
    pub fn remedy(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let text = |chinese: &str, english: &str| (if zh { chinese } else { english }).to_owned();
        match &self.issue {
            Issue::Field(_) => text("改正后重新导入本行", "correct it, then import this row again"),
            Issue::Missing | Issue::MissingOneOf(_) => text(
                "补填（若单元格是合并的，请取消合并并逐行填写）",
                "fill it in (unmerge merged cells and fill every row)",
            ),
            Issue::NotANumber => text(
                "只填数字，如 6 或 4.5，不带单位",
                "give a number such as 6 or 4.5, without a unit",
            ),
            Issue::TooFine => text("按规定四舍五入到两位小数", "round it to two decimals"),
            Issue::NotWhole => text("填整数，如 2", "give a whole number such as 2"),
            Issue::OneOnly => text("只留一个编号", "leave one id"),
            Issue::NotADay => text(
                "按 2022-03-05 的样子填写；起止日期分填两列",
                "write it like 2022-03-05; first and last day have columns of their own",
            ),
            Issue::NotAYear => text("按 2022 的样子填写", "write it like 2022"),
            Issue::NotYesNo => text("填“是”或“否”", "give 是 or 否"),
            Issue::UnknownWord(words) if zh => format!("从这些中选一个：{words}"),
            Issue::UnknownWord(words) => format!("use one of {words}"),
            Issue::NotAnId(_) => text(
                "填编号：字母、数字、. _ -，至多 32 位",
                "give an id: letters, digits, . _ -, at most 32",
            ),
            Issue::Formula => text("改正公式，或直接填写值", "mend the formula, or type the value"),
            Issue::Uncalculated => text(
                "用 Excel 或 WPS 打开该文件、保存后再导入，或直接填写值",
                "open the file in Excel or WPS, save it and import it again, or type the value",
            ),
            Issue::DigitsLost => text(
                "先把该列设为“文本”，再重新录入号码",
                "format the column as text, then type the number again",
            ),
            Issue::CorrectAndVoid => text("只填更正理由或作废理由之一", "fill in one of the two"),
            Issue::BadIdNumber => text("对照证件核对号码", "check it against the document"),
            Issue::OtherBirthDate => text("对照证件核对两处", "check both against the document"),
            Issue::UnknownPerson => text(
                "核对姓名和证件号码；确为新教师的，由其学校或教研室先导入“教师”表；外校教师须写明姓名和教师编号（或证件号码）",
                "check name and document; of a new teacher her school or the office imports the sheet 教师 first; of another \
                 school's teacher give the name with her 教师编号 or ID number",
            ),
            Issue::OtherName(_) => text(
                "核对教师编号和姓名；改了姓名的，先导入写明新姓名的“教师”表",
                "check id and name; of a teacher with a new name, import the sheet 教师 with it first",
            ),
            Issue::UnreadablePerson(_) => text(
                "由管理员恢复人员档案后再导入",
                "have the operator restore the people register, then import again",
            ),
            Issue::AmbiguousPerson(_) => text(
                "填写教师编号或身份证件号码（没有这一列的，加一列）",
                "give the teacher's id or ID number (add the column where there is none)",
            ),
            Issue::UnknownSchool => text(
                "填学校编号或全称；新学校由教研室先导入“学校”表",
                "give the school's id or full name; of a new school the office imports the sheet 学校 first",
            ),
            Issue::Contradicts { .. } => text(
                "核对后只留正确的；若是两件事，用场次、课题或内容列区分",
                "keep the right one; tell two things apart by session, topic or content",
            ),
        }
    }

    /// Everything in a line: row, column, value, reason, remedy.
    pub fn text(&self, lang: Lang) -> String {
        let Self { row, column, value, .. } = self;
        let (reason, remedy) = (self.reason(lang), self.remedy(lang));
        match (lang, value.is_empty()) {
            (Lang::Zh, true) => format!("第 {row} 行 {column}：{reason}；{remedy}"),
            (Lang::Zh, false) => format!("第 {row} 行 {column}“{value}”：{reason}；{remedy}"),
            (Lang::En, true) => format!("row {row}, {column}: {reason}; {remedy}"),
            (Lang::En, false) => format!("row {row}, {column} {value:?}: {reason}; {remedy}"),
        }
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}
