//! What is wrong with single rows: each mistake with its row, column, value, reason and remedy.

use keshi_core::event::Fact;
use keshi_core::hours::Hours;
use keshi_core::ids::TeacherId;
use keshi_core::lang::Lang;
use keshi_sheets::plan::{Found, People, Plan, Rows};

use crate::row;
use crate::support::{Put, TODAY, attended, everyone, folder, national, open, options, planned, workbook};

/// A national row with one cell changed, third row of its sheet; its problems as text.
fn with(column: &str, value: impl Into<Put>) -> Vec<String> {
    let mut row = attended("甲", "师德", 6.0, (2022, 3, 5));
    let header = national();
    let place = header
        .iter()
        .position(|cell| matches!(cell, Put::Text(text) if *text == column));
    row[place.unwrap_or_else(|| panic!("no column {column}"))] = value.into();
    let sound = attended("乙", "师德", 6.0, (2022, 3, 5));
    problems(&plan_of(&[header, sound, row]))
}

fn plan_of(rows: &[Vec<Put>]) -> Plan {
    let dir = folder();
    planned(&workbook(&dir, "rows.xlsx", "Sheet1", rows))
}

fn problems(plan: &Plan) -> Vec<String> {
    plan.rows.iter().flat_map(|row| row.lines(Lang::Zh)).collect()
}

fn says(found: &[String], row: &str, column: &str, reason: &str, remedy: &str) {
    let [one] = found else {
        panic!("one problem expected: {found:?}")
    };
    for part in [row, column, reason, remedy] {
        assert!(one.contains(part), "{one:?} lacks {part:?}");
    }
}

#[test]
fn hours_that_are_no_hours_are_named_with_row_column_and_remedy() {
    says(
        &with("培训获得学时", "六学时"),
        "第 3 行",
        "培训获得学时“六学时”",
        "不是数字",
        "如 6 或 4.5",
    );
    says(
        &with("培训获得学时", "6学时"),
        "第 3 行",
        "培训获得学时“6学时”",
        "不是数字",
        "不带单位",
    );
    says(
        &with("培训获得学时", 1.234),
        "第 3 行",
        "“1.234”",
        "小数超过两位",
        "两位小数",
    );
    says(
        &with("培训获得学时", 0.0),
        "第 3 行",
        "培训获得学时",
        "应在 0.01 到 24 之间",
        "重新导入本行",
    );
    says(
        &with("培训获得学时", -6.0),
        "第 3 行",
        "“-6”",
        "应在 0.01 到 24 之间",
        "重新导入本行",
    );
    says(
        &with("培训获得学时", 25.0),
        "第 3 行",
        "培训获得学时",
        "应在 0.01 到 24 之间",
        "重新导入本行",
    );
    says(
        &with("培训获得学时", (2022, 3, 5)),
        "第 3 行",
        "培训获得学时",
        "不是数字",
        "如 6",
    );
    says(&with("培训获得学时", ""), "第 3 行", "培训获得学时", "没有填写", "补填");
}

#[test]
fn twenty_five_hours_over_two_days_are_no_problem() {
    let mut row = attended("甲", "师德", 25.0, (2022, 3, 5));
    row[11] = (2022, 3, 6).into();
    assert_eq!(problems(&plan_of(&[national(), row])), Vec::<String>::new());
}

#[test]
fn numbers_may_be_texts_and_full_width() {
    for hours in ["6.00", "６", " 6 "] {
        let mut row = attended("甲", "师德", 6.0, (2022, 3, 5));
        row[8] = hours.into();
        let plan = plan_of(&[national(), row]);
        let present = plan.events.iter().find_map(|event| match &event.fact {
            Fact::AttendanceRecorded(f) => Some(f.hours_present),
            _ => None,
        });
        assert_eq!((problems(&plan), present), (vec![], Some(Hours::whole(6))), "{hours}");
    }
}

#[test]
fn dates_are_read_in_all_usual_ways_and_give_the_same_events() {
    let wanted = plan_of(&[national(), attended("甲", "师德", 6.0, (2022, 3, 5))]).events;
    for day in ["2022-03-05", "2022/3/5", "2022.3.5", "2022年3月5日", "20220305"] {
        let mut row = attended("甲", "师德", 6.0, (2022, 3, 5));
        row[10] = day.into();
        row[11] = 44_625.0.into();
        let events = plan_of(&[national(), row]).events;
        assert_eq!(events.len(), 3, "{day}");
        assert!(
            events
                .iter()
                .zip(&wanted)
                .all(|(one, two)| one.event_id == two.event_id),
            "{day}"
        );
    }
}

