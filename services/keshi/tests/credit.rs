//! Balances explained, what changed since, and what another policy would change: whole command lines over a real ledger.

mod support;

use std::fmt::Write as _;

use keshi::Exit;
use uuid::Uuid;

use crate::support::{Office, json, school};

/// At most twenty hours of open lessons and courses of one year count, and eight go on to the next.
const POLICY: &str = r#"language = 1
id = "county-30"
version = 1
name = "教师每年 30 学时"
effective_from = 2021-01-01
retroactive = true

[scope]
post = ["教师"]

[[requirement]]
id = "R1"
meter = "training_hours"
period = "calendar_year"
min = 30
unit = "学时"
text = "每年接受不少于30学时的培训"
carry = { max = 8 }

[[conversion]]
id = "V1"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"

[[conversion]]
id = "V2"
kind = "lesson_given"
hours = "periods"
factor = 5

[[cap]]
id = "K2"
period = "calendar_year"
where = { kind = ["lesson_given"] }
max = 18
"#;

fn event(label: &str, date: (i32, i32, i32), fact: &str) -> String {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes());
    let (year, month, day) = date;
    format!(
        "{{\"events\":[{{\"eventId\":\"{id}\",\"occurredFrom\":{{\"year\":{year},\"month\":{month},\"day\":{day}}},\"fact\":{{{fact}}}}}]}}\n"
    )
}

fn attendance(label: &str, date: (i32, i32, i32), session: &str, centihours: i64) -> String {
    let fact = format!(
        r#""attendanceRecorded":{{"sessionId":"{session}","teacherId":"T1","role":"ATTENDANCE_ROLE_LEARNER","presentCentihours":{centihours}}}"#
    );
    event(label, date, &fact)
}

fn session(id: &str, date: (i32, i32, i32), centihours: i64) -> String {
    let fact = format!(
        r#""sessionHeld":{{"sessionId":"{id}","projectId":"P1","type":"SESSION_TYPE_TRAINING","centihours":{centihours}}}"#
    );
    event(id, date, &fact)
}

fn lesson(label: &str, date: (i32, i32, i32), periods: u32) -> String {
    let fact = format!(
        r#""lessonGiven":{{"teacherId":"T1","type":"LESSON_TYPE_OPEN","level":"LEVEL_COUNTY","schoolId":"S1","subject":"语文","periods":{periods}}}"#
    );
    event(label, date, &fact)
}

