//! Lists as papers: a title, what the list is of, its rows in a frame, and a line to sign. Ready to be printed on A4.

use std::path::Path;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::WriteError;
use crate::cell::Cell;
use crate::write::{Styles, failed, new_book, sheet_name, widths};

/// Columns beyond which a page lies on its side.
const UPRIGHT_COLUMNS_MAX: usize = 6;

/// Widest column, in characters of the font's figures; longer texts go on in the next line.
const COLUMN_WIDTH_MAX: f64 = 36.0;

/// A4, as workbooks number it.
const A4: u8 = 9;

/// One worksheet of a paper.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    /// The worksheet's name.
    pub name: String,
    /// Above all, in large letters.
    pub title: String,
    /// What the list is of: school, person, period, date of issue. A line each.
    pub notes: Vec<String>,
    /// The columns' names, repeated on every page.
    pub headings: Vec<String>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// The line at the end, to be signed.
    pub signature: String,
}

/// Writes the leaves as a workbook, over an older file of this name.
///
/// # Errors
///
/// [`WriteError`] if the file cannot be written.
pub fn write_paper(path: &Path, leaves: &[Leaf]) -> Result<(), WriteError> {
    let book = bound(leaves).and_then(|mut book| book.save(path));
    book.map_err(|cause| failed(path, cause))
}

/// The same workbook as bytes; `name` is what an error calls it.
///
/// # Errors
///
/// [`WriteError`] if a leaf does not fit into a workbook.
pub fn paper_bytes(name: &str, leaves: &[Leaf]) -> Result<Vec<u8>, WriteError> {
    let book = bound(leaves).and_then(|mut book| book.save_to_buffer());
    book.map_err(|cause| failed(Path::new(name), cause))
}

fn bound(leaves: &[Leaf]) -> Result<Workbook, XlsxError> {
    let mut book = new_book();
    for leaf in leaves {
        put(book.add_worksheet(), leaf)?;
    }
    Ok(book)
}

fn put(sheet: &mut Worksheet, leaf: &Leaf) -> Result<(), XlsxError> {
    sheet.set_name(sheet_name(&leaf.name))?;
    let last = u16::try_from(leaf.headings.len().saturating_sub(1)).unwrap_or(0);
    set_up(sheet, leaf.headings.len() <= UPRIGHT_COLUMNS_MAX);
    let large = Format::new()
        .set_bold()
        .set_font_size(16)
        .set_align(FormatAlign::Center);
    let mut row = 0;
    across(sheet, row, last, &leaf.title, &large)?;
    sheet.set_row_height(row, 28)?;
    for note in &leaf.notes {
        row += 1;
        across(sheet, row, last, note, &Format::new())?;
    }
    row += 1;
    let framed = Format::new()
        .set_border(FormatBorder::Thin)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    let heading = framed.clone().set_bold().set_align(FormatAlign::Center);
    for (column, name) in (0..).zip(&leaf.headings) {
        sheet.write_string_with_format(row, column, name, &heading)?;
    }
    sheet.set_repeat_rows(row, row)?;
    sheet.set_freeze_panes(row + 1, 0)?;
    let headings: Vec<Cell> = leaf.headings.iter().map(|name| Cell::text_of(name)).collect();
    let all = std::iter::once(&headings).chain(&leaf.rows);
    for (column, width) in (0..).zip(widths(all.map(Vec::as_slice))) {
        sheet.set_column_width(column, width.min(COLUMN_WIDTH_MAX))?;
    }
    let styles = Styles::with(&framed);
    for cells in &leaf.rows {
        row += 1;
        for (column, cell) in (0..).zip(cells) {
            styles.write(sheet, row, column, cell)?;
        }
    }
    across(sheet, row + 2, last, &leaf.signature, &Format::new())?;
    Ok(())
}

fn set_up(sheet: &mut Worksheet, is_upright: bool) {
    sheet.set_paper_size(A4);
    if is_upright {
        sheet.set_portrait();
    } else {
        sheet.set_landscape();
    }
    // As many pages long as it takes, one wide.
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_print_center_horizontally(true);
    sheet.set_footer("&C第 &P 页，共 &N 页");
}

/// A text over all columns.
fn across(sheet: &mut Worksheet, row: u32, last: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
    if last == 0 {
        sheet.write_string_with_format(row, 0, text, format)?;
    } else {
        sheet.merge_range(row, 0, row, last, text, format)?;
    }
    Ok(())
}