#[test]
fn days_that_cannot_be_are_named() {
    says(
        &with("培训开始日期", "2022-02-30"),
        "第 3 行",
        "培训开始日期“2022-02-30”",
        "不是日期",
        "2022-03-05 的样子",
    );
    says(
        &with("培训开始日期", "三月五日"),
        "第 3 行",
        "“三月五日”",
        "不是日期",
        "分填两列",
    );
    says(
        &with("培训结束日期", (2022, 3, 4)),
        "第 3 行",
        "培训结束日期“2022-03-04”",
        "早于开始日期",
        "重新导入本行",
    );
    says(
        &with("培训结束日期", (2023, 1, 6)),
        "第 3 行",
        "培训结束日期",
        "晚于今天",
        "重新导入本行",
    );
    says(&with("培训开始日期", ""), "第 3 行", "培训开始日期", "没有填写", "补填");
    says(
        &with("培训年度", "二〇二二"),
        "第 3 行",
        "培训年度",
        "不是四位年份",
        "2022",
    );
    assert_eq!(
        with("培训结束日期", (2023, 1, 5)),
        Vec::<String>::new(),
        "today is not the future: {TODAY}"
    );
}

#[test]
fn coded_columns_take_word_or_code_and_list_what_there_is() {
    for level in ["县级", "40", "县", "区县级", "縣級"] {
        assert_eq!(with("培训类别", level), Vec::<String>::new(), "{level}");
    }
    for mode in ["短期面授", "2", "集中培训", "网络研修", ""] {
        assert!(
            !with("培训方式", mode).iter().any(|line| line.contains("没有这一项")),
            "{mode}"
        );
    }
    says(
        &with("培训类别", "乡级"),
        "第 3 行",
        "培训类别“乡级”",
        "没有这一项",
        "县级（40）",
    );
    says(
        &with("培训类别", 41.0),
        "第 3 行",
        "培训类别“41”",
        "没有这一项",
        "县级（40）",
    );
}

#[test]
fn the_error_of_a_formula_and_an_id_number_kept_as_a_number_are_explained() {
    says(
        &with("培训获得学时", Put::Formula("=1/0", "#DIV/0!")),
        "第 3 行",
        "“#DIV/0!”",
        "公式出错",
        "改正公式",
    );
    says(
        &with("姓名", Put::Formula("=VLOOKUP(1,A:B,2)", "#N/A")),
        "第 3 行",
        "姓名",
        "公式出错",
        "直接填写值",
    );
    let found = with("身份证件号码", 6.107_291_985_060_1e17);
    says(&found, "第 3 行", "身份证件号码", "末几位已丢失", "文本");
    assert!(
        !found[0].contains("61072"),
        "the number itself is not repeated: {found:?}"
    );
    assert_eq!(with("培训获得学时", Put::Formula("=2*3", "6")), Vec::<String>::new());
}

#[test]
fn every_problem_of_a_row_is_reported_not_just_the_first() {
    let row = row!["", "", "", "", "乡级", "", "", "骑马", "多", "少", "早", "晚"];
    let found = problems(&plan_of(&[national(), row]));
    for column in [
        "姓名",
        "培训类别",
        "培训项目名称",
        "培训方式",
        "培训获得学时",
        "培训获得学分",
        "培训开始日期",
        "培训结束日期",
    ] {
        assert!(found.iter().any(|line| line.contains(column)), "{column}: {found:?}");
    }
}

#[test]
fn english_says_the_same() {
    let plan = plan_of(&[national(), attended("甲", "师德", 25.0, (2022, 3, 5))]);
    assert_eq!(
        plan.rows[0].lines(Lang::En),
        ["row 2, 培训获得学时 \"25\": is 25, but must lie between 0.01 and 24; correct it, then import this row again"]
    );
}

#[test]
fn a_row_with_a_mistake_gives_no_event_and_spoils_no_other() {
    let plan = plan_of(&[
        national(),
        attended("甲", "师德", 6.0, (2022, 3, 5)),
        attended("乙", "师德", 99.0, (2022, 3, 5)),
    ]);
    assert_eq!(
        (plan.events.len(), plan.rows[0].events.len(), plan.rows[1].events.len()),
        (3, 3, 0)
    );
}

