//! What a workbook holds besides values: what is hidden, formulas that nobody calculated, cells without end.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::date;
use keshi_core::lang::Lang;
use keshi_sheets::FileError;
use keshi_sheets::read::{self, CELL_BYTES_MAX};
use rust_xlsxwriter::Formula;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::row;
use crate::support::{attended, fill, folder, national, open, planned, workbook};

/// Writes one part of a workbook anew, as `change` makes it of what was there; another part may be added so.
fn altered(path: &Path, part: &str, change: impl Fn(String) -> String) {
    let mut parts = ZipArchive::new(Cursor::new(fs::read(path).unwrap())).unwrap();
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..parts.len() {
        let mut file = parts.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let text = if name == part { change(text) } else { text };
        written.start_file(name, SimpleFileOptions::default()).unwrap();
        written.write_all(text.as_bytes()).unwrap();
    }
    fs::write(path, written.finish().unwrap().into_inner()).unwrap();
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn a_formula_that_was_never_calculated_is_said_to_be_so_and_one_with_a_result_is_that() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows = [
        national(),
        attended("甲", "师德", 6.0, (2022, 3, 5)),
        attended("乙", "师德", 6.0, (2022, 3, 5)),
    ];
    fill(sheet, 0, &rows);
    sheet.write_formula(1, 8, Formula::new("=2*3").set_result("6")).unwrap();
    sheet.write_formula(2, 8, Formula::new("=2*4").set_result("8")).unwrap();
    // An empty text is a result, as Excel writes it.
    sheet
        .write_formula(2, 2, Formula::new("=T(1)").set_result("7"))
        .unwrap();
    let path = dir.path().join("公式.xlsx");
    book.save(&path).unwrap();
    altered(&path, SHEET, |xml| {
        let at = xml.find("<f>T(1)</f>").unwrap();
        let cell = xml[..at].rfind("<c ").unwrap();
        let end = at + xml[at..].find("</c>").unwrap();
        let empty = "<c r=\"C3\" t=\"str\"><f>T(1)</f><v></v>";
        format!("{}{empty}{}", &xml[..cell], &xml[end..])
    });
    for without in ["<f>2*4</f>", "<f>2*4</f><v/>", "<f>2*4</f><v></v>"] {
        altered(&path, SHEET, |xml| {
            let xml = xml
                .replace("<f>2*4</f><v>8</v>", "<f>2*4</f>")
                .replace("<f>2*4</f><v/>", "<f>2*4</f>");
            xml.replace("<f>2*4</f>", without)
        });
        let plan = planned(&path);
        let lines: Vec<String> = plan.rows.iter().flat_map(|row| row.lines(Lang::Zh)).collect();
        let [line] = &lines[..] else {
            panic!("{without}: {lines:?}")
        };
        assert!(
            line.contains("第 3 行 培训获得学时") && line.contains("公式没有计算结果"),
            "{line}"
        );
        assert!(line.contains("保存后再导入"), "{line}");
    }
}

#[test]
fn hidden_rows_columns_and_sheets_are_named() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("培训").unwrap();
    let rows: Vec<_> = ["甲", "乙", "丙"]
        .map(|name| attended(name, "师德", 6.0, (2022, 3, 5)))
        .into();
    fill(sheet, 0, &[vec![national()], rows].concat());
    sheet.set_row_hidden(2).unwrap();
    // Hidden, and nothing in it.
    sheet.set_row_hidden(9).unwrap();
    sheet.set_column_hidden(8).unwrap();
    sheet.set_column_hidden(40).unwrap();
    let old = book.add_worksheet();
    old.set_name("去年").unwrap();
    fill(old, 0, &[national()]);
    old.set_hidden(true);
    let path = dir.path().join("隐藏.xlsx");
    book.save(&path).unwrap();
    let book = open(&path);
    assert_eq!(book.sheets.len(), 1);
    assert_eq!(book.sheets[0].rows.len(), 3, "they are taken all the same");
    assert_eq!(book.sheets[0].hidden_rows, [3]);
    assert_eq!(book.sheets[0].hidden_columns, ["培训获得学时"]);
    assert_eq!(book.hidden_sheets, ["去年"]);
    let plain = open(&workbook(&dir, "plain.xlsx", "培训", &[national()]));
    assert!(plain.sheets[0].hidden_rows.is_empty() && plain.hidden_sheets.is_empty());
}

