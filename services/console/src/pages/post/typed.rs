//! What was typed in a form of one kind of sheet: a row of that sheet.

use std::sync::Arc;

use keshi_core::lang::Say;
use keshi_import::Job;
use keshi_sheets::columns::{Col, Column, Kind};
use keshi_sheets::plan::Rows;
use keshi_sheets::read::{TypedRow, typed};

use crate::pages::import::job_of;

/// Longest text of one field, in characters.
pub(super) const FIELD_MAX: usize = 500;

/// A record as it was typed.
pub(super) struct Typed {
    pub(super) kind: Kind,
    /// A text for each of [`columns`].
    cells: Vec<String>,
    /// The school in whose name it is posted, and the historical load, for the county.
    pub(super) org: String,
    pub(super) load: String,
    /// The day from which a changed record of a teacher holds.
    pub(super) from: String,
    /// Whether it is to be recorded, and not only checked.
    pub(super) sure: bool,
    /// Whether the form is to be shown again, without a check.
    pub(super) again: bool,
    /// The entry that was recorded before.
    pub(super) done: Option<String>,
}

/// The columns that a form of this kind asks for, in the order of the sheet. What voids stands on the entry's own page.
pub(super) fn columns(kind: Kind) -> impl Iterator<Item = &'static Column> {
    let asked = |column: &&Column| !matches!(column.col, Col::Ignored | Col::Void);
    kind.columns().iter().filter(asked)
}

/// Whether the column names somebody, which is typed anew for each record and stands in no address.
pub(super) const fn is_personal(col: Col) -> bool {
    matches!(
        col,
        Col::Name
            | Col::IdType
            | Col::IdNo
            | Col::Teacher
            | Col::Born
            | Col::Phone
            | Col::TaughtName
            | Col::TaughtTeacher
            | Col::AskedBy
            | Col::CheckedBy
    )
}

impl Typed {
    /// The fields of the form, which are called as the sheet's columns.
    pub(super) fn read(kind: Kind, fields: Vec<(String, String)>) -> Self {
        let mut typed = Self {
            kind,
            cells: columns(kind).map(|_| String::new()).collect(),
            org: String::new(),
            load: String::new(),
            from: String::new(),
            sure: false,
            again: false,
            done: None,
        };
        for (name, value) in fields {
            let value: String = value.trim().chars().take(FIELD_MAX).collect();
            match name.as_str() {
                "org" => typed.org = value,
                "load" => typed.load = value,
                "from" => typed.from = value,
                "sure" => typed.sure = true,
                "again" => typed.again = true,
                "done" => typed.done = Some(value),
                heading => {
                    let place = columns(kind).position(|column| column.heading == heading);
                    if let Some(cell) = place.and_then(|place| typed.cells.get_mut(place)) {
                        *cell = value;
                    }
                }
            }
        }
        typed
    }

    /// Fills in what is likely, where nothing is typed.
    pub(super) fn suggest(&mut self, col: Col, value: &str) {
        let place = columns(self.kind).position(|column| column.col == col);
        if let Some(cell) = place
            .and_then(|place| self.cells.get_mut(place))
            .filter(|cell| cell.is_empty())
        {
            value.clone_into(cell);
        }
    }

    /// Each column with what is typed.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static Column, &str)> {
        columns(self.kind).zip(self.cells.iter().map(String::as_str))
    }

    /// Whether a column has this heading.
    pub(super) fn has(&self, heading: &str) -> bool {
        columns(self.kind).any(|column| column.heading == heading)
    }

    /// What is filled in, by heading.
    pub(super) fn filled(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.each()
            .filter(|(_, value)| !value.is_empty())
            .map(|(column, value)| (column.heading, value))
    }

    /// Every field of the form that is filled in.
    pub(super) fn all(&self) -> Vec<(&'static str, &str)> {
        let more = [("org", &self.org), ("load", &self.load), ("from", &self.from)];
        let more = more.map(|(name, value)| (name, value.as_str()));
        self.filled()
            .chain(more.into_iter().filter(|(_, value)| !value.is_empty()))
            .collect()
    }

    /// The row.
    pub(super) fn rows(&self) -> Arc<Rows> {
        let cols: Vec<Col> = columns(self.kind).map(|column| column.col).collect();
        let row = TypedRow {
            cells: self.cells.clone(),
            entry: None,
        };
        let book = typed(self.kind.zh(), self.kind, &cols, &[row]);
        Arc::new(Rows::new(vec![book]))
    }

    /// How it is to be imported.
    ///
    /// # Errors
    ///
    /// What is no id, no reason or no day.
    pub(super) fn job(&self) -> Result<Job, Say> {
        let reason = self.each().find(|(column, _)| column.col == Col::Correct);
        let reason = reason.map_or("", |(_, value)| value);
        job_of(&self.org, &self.load, (reason, &self.from))
    }

    /// The form for the next record, once this one stands in the ledger: with what is about nobody in particular.
    pub(super) fn next(&self, entry: Option<u64>) -> String {
        let kept = self
            .each()
            .filter(|(column, value)| !value.is_empty() && !is_personal(column.col) && column.col != Col::Correct);
        let mut pairs: Vec<(&str, String)> = kept.map(|(column, value)| (column.heading, value.to_owned())).collect();
        pairs.push(("done", entry.map_or_else(String::new, |index| index.to_string())));
        let more = [("org", &self.org), ("load", &self.load)];
        let more = more.into_iter().filter(|(_, value)| !value.is_empty());
        pairs.extend(more.map(|(name, value)| (name, value.clone())));
        let pairs = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}?{pairs}", super::address(self.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_next_record_keeps_what_is_about_nobody_and_no_personal_data_stands_in_an_address() {
        let fields = vec![
            pair("听课人", "试样"),
            pair("身份证件号码", "999999199001011234"),
            pair("授课教师", "另一试样"),
            pair("听课日期", "2022-03-05"),
            pair("不是列", "x"),
        ];
        let typed = Typed::read(Kind::LessonsObserved, fields);
        assert!(typed.filled().eq([
            ("听课人", "试样"),
            ("身份证件号码", "999999199001011234"),
            ("听课日期", "2022-03-05"),
            ("授课教师", "另一试样"),
        ]));
        let day = serde_urlencoded::to_string([("听课日期", "2022-03-05")]).expect("encoded");
        assert_eq!(typed.next(Some(7)), format!("/post/lessons%20observed?{day}&done=7"));
    }
}
