//! Rows that were typed in a form, as if they stood in a sheet.

use keshi_core::ids::Sha256;

use super::header::Columns;
use super::{Origin, Row, Sheet, Texts, Workbook};
use crate::cell::Cell;
use crate::columns::{Col, Kind};

/// The number of the first row: the header stands above it, as in a sheet.
const FIRST_ROW: u32 = 2;

/// A row of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedRow {
    /// A text for each column.
    pub cells: Vec<String>,
    /// The entry of the ledger that the row is about, where the form was shown with it: whoever posted that, and under
    /// whatever id.
    pub entry: Option<u64>,
}

/// A sheet of this kind with these columns, its header in the kind's own headings, and these rows. Nothing is passed over: a row
/// without anything in it is a row that lacks everything. `name` is what it is called.
pub fn typed(name: &str, kind: Kind, cols: &[Col], rows: &[TypedRow]) -> Workbook {
    let headings: Vec<&str> = cols
        .iter()
        .map(|col| kind.column(*col).map_or("", |column| column.heading))
        .collect();
    let mut texts = Texts::default();
    let mut hashed = headings.join("\u{1f}");
    let mut read = Vec::with_capacity(rows.len());
    for (number, row) in (FIRST_ROW..).zip(rows) {
        hashed.push('\u{1e}');
        hashed.push_str(&row.cells.join("\u{1f}"));
        let cells = row.cells.iter().map(|text| texts.cell(text)).collect();
        read.push(Row { number, cells });
    }
    let about = (FIRST_ROW..).zip(rows);
    let about = about.filter_map(|(number, row)| Some((number, row.entry?))).collect();
    let header = Row {
        number: FIRST_ROW - 1,
        cells: headings.iter().map(|heading| Cell::text_of(heading)).collect(),
    };
    let sheet = Sheet {
        name: kind.zh().to_owned(),
        kind,
        header_row: header.number,
        top: vec![header],
        rows: read,
        footers: Vec::new(),
        hidden_rows: Vec::new(),
        hidden_columns: Vec::new(),
        about,
        columns: Columns::of(cols.iter().copied().zip(headings)),
    };
    Workbook {
        origin: Origin::Form,
        name: name.to_owned(),
        sha256: Sha256::of(hashed.as_bytes()),
        sheets: vec![sheet],
        passed_over: Vec::new(),
        hidden_sheets: Vec::new(),
    }
}
