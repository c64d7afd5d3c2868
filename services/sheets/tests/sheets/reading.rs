//! Files as people send them: titles, two-row headers, encodings, and what is no spreadsheet at all.

use std::fs;

use keshi_core::lang::Lang;
use keshi_sheets::FileError;
use keshi_sheets::cell::Cell;
use keshi_sheets::columns::{self, Col, Kind};
use keshi_sheets::read::{self, Workbook};
use rust_xlsxwriter::Format;

use crate::row;
use crate::support::{Put, attended, fill, folder, national, open, training, workbook};

fn error(name: &str, bytes: &[u8]) -> FileError {
    match read::read(name, bytes) {
        Ok(book) => panic!("{name} was read: {:?}", book.sheets[0].kind),
        Err(error) => error,
    }
}

/// Row number and name of every record.
fn names(book: &Workbook) -> Vec<(u32, String)> {
    let sheet = &book.sheets[0];
    sheet
        .rows
        .iter()
        .map(|row| (row.number, sheet.cell(row, Col::Name).text()))
        .collect()
}

#[test]
fn the_header_is_found_below_merged_titles_and_rows_keep_the_numbers_that_excel_shows() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .merge_range(0, 0, 0, 11, "留坝县2022年教师培训情况统计表", &Format::new().set_bold())
        .unwrap();
    sheet
        .merge_range(1, 0, 1, 5, "填报单位：教研室", &Format::new())
        .unwrap();
    let mut rows = vec![national(), attended("甲", "师德", 6.0, (2022, 3, 5)), vec![]];
    rows.push(attended("乙", "师德", 6.0, (2022, 3, 5)));
    rows.push(row!["合计", "", "", "", "", "", "", "", 12.0]);
    rows.push(row!["填表人：", "丙"]);
    fill(sheet, 3, &rows);
    let path = dir.path().join("titled.xlsx");
    book.save(&path).unwrap();
    let book = open(&path);
    assert_eq!((book.sheets[0].kind, book.sheets[0].header_row), (Kind::Training, 4));
    assert_eq!(names(&book), [(5, "甲".to_owned()), (7, "乙".to_owned())]);
    assert_eq!(
        book.sheets[0].footers.iter().map(|row| row.number).collect::<Vec<_>>(),
        [8, 9]
    );
}

#[test]
fn headings_are_found_in_any_script_width_order_and_dress() {
    let dir = folder();
    let header = row![
        "序号",
        "＊培訓項目名稱",
        "姓 名",
        "身份證件號碼",
        "培訓類別（级别）",
        "培訓獲得學時(课时)",
        "培訓開始日期",
        "培訓結束日期",
        "联系电话"
    ];
    let first = row![1.0, "师德", "甲", "", "县级", 6.0, (2022, 3, 5), (2022, 3, 6), "不读"];
    let book = open(&workbook(&dir, "odd.xlsx", "Sheet1", &[header, first]));
    let sheet = &book.sheets[0];
    let row = &sheet.rows[0];
    assert_eq!(sheet.kind, Kind::Training);
    assert_eq!(sheet.cell(row, Col::Hours), &Cell::Number(6.0));
    assert_eq!(sheet.cell(row, Col::To).text(), "2022-03-06");
    assert_eq!(sheet.heading(Col::Project), "＊培訓項目名稱");
}

#[test]
fn a_header_of_two_rows_is_read_as_one() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 4, 0, 5, "培训时间", &plain).unwrap();
    for (column, heading) in [(0, "姓名"), (1, "培训项目名称"), (2, "培训类别"), (3, "培训获得学时")]
    {
        sheet.merge_range(0, column, 1, column, heading, &plain).unwrap();
    }
    fill(sheet, 1, &[row!["", "", "", "", "培训开始日期", "培训结束日期"]]);
    fill(sheet, 2, &[row!["甲", "师德", "40", "6", "2022.3.5", "2022.3.5"]]);
    let path = dir.path().join("two.xlsx");
    book.save(&path).unwrap();
    let book = open(&path);
    assert_eq!(
        (book.sheets[0].header_row, names(&book)),
        (2, vec![(3, "甲".to_owned())])
    );
    assert_eq!(
        book.sheets[0].cell(&book.sheets[0].rows[0], Col::From).text(),
        "2022.3.5"
    );
}

#[test]
fn a_missing_column_is_named_with_those_that_were_found() {
    let dir = folder();
    let mut header = national();
    header[8] = Put::Text("学习情况");
    let path = workbook(&dir, "less.xlsx", "培训", &[row!["培训登记"], header]);
    let error = read::open(&path).unwrap_err();
    let zh = error.text(Lang::Zh);
    assert!(
        matches!(&error, FileError::MissingColumns { row: 2, missing, merged: false, .. } if missing == "培训获得学时"),
        "{error}"
    );
    assert!(
        zh.contains("缺少列：培训获得学时") && zh.contains("姓名、身份证件类型"),
        "{zh}"
    );
    assert!(
        error.to_string().contains("lacks the columns 培训获得学时; found 姓名"),
        "{error}"
    );
}

