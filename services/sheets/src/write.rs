//! Writing workbooks: plain tables with a bold header, frozen, dates as dates, numbers as numbers.

use std::path::Path;

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, ExcelDateTime, Format, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr as _;

use crate::WriteError;
use crate::cell::Cell;

/// How wide a column is at least and at most, in characters of the font's figures.
const WIDTHS: (usize, usize) = (8, 60);

/// The last row with lists to choose from.
const LIST_ROWS: u32 = 2_000;

/// One worksheet to write.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) headings: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Columns, from 0 on, with the words to choose from.
    pub(crate) lists: Vec<(u16, Vec<&'static str>)>,
}

impl Table {
    pub(crate) fn new(name: &str, headings: &[&str]) -> Self {
        let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
        Self {
            name: name.to_owned(),
            headings,
            rows: Vec::new(),
            lists: Vec::new(),
        }
    }
}

/// Writes one list as a workbook, over an older file of this name: the title is the worksheet's name, the headings
/// stay in sight when the list is scrolled, columns are as wide as what stands in them, numbers can be added up.
///
/// # Errors
///
/// [`WriteError`] if the file cannot be written.
pub fn write_table(path: &Path, title: &str, headings: &[&str], rows: Vec<Vec<Cell>>) -> Result<(), WriteError> {
    let mut table = Table::new(&sheet_name(title), headings);
    table.rows = rows;
    workbook(path, &[table])
}

/// One list of a workbook with several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The worksheet's name.
    pub name: String,
    /// The columns' names.
    pub headings: Vec<String>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// The bytes of a workbook of these lists, each as [`write_table`] writes one; `name` is what an error calls it.
///
/// # Errors
///
/// [`WriteError`] if a list does not fit into a workbook.
pub fn lists_bytes(name: &str, lists: Vec<List>) -> Result<Vec<u8>, WriteError> {
    let table = |list: List| Table {
        name: sheet_name(&list.name),
        headings: list.headings,
        rows: list.rows,
        lists: Vec::new(),
    };
    let tables: Vec<Table> = lists.into_iter().map(table).collect();
    let bytes = book_of(&tables).and_then(|mut book| book.save_to_buffer());
    bytes.map_err(|cause| failed(Path::new(name), cause))
}

/// A list as comma-separated values in UTF-8 with its mark, by which Excel knows them; lines end as in Windows.
///
/// A text that a spreadsheet would take for a formula begins with a space, which readers of ours leave out.
pub fn csv_bytes(list: &List) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(vec![0xEF, 0xBB, 0xBF]);
    let text = |cell: &Cell| match cell {
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!(" {text}"),
        cell => cell.text(),
    };
    // To memory, and every row is as long as the headings are: neither can fail.
    let _ = writer.write_record(&list.headings);
    for row in &list.rows {
        let _ = writer.write_record(row.iter().map(text));
    }
    writer.into_inner().unwrap_or_default()
}

/// A text as Excel takes it for a worksheet's name: at most 31 characters, none of `[]:*?/\\'`.
pub(crate) fn sheet_name(text: &str) -> String {
    let name: String = text.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if name.trim().is_empty() { "表".to_owned() } else { name }
}

/// Writes a workbook of these tables, over an older file of this name.
pub(crate) fn workbook(path: &Path, tables: &[Table]) -> Result<(), WriteError> {
    let written = book_of(tables).and_then(|mut book| book.save(path));
    written.map_err(|cause| failed(path, cause))
}

/// A workbook of these tables.
pub(crate) fn book_of(tables: &[Table]) -> Result<Workbook, XlsxError> {
    let mut book = new_book();
    for table in tables {
        put_table(book.add_worksheet(), table)?;
    }
    Ok(book)
}

/// A workbook without the time of writing in it: the same content is the same bytes.
pub(crate) fn new_book() -> Workbook {
    let mut book = Workbook::new();
    let day = ExcelDateTime::from_ymd(2020, 1, 1).unwrap_or_default();
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&day));
    book
}

pub(crate) fn failed(path: &Path, cause: XlsxError) -> WriteError {
    WriteError::Workbook {
        path: path.to_owned(),
        cause,
    }
}

fn put_table(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    sheet.set_name(&table.name)?;
    let bold = Format::new().set_bold();
    let styles = Styles::new();
    let headings: Vec<Cell> = table
        .headings
        .iter()
        .map(|heading| Cell::Text(heading.as_str().into()))
        .collect();
    let all = std::iter::once(&headings).chain(&table.rows);
    for (column, width) in (0..).zip(widths(all.map(Vec::as_slice))) {
        sheet.set_column_width(column, width)?;
    }
    for (column, heading) in (0..).zip(&table.headings) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
    }
    for (column, words) in &table.lists {
        // What is not in the list is taken, too: codes are, and what is wrong is said at import.
        let list = DataValidation::new()
            .allow_list_strings(words)?
            .set_error_style(DataValidationErrorStyle::Information);
        sheet.add_data_validation(1, *column, LIST_ROWS, *column, &list)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, cells) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(cells) {
            styles.write(sheet, row, column, cell)?;
        }
    }
    Ok(())
}

/// How wide the columns of these rows should be: a Chinese character takes two places.
pub(crate) fn widths<'r>(rows: impl Iterator<Item = &'r [Cell]>) -> Vec<f64> {
    let mut widths: Vec<usize> = Vec::new();
    for cells in rows {
        widths.resize(widths.len().max(cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.text().width() + 2);
        }
    }
    let within = |width: usize| u32::try_from(width.clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(0);
    widths.into_iter().map(|width| f64::from(within(width))).collect()
}

/// Formats shared by all cells of a sheet.
pub(crate) struct Styles {
    plain: Format,
    date: Format,
}

impl Styles {
    pub(crate) fn new() -> Self {
        Self::with(&Format::new())
    }

    /// Cells that look like this, dates as dates.
    pub(crate) fn with(plain: &Format) -> Self {
        Self {
            plain: plain.clone(),
            date: plain.clone().set_num_format("yyyy-mm-dd"),
        }
    }

    /// Writes one cell as what it is.
    pub(crate) fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => drop(sheet.write_blank(row, column, &self.plain)?),
            Cell::Text(text) => drop(sheet.write_string_with_format(row, column, &**text, &self.plain)?),
            Cell::Error(text) => drop(sheet.write_string_with_format(row, column, *text, &self.plain)?),
            Cell::Number(number) => drop(sheet.write_number_with_format(row, column, *number, &self.plain)?),
            Cell::Date(day) => {
                let parts = (
                    u16::try_from(day.year()),
                    u8::try_from(day.month()),
                    u8::try_from(day.day()),
                );
                match parts {
                    (Ok(year @ 1900..), Ok(month), Ok(day)) => {
                        let day = ExcelDateTime::from_ymd(year, month, day)?;
                        sheet.write_datetime_with_format(row, column, &day, &self.date)?;
                    }
                    _ => drop(sheet.write_string_with_format(row, column, day.to_string(), &self.plain)?),
                }
            }
        }
        Ok(())
    }
}
