//! Every list and table at the widths of a telephone, a terminal and a wide screen, in both languages: nothing is wider
//! than the screen, no Chinese character is cut in half, and a reader looked at each snapshot.

mod support;

use std::fmt::Write as _;
use std::fs;

use keshi::Exit;
use keshi_office::access::Access;
use unicode_width::UnicodeWidthStr as _;

use crate::support::{Office, POLICY, json};

const WIDTHS: [&str; 3] = ["40", "80", "200"];

const SCHOOLS: &str = "\
学校编号,学校名称,学段,乡镇,片区,建校日期
LB-XX01,青禾镇中心小学,小学,青禾镇,PQ1,1986-09-01
LB-CZ01,石桥铺镇初级中学,初中,石桥铺镇,PQ2,1990-09-01
";

const TEACHERS: &str = "\
教师编号,姓名,学段,学科,入职日期,教龄起,职称,学校编号,部门,岗位,任职开始
LB-0001,王建岚,其他,教育研究,2010-09-01,2010-09-01,高级教师,,小学组,专职教研员,2010-09-01
LB-0002,欧阳志莹,其他,教育研究,2012-09-01,2012-09-01,一级教师,,初中组,专职教研员,2012-09-01
LB-0003,王晨菲,小学,小学道德与法治,2015-09-01,2015-09-01,二级教师,LB-XX01,,教师,2015-09-01
";

const VISITS: &str = "\
教师编号,到访学校,到校日期,目的
LB-0001,LB-XX01,2022-03-04,教学常规督导
LB-0001,LB-CZ01,2022-04-12,新课标落实情况调研（第2次）：备课、上课、作业批改与辅导
LB-0002,LB-CZ01,2022-09-07,校本研修指导
";

const TRAINING: &str = "\
教师编号,培训类别,培训项目名称,培训机构名称,培训获得学时,培训开始日期,培训结束日期,考核结果,场次学时,地点
LB-0001,县级,2022年小学语文新课标培训,县教师进修学校,12,2022-03-05,2022-03-06,合格,12,县教师进修学校报告厅
LB-0003,县级,2022年小学语文新课标培训,县教师进修学校,9.5,2022-03-05,2022-03-06,,12,县教师进修学校报告厅
LB-0003,校级,校本研修,青禾镇中心小学,2,2022-09-07,2022-09-07,,,
";

/// An office with a policy, a calendar, three people and three visits, made with the files that an office would use.
fn county() -> Office {
    let office = Office::new();
    let made = office.path().join("made");
    let sample = office.run(&format!("sample liuba-2022 {}", made.display()));
    assert_eq!(sample.exit, Exit::Done, "{}", sample.err);
    let calendar = made.join("00-校历.toml");
    for (name, text) in [("学校.csv", SCHOOLS), ("教师.csv", TEACHERS), ("到校.csv", VISITS)] {
        fs::write(office.path().join(name), text).unwrap();
    }
    let file = |name: &str| office.path().join(name).display().to_string();
    for line in [
        "load open before-2022 --period 1950-01-01..2022-12-31 --reason 建账前的记录".to_owned(),
        format!("import {} --load before-2022", calendar.display()),
        format!("import {POLICY} --load before-2022"),
        format!("import {} --load before-2022", file("学校.csv")),
        format!("import {} --load before-2022", file("教师.csv")),
        format!("import {} --load before-2022", file("到校.csv")),
    ] {
        let said = office.run(&line);
        assert_eq!(said.exit, Exit::Done, "{line}: {}{}", said.out, said.err);
    }
    office
}

/// Before this year nothing in these answers was made by the run itself.
const RUN_AFTER: &str = "2024";

