//! Reading a row's cells, each as what its column holds; what is wrong is noted under the column's heading.

use jiff::civil::Date;
use keshi_core::hours::{Hours, HoursError};
use keshi_core::ids::{IdError, SchoolId, TeacherId};
use keshi_core::lang::Lang;
use keshi_core::text::{Text, personal};
use keshi_core::violation::Problem;

use super::Schools;
use crate::cell::{Cell, NUMBER_DIGITS_MAX, UNCALCULATED};
use crate::columns::{Col, Words};
use crate::heading::{key_form, squeezed};
use crate::problem::{Issue, RowProblem};
use crate::read::{Row, Sheet};

/// Words on screen that mean a code and are not its name in the core.
const WORD_ALIASES: &[(Words, &str, i32)] = &[
    (Words::Level, "国家", 10),
    (Words::Level, "国培", 10),
    (Words::Level, "省", 20),
    (Words::Level, "省培", 20),
    (Words::Level, "市级", 30),
    (Words::Level, "市", 30),
    (Words::Level, "地市", 30),
    (Words::Level, "县", 40),
    (Words::Level, "区级", 40),
    (Words::Level, "区县", 40),
    (Words::Level, "县区", 40),
    (Words::Level, "区县级", 40),
    (Words::Level, "县区级", 40),
    (Words::Level, "县(区)级", 40),
    (Words::Level, "区(县)级", 40),
    (Words::Level, "片区级", 50),
    (Words::Level, "学区", 50),
    (Words::Level, "片区/学区", 50),
    (Words::Level, "校", 60),
    (Words::Level, "校本", 60),
    (Words::Mode, "面授", 2),
    (Words::Mode, "集中培训", 2),
    (Words::Mode, "短期集中", 2),
    (Words::Mode, "线下", 2),
    (Words::Mode, "网络", 3),
    (Words::Mode, "线上", 3),
    (Words::Mode, "远程", 3),
    (Words::Mode, "混合式", 4),
    (Words::Mode, "线上线下混合", 4),
    (Words::Stage, "幼儿", 1),
    (Words::Stage, "学前", 1),
    (Words::Stage, "九年一贯", 5),
    (Words::Stage, "普通高中", 4),
    (Words::Post, "专任教师", 1),
    (Words::Post, "教研员", 3),
    (Words::Post, "园长", 5),
    (Words::Award, "一等奖", 1),
    (Words::Award, "二等奖", 2),
    (Words::Award, "三等奖", 3),
    (Words::Award, "优秀奖", 4),
    (Words::Role, "听众", 2),
    (Words::Role, "参训", 1),
    (Words::Role, "参训学员", 1),
    (Words::Role, "授课", 3),
    (Words::Role, "主持", 5),
    (Words::AwardRole, "参赛教师", 1),
    (Words::AwardRole, "指导", 2),
    (Words::Result, "通过", 1),
    (Words::Result, "未通过", 2),
    (Words::Class, "能手", 2),
    (Words::Class, "带头人", 3),
    (Words::Class, "名师", 4),
];

/// What people write between the ids of several people or schools.
const BETWEEN_IDS: [char; 7] = ['、', ',', '，', ';', '；', ' ', '\n'];

