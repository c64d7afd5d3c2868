//! Reading spreadsheet files: xlsx and csv, told apart by content, sheets recognised by their header rows.

mod csv;
mod header;
mod typed;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use keshi_core::ids::Sha256;
use keshi_core::text::is_blank;

use crate::FileError;
use crate::cell::{Cell, formula_error};
use crate::columns::{Col, EXPLAINED, Kind, holders};

pub(crate) use self::header::Columns;
pub use self::typed::{TypedRow, typed};

/// Largest file read, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Most bytes that a workbook may unpack to: a file of a few KiB can hold more than any machine has.
pub const UNPACKED_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Most bytes that one cell may unpack to, formats within it included. Excel's longest text has 32,767 characters.
pub const CELL_BYTES_MAX: usize = 1024 * 1024;

/// Most bytes of text that all cells of a workbook may unpack to.
pub const TEXT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Most rows read in one sheet.
pub const ROWS_MAX: usize = 200_000;

/// How many rows at the top of a sheet are searched for the header; title rows may stand above it.
pub const HEADER_ROWS: usize = 30;

/// Cells further to the right are not read; no known sheet is that wide.
pub const COLUMNS_MAX: usize = 256;

/// Most columns of a line in a text table: as many as Excel has. Each costs the reader more than it says.
pub const CSV_COLUMNS_MAX: usize = 16_384;

/// Where rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File,
    /// A form that somebody filled in.
    Form,
}

impl Origin {
    /// What stands in the source of an event of such a row.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::File => "import",
            Self::Form => "form",
        }
    }
}

/// A file taken apart, or a form in its place.
#[derive(Clone, Debug)]
pub struct Workbook {
    /// Whether it is a file.
    pub origin: Origin,
    /// The file's name, without its folder; what the form is called.
    pub name: String,
    /// Hash of the file's bytes, or of what was typed.
    pub sha256: Sha256,
    /// The sheets of known kinds, in the file's order; at least one.
    pub sheets: Vec<Sheet>,
    /// Sheets that were passed over: of no known kind, or empty.
    pub passed_over: Vec<String>,
    /// Sheets that are hidden, and not read.
    pub hidden_sheets: Vec<String>,
}

/// One sheet of a known kind.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The worksheet's name; the file's name for csv.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Number of the (last) header row, as the spreadsheet shows it, from 1 on.
    pub header_row: u32,
    /// Everything down to the header, title rows included.
    pub top: Vec<Row>,
    /// The rows below the header, without blank ones.
    pub rows: Vec<Row>,
    /// Rows below the header that carry no record: totals (合计) and footers (填表人 …).
    pub footers: Vec<Row>,
    /// Numbers of the rows among [`Self::rows`] that the spreadsheet does not show: hidden, or filtered out.
    pub hidden_rows: Vec<u32>,
    /// Headings of columns that are read and that the spreadsheet does not show.
    pub hidden_columns: Vec<String>,
    /// By row number: the entry of the ledger that the row is about, where a form knows that.
    pub about: BTreeMap<u32, u64>,
    pub(crate) columns: Columns,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number, as the spreadsheet shows it, from 1 on.
    pub number: u32,
    /// Its cells, from the first column on.
    pub cells: Vec<Cell>,
}

impl Sheet {
    /// What stands in the row under the column that holds `col`.
    pub fn cell<'r>(&self, row: &'r Row, col: Col) -> &'r Cell {
        const EMPTY: &Cell = &Cell::Empty;
        let place = self.columns.place(col);
        place.and_then(|place| row.cells.get(place)).unwrap_or(EMPTY)
    }

    /// The heading of the column that holds `col`, as this sheet writes it; the table's heading if the sheet has none.
    pub fn heading(&self, col: Col) -> &str {
        let ours = || self.kind.column(col).map_or("", |column| column.heading);
        self.columns.written(col).unwrap_or_else(ours)
    }

    /// Whether the sheet has the column.
    pub fn has(&self, col: Col) -> bool {
        self.columns.place(col).is_some()
    }

    /// The column in which this row says what the ledger calls `field` of a fact: of several that may, the one that is
    /// filled. `None` if the sheet has none.
    pub fn holder(&self, row: &Row, fact: &str, field: &str) -> Option<Col> {
        let all = holders(self.kind, fact, field);
        let there = || all.iter().copied().filter(|col| self.has(*col));
        let filled = there().find(|col| !self.cell(row, *col).is_empty());
        filled.or_else(|| there().next())
    }

    /// Where the column with this heading stands, from 0 on.
    pub fn place_of(&self, heading: &str) -> Option<usize> {
        self.columns.place_of(heading)
    }
}