#[test]
fn a_time_stamp_with_a_zone_is_the_day_in_china_also_across_new_year() {
    let dir = folder();
    let mut row = attended("甲", "师德", 6.0, (2022, 3, 5));
    row[10] = "2021-12-31T23:30:00Z".into();
    row[11] = "2022-01-01T16:30:00Z".into();
    let plan = planned(&workbook(&dir, "时.xlsx", "培训", &[national(), row]));
    let attended = plan.events.last().unwrap();
    assert_eq!((attended.from, attended.to), (date(2022, 1, 1), date(2022, 1, 2)));
}

/// A workbook in one cell of which stands a text of so many bytes: shared, or in the sheet itself.
fn with_a_text_of(bytes: usize, shared: bool) -> (tempfile::TempDir, PathBuf) {
    let dir = folder();
    let path = workbook(
        &dir,
        "大.xlsx",
        "培训",
        &[national(), attended("甲", "师德", 6.0, (2022, 3, 5))],
    );
    let text = "x".repeat(bytes);
    if shared {
        altered(&path, "xl/sharedStrings.xml", |xml| {
            xml.replace("<t>师德</t>", &format!("<t>{text}</t>"))
        });
    } else {
        altered(&path, SHEET, |xml| {
            let at = xml.find("<c r=\"F2\"").unwrap();
            let end = at + xml[at..].find("</c>").unwrap() + 4;
            format!(
                "{}<c r=\"F2\" t=\"inlineStr\"><is><t>{text}</t></is></c>{}",
                &xml[..at],
                &xml[end..]
            )
        });
    }
    (dir, path)
}

#[test]
fn a_cell_larger_than_any_spreadsheets_is_refused_before_it_is_read_and_named_where_it_stands() {
    for shared in [true, false] {
        let (_dir, sound) = with_a_text_of(1_000, shared);
        assert_eq!(open(&sound).sheets[0].rows.len(), 1);
        let (_dir, large) = with_a_text_of(CELL_BYTES_MAX * 8, shared);
        assert!(fs::metadata(&large).unwrap().len() < 200_000, "a small file");
        let error = read::open(&large).unwrap_err();
        let FileError::CellTooLarge { cell, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(cell, if shared { "" } else { "F2" });
        assert!(error.text(Lang::Zh).contains("单元格") && error.text(Lang::En).contains("shorten it"));
    }
    // In many pieces it is as large.
    let (_dir, path) = with_a_text_of(10, false);
    altered(&path, SHEET, |xml| {
        let piece = format!("<r><t>{}</t></r>", "y".repeat(1_000));
        xml.replace("<t>xxxxxxxxxx</t>", &piece.repeat(CELL_BYTES_MAX / 1_000 + 1))
    });
    assert!(matches!(read::open(&path), Err(FileError::CellTooLarge { .. })));
}

#[test]
fn more_texts_announced_than_there_are_is_damage_and_no_room_is_made_for_them() {
    let (_dir, path) = with_a_text_of(10, true);
    altered(&path, "xl/sharedStrings.xml", |xml| {
        let at = xml.find("uniqueCount=\"").unwrap() + "uniqueCount=\"".len();
        format!("{}99999999999{}", &xml[..at], &xml[at..])
    });
    assert!(matches!(read::open(&path), Err(FileError::Damaged { .. })));
}

#[test]
fn a_cell_of_a_csv_file_is_bounded_too() {
    let text = format!("姓名,培训类别\n甲,{}\n", "x".repeat(CELL_BYTES_MAX + 1));
    let error = read::read("大.csv", text.as_bytes()).unwrap_err();
    assert!(
        matches!(&error, FileError::CellTooLarge { cell, .. } if cell == "2"),
        "{error}"
    );
}

#[test]
fn a_line_of_a_csv_file_without_end_is_refused_before_it_is_taken_apart() {
    let line = ",".repeat(read::CSV_COLUMNS_MAX);
    let read = |text: String| read::read("长.csv", text.as_bytes()).unwrap_err();
    let error = read(format!("姓名,培训类别\n甲{line}\n"));
    assert!(matches!(error, FileError::TooManyColumns { line: 2, .. }), "{error}");
    let error = read(format!("甲{}\n", &line[1..]));
    assert!(matches!(error, FileError::NoKnownSheet { .. }), "{error}");
}

#[test]
fn the_error_of_a_formula_is_one_also_where_a_program_wrote_it_as_text() {
    let dir = folder();
    let mut row = attended("甲", "师德", 6.0, (2022, 3, 5));
    row[6] = "#N/A".into();
    let plan = planned(&workbook(&dir, "误.xlsx", "培训", &[national(), row, row!["", ""]]));
    let lines = plan.rows[0].lines(Lang::Zh);
    assert!(lines.len() == 1 && lines[0].contains("公式出错"), "{lines:?}");
}