/// One row under reading.
pub(super) struct Fields<'a> {
    sheet: &'a Sheet,
    row: &'a Row,
    schools: &'a Schools,
    pub(super) problems: Vec<RowProblem>,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(sheet: &'a Sheet, row: &'a Row, schools: &'a Schools) -> Self {
        Self {
            sheet,
            row,
            schools,
            problems: Vec::new(),
        }
    }

    /// Notes what is wrong with a column, once.
    pub(super) fn note(&mut self, col: Col, issue: Issue) {
        let value = match &issue {
            Issue::Field(Problem::PersonalData | Problem::NamesPupil) => String::new(),
            _ => shown(self.cell(col), col),
        };
        let column = self.sheet.heading(col).to_owned();
        let problem = RowProblem {
            row: self.row.number,
            column,
            value,
            issue,
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub(super) fn cell(&self, col: Col) -> &'a Cell {
        self.sheet.cell(self.row, col)
    }

    pub(super) fn is_blank(&self, col: Col) -> bool {
        self.cell(col).is_empty()
    }

    /// Reads a column that must be filled.
    pub(super) fn must<T>(&mut self, col: Col, read: impl FnOnce(&mut Self, Col) -> Option<T>) -> Option<T> {
        if self.is_blank(col) {
            self.note(col, Issue::Missing);
            return None;
        }
        read(self, col)
    }

    /// The cell's text, unless it is blank or a formula's error.
    fn written(&mut self, col: Col) -> Option<String> {
        match self.cell(col) {
            Cell::Empty => None,
            Cell::Error(error) => {
                self.note(col, formula(error));
                None
            }
            cell => Some(cell.text()),
        }
    }

    /// Free text.
    pub(super) fn text(&mut self, col: Col) -> Option<Text> {
        let text: String = self
            .written(col)?
            .split(['\n', '\r', '\t'])
            .collect::<Vec<_>>()
            .join(" ");
        match Text::new(&text) {
            Ok(text) if personal::in_text(text.as_str()).is_some() => {
                self.note(col, Issue::Field(Problem::PersonalData));
                None
            }
            Ok(text) => Some(text),
            Err(why) => {
                self.note(col, Issue::Field(Problem::BadText(why.to_string())));
                None
            }
        }
    }

    /// Any kind of id.
    pub(super) fn id<T>(&mut self, col: Col, new: impl FnOnce(&str) -> Result<T, IdError>) -> Option<T> {
        let text: String = squeezed(&self.written(col)?);
        match new(&text) {
            Ok(_) if personal::in_id(&text).is_some() => {
                self.note(col, Issue::Field(Problem::PersonalData));
                None
            }
            Ok(id) => Some(id),
            Err(why) => {
                self.note(col, Issue::NotAnId(why.to_string()));
                None
            }
        }
    }

    /// Ids of people with 、 between them, each once; none where the cell is blank or one of them is no id.
    pub(super) fn people(&mut self, col: Col) -> Vec<TeacherId> {
        let Some(written) = self.written(col) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for part in written.split(BETWEEN_IDS) {
            let part = squeezed(part);
            if part.is_empty() {
                continue;
            }
            match TeacherId::new(&part) {
                Ok(_) if personal::in_id(&part).is_some() => {
                    self.note(col, Issue::Field(Problem::PersonalData));
                    return Vec::new();
                }
                Ok(id) if found.contains(&id) => {}
                Ok(id) => found.push(id),
                Err(why) => {
                    self.note(col, Issue::NotAnId(why.to_string()));
                    return Vec::new();
                }
            }
        }
        found
    }

    /// A school, by id or by full name.
    pub(super) fn school(&mut self, col: Col) -> Option<SchoolId> {
        let written = self.written(col)?;
        self.named_school(col, &written)
    }

    fn named_school(&mut self, col: Col, written: &str) -> Option<SchoolId> {
        let text = squeezed(written);
        let found = SchoolId::new(&text).ok().or_else(|| self.schools.by_name(&text));
        if found.is_none() {
            self.note(col, Issue::UnknownSchool);
        }
        found
    }

    /// Schools with 、 between them; `None` if one of them is unknown.
    pub(super) fn schools(&mut self, col: Col) -> Option<Vec<SchoolId>> {
        let written = self.written(col)?;
        let parts = written.split(BETWEEN_IDS).filter(|part| !part.trim().is_empty());
        parts.map(|part| self.named_school(col, part)).collect()
    }

    /// A day.
    pub(super) fn date(&mut self, col: Col) -> Option<Date> {
        self.written(col)?;
        let day = self.cell(col).day();
        match day {
            Some(day) if (keshi_core::check::DAYS.0..=keshi_core::check::DAYS.1).contains(&day) => Some(day),
            // The ledger's own words repeat the value.
            Some(_) if col != Col::Born => {
                self.note(col, Issue::Field(Problem::BadDate));
                None
            }
            Some(_) | None => {
                self.note(col, Issue::NotADay);
                None
            }
        }
    }

    /// A year.
    pub(super) fn year(&mut self, col: Col) -> Option<i16> {
        let text = key_form(&self.written(col)?);
        let digits = text.trim_end_matches(['年', '度']);
        let year = digits.parse().ok().filter(|year| (1950..=2150).contains(year));
        if year.is_none() {
            self.note(col, Issue::NotAYear);
        }
        year
    }

    /// Hours or credits.
    pub(super) fn hours(&mut self, col: Col) -> Option<Hours> {
        let text = key_form(&self.written(col)?);
        let is_date = matches!(self.cell(col), Cell::Date(_));
        match Hours::parse(&text) {
            Ok(hours) if !is_date => Some(hours),
            Err(HoursError::TooFine) => {
                self.note(col, Issue::TooFine);
                None
            }
            _ => {
                self.note(col, Issue::NotANumber);
                None
            }
        }
    }

    /// A whole number.
    pub(super) fn count<N: TryFrom<u32>>(&mut self, col: Col) -> Option<N> {
        let text = key_form(&self.written(col)?);
        let number = Hours::parse(&text).ok().filter(|hours| hours.hundredths() % 100 == 0);
        let number = number.filter(|_| !matches!(self.cell(col), Cell::Date(_)));
        let number = number.and_then(|hours| u32::try_from(hours.hundredths() / 100).ok());
        let number = number.and_then(|number| N::try_from(number).ok());
        if number.is_none() {
            self.note(col, Issue::NotWhole);
        }
        number
    }

    /// 是 or 否; blank is 否.
    pub(super) fn yes(&mut self, col: Col) -> bool {
        let Some(text) = self.written(col) else { return false };
        match key_form(&text).as_str() {
            "是" | "√" | "✓" | "有" | "1" | "y" | "yes" | "true" => true,
            "否" | "×" | "无" | "0" | "n" | "no" | "false" => false,
            _ => {
                self.note(col, Issue::NotYesNo);
                false
            }
        }
    }

    /// A coded word.
    pub(super) fn word<T>(&mut self, col: Col, words: Words, from_code: impl Fn(i32) -> Option<T>) -> Option<T> {
        let written = self.written(col)?;
        let list = words.list();
        // Nearly every cell holds the very word; only the others need to be compared with care.
        let as_is = list.iter().find(|(_, word)| *word == written).map(|(code, _)| *code);
        let code = as_is.or_else(|| {
            let text = key_form(&written);
            let named = list
                .iter()
                .find(|(code, word)| key_form(word) == text || code.to_string() == text);
            let alias = WORD_ALIASES.iter().find(|(of, word, _)| *of == words && *word == text);
            named.map(|(code, _)| *code).or(alias.map(|(_, _, code)| *code))
        });
        let value = code.and_then(from_code);
        if value.is_none() {
            let known: Vec<_> = list.iter().map(|(code, word)| format!("{word}（{code}）")).collect();
            self.note(col, Issue::UnknownWord(known.join("、")));
        }
        value
    }

    /// The number of an ID document as text: one kept as a number has lost its last digits.
    pub(super) fn id_number(&mut self, col: Col) -> Option<String> {
        let text = squeezed(&self.written(col)?).to_uppercase();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if matches!(self.cell(col), Cell::Number(_)) && digits > NUMBER_DIGITS_MAX {
            self.note(col, Issue::DigitsLost);
            return None;
        }
        Some(text)
    }

    /// Notes that none of these columns is filled.
    pub(super) fn one_of(&mut self, cols: &[Col]) {
        let there = cols.iter().filter(|col| self.sheet.has(**col));
        let headings: Vec<_> = there.map(|col| self.sheet.heading(*col).to_owned()).collect();
        if let Some(first) = cols.first() {
            self.note(*first, Issue::MissingOneOf(headings.join("、")));
        }
    }

    /// Notes a violation that the core found, under the column that holds the field.
    pub(super) fn violation(&mut self, field: &str, fact: &str, problem: Problem) {
        let col = self.sheet.holder(self.row, fact, field);
        self.note(col.unwrap_or(Col::From), Issue::Field(problem));
    }
}

/// What is wrong with a cell in which this stands in place of a value.
pub(super) fn formula(error: &str) -> Issue {
    if error == UNCALCULATED {
        Issue::Uncalculated
    } else {
        Issue::Formula
    }
}

/// A cell as messages show it. What stands in some columns is personal data; of these row and column say enough.
pub(super) fn shown(cell: &Cell, col: Col) -> String {
    if matches!(col, Col::IdNo | Col::Phone | Col::Born) {
        return String::new();
    }
    cell.text().chars().take(80).collect()
}

/// The words of a problem in both languages, for [`Issue::AmbiguousPerson`].
pub(super) fn labels(several: &[(keshi_core::ids::TeacherId, String)]) -> String {
    let label = |(id, label): &(keshi_core::ids::TeacherId, String)| {
        if label.is_empty() {
            id.to_string()
        } else {
            format!("{id}（{label}）")
        }
    };
    several
        .iter()
        .map(label)
        .collect::<Vec<_>>()
        .join(Lang::Zh.pick("、", ", "))
}
