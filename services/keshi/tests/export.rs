//! A year's training out of the ledger in the national columns, and into our own sheet of them again.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use keshi::Exit;
use keshi_core::text::resident::check_character;
use keshi_sheets::columns::{Kind, national_headings};
use keshi_sheets::read;

use crate::support::{Office, Said};

/// A made-up number of a region that does not exist.
fn id_no(number: u32) -> String {
    let body = format!("99999919800101{number:03}");
    format!("{body}{}", check_character(&body))
}

/// Two teachers of one school, one without a document.
fn staffed() -> Office {
    let office = Office::new();
    let write = |name: &str, text: String| fs::write(office.path().join(name), text).unwrap();
    write("学校.csv", "学校编号,学校名称,学段\nS1,城关小学,小学\n".to_owned());
    let one = id_no(1);
    write(
        "教师.csv",
        format!(
            "教师编号,姓名,身份证件类型,身份证件号码,学段,学科,学校,岗位,任职开始\n\
             T1,试样甲,居民身份证,{one},小学,语文,S1,教师,2020-09-01\n\
             T2,试样乙,,,小学,语文,S1,教师,2020-09-01\n"
        ),
    );
    take_in(&office, &["学校.csv", "教师.csv"]);
    office
}

#[track_caller]
fn take_in(office: &Office, names: &[&str]) {
    for name in names {
        done(&office.run(&format!("import {}", office.path().join(name).display())));
    }
}

/// The same with a course of 6.5 hours in two parts, and one of the group.
fn office() -> Office {
    let (office, one) = (staffed(), id_no(1));
    let sheet = format!(
        "姓名,身份证件类型,身份证件号码,培训年度,培训类别,培训项目名称,培训机构名称,培训方式,培训获得学时,培训开始日期,培训结束日期,教师编号\n\
             试样甲,居民身份证,{one},2022,县级,新课标培训,县教师进修学校,短期面授,4,2022-03-05,2022-03-05,\n\
             试样甲,居民身份证,{one},2022,县级,新课标培训,县教师进修学校,短期面授,2.5,2022-03-12,2022-03-12,\n\
             试样甲,居民身份证,{one},2022,片区,联片教研,青禾片区,混合,3,2022-04-12,2022-04-12,\n\
             试样乙,,,2022,县级,新课标培训,县教师进修学校,短期面授,4,2022-03-05,2022-03-05,T2\n"
    );
    fs::write(office.path().join("培训.csv"), sheet).unwrap();
    take_in(&office, &["培训.csv"]);
    office
}

#[track_caller]
fn done(said: &Said) -> &Said {
    assert_eq!(said.exit, Exit::Done, "{}{}", said.out, said.err);
    said
}

fn export(office: &Office, to: &Path, more: &str) -> Said {
    office.run(&format!(
        "export --year 2022 -o {} --purpose 报送2022年度{more}",
        to.display()
    ))
}

#[test]
fn what_is_exported_is_taken_in_by_our_own_sheet_of_the_national_columns() {
    let office = office();
    let to = office.path().join("out.xlsx");
    let said = export(&office, &to, "");
    done(&said);
    assert!(
        said.err
            .contains("2 rows of 1 persons, 9 hours; 4.5 hours in no row; 1 persons left out"),
        "{}",
        said.err
    );
    assert!(
        said.err
            .contains("1 left out (T2): the people register has no identity document"),
        "{}",
        said.err
    );
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);

    let book = read::open(&to).unwrap();
    let kinds: Vec<Kind> = book.sheets.iter().map(|sheet| sheet.kind).collect();
    assert_eq!(kinds, [Kind::Training], "the other two sheets are none to import");
    assert_eq!(book.sheets[0].rows.len(), 2);
    // Another county takes it in, and exports the same.
    let other = staffed();
    done(&other.run(&format!("import {}", to.display())));

    let csv = |office: &Office| {
        let to = office.path().join("out.csv");
        done(&export(office, &to, ""));
        fs::read_to_string(&to).unwrap()
    };
    let text = csv(&office);
    assert_eq!(csv(&other), text);
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], national_headings().collect::<Vec<_>>().join(","));
    let row = format!(
        "试样甲,居民身份证,{},2022,99,联片教研,青禾片区,4,3,0,2022-04-12,2022-04-12",
        id_no(1)
    );
    assert_eq!((lines.len(), lines[2]), (3, row.as_str()));
    let third = staffed();
    done(&third.run(&format!("import {}", office.path().join("out.csv").display())));
    let rests = fs::read_to_string(office.path().join("out-余数.csv")).unwrap();
    assert!(rests.contains("T1,试样甲,城关小学,新课标培训,0.5,0,"), "{rests}");
    assert!(
        rests.contains("T2,试样乙,城关小学,新课标培训,4,0,人员档案中没有身份证件"),
        "{rests}"
    );
}

#[test]
fn every_person_in_an_export_leaves_a_line_with_its_purpose_and_one_without_a_purpose_is_none() {
    let office = office();
    let to = office.path().join("out.xlsx");
    let refused = office.run(&format!("export --year 2022 -o {}", to.display()));
    assert_eq!((refused.exit, to.exists()), (Exit::Usage, false));
    done(&export(&office, &to, " --school S1"));
    let reads = office.run("reads");
    let of = |id: &str| {
        reads
            .out
            .lines()
            .filter(|line| line.contains(id) && line.contains("报送2022年度"))
            .count()
    };
    assert_eq!((of("T1"), of("T2")), (1, 1), "{}", reads.out);
    let unknown = export(&office, &office.path().join("none.xlsx"), " --school S9");
    assert_eq!(unknown.exit, Exit::Failed);
    assert!(!office.path().join("none.xlsx").exists());
}