/// What changes from run to run, by what is as wide: directories, the days and times of recording.
fn steady(text: &str, office: &Office) -> String {
    let text = text.replace(&office.path().display().to_string(), "DIR");
    let fits = |pattern: &str, at: &str| {
        let mut at = at.chars();
        pattern.chars().all(|p| {
            at.next()
                .is_some_and(|c| if p == '0' { c.is_ascii_digit() } else { p == c })
        })
    };
    let mut steady = String::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let is_of_the_run = fits("0000-00-00", rest) && &rest[..4] >= RUN_AFTER;
        let (pattern, shown) = match (is_of_the_run, fits("0000-00-00 00:00", rest)) {
            (true, true) => ("0000-00-00 00:00", "YYYY-MM-DD hh:mm"),
            (true, false) => ("0000-00-00", "YYYY-MM-DD"),
            (false, _) => {
                steady.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        steady.push_str(shown);
        rest = &rest[pattern.len()..];
    }
    steady
}

/// Says the same at every width and in both languages, and keeps it under a name.
fn keep(office: &Office, name: &str, line: &str) {
    let mut all = String::new();
    for lang in ["zh", "en"] {
        for width in WIDTHS {
            let said = office.run_where(&format!("{line} --lang {lang}"), "", &[("COLUMNS", width)]);
            let columns: usize = width.parse().unwrap();
            for shown in said.out.lines().chain(said.err.lines()) {
                assert!(shown.width() <= columns, "{name}, {lang}, {width}: {shown}");
            }
            write!(all, "── {lang}, {width} ──\n{}", steady(&said.out, office)).unwrap();
            if !said.err.is_empty() {
                write!(all, "── stderr ──\n{}", steady(&said.err, office)).unwrap();
            }
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots/widths" }, {
        insta::assert_snapshot!(name, all);
    });
}

#[test]
fn what_a_reader_asks_fits_the_screen() {
    let office = county();
    keep(&office, "balance", "balance LB-0001 --period 2022");
    keep(&office, "balance_explained", "balance LB-0001 --period 2022 --explain");
    keep(
        &office,
        "balance_difference",
        "balance LB-0001 --period 2022 --diff-from 9",
    );
    keep(&office, "tier", "tier LB-0003");
    keep(&office, "shortfall", "shortfall --period 2022");
    keep(&office, "people_found", "balance 王 --period 2022");
    keep(&office, "log", "log");
    keep(&office, "reads", "reads --about LB-0003");
}

#[test]
fn what_an_office_and_its_operator_list_fits_the_screen() {
    let office = county();
    let stricter = fs::read_to_string(POLICY)
        .unwrap()
        .replace("version = 1", "version = 2");
    let stricter = stricter.replace("min = 1\n", "min = 2\n");
    let path = office.path().join("stricter.toml");
    fs::write(&path, stricter).unwrap();
    keep(&office, "policies", "policy show");
    keep(&office, "policy_checked", &format!("policy check {}", path.display()));
    let compared = format!("policy diff dongxing-researcher-2020 {} --period 2022", path.display());
    keep(&office, "policy_compared", &compared);
    // As the first `keshi up` makes it.
    Access::open_or_create(office.path().join("610729/access.redb")).unwrap();
    for line in [
        "token create clerk --id clerk-xx01 --school LB-XX01",
        "token create researcher --id wang-of-primary --teacher LB-0001 --subjects 小学语文,小学数学,小学道德与法治 --expires 2099-12-31",
    ] {
        let said = office.run(line);
        assert_eq!(said.exit, Exit::Done, "{line}: {}", said.err);
    }
    keep(&office, "schools", "schools");
    keep(&office, "calendars", "calendar list");
    keep(&office, "tokens", "token list");
    keep(&office, "templates", "template");
}

#[test]
fn the_sessions_of_the_county_and_who_was_at_one_fit_the_screen() {
    let office = county();
    let path = office.path().join("培训.csv");
    fs::write(&path, TRAINING).unwrap();
    let said = office.run(&format!("import {} --load before-2022", path.display()));
    assert_eq!(said.exit, Exit::Done, "{}{}", said.out, said.err);
    keep(&office, "sessions", "sessions --period 2022");
    let found = json(&office.run("sessions 新课标 --json").out);
    assert_eq!(found["total"], "1", "{found}");
    let session = found["sessions"][0]["sessionId"].as_str().unwrap();
    keep(&office, "attendance", &format!("sessions --attendance {session}"));
    let none = office.run("sessions 无此项目");
    assert!(
        none.out.is_empty() && none.err.contains("keshi template"),
        "{}{}",
        none.out,
        none.err
    );
}

#[test]
fn what_an_import_reports_fits_the_screen() {
    let office = county();
    let path = office.path().join("到校-有误.csv");
    let bad = "LB-0009,LB-XX01,2022-05-06,教学常规督导\nLB-0001,青禾镇第九小学,2022-05-07,督导\n\
               LB-0002,LB-CZ01,2022-13-40,校本研修指导\n";
    fs::write(&path, VISITS.to_owned() + bad).unwrap();
    keep(
        &office,
        "import_refused",
        &format!("import {} --dry-run", path.display()),
    );
    let again = office.path().join("到校.csv");
    keep(
        &office,
        "import_again",
        &format!("import {} --dry-run", again.display()),
    );
    let roster = office.path().join("教师-2023.csv");
    fs::write(
        &roster,
        TEACHERS.replace(",LB-XX01,,教师,2015-09-01", ",LB-CZ01,,教师,2023-09-01"),
    )
    .unwrap();
    let roster = format!("import {} --from 2023-09-01 --dry-run", roster.display());
    keep(&office, "import_roster", &roster);
}
