//! Text tables: Excel in China saves GBK, others UTF-8; the separator is a comma, a tab or a semicolon.

use std::borrow::Cow;
use std::collections::BTreeSet;

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{CELL_BYTES_MAX, CSV_COLUMNS_MAX, ROWS_MAX, RawSheet, Row, Texts, put};
use keshi_core::lang::{Say, say};

use crate::FileError;

pub(super) fn sheets(name: &str, bytes: &[u8]) -> Result<Vec<RawSheet>, FileError> {
    let text = decode(name, bytes)?;
    // One kind of line end, and one at the end: then the reader's line count is the spreadsheet's.
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let separator = separator(&text);
    // Before any line is taken apart. A quoted text with so many of them in one line is no cell of a table either.
    let separators = |line: &str| line.bytes().filter(|byte| *byte == separator).count();
    if let Some(at) = text.lines().position(|line| separators(line) >= CSV_COLUMNS_MAX) {
        let (name, line) = (name.to_owned(), at + 1);
        return Err(FileError::TooManyColumns { name, line });
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut texts = Texts::default();
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    // Line breaks within quoted cells so far: lines of the file that are no rows of the sheet.
    let mut within = 0;
    while reader.read_record(&mut record).map_err(|why| FileError::Damaged {
        name: name.to_owned(),
        why: Say::same(why),
    })? {
        within += record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let number = reader.position().line().saturating_sub(1).saturating_sub(within);
        let mut cells = Vec::with_capacity(record.len());
        for (column, cell) in record.iter().enumerate() {
            if cell.len() > CELL_BYTES_MAX {
                return Err(FileError::CellTooLarge {
                    name: name.to_owned(),
                    cell: number.to_string(),
                });
            }
            put(&mut cells, column, texts.cell(cell));
        }
        if cells.is_empty() {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(FileError::TooManyRows {
                name: name.to_owned(),
                sheet: name.to_owned(),
            });
        }
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        rows.push(Row { number, cells });
    }
    Ok(vec![RawSheet {
        name: name.to_owned(),
        rows,
        merged: Vec::new(),
        hidden_rows: BTreeSet::new(),
        hidden_columns: Vec::new(),
    }])
}

fn decode<'b>(name: &str, bytes: &'b [u8]) -> Result<Cow<'b, str>, FileError> {
    let unreadable = || FileError::Encoding { name: name.to_owned() };
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, wrong) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return if wrong { Err(unreadable()) } else { Ok(text) };
    }
    if bytes.contains(&0) {
        return Err(FileError::Damaged {
            name: name.to_owned(),
            why: say("既不是工作簿，也不是文本", "it is neither a workbook nor text"),
        });
    }
    for encoding in [UTF_8, GB18030] {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return Ok(text);
        }
    }
    Err(unreadable())
}

/// The separator that stands most often in the first lines.
fn separator(text: &str) -> u8 {
    let top: Vec<&str> = text.lines().take(super::HEADER_ROWS).collect();
    let count = |separator: u8| -> usize { top.iter().map(|line| line.matches(char::from(separator)).count()).sum() };
    let mut best = b',';
    for other in [b'\t', b';'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}
