//! The checked copy of a file.

use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use rust_xlsxwriter::{Color, Format, Worksheet, XlsxError};

use super::{Remark, RowVerdict};
use crate::WriteError;
use crate::cell::Cell;
use crate::plan::Rows;
use crate::read::{Row, Sheet};
use crate::write::{Styles, failed, new_book, write_cell};

/// Where the checked copy of a file goes: `培训.xlsx` → `培训-核对.xlsx`, beside it.
pub fn copy_path(original: &Path) -> PathBuf {
    let stem = original.file_stem().unwrap_or_default().to_string_lossy();
    original.with_file_name(format!("{stem}-核对.xlsx"))
}

/// Writes a copy of one file with two more columns, 核对结果 and 原因/处理: every row at its old number, those that need
/// work on a coloured ground. Imported again, the copy reads like the original.
///
/// # Errors
///
/// [`WriteError`] if the file cannot be written.
pub fn write_copy(rows: &Rows, book: usize, verdicts: &[RowVerdict], path: &Path) -> Result<(), WriteError> {
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
        copy_sheet(out.add_worksheet(), sheet, &mine).map_err(|cause| failed(path, cause))?;
    }
    out.save(path).map_err(|cause| failed(path, cause))
}

fn copy_sheet(out: &mut Worksheet, sheet: &Sheet, verdicts: &[&RowVerdict]) -> Result<(), XlsxError> {
    let name: String = sheet
        .name
        .chars()
        .filter(|c| !"[]:*?/\\'".contains(*c))
        .take(31)
        .collect();
    out.set_name(if name.is_empty() { sheet.kind.zh() } else { &name })?;
    let styles = Styles::new();
    let all = || sheet.top.iter().chain(&sheet.rows).chain(&sheet.footers);
    let width = all().map(|row| row.cells.len()).max().unwrap_or(0);
    let beside = u16::try_from(width).unwrap_or(u16::MAX - 2);
    for Row { number, cells } in all() {
        for (column, cell) in (0..).zip(cells) {
            write_cell(out, number - 1, column, cell, &styles)?;
        }
    }
    let bold = Format::new().set_bold();
    let header = sheet.header_row - 1;
    out.write_string_with_format(header, beside, "核对结果", &bold)?;
    out.write_string_with_format(header, beside + 1, "原因/处理", &bold)?;
    out.set_column_width(beside + 1, 80)?;
    let marked = Format::new().set_background_color(Color::RGB(0x00FF_E699));
    for verdict in verdicts {
        let row = verdict.place.row - 1;
        let text = |remark: &Remark| {
            let place = if remark.column.is_empty() {
                String::new()
            } else {
                format!("{}：", remark.column)
            };
            format!("{place}{}。{}", remark.reason(Lang::Zh), remark.remedy(Lang::Zh))
        };
        let why = verdict.remarks.iter().map(text).collect::<Vec<_>>().join("\n");
        if verdict.outcome.is_in_ledger() {
            write_cell(out, row, beside, &Cell::Text(verdict.outcome.zh().into()), &styles)?;
            write_cell(out, row, beside + 1, &Cell::Text(why.as_str().into()), &styles)?;
        } else {
            out.write_string_with_format(row, beside, verdict.outcome.zh(), &marked)?;
            out.write_string_with_format(row, beside + 1, &why, &marked)?;
        }
    }
    Ok(())
}
