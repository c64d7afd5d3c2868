//! Spreadsheets as clerks make them, also wrong ones.

use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

/// What is put into a cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, as Excel keeps it: year, month, day.
    Day(u16, u8, u8),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// The headings of 培训 that these tests fill.
pub const TRAINING: [&str; 5] = ["教师编号", "培训类别", "培训项目名称", "培训获得学时", "培训开始日期"];

/// A row of 培训 on a day of 2022: a training of the county.
pub fn training(teacher: &str, project: &str, hours: impl Into<Cell>, month: u8, day: u8) -> Vec<Cell> {
    let day = Cell::Day(2022, month, day);
    vec![teacher.into(), "县级".into(), project.into(), hours.into(), day]
}

/// Writes a workbook with one sheet of these headings and rows.
///
/// # Panics
///
/// If it cannot be written.
pub fn write(path: &Path, headings: &[&str], rows: &[Vec<Cell>]) {
    write_with(path, |sheet| {
        fill(sheet, 0, headings, rows);
    });
}

/// Writes a workbook with one sheet that `fill` fills.
///
/// # Panics
///
/// If it cannot be written.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut Worksheet)) {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save(path).expect("the workbook can be written");
}

/// Puts headings into row `first` and the rows below it.
///
/// # Panics
///
/// If a cell cannot be written.
pub fn fill(sheet: &mut Worksheet, first: u32, headings: &[&str], rows: &[Vec<Cell>]) {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string(first, column, *heading).expect("a heading");
    }
    for (row, cells) in (first + 1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Blank => continue,
                Cell::Text(text) => sheet.write_string(row, column, text),
                Cell::Number(number) => sheet.write_number(row, column, *number),
                Cell::Day(year, month, day) => {
                    let day = ExcelDateTime::from_ymd(*year, *month, *day).expect("a day");
                    sheet.write_datetime_with_format(row, column, day, &date)
                }
            }
            .expect("a cell");
        }
    }
}
