//! A table of an answer as a workbook, for those who go on with it in a spreadsheet.

use std::path::Path;

use crate::WriteError;
use crate::cell::Cell;
use crate::write::{Table, workbook};

/// Longest name of a worksheet, in characters.
const TITLE_LEN_MAX: usize = 31;

/// Writes a workbook with one sheet of this title, over an older file of this name.
///
/// The title is cut to what a spreadsheet takes as the name of a sheet.
///
/// # Errors
///
/// [`WriteError`] if the file cannot be written.
pub fn write_table(path: &Path, title: &str, headings: &[&str], rows: Vec<Vec<Cell>>) -> Result<(), WriteError> {
    let good = title.chars().filter(|c| !"[]:*?/\\'".contains(*c));
    let name: String = good.take(TITLE_LEN_MAX).collect();
    let name = if name.trim().is_empty() { "Keshi" } else { name.trim() };
    let mut table = Table::new(name, headings);
    table.rows = rows;
    workbook(path, &[table])
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx, open_workbook};

    use super::*;

    #[test]
    fn a_table_is_read_back_with_its_title_headings_and_cells() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("差额.xlsx");
        let rows = vec![vec![Cell::Text("T1".into()), Cell::Number(8.5), Cell::Empty]];
        write_table(&path, "差额 2022/2023?", &["教师编号", "差额", "说明"], rows).unwrap();
        let mut book: Xlsx<_> = open_workbook(&path).unwrap();
        assert_eq!(book.sheet_names(), ["差额 20222023"]);
        let sheet = book.worksheet_range("差额 20222023").unwrap();
        let rows: Vec<Vec<String>> = sheet
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(rows, [["教师编号", "差额", "说明"], ["T1", "8.5", ""]]);
        assert_eq!(sheet.get((1, 1)), Some(&Data::Float(8.5)));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
        let error = write_table(Path::new("/nowhere/x.xlsx"), "", &["a"], Vec::new()).unwrap_err();
        assert!(error.to_string().contains("/nowhere/x.xlsx"), "{error}");
    }
}
