//! The checked copy of a file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use super::{Remark, RowVerdict};
use crate::WriteError;
use crate::cell::Cell;
use crate::heading::heading_form;
use crate::plan::Rows;
use crate::read::{Row, Sheet};
use crate::write::{Styles, failed, new_book, sheet_name, widths};

/// What stands behind the file's name in the name of its checked copy; a number may follow.
const MARK: &str = "-核对";

/// The headings of the two columns that a copy has more.
const HEADINGS: [&str; 2] = ["核对结果", "原因/处理"];

/// How wide the column of reasons is.
const REASONS_WIDTH: f64 = 80.0;

/// Most copies of one file; after so many somebody should tidy up.
const COPIES_MAX: u32 = 1000;

/// Whether a file's name is that of a checked copy.
pub fn is_copy(path: &Path) -> bool {
    original_stem(path).1
}

/// The name without what makes it a copy's, and whether it was one.
fn original_stem(path: &Path) -> (String, bool) {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let bare = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    match bare.strip_suffix(MARK) {
        Some(original) if !original.is_empty() => (original.to_owned(), true),
        _ => (stem.into_owned(), false),
    }
}

/// Where the checked copies of a file go: `培训.xlsx` → `培训-核对.xlsx` beside it, then `培训-核对2.xlsx` …; those of a
/// copy too.
fn copy_paths(file: &Path) -> impl Iterator<Item = PathBuf> {
    let stem = original_stem(file).0;
    (1..=COPIES_MAX).map(move |number| {
        let number = if number == 1 { String::new() } else { number.to_string() };
        file.with_file_name(format!("{stem}{MARK}{number}.xlsx"))
    })
}

/// Writes a copy of one file beside it, with two more columns, 核对结果 and 原因/处理: every row at its old number, those
/// that need work and the cells that are wrong on a coloured ground. Imported again, the copy reads like the original.
///
/// The verdicts are what became of the rows or, if nothing was sent, what would become of them.
///
/// A file that is there already may hold somebody's corrections: it is left alone unless it is this very copy, and the
/// next number is taken.
///
/// # Errors
///
/// [`WriteError`] if the file cannot be written.
pub fn write_copy(
    rows: &Rows,
    book: usize,
    (verdicts, is_sent): (&[RowVerdict], bool),
    file: &Path,
) -> Result<PathBuf, WriteError> {
    let bytes = bytes_of(rows, book, (verdicts, is_sent), file)?;
    let mut last = None;
    for path in copy_paths(file) {
        let io = |cause| WriteError::Io {
            path: path.clone(),
            cause,
        };
        match fs::read(&path) {
            Ok(there) if there == bytes => return Ok(path),
            Ok(_) => last = Some(path),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                // A link to nowhere is there, too: nothing is written where it points.
                let new = fs::OpenOptions::new().write(true).create_new(true).open(&path);
                match new.and_then(|mut file| file.write_all(&bytes)) {
                    Ok(()) => return Ok(path),
                    Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => last = Some(path),
                    Err(cause) => return Err(io(cause)),
                }
            }
            Err(cause) => return Err(io(cause)),
        }
    }
    Err(WriteError::Io {
        path: last.unwrap_or_else(|| file.to_owned()),
        cause: std::io::ErrorKind::AlreadyExists.into(),
    })
}

/// The bytes of a file's checked copy, as [`write_copy`] writes it, and the name to save it under.
///
/// # Errors
///
/// [`WriteError`] if it cannot be made.
pub fn copy_bytes(rows: &Rows, book: usize, verdicts: (&[RowVerdict], bool)) -> Result<(String, Vec<u8>), WriteError> {
    let name = rows.books().get(book).map_or("", |book| &book.name);
    let file = copy_paths(Path::new(name)).next().unwrap_or_default();
    let bytes = bytes_of(rows, book, verdicts, &file)?;
    Ok((file.to_string_lossy().into_owned(), bytes))
}

fn bytes_of(
    rows: &Rows,
    book: usize,
    (verdicts, is_sent): (&[RowVerdict], bool),
    file: &Path,
) -> Result<Vec<u8>, WriteError> {
    let copy = copy_of(rows, book, verdicts, is_sent).and_then(|mut copy| copy.save_to_buffer());
    copy.map_err(|cause| failed(file, cause))
}

fn copy_of(rows: &Rows, book: usize, verdicts: &[RowVerdict], is_sent: bool) -> Result<Workbook, XlsxError> {
    let mut out = new_book();
    let sheets = rows
        .books()
        .get(book)
        .map(|book| book.sheets.as_slice())
        .unwrap_or_default();
    for (number, sheet) in sheets.iter().enumerate() {
        let mine: Vec<&RowVerdict> = verdicts
            .iter()
            .filter(|verdict| (verdict.place.book, verdict.place.sheet) == (book, number))
            .collect();
        copy_sheet(out.add_worksheet(), sheet, &mine, is_sent)?;
    }
    Ok(out)
}

