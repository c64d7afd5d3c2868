//! Excel workbooks, read cell by cell, so that a sheet with a far-off stray cell costs no more than its cells.

use std::io::Cursor;

use calamine::{CellErrorType, DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use jiff::civil::Date;

use super::{ROWS_MAX, RawSheet, Row, Texts, UNPACKED_BYTES_MAX, put};
use crate::FileError;
use crate::cell::Cell;

pub(super) fn sheets(name: &str, bytes: &[u8]) -> Result<Vec<RawSheet>, FileError> {
    let damaged = |why: &XlsxError| match why {
        XlsxError::Password => FileError::Encrypted { name: name.to_owned() },
        why => FileError::Damaged {
            name: name.to_owned(),
            why: why.to_string(),
        },
    };
    let unpacked = unpacked_bytes(bytes);
    if unpacked > UNPACKED_BYTES_MAX {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            bytes: unpacked,
        });
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|why| damaged(&why))?;
    let visible =
        |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut sheets = Vec::with_capacity(names.len());
    for sheet_name in names {
        let rows = rows(&mut book, &sheet_name).map_err(|why| damaged(&why))?;
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
        });
    }
    Ok(sheets)
}

/// What the parts of a zip file unpack to, as its directory says; 0 if it has none, which the reader then finds out.
fn unpacked_bytes(bytes: &[u8]) -> u64 {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let number = |from: usize, width: usize| {
        let digits = bytes.get(from..from.checked_add(width)?)?;
        Some(
            digits
                .iter()
                .rev()
                .fold(0_u64, |number, &digit| number << 8 | u64::from(digit)),
        )
    };
    let place = |from: usize, width: usize| number(from, width).and_then(|number| usize::try_from(number).ok());
    let Some(end) = bytes.windows(END.len()).rposition(|window| window == END) else {
        return 0;
    };
    let mut at = place(end + 16, 4).unwrap_or(bytes.len());
    let mut sum = 0_u64;
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(ENTRY)) {
        sum = sum.saturating_add(number(at + 24, 4).unwrap_or(0));
        let texts: usize = [28, 30, 32].iter().filter_map(|field| place(at + field, 2)).sum();
        at += 46 + texts;
    }
    sum
}

/// The sheet's rows, or `None` if there are more than [`ROWS_MAX`].
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Option<Vec<Row>>, XlsxError> {
    let mut texts = Texts::default();
    let mut rows: Vec<Row> = Vec::new();
    let mut reader = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        let value = convert(cell.get_value(), &mut texts);
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