#[test]
fn unknown_and_ambiguous_people_are_listed_once_for_all_their_rows() {
    let dir = folder();
    let names = ["甲", "乙", "甲", "丙", "甲"];
    let mut table = vec![national()];
    for (number, name) in (1..).zip(names) {
        table.push(attended(name, "师德", 6.0, (2022, 3, number)));
    }
    let rows = Rows::new(vec![open(&workbook(&dir, "who.xlsx", "培训", &table))]);
    assert_eq!(
        rows.people()
            .iter()
            .map(|person| person.places.len())
            .collect::<Vec<_>>(),
        [3, 1, 1]
    );
    let mut people = People::default();
    let id = |id: &str| TeacherId::new(id).unwrap();
    for person in rows.people() {
        let found = match person.key.name.as_str() {
            "甲" => Found::Several(vec![
                (id("T1"), "青禾小学 语文".into()),
                (id("T2"), "松岭小学 数学".into()),
            ]),
            "乙" => Found::Nobody,
            _ => Found::One(id("T3")),
        };
        people.set(person.key, found);
    }
    let plan = rows.plan(&people, &options());
    assert_eq!(
        plan.people
            .iter()
            .map(|who| (who.key.name.as_str(), who.places.len()))
            .collect::<Vec<_>>(),
        [("甲", 3), ("乙", 1)]
    );
    let lines = problems(&plan);
    assert_eq!(
        (
            lines.len(),
            plan.rows.iter().filter(|row| row.problems.is_empty()).count()
        ),
        (4, 1)
    );
    assert!(
        lines[0].contains("T1（青禾小学 语文）") && lines[0].contains("填写教师编号"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("没有此人") && lines[1].contains("“教师”表"),
        "{lines:?}"
    );
    assert!(
        !format!("{people:?}{:?}", plan.people).contains('甲'),
        "names are not printed by Debug"
    );
}

#[test]
fn merged_cells_leave_blanks_that_are_named() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    crate::support::fill(
        sheet,
        0,
        &[
            national(),
            attended("甲", "师德", 6.0, (2022, 3, 5)),
            attended("", "班主任", 6.0, (2022, 3, 6)),
        ],
    );
    sheet
        .merge_range(1, 0, 2, 0, "甲", &rust_xlsxwriter::Format::new())
        .unwrap();
    let path = dir.path().join("merged.xlsx");
    book.save(&path).unwrap();
    says(&problems(&planned(&path)), "第 3 行", "姓名", "都没有填写", "取消合并");
}

#[test]
fn companion_sheets_check_their_own_columns() {
    let lessons = [
        row!["姓名", "授课日期", "课型", "级别", "授课节数"],
        row!["甲", (2022, 5, 5), "示范课", "县级", "一"],
        row!["甲", (2022, 5, 6), "示范课", "县级", 0.0],
        row!["甲", (2022, 5, 7), "好课", "县级", 1.5],
        row!["甲", (2022, 5, 8), "公开课", "校级"],
    ];
    let found = problems(&plan_of(&lessons));
    for (row, part) in [
        ("第 2 行", "不是从 0 起的整数"),
        ("第 3 行", "应在 1 到 1000 之间"),
        ("第 4 行", "没有这一项"),
        ("第 4 行", "整数"),
    ] {
        assert!(
            found.iter().any(|line| line.contains(row) && line.contains(part)),
            "{row} {part}: {found:?}"
        );
    }
    assert!(!found.iter().any(|line| line.contains("第 5 行")), "{found:?}");
    let outreach = [
        row!["姓名", "送教日期", "送达学校", "送课节数", "讲座场数"],
        row!["甲", (2022, 5, 5), "LB-XX01", "", ""],
        row!["甲", (2022, 5, 6), "没有的小学", 1.0, ""],
        row!["甲", (2022, 5, 7), "LB-XX01", 0.0, 0.0],
    ];
    let found = problems(&plan_of(&outreach));
    for (row, part) in [
        ("第 2 行", "都没有填写"),
        ("第 3 行", "不在本县学校名录"),
        ("第 4 行", "应在 1 到 1000 之间"),
    ] {
        assert!(
            found.iter().any(|line| line.contains(row) && line.contains(part)),
            "{row} {part}: {found:?}"
        );
    }
}