impl Row {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

/// Reads a file: xlsx or csv (UTF-8, UTF-16 with mark, or GB18030), told apart by content.
///
/// # Errors
///
/// [`FileError`] if it cannot be read as a spreadsheet, has no sheet of a known kind, or has one that lacks columns.
/// What is wrong with single rows is no error here; [`crate::plan`] says it, row by row.
pub fn open(path: &Path) -> Result<Workbook, FileError> {
    let io = |cause| FileError::Io {
        path: path.to_owned(),
        cause,
    };
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    match bounded(path, FILE_BYTES_MAX) {
        Ok(bytes) => read(&name, &bytes),
        Err(Unread::Io(cause)) => Err(io(cause)),
        Err(Unread::NoFile) => Err(FileError::NoFile { name }),
        Err(Unread::TooLarge(bytes)) => Err(FileError::TooLarge { name, bytes }),
    }
}

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// What the system said.
    Io(io::Error),
    /// It is no regular file: a folder, a device, a pipe.
    NoFile,
    /// It has so many bytes, or at least so many.
    TooLarge(u64),
}

/// The bytes of a regular file of at most `max` bytes: a device or a pipe may have no end, and what grows while it is read
/// is left.
///
/// # Errors
///
/// [`Unread`], before more than `max` bytes were read.
pub fn bounded(path: &Path, max: u64) -> Result<Vec<u8>, Unread> {
    // Before it is opened: opening a pipe waits for somebody at its other end.
    let known = fs::metadata(path).map_err(Unread::Io)?;
    if !known.is_file() {
        return Err(Unread::NoFile);
    }
    if known.len() > max {
        return Err(Unread::TooLarge(known.len()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(Unread::Io)?;
    file.take(max + 1).read_to_end(&mut bytes).map_err(Unread::Io)?;
    let length = bytes.len() as u64;
    if length > max {
        return Err(Unread::TooLarge(length));
    }
    Ok(bytes)
}

/// Reads a file's bytes; `name` is for messages.
///
/// # Errors
///
/// As [`open`].
pub fn read(name: &str, bytes: &[u8]) -> Result<Workbook, FileError> {
    let named = || name.to_owned();
    let (raw, hidden_sheets) = match bytes {
        [] => return Err(FileError::Empty { name: named() }),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => xlsx::sheets(name, bytes)?,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(ole(name, bytes)),
        _ => (csv::sheets(name, bytes)?, Vec::new()),
    };
    let mut book = Workbook {
        origin: Origin::File,
        name: named(),
        sha256: Sha256::of(bytes),
        sheets: Vec::new(),
        passed_over: Vec::new(),
        hidden_sheets,
    };
    if raw.iter().all(|sheet| sheet.rows.is_empty()) {
        return Err(FileError::Empty { name: named() });
    }
    for sheet in raw {
        let sheet_name = sheet.name.clone();
        match header::recognise(name, sheet)? {
            Some(sheet) => book.sheets.push(sheet),
            // The templates' own.
            None if sheet_name == EXPLAINED => {}
            None => book.passed_over.push(sheet_name),
        }
    }
    if book.sheets.is_empty() {
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.zh()).collect();
        return Err(FileError::NoKnownSheet {
            name: named(),
            sheets: book.passed_over.join("、"),
            kinds: kinds.join("、"),
        });
    }
    Ok(book)
}

/// Office's old container: a workbook with a password, or the format of Excel 97–2003.
fn ole(name: &str, bytes: &[u8]) -> FileError {
    let mark: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let name = name.to_owned();
    if bytes.windows(mark.len()).any(|window| window == mark) {
        FileError::Encrypted { name }
    } else {
        FileError::OldExcel { name }
    }
}

/// A sheet before its header is found.
struct RawSheet {
    name: String,
    /// Rows with at least one cell, in order.
    rows: Vec<Row>,
    /// Merged cells, asked for only where they matter: (row, first column, last column), rows from 1 on.
    merged: Vec<(u32, usize, usize)>,
    /// Rows that are not shown, from 1 on.
    hidden_rows: BTreeSet<u32>,
    /// First and last of columns that are not shown, from 0 on.
    hidden_columns: Vec<(usize, usize)>,
}

/// Keeps one copy of each text: a column of 100,000 equal project names costs one.
#[derive(Default)]
struct Texts(HashSet<Arc<str>>);

impl Texts {
    fn cell(&mut self, text: &str) -> Cell {
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Cell::Empty;
        }
        // As a checked copy has it, and as other programs write it.
        if let Some(error) = formula_error(text) {
            return Cell::Error(error);
        }
        if let Some(known) = self.0.get(text) {
            return Cell::Text(Arc::clone(known));
        }
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text));
        Cell::Text(text)
    }
}

/// Puts a cell where it belongs in its row; blank ones only as far as needed.
fn put(cells: &mut Vec<Cell>, column: usize, cell: Cell) {
    if cell.is_empty() || column >= COLUMNS_MAX {
        return;
    }
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    if let Some(place) = cells.get_mut(column) {
        *place = cell;
    }
}