#[test]
fn a_heading_merged_over_several_filled_columns_is_refused_since_one_would_be_lost() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, 0, &[row!["姓名", "培训项目名称", "培训类别", "培训获得学时"]]);
    sheet.merge_range(0, 4, 0, 5, "培训日期", &Format::new()).unwrap();
    fill(sheet, 1, &[row!["甲", "师德", "40", 6.0, (2022, 3, 5), (2022, 3, 6)]]);
    let path = dir.path().join("merged.xlsx");
    book.save(&path).unwrap();
    let error = read::open(&path).unwrap_err();
    assert!(
        matches!(&error, FileError::MergedHeading { row: 1, heading, .. } if heading == "培训日期"),
        "{error}"
    );
    assert!(error.text(Lang::Zh).contains("取消合并"));
}

#[test]
fn one_heading_twice_is_refused() {
    let dir = folder();
    let mut header = national();
    header.push(Put::Text("培训获得学时"));
    let error = read::open(&workbook(&dir, "twice.xlsx", "a", &[header])).unwrap_err();
    assert!(
        matches!(&error, FileError::RepeatedColumn { heading, .. } if heading == "培训获得学时"),
        "{error}"
    );
}

#[test]
fn an_empty_file_and_an_empty_workbook_say_so() {
    assert!(matches!(error("a.xlsx", b""), FileError::Empty { .. }));
    assert!(matches!(
        error("a.csv", b"\xEF\xBB\xBF\n\n , ,\n"),
        FileError::Empty { .. }
    ));
    let dir = folder();
    let path = workbook(&dir, "blank.xlsx", "Sheet1", &[]);
    assert!(matches!(read::open(&path), Err(FileError::Empty { .. })));
    let missing = read::open(&dir.path().join("no such.xlsx")).unwrap_err();
    assert!(
        matches!(&missing, FileError::Io { .. }) && missing.text(Lang::Zh).contains("no such.xlsx"),
        "{missing}"
    );
}

#[test]
fn a_file_without_a_known_sheet_lists_what_can_be_imported() {
    let dir = folder();
    let path = workbook(&dir, "menu.xlsx", "食谱", &[row!["菜名", "价格"], row!["面皮", 6.0]]);
    let error = read::open(&path).unwrap_err();
    assert!(
        matches!(&error, FileError::NoKnownSheet { sheets, .. } if sheets == "食谱"),
        "{error}"
    );
    assert!(error.text(Lang::Zh).contains("送教送培"));
}

#[test]
fn protected_old_and_damaged_files_are_told_apart() {
    // The head of an OLE container; the directory names its streams in UTF-16.
    let mut container = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    container.extend([0; 504]);
    assert!(matches!(error("old.xls", &container), FileError::OldExcel { .. }));
    container.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert!(matches!(error("locked.xlsx", &container), FileError::Encrypted { .. }));
    assert!(matches!(
        error("torn.xlsx", b"PK\x03\x04 and then nothing"),
        FileError::Damaged { .. }
    ));
    assert!(matches!(
        error("photo.xlsx", &[0xFF, 0xD8, 0xFF, 0, 0, 1, 2]),
        FileError::Damaged { .. }
    ));
    let dir = folder();
    let path = training(&dir, "whole.xlsx");
    let whole = fs::read(path).unwrap();
    for part in [whole.len() / 2, whole.len() - 30] {
        assert!(
            matches!(error("half.xlsx", &whole[..part]), FileError::Damaged { .. }),
            "{part}"
        );
    }
}

#[test]
fn damage_anywhere_in_a_workbook_is_an_error_or_harmless_but_never_a_panic() {
    let dir = folder();
    let path = training(&dir, "whole.xlsx");
    let whole = fs::read(path).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x5A;
        let _ = read::read("damaged.xlsx", &damaged);
    }
}

const CSV: &str = "培训登记,,,,,\n\n姓名,培训类别,培训项目名称,培训获得学时,培训开始日期,备注\n甲,县级,师德,6,2022/3/5,\"两\n行\"\n\n,,,,,\n乙,40,\"师德,续\",4.5,2022年3月6日,\n";