/// How many columns of the sheet are its own: a copy that is checked again gets no second pair of ours.
pub fn own_width(sheet: &Sheet) -> usize {
    let all = sheet.top.iter().chain(&sheet.rows).chain(&sheet.footers);
    let width = all.map(|row| row.cells.len()).max().unwrap_or(0);
    let ours = HEADINGS.map(heading_form);
    let header = sheet.top.last().map(|row| row.cells.as_slice()).unwrap_or_default();
    let first = header
        .iter()
        .position(|cell| heading_form(&cell.text()) == ours[0])
        .filter(|&at| {
            header
                .get(at + 1)
                .is_some_and(|cell| heading_form(&cell.text()) == ours[1])
        });
    first.filter(|&at| at + 2 == header.len()).unwrap_or(width)
}

fn copy_sheet(out: &mut Worksheet, sheet: &Sheet, verdicts: &[&RowVerdict], is_sent: bool) -> Result<(), XlsxError> {
    out.set_name(sheet_name(&sheet.name))?;
    let styles = Styles::new();
    let width = own_width(sheet);
    let beside = u16::try_from(width).unwrap_or(u16::MAX - 2);
    for Row { number, cells } in sheet.top.iter().chain(&sheet.rows).chain(&sheet.footers) {
        for (column, cell) in (0..).zip(cells.iter().take(width)) {
            styles.write(out, number - 1, column, cell)?;
        }
    }
    let tables = sheet.top.last().into_iter().chain(&sheet.rows);
    for (column, width) in (0..beside).zip(widths(tables.map(|row| row.cells.as_slice()))) {
        out.set_column_width(column, width)?;
    }
    let bold = Format::new().set_bold();
    let header = sheet.header_row - 1;
    for (column, heading) in (beside..).zip(HEADINGS) {
        out.write_string_with_format(header, column, heading, &bold)?;
    }
    out.set_column_width(beside + 1, REASONS_WIDTH)?;
    out.set_freeze_panes(sheet.header_row, 0)?;
    let marked = Format::new().set_background_color(Color::RGB(0x00FF_E699));
    let wrapped = marked.clone().set_text_wrap();
    for verdict in verdicts {
        let row = verdict.place.row - 1;
        let why = verdict.remarks.iter().map(reason_of).collect::<Vec<_>>().join("\n");
        let outcome = if is_sent {
            verdict.outcome.zh()
        } else {
            verdict.outcome.would_be(Lang::Zh)
        };
        if verdict.outcome.is_in_ledger() {
            styles.write(out, row, beside, &Cell::Text(outcome.into()))?;
            styles.write(out, row, beside + 1, &Cell::Text(why.as_str().into()))?;
            continue;
        }
        out.write_string_with_format(row, beside, outcome, &marked)?;
        out.write_string_with_format(row, beside + 1, &why, &wrapped)?;
        let at = |remark: &Remark| sheet.place_of(&remark.column).filter(|at| *at < width);
        for column in verdict.remarks.iter().filter_map(at) {
            mark(out, sheet, verdict.place.row, column, &marked)?;
        }
    }
    Ok(())
}

fn reason_of(remark: &Remark) -> String {
    let place = if remark.column.is_empty() {
        String::new()
    } else {
        format!("{}：", remark.column)
    };
    let remedy = remark.remedy(Lang::Zh);
    let remedy = if remedy.is_empty() {
        String::new()
    } else {
        format!("{remedy}。")
    };
    format!("{place}{}。{remedy}", remark.reason(Lang::Zh))
}

/// Colours a cell that is wrong; a blank one too, since there something is missing.
fn mark(out: &mut Worksheet, sheet: &Sheet, row: u32, column: usize, marked: &Format) -> Result<(), XlsxError> {
    let at = u16::try_from(column).unwrap_or(u16::MAX);
    let found = sheet.rows.binary_search_by_key(&row, |row| row.number);
    let cell = found.ok().and_then(|found| sheet.rows.get(found)?.cells.get(column));
    match cell {
        Some(Cell::Number(number)) => out.write_number_with_format(row - 1, at, *number, marked)?,
        Some(Cell::Date(_)) => {
            let dated = marked.clone().set_num_format("yyyy-mm-dd");
            out.set_cell_format(row - 1, at, &dated)?
        }
        Some(cell) if !cell.is_empty() => out.write_string_with_format(row - 1, at, cell.text(), marked)?,
        _ => out.write_blank(row - 1, at, marked)?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_of_a_copy_is_one_more_copy_of_the_original() {
        let first = |file: &str, count: usize| {
            let paths = copy_paths(Path::new(file)).take(count);
            paths.map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        let copies = ["表/培训-核对.xlsx", "表/培训-核对2.xlsx"];
        assert_eq!(first("表/培训.xlsx", 2), copies);
        assert_eq!(first("表/培训-核对2.xlsx", 2), copies);
        assert_eq!(first("表/培训2022.csv", 1), ["表/培训2022-核对.xlsx"]);
        assert!(is_copy(Path::new("培训-核对.xlsx")) && is_copy(Path::new("培训-核对12.xlsx")));
        assert!(!is_copy(Path::new("培训2022.xlsx")) && !is_copy(Path::new("-核对.xlsx")));
    }
}