#[test]
fn the_register_checks_id_numbers_and_keeps_identities_out_of_the_events() {
    let header = row![
        "教师编号",
        "姓名",
        "身份证件类型",
        "身份证件号码",
        "出生日期",
        "手机",
        "学段",
        "学校编号",
        "岗位",
        "任职开始"
    ];
    let good = row![
        "T-1",
        "甲",
        "居民身份证",
        "99999919851231018X",
        "1985-12-31",
        10_020_220_001.0,
        "小学",
        "LB-XX01",
        "教师",
        (2019, 9, 1)
    ];
    let mut wrong_digit = good.clone();
    (wrong_digit[0], wrong_digit[3]) = ("T-2".into(), "999999198512310181".into());
    let mut other_day = good.clone();
    (other_day[0], other_day[4]) = ("T-3".into(), "1985-12-30".into());
    let mut bad_id = good.clone();
    bad_id[0] = "甲老师".into();
    let passport = row!["T-5", "乙", "护照", "E12345678", "", "", "小学", "LB-XX01"];
    let dir = folder();
    let rows = Rows::new(vec![open(&workbook(
        &dir,
        "t.xlsx",
        "教师",
        &[header, good, wrong_digit, other_day, bad_id, passport],
    ))]);
    let plan = rows.plan(&everyone(&rows), &options());
    let found = problems(&plan);
    for (row, part) in [
        ("第 3 行", "身份证件号码不对"),
        ("第 4 行", "出生日期不同"),
        ("第 5 行", "不是有效编号"),
    ] {
        assert!(
            found.iter().any(|line| line.contains(row) && line.contains(part)),
            "{row} {part}: {found:?}"
        );
    }
    assert_eq!(found.len(), 3, "{found:?}");
    let identities: Vec<_> = plan
        .identities
        .iter()
        .map(|i| (i.teacher_id.as_str(), i.id_doc_no.as_str(), i.phone.as_str()))
        .collect();
    assert_eq!(
        identities,
        [("T-1", "99999919851231018X", "10020220001"), ("T-5", "E12345678", "")]
    );
    assert!(!format!("{:?}", plan.events).contains("甲"));
    assert_eq!(plan.events.len(), 4, "each is registered and takes a post");
}

#[test]
fn a_teacher_in_two_rows_is_one_person_with_two_posts_unless_the_rows_differ() {
    let header = row!["教师编号", "姓名", "学段", "学校编号", "岗位", "任职开始"];
    let two = [
        header.clone(),
        row!["T-1", "甲", "小学", "LB-XX01", "教师", (2019, 9, 1)],
        row!["T-1", "甲", "小学", "LB-XX02", "教师", (2021, 9, 1)],
    ];
    let plan = plan_of(&two);
    assert_eq!(
        (problems(&plan), plan.events.len(), plan.identities.len()),
        (vec![], 3, 1)
    );
    let other_name = [
        header,
        row!["T-1", "甲", "小学", "LB-XX01", "教师", (2019, 9, 1)],
        row!["T-1", "乙", "小学", "LB-XX02", "教师", (2021, 9, 1)],
    ];
    let plan = plan_of(&other_name);
    assert_eq!(
        (problems(&plan).len(), plan.events.len(), plan.identities.len()),
        (2, 0, 0)
    );
}

#[test]
fn a_phone_number_in_free_text_is_a_problem_of_its_row_and_is_not_repeated() {
    let found = with("培训项目名称", "师德 19900000000");
    says(
        &found,
        "第 3 行",
        "培训项目名称",
        "似有身份证号、电话号码或邮箱",
        "重新导入本行",
    );
    assert!(!found[0].contains("199"), "{found:?}");
}

#[test]
fn what_a_lesson_was_about_goes_along_as_a_note() {
    let header = row!["姓名", "授课日期", "课型", "级别", "学科", "课题", "授课节数"];
    let lesson = |topic: &'static str| {
        plan_of(&[
            header.clone(),
            row!["甲", "2022-03-05", "示范课", "县级", "语文", topic, 1.0],
        ])
    };
    let plan = lesson("《观潮》");
    assert_eq!(problems(&plan), [""; 0]);
    let note = plan.events[0].note.as_ref().map(ToString::to_string);
    assert_eq!(note.as_deref(), Some("《观潮》"));
    assert_eq!(lesson("").events[0].note, None);
}