#[test]
fn csv_is_read_in_the_encodings_that_excel_writes() {
    let (gb, _, _) = encoding_rs::GB18030.encode(CSV);
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(CSV.replace(',', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let crlf = CSV.replace('\n', "\r\n");
    let files: [(&str, Vec<u8>); 5] = [
        ("UTF-8", CSV.into()),
        ("UTF-8 with mark", [b"\xEF\xBB\xBF", CSV.as_bytes()].concat()),
        ("GB18030", gb.into_owned()),
        ("UTF-16", utf16),
        ("line ends of Windows, none at the end", crlf.trim_end().into()),
    ];
    for (encoding, bytes) in files {
        let book = read::read("培训.csv", &bytes).unwrap_or_else(|error| panic!("{encoding}: {error}"));
        let sheet = &book.sheets[0];
        // A cell of two lines is one row, blank rows have numbers too: as Excel shows them.
        assert_eq!(
            (sheet.header_row, names(&book)),
            (3, vec![(4, "甲".to_owned()), (7, "乙".to_owned())]),
            "{encoding}"
        );
        assert_eq!(sheet.cell(&sheet.rows[1], Col::Hours).text(), "4.5", "{encoding}");
    }
}

#[test]
fn text_in_no_known_encoding_is_refused() {
    assert!(matches!(
        error("a.csv", b"name,\xFF\xFF\xFF\n"),
        FileError::Encoding { .. }
    ));
}

#[test]
fn a_table_of_too_many_rows_is_refused() {
    let mut csv = "姓名,培训类别,培训项目名称,培训获得学时,培训开始日期\n".to_owned();
    csv.push_str(&"甲,县级,师德,6,2022/3/5\n".repeat(read::ROWS_MAX));
    assert!(matches!(
        error("long.csv", csv.as_bytes()),
        FileError::TooManyRows { .. }
    ));
}

#[test]
fn hidden_and_unknown_sheets_are_passed_over_and_several_known_ones_read() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    fill(
        book.add_worksheet().set_name("说明").unwrap(),
        0,
        &[row!["请按要求填写"]],
    );
    fill(
        book.add_worksheet().set_name("2022").unwrap(),
        0,
        &[national(), attended("甲", "师德", 6.0, (2022, 3, 5))],
    );
    fill(
        book.add_worksheet().set_name("旧表").unwrap().set_hidden(true),
        0,
        &[national()],
    );
    fill(
        book.add_worksheet().set_name("驻点").unwrap(),
        0,
        &[row!["姓名", "日期", "到访学校", "目的"]],
    );
    let path = dir.path().join("many.xlsx");
    book.save(&path).unwrap();
    let book = open(&path);
    let kinds: Vec<_> = book
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.kind))
        .collect();
    assert_eq!(kinds, [("2022", Kind::Training), ("驻点", Kind::Visits)]);
    assert_eq!(book.passed_over, ["说明"]);
}

#[test]
fn every_template_is_recognised_as_its_kind_with_all_its_columns() {
    let dir = folder();
    for &kind in Kind::ALL {
        let path = dir.path().join(format!("{}.xlsx", kind.zh()));
        columns::template(kind, &path).unwrap();
        let book = open(&path);
        assert_eq!(book.sheets.iter().map(|sheet| sheet.kind).collect::<Vec<_>>(), [kind]);
        assert!(book.passed_over.is_empty(), "{:?}", book.passed_over);
        let missing: Vec<_> = kind
            .columns()
            .iter()
            .filter(|column| column.col != Col::Ignored && !book.sheets[0].has(column.col))
            .map(|column| column.heading)
            .collect();
        assert_eq!(missing, Vec::<&str>::new(), "{kind:?}");
    }
}

#[test]
fn a_cell_far_away_costs_nothing() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, 0, &[national(), attended("甲", "师德", 6.0, (2022, 3, 5))]);
    sheet.write_string(1_048_575, 16_383, "误触").unwrap();
    let path = dir.path().join("far.xlsx");
    book.save(&path).unwrap();
    assert_eq!(names(&open(&path)), [(2, "甲".to_owned())]);
}

#[test]
fn a_workbook_that_would_unpack_to_more_than_there_is_room_for_is_refused_unopened() {
    let dir = folder();
    let path = workbook(&dir, "bomb.xlsx", "培训", &[national()]);
    let mut bytes = fs::read(path).unwrap();
    let entry = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&0x7FFF_FFFF_u32.to_le_bytes());
    assert!(matches!(error("bomb.xlsx", &bytes), FileError::TooLarge { bytes, .. } if bytes >= 0x7FFF_FFFF));
}

#[test]
fn a_person_may_be_named_by_either_column_and_the_error_says_so() {
    let header = row![
        "培训类别",
        "培训项目名称",
        "培训获得学时",
        "培训开始日期",
        "培训结束日期"
    ];
    let dir = folder();
    let error = read::open(&workbook(&dir, "nobody.xlsx", "培训", &[header])).unwrap_err();
    assert!(
        matches!(&error, FileError::MissingColumns { missing, .. } if missing == "姓名/教师编号"),
        "{error}"
    );
}
