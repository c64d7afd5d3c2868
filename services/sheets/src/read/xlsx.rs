//! Excel workbooks, read cell by cell, so that a sheet with a far-off stray cell costs no more than its cells.

mod parts;
mod walk;

use std::io::Cursor;

use calamine::{CellErrorType, DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use jiff::civil::Date;

use self::parts::Marks;
use super::{ROWS_MAX, RawSheet, Row, Texts, put};
use keshi_core::lang::Say;

use crate::FileError;
use crate::cell::{Cell, UNCALCULATED};

/// The sheets that are shown, and the names of those that are hidden.
pub(super) fn sheets(name: &str, bytes: &[u8]) -> Result<(Vec<RawSheet>, Vec<String>), FileError> {
    let damaged = |why: &XlsxError| match why {
        XlsxError::Password => FileError::Encrypted { name: name.to_owned() },
        why => FileError::Damaged {
            name: name.to_owned(),
            why: Say::same(why),
        },
    };
    // First, so that nothing is taken in that is too large.
    let mut marks = parts::marks(name, bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|why| damaged(&why))?;
    let all = book.sheets_metadata().to_vec();
    marks.resize_with(all.len(), Marks::default);
    let of_cells = |sheet: &calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let (shown, hidden): (Vec<_>, Vec<_>) = all
        .into_iter()
        .zip(marks)
        .filter(|(sheet, _)| of_cells(sheet))
        .partition(|(sheet, _)| sheet.visible == SheetVisible::Visible);
    let hidden = hidden.into_iter().map(|(sheet, _)| sheet.name).collect();
    let mut sheets = Vec::with_capacity(shown.len());
    for (calamine::Sheet { name: sheet_name, .. }, marks) in shown {
        let rows = rows(&mut book, &sheet_name, &marks).map_err(|why| damaged(&why))?;
        let Some(rows) = rows else {
            return Err(FileError::TooManyRows {
                name: name.to_owned(),
                sheet: sheet_name,
            });
        };
        let merged = book
            .merge_cells_by_sheet_name(&sheet_name)
            .map_err(|why| damaged(&why))?;
        let merged = merged
            .iter()
            .filter(|area| area.start.1 < area.end.1)
            .map(|area| (area.end.0.saturating_add(1), area.start.1 as usize, area.end.1 as usize))
            .collect();
        sheets.push(RawSheet {
            name: sheet_name,
            rows,
            merged,
            hidden_rows: marks.hidden_rows,
            hidden_columns: marks.hidden_columns,
        });
    }
    Ok((sheets, hidden))
}

/// The sheet's rows, or `None` if there are more than [`ROWS_MAX`].
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, marks: &Marks) -> Result<Option<Vec<Row>>, XlsxError> {
    let mut texts = Texts::default();
    let mut rows: Vec<Row> = Vec::new();
    let mut reader = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        let value = match convert(cell.get_value(), &mut texts) {
            Cell::Empty if marks.uncalculated.contains(&(row, column)) => Cell::Error(UNCALCULATED),
            value => value,
        };
        if value.is_empty() {
            continue;
        }
        let number = row.saturating_add(1);
        if rows.last().is_none_or(|last| last.number != number) {
            if rows.len() == ROWS_MAX {
                return Ok(None);
            }
            rows.push(Row {
                number,
                cells: Vec::new(),
            });
        }
        if let Some(last) = rows.last_mut() {
            put(&mut last.cells, column as usize, value);
        }
    }
    // Cells too far to the right leave a row without any.
    rows.retain(|row| !row.cells.is_empty());
    rows.sort_by_key(|row| row.number);
    Ok(Some(rows))
}

fn convert(value: &DataRef<'_>, texts: &mut Texts) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        #[allow(
            clippy::cast_precision_loss,
            reason = "a spreadsheet's numbers are of this kind anyway"
        )]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::SharedString(text) => texts.cell(text),
        DataRef::Bool(yes) => texts.cell(if *yes { "是" } else { "否" }),
        DataRef::DateTime(when) => {
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
            match parts {
                (Ok(year), Ok(month), Ok(day)) if when.is_datetime() && when.as_f64() >= 1.0 => {
                    Date::new(year, month, day).map_or(Cell::Number(when.as_f64()), Cell::Date)
                }
                _ => Cell::Number(when.as_f64()),
            }
        }
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => texts.cell(text),
        DataRef::Error(error) => Cell::Error(match error {
            CellErrorType::Div0 => "#DIV/0!",
            CellErrorType::NA => "#N/A",
            CellErrorType::Name => "#NAME?",
            CellErrorType::Null => "#NULL!",
            CellErrorType::Num => "#NUM!",
            CellErrorType::Ref => "#REF!",
            CellErrorType::Value => "#VALUE!",
            CellErrorType::GettingData => "#GETTING_DATA",
        }),
    }
}