/// A teacher with two years of training, lessons beyond a cap, too little presence, and a session that never came.
fn county() -> Office {
    let office = Office::new();
    std::fs::write(office.path().join("county-30.toml"), POLICY).unwrap();
    let mut lines = school("S1", "城关小学") + "\n";
    for id in ["T1", "T2"] {
        let person = format!(r#""personRegistered":{{"teacherId":"{id}","stage":"STAGE_PRIMARY","subject":"语文"}}"#);
        lines += &event(id, (2020, 9, 1), &person);
        let assignment = format!(
            r#""assignmentStarted":{{"teacherId":"{id}","schoolId":"S1","post":"POST_TEACHER","shareHundredths":100}}"#
        );
        lines += &event(&format!("{id} at S1"), (2020, 9, 1), &assignment);
    }
    let project = r#""projectOpened":{"projectId":"P1","name":"义务教育课程标准培训","level":"LEVEL_COUNTY","mode":"MODE_FACE_TO_FACE"}"#;
    lines += &event("P1", (2021, 3, 1), project);
    for (n, (date, hours, present)) in [
        ((2021, 5, 10), 24_00, 24_00),
        ((2021, 5, 11), 14_00, 14_00),
        ((2022, 3, 5), 6_00, 6_00),
        ((2022, 4, 8), 6_00, 2_00),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("X{n}");
        lines += &session(&id, date, hours);
        lines += &attendance(&format!("{id} T1"), date, &id, present);
    }
    lines += &attendance("X9 T1", (2022, 9, 9), "X9", 6_00);
    lines += &lesson("L1", (2022, 5, 6), 2);
    lines += &lesson("L2", (2022, 6, 7), 3);
    post(&office, &lines);
    let adopted = office.run(&format!("policy adopt {}", file(&office, "county-30.toml")));
    assert_eq!(adopted.exit, Exit::Done, "{}", adopted.err);
    office
}

fn post(office: &Office, lines: &str) {
    let said = office.run_with("post -", lines);
    assert_eq!(said.exit, Exit::Done, "{}{}", said.out, said.err);
}

fn file(office: &Office, name: &str) -> String {
    office.path().join(name).display().to_string()
}

/// The policy under another minimum and version, in a file that nobody adopts.
fn variant(office: &Office, min: u32, version: u32) -> String {
    let text = POLICY.replace("min = 30", &format!("min = {min}"));
    let text = text.replace("version = 1", &format!("version = {version}"));
    let name = format!("county-{min}.toml");
    std::fs::write(office.path().join(&name), text).unwrap();
    file(office, &name)
}

#[test]
fn an_explained_balance_can_be_added_up_by_its_reader_in_both_languages() {
    let office = county();
    let mut both = String::new();
    for lang in ["zh", "en"] {
        let said = office.run(&format!("balance T1 --period 2022 --explain --lang {lang}"));
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        writeln!(both, "{}", said.out).unwrap();
    }
    insta::assert_snapshot!("explained", both);
}

#[test]
fn what_changed_since_an_earlier_size_is_listed_with_its_reasons() {
    let office = county();
    let before = office.run("log --json").out.lines().count();
    let target = Uuid::new_v5(&Uuid::NAMESPACE_OID, b"L1");
    let void = format!(r#""entryVoided":{{"targetEvent":"{target}","reason":"误报"}}"#);
    let lines = session("X9", (2022, 9, 9), 6_00) + &event("void", (2022, 12, 1), &void);
    post(&office, &lines);
    let said = office.run(&format!("balance T1 --period 2022 --diff-from {before} --lang en"));
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    insta::assert_snapshot!("difference", said.out);
    let since = office.run("balance T1 --period 2022 --diff-from-time 2000-01-01 --lang en");
    assert!(since.out.contains("did not apply before"), "{}{}", since.out, since.err);
    let nothing = office.run("balance T1 --period 2022 --diff-from-time 2099-12-31 --lang zh");
    assert!(nothing.out.contains("没有变化"), "{}{}", nothing.out, nothing.err);
    let at = json(
        &office
            .run(&format!("balance T1 --period 2022 --diff-from {before} --json"))
            .out,
    );
    assert_eq!(at["policies"][0]["policyId"], "county-30");
    let wrong = office.run("balance T1 --diff-from 3 --explain");
    assert_eq!(wrong.exit, Exit::Usage, "{}", wrong.err);
}

#[test]
fn every_query_is_asked_at_a_size_or_as_of_a_day_or_a_moment() {
    let office = county();
    let size = office.run("log --json").out.lines().count();
    for question in ["balance T1", "shortfall", "tier T1"] {
        for place in [format!("--at-size {size}"), "--as-of 2099-12-31".to_owned()] {
            let said = office.run(&format!("{question} {place}"));
            assert_eq!(said.exit, Exit::Done, "{question} {place}: {}", said.err);
            assert!(said.out.contains(&format!("ledger of {size} entries")), "{}", said.out);
        }
    }
    let before = office.run("balance T1 --as-of 2000-01-01T08:00:00Z");
    assert_eq!(before.exit, Exit::Failed);
    assert!(before.err.contains("not registered"), "{}", before.err);
    let none = office.run("shortfall --as-of 2000-01-01");
    assert_eq!((none.exit, none.out.as_str()), (Exit::Failed, ""), "{}", none.err);
    assert!(none.err.contains("nobody to look at"), "{}", none.err);
}

#[test]
fn of_what_does_not_exist_nobody_is_called_well() {
    let office = county();
    for (question, said) in [
        ("--school S-none", "no such school"),
        ("--group G-none", "no school is in such a group"),
        ("--requirement R9", "there are R1"),
        ("--post 校长", "nobody to look at"),
        ("--period 2005", "stand under no policy"),
        ("--period 2098", "has not begun"),
    ] {
        let period = if question.contains("--period") {
            ""
        } else {
            " --period 2022"
        };
        let answer = office.run(&format!("shortfall {question}{period}"));
        assert_eq!(answer.exit, Exit::Failed, "{question}: {}", answer.out);
        assert!(answer.err.contains(said), "{question}: {}", answer.err);
        assert!(answer.out.is_empty(), "{question}: {}", answer.out);
    }
}

#[test]
fn until_a_day_later_lessons_do_not_count_and_the_reading_is_told_with_its_period_and_purpose() {
    let office = county();
    let given = |line: &str| {
        let balance = json(
            &office
                .run(format!("balance T1 --period 2022 --json {line}").trim_end())
                .out,
        );
        let meters = balance["policies"][0]["meters"].as_array().unwrap().clone();
        let lessons = meters.into_iter().find(|meter| meter["meter"] == "lessons_given");
        lessons.unwrap()["centiamount"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (given("").as_str(), given("--until 2022-05-31").as_str()),
        ("500", "200")
    );
    office.run("balance T1 --period 2022-05 --purpose 年终核对");
    let told = office.run("reads --about T1 --lang zh").out;
    let line = told.lines().find(|line| line.contains("年终核对"));
    assert!(
        line.is_some_and(|line| line.contains("2022-05") && line.contains("课时")),
        "{told}"
    );
    let nobody = office.run("reads --by nobody").out;
    assert_eq!(nobody, "");
    // Whoever opens the ledger here is no teacher.
    let herself = office.run("balance --lang zh");
    assert!(
        herself.exit == Exit::Failed && herself.err.contains("没有对应的教师"),
        "{}",
        herself.err
    );
}

#[test]
fn what_is_listed_is_also_written_as_a_paper() {
    let office = county();
    for line in [
        "balance T1 --period 2022",
        "tier T1",
        "shortfall --period 2022",
        "log --about T1",
        "reads",
    ] {
        let paper = file(&office, "paper.xlsx");
        let said = office.run(&format!("{line} --xlsx {paper}"));
        assert_eq!(said.exit, Exit::Done, "{line}: {}", said.err);
        assert!(said.err.contains("wrote"), "{line}: {}", said.err);
        assert!(std::fs::read(&paper).unwrap().starts_with(b"PK"), "{line}");
        std::fs::remove_file(&paper).unwrap();
        let nowhere = office.run(&format!("{line} --xlsx {}", file(&office, "nowhere/paper.xlsx")));
        assert_eq!(nowhere.exit, Exit::Failed, "{line}");
        assert!(nowhere.err.contains("there is no folder"), "{line}: {}", nowhere.err);
    }
}

#[test]
fn another_policy_is_tried_out_without_being_adopted() {
    let office = county();
    let before = office.run("log --json").out;
    let (lower, higher) = (variant(&office, 20, 2), variant(&office, 33, 3));
    let said = office.run(&format!("policy diff county-30 {higher} --period 2022 --lang en"));
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    insta::assert_snapshot!("comparison", said.out);
    let two_files = office.run(&format!("policy diff {lower} {higher} --period 2022 --json"));
    let compared = json(&two_files.out);
    assert_eq!(compared["changes"][0]["turn"], "TURN_NOW_SHORT");
    assert_eq!(compared["result"]["beforeVersion"], 2);
    let book = file(&office, "diff.xlsx");
    let written = office.run(&format!(
        "policy diff {lower} {higher} --period 2022 --xlsx {book} --lang en"
    ));
    assert_eq!(written.exit, Exit::Done, "{}", written.err);
    assert!(written.err.contains("2 changes are written to"), "{}", written.err);
    assert!(
        !written.out.contains("T1") && written.out.contains("newly short 1"),
        "{}",
        written.out
    );
    assert!(std::fs::metadata(&book).unwrap().len() > 1_000);
    let nowhere = office.run(&format!(
        "policy diff {lower} {higher} --period 2022 --xlsx /nowhere/x.xlsx"
    ));
    assert_eq!(nowhere.exit, Exit::Failed);
    assert!(nowhere.err.contains("/nowhere/x.xlsx"), "{}", nowhere.err);
    let same = office.run("policy diff county-30 county-30@1 --period 2022");
    assert!(
        same.out.contains("nobody would stand otherwise"),
        "{}{}",
        same.out,
        same.err
    );
    assert_eq!(office.run("log --json").out, before);
    let unknown = office.run("policy diff county-30 county-31 --period 2022");
    assert_eq!(unknown.exit, Exit::Failed);
    assert!(unknown.err.contains("county-31 is not adopted"), "{}", unknown.err);
}

#[test]
fn shortfalls_are_listed_by_stage_and_post() {
    let office = county();
    let listed = |rest: &str| office.run(&format!("shortfall --period 2022 {rest} --json"));
    let total = |rest: &str| json(&listed(rest).out)["total"].as_str().map(str::to_owned);
    assert_eq!(total("--post 教师").as_deref(), Some("1"));
    assert_eq!(total("--post teacher --stage primary").as_deref(), Some("1"));
    assert_eq!(total("--stage 初中"), None);
    assert_eq!(total("--post 校长"), None);
    let wrong = listed("--stage 大学");
    assert_eq!(wrong.exit, Exit::Usage);
    assert!(wrong.err.contains("初中"), "{}", wrong.err);
}

#[test]
fn one_version_of_a_policy_is_shown() {
    let office = county();
    let newer = variant(&office, 33, 2);
    let newer_text = std::fs::read_to_string(&newer).unwrap();
    // A version begins on the day it is adopted or later, unless it is retroactive, which this one is.
    assert_eq!(office.run(&format!("policy adopt {newer}")).exit, Exit::Done);
    let shown = |what: &str| office.run(&format!("policy show {what}")).out;
    assert_eq!(shown("county-30@1").trim_end(), POLICY.trim_end());
    assert_eq!(shown("county-30").trim_end(), newer_text.trim_end());
    let missing = office.run("policy show county-30@9");
    assert_eq!(missing.exit, Exit::Failed);
    assert!(missing.err.contains("county-30@9"), "{}", missing.err);
}

#[test]
fn a_broken_document_is_checked_without_a_ledger_and_read_like_a_compilers_complaints() {
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("broken.toml");
    let broken = POLICY
        .replace("\"学员\"", "\"学员\", \"听众\"")
        .replace("min = 30", "min = 30.5")
        .replace("meter = \"training_hours\"", "metre = \"training_hours\"");
    std::fs::write(&path, broken).unwrap();
    let mut both = String::new();
    for lang in ["zh", "en"] {
        let line = format!("policy check {} --lang {lang}", path.display());
        let said = support::run(&line, "", &[]);
        assert_eq!((said.exit, said.out.as_str()), (Exit::Failed, ""));
        both += &said.err.replace(&dir.path().display().to_string(), "");
        both.push('\n');
    }
    insta::assert_snapshot!("broken", both);
    let said = support::run(&format!("policy check {} --json", path.display()), "", &[]);
    let found = json(&said.out);
    assert_eq!((said.exit, &found["good"]), (Exit::Failed, &false.into()));
    assert_eq!(found["problems"][0]["line"], 11);
    std::fs::write(&path, POLICY).unwrap();
    let good = json(&support::run(&format!("policy check {} --json", path.display()), "", &[]).out);
    assert_eq!((&good["good"], &good["id"]), (&true.into(), &"county-30".into()));
}
