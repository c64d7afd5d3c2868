//! Whole command lines over a real ledger in a temporary directory, without a server: the services run in the process
//! of the command.

mod support;

use std::path::Path;

use keshi::Exit;
use keshi_core::ids::OfficeCode;
use keshi_engine::{Engine, OpenOptions};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{Office, POLICY, json, run, school};

#[test]
fn a_policy_is_adopted_shown_and_replayed() {
    let office = Office::new();
    let adopted = office.run(&format!("policy adopt {POLICY}"));
    assert_eq!(adopted.exit, Exit::Done, "{}", adopted.err);
    assert!(
        adopted.out.contains("is adopted (ledger of 2 entries)"),
        "{}",
        adopted.out
    );
    let again = office.run(&format!("policy adopt {POLICY}"));
    assert!(again.out.contains("was adopted before"), "{}", again.out);
    let shown = json(&office.run("policy show --json").out);
    assert_eq!(shown["policies"][0]["policyId"], "dongxing-researcher-2020");
    let document = office.run("policy show dongxing-researcher-2020").out;
    assert_eq!(document.trim_end(), std::fs::read_to_string(POLICY).unwrap().trim_end());
    let replayed = json(&office.run("audit replay --json").out);
    assert_eq!(replayed["agrees"], true);
    let root = replayed["replayedRoot"].as_str().unwrap();
    let expected = office.run(&format!("audit replay --at-size 2 --expect {root}"));
    assert_eq!(
        expected.exit,
        Exit::Done,
        "as it stands on a checkpoint: {}",
        expected.err
    );
    let before = office.run(&format!("audit replay --at-size 1 --expect {root}"));
    assert_eq!(before.exit, Exit::NotVerified, "{}{}", before.out, before.err);
    assert!(before.err.contains("not to "), "{}", before.err);
    let month = json(&office.run("audit growth --json").out);
    assert_eq!(
        (&month["size"], &month["root"]),
        (&replayed["size"], &replayed["replayedRoot"])
    );
    let shown = office.run("audit growth");
    assert!(shown.out.contains("size at its end"), "{}{}", shown.out, shown.err);
    assert_eq!(office.run("doctor").exit, Exit::Failed, "there are no tokens yet");
}

#[test]
fn a_compacted_ledger_is_the_same_and_what_a_broken_off_one_left_is_told_and_cleared() {
    let office = Office::new();
    office.run(&format!("policy adopt {POLICY}"));
    let before = json(&office.run("audit replay --json").out);
    let left = office.path().join("610729/ledger.compacting");
    std::fs::create_dir(&left).unwrap();
    assert!(office.run("doctor").out.contains("keshi compact"));
    let ran = office.run("compact");
    assert_eq!(ran.exit, Exit::Done, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("is the same: root"), "{}", ran.out);
    assert!(!left.exists());
    let after = json(&office.run("audit replay --json").out);
    for what in ["size", "replayedRoot", "replayedDigest"] {
        assert_eq!(after[what], before[what]);
    }
}

#[test]
fn posted_lines_are_answered_line_by_line_and_sent_again_change_nothing() {
    let office = Office::new();
    let lines = format!("{}\n\n{}\n", school("S1", "城关小学"), school("S2", "二小"));
    let first = office.run_with("post -", &lines);
    assert_eq!(first.exit, Exit::Done, "{}", first.err);
    let answers: Vec<_> = first.out.lines().map(json).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1]["receipt"]["verdicts"][0]["verdict"], "VERDICT_RECORDED");
    let second = office.run_with("post -", &lines);
    assert_eq!(
        json(second.out.lines().next().unwrap())["receipt"]["verdicts"][0]["verdict"],
        "VERDICT_DUPLICATE"
    );
    let entries: Vec<_> = office.run("log --json --from 1").out.lines().map(json).collect();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["event"]["fact"]["schoolRegistered"]["name"], "二小");
    assert_eq!(entries[0]["poster"], "local");
}

#[test]
fn the_log_is_a_table_for_people_and_lines_of_json_for_programs() {
    let office = Office::new();
    office.run_with(
        "post -",
        &format!("{}\n{}\n", school("S1", "城关小学"), school("S2", "二小")),
    );
    let table = office.run("log").out;
    let rows: Vec<_> = table.lines().collect();
    assert!(rows.len() == 3 && rows[0].contains("posted by"), "{table}");
    assert!(
        rows[1].contains("school registered") && rows[1].contains("城关小学"),
        "{table}"
    );
    assert!(rows[2].contains("stands") && rows[2].contains("local"), "{table}");
    assert_eq!(office.run("log --json").out.lines().count(), 2);
    for (filter, count) in [
        ("--by local", 2),
        ("--by nobody", 0),
        ("--voided", 0),
        ("--since 2200-01-01", 0),
    ] {
        let found = office.run(&format!("log --json {filter}"));
        assert_eq!(found.out.lines().count(), count, "{filter}: {}", found.err);
    }
    let narrow = office.run_where("log", "", &[("LANG", "zh_CN.UTF-8"), ("COLUMNS", "80")]);
    let widest = narrow.out.lines().map(|line| line.chars().count()).max();
    assert!(widest < Some(80) && narrow.out.contains("城关小学"), "{}", narrow.out);
}

#[test]
fn a_line_that_is_no_submission_is_named_and_what_is_refused_is_a_failure() {
    let office = Office::new();
    let other = school("S1", "城关小学").replace("2020", "2021");
    let said = office.run_with(
        "post -",
        &format!("{}\n{other}\n{{\"evnts\":[]}}\n", school("S1", "城关小学")),
    );
    assert_eq!(said.exit, Exit::Failed);
    assert_eq!(said.out.lines().count(), 2);
    assert!(said.err.contains("line 2 events[0]: conflict"), "{}", said.err);
    assert!(
        said.err.contains("line 3 is no SubmitRequest") && said.err.contains("'evnts'"),
        "{}",
        said.err
    );
    let conflict = office.run_with("post -", &other);
    assert_eq!(conflict.exit, Exit::Failed, "a conflict alone is a failure, too");
}

#[test]
fn a_ledger_that_is_open_elsewhere_is_not_opened_twice() {
    let office = Office::new();
    let options = OpenOptions {
        office: OfficeCode::new("610729").unwrap(),
        new_ledger_id: Uuid::new_v4(),
    };
    let engine = Engine::open(office.path().join("610729/ledger"), &options, |_| {}).unwrap();
    let said = office.run("log --json");
    assert_eq!(said.exit, Exit::Failed);
    assert!(
        said.err.contains("in use") && said.err.contains("--server"),
        "{}",
        said.err
    );
    engine.shut_down();
}

#[test]
fn a_query_makes_no_ledger_where_there_is_none() {
    let dir = TempDir::new().unwrap();
    let said = run(
        &format!("balance T1 --office 610729 --data {}", dir.path().display()),
        "",
        &[],
    );
    assert_eq!(said.exit, Exit::Failed);
    assert!(said.err.contains("没有台账"), "{}", said.err);
    assert_eq!(dir.path().read_dir().unwrap().count(), 0);
}

#[test]
fn nobody_at_the_address_is_exit_code_three_and_says_what_to_do() {
    // A port that was free a moment ago, and on which nobody speaks gRPC in any case.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let said = run("balance T1", "", &[("KESHI_SERVER", &address), ("LANG", "en_US")]);
    assert_eq!(said.exit, Exit::Unreachable, "{}", said.err);
    assert!(said.err.contains("keshi up"), "{}", said.err);
    let said = run("balance T1", "", &[("KESHI_SERVER", "nonsense")]);
    assert_eq!(said.exit, Exit::Usage, "{}", said.err);
}

#[test]
fn rows_with_mistakes_are_told_row_by_row_and_only_with_partial_the_others_are_recorded() {
    let office = Office::new();
    let sheet = office.path().join("学校.csv");
    let rows = "学校编号,学校名称,学段,乡镇,片区,建校日期\nS1,城关小学,小学,城关,一片,2001-09-01\n!,二小,小学,城关,一片,2001-09-01\n";
    std::fs::write(&sheet, rows).unwrap();
    let said = office.run(&format!("import {}", sheet.display()));
    assert_eq!(said.exit, Exit::Failed, "{}{}", said.out, said.err);
    assert!(said.out.contains("row 3"), "{}{}", said.out, said.err);
    assert!(Path::new(&office.path().join("学校-核对.xlsx")).exists());
    assert!(office.run("log --json").out.is_empty());
    let said = office.run(&format!("import {} --partial", sheet.display()));
    assert_eq!(said.exit, Exit::Failed);
    assert!(said.out.contains("recorded 1"), "{}{}", said.out, said.err);
    assert_eq!(office.run("log --json").out.lines().count(), 1);
}

#[test]
fn a_historical_load_is_opened_takes_rows_of_its_period_and_is_closed() {
    let office = Office::new();
    let open = "load open bulu-2021 --period 2021 --reason 建账前的记录 --authorised-by 研发〔2022〕6号";
    let opened = office.run(open);
    assert_eq!(opened.exit, Exit::Done, "{}", opened.err);
    assert!(
        opened.out.contains("open for 2021-01-01 to 2021-12-31"),
        "{}",
        opened.out
    );
    let entry = json(&office.run("log --json").out);
    assert_eq!(entry["event"]["fact"]["historicalLoadOpened"]["reason"], "建账前的记录");
    // The same again changes nothing; another under the id is refused with the remedy.
    assert!(office.run(open).out.contains("was opened before"));
    let taken = office.run("load open bulu-2021 --period 2020 --reason x");
    assert_eq!(taken.exit, Exit::Failed);
    assert!(taken.err.contains("use a new load id"), "{}", taken.err);

    let sheet = office.path().join("学校.csv");
    let rows = |id: &str, day: &str| {
        let head = "学校编号,学校名称,学段,建校日期";
        std::fs::write(&sheet, format!("{head}\n{id},{id}小学,小学,{day}\n")).unwrap();
        office.run(&format!("import {} --load bulu-2021", sheet.display()))
    };
    let inside = rows("S1", "2021-09-01");
    assert_eq!(inside.exit, Exit::Done, "{}{}", inside.out, inside.err);
    let outside = rows("S2", "2020-09-01");
    assert_eq!(outside.exit, Exit::Failed);
    let said = "建校日期“2020-09-01”: the date 2020-09-01 lies outside the historical load's period";
    assert!(outside.out.contains(said), "{}{}", outside.out, outside.err);

    assert_eq!(office.run("load close bulu-2021").exit, Exit::Done);
    let late = rows("S3", "2021-09-02");
    assert!(late.out.contains("is closed"), "{}{}", late.out, late.err);
    let unknown = office.run("load close bulu-1999");
    assert_eq!(unknown.exit, Exit::Failed);
    assert!(unknown.err.contains("has not been opened"), "{}", unknown.err);
    for wrong in [
        "load open x --period 2022-2023-1 --reason x",
        "load open !! --period 2021 --reason x",
        "load open x --period 2021",
    ] {
        assert_eq!(office.run(wrong).exit, Exit::Usage, "{wrong}");
    }
}

#[test]
fn who_is_short_is_also_written_as_a_spreadsheet() {
    let office = Office::new();
    assert_eq!(office.run(&format!("policy adopt {POLICY}")).exit, Exit::Done);
    let sheet = office.path().join("教师.csv");
    let rows = "教师编号,姓名,学段,部门,岗位,入职日期\nLB-1,王芳,小学,小学组,专职教研员,2015-09-01\n";
    std::fs::write(&sheet, rows).unwrap();
    let imported = office.run(&format!("import {}", sheet.display()));
    assert_eq!(imported.exit, Exit::Done, "{}{}", imported.out, imported.err);
    let list = office.path().join("差额.xlsx");
    let said = office.run(&format!("shortfall --period 2022 --xlsx {}", list.display()));
    assert_eq!(said.exit, Exit::Failed, "{}", said.err);
    let rows = said.out.lines().filter(|line| line.starts_with("LB-1")).count();
    assert!(
        rows > 0 && said.err.contains(&format!("差额.xlsx, {rows} rows")),
        "{}{}",
        said.out,
        said.err
    );
    assert!(std::fs::read(&list).unwrap().starts_with(b"PK"));
    let nowhere = office.run("shortfall --period 2022 --xlsx /nowhere/x.xlsx");
    assert_eq!(nowhere.exit, Exit::Failed);
    assert!(nowhere.err.contains("there is no folder /nowhere"), "{}", nowhere.err);
}

#[test]
fn the_sample_is_written_once_into_an_empty_directory() {
    let dir = TempDir::new().unwrap();
    let to = dir.path().join("sample");
    let said = run(&format!("sample liuba-2022 {}", to.display()), "", &[]);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert!(said.out.lines().all(|file| Path::new(file).exists()), "{}", said.out);
    assert_eq!(
        run(&format!("sample liuba-2022 {}", to.display()), "", &[]).exit,
        Exit::Failed
    );
    assert_eq!(run("sample elsewhere /tmp", "", &[]).exit, Exit::Usage);
}

#[test]
fn tokens_are_made_listed_and_revoked_without_a_server() {
    let office = Office::new();
    let missing = office.run("token list");
    assert_eq!(missing.exit, Exit::Failed);
    assert!(missing.err.contains("keshi up"), "{}", missing.err);
    let path = office.path().join("610729/access.redb");
    drop(keshi_office::access::Access::open_or_create(path).unwrap());
    let made = office.run("token create clerk --school S1");
    assert_eq!(made.exit, Exit::Done, "{}", made.err);
    assert!(
        made.out.starts_with("ks_") && made.out.lines().count() == 1,
        "stdout is the token alone"
    );
    let listed = json(&office.run("token list --json").out);
    assert_eq!((&listed["role"], &listed["scope"]), (&"clerk".into(), &"S1".into()));
    let id = listed["id"].as_str().unwrap();
    assert_eq!(office.run(&format!("token revoke {id}")).exit, Exit::Done);
    assert!(json(&office.run("token list --json").out)["revoked_at"].is_string());
    assert_eq!(office.run("token revoke nobody").exit, Exit::Failed);
    assert_eq!(office.run("token create clerk").exit, Exit::Usage);
    // Tokens in the form of before are not passed over.
    let old = office.path().join("access.toml");
    std::fs::write(&old, "version = 1\n").unwrap();
    for command in ["token list", "token create admin", "doctor", "up --office 610729"] {
        let refused = office.run(command);
        assert_eq!(refused.exit, Exit::Failed, "{command}");
        let said = refused.out + &refused.err;
        assert!(
            said.contains("move it away") && said.contains("keshi token create"),
            "{command}: {said}"
        );
    }
    assert_eq!(std::fs::read_to_string(old).unwrap(), "version = 1\n");
}

#[test]
fn what_is_no_file_or_has_no_end_is_not_imported() {
    let office = Office::new();
    let folder = office.path().join("folder.toml");
    std::fs::create_dir(&folder).unwrap();
    let pipe = office.path().join("pipe.xlsx");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let link = office.path().join("zero.csv");
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    let large = office.path().join("large.toml");
    std::fs::File::create(&large).unwrap().set_len(2 << 20).unwrap();
    for (path, said) in [
        (std::path::Path::new("/dev/zero"), "is no file"),
        (&pipe, "is no file"),
        (&link, "is no file"),
        (&large, "is too large"),
    ] {
        let answer = office.run(&format!("import {}", path.display()));
        assert_eq!(answer.exit, Exit::Failed, "{path:?}: {}", answer.out);
        assert!(answer.err.contains(said), "{path:?}: {}", answer.err);
    }
}

#[test]
fn a_template_is_written_once_and_read_again_by_import() {
    let office = Office::new();
    let listed = office.run("template");
    assert!(
        listed.out.contains("培训") && listed.out.contains("称号"),
        "{}",
        listed.out
    );
    for name in ["培训", "教师", "任职"] {
        let path = office.path().join(format!("{name}.xlsx"));
        let written = office.run(&format!("template {name} {}", path.display()));
        assert_eq!(written.exit, Exit::Done, "{}", written.err);
        let again = office.run(&format!("template {name} {}", path.display()));
        assert_eq!(again.exit, Exit::Failed, "{}", again.out);
        assert!(again.err.contains("was left alone"), "{}", again.err);
        // Its example is a row like any: known by its headings, and somebody whom nobody knows.
        let read = office.run(&format!("import {} --dry-run", path.display()));
        assert!(!read.err.contains("no sheet that is known"), "{}", read.err);
    }
    // So is a policy and a calendar, which say themselves how they become the office's own.
    for name in ["规则-教师", "规则-教研员", "校历"] {
        let path = office.path().join(format!("{name}.toml"));
        let written = office.run(&format!("template {name} {}", path.display()));
        assert_eq!(written.exit, Exit::Done, "{}", written.err);
        let command = if name == "校历" { "calendar" } else { "policy" };
        let sound = office.run(&format!("{command} check {}", path.display()));
        assert_eq!(sound.exit, Exit::Done, "{}", sound.err);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("keshi {command} adopt")));
    }
    let unknown = office.run("template 工资");
    assert_eq!(unknown.exit, Exit::Usage);
    assert!(unknown.err.contains("培训"), "{}", unknown.err);
}

#[test]
fn what_stands_in_a_cell_moves_nobodys_cursor() {
    let office = Office::new();
    let sheet = office.path().join("教师.csv");
    std::fs::write(&sheet, "教师编号,姓名,学段,学校\nLB-1,王芳,\u{1b}[2J大学,X\n").unwrap();
    let told = office.run(&format!("import {}", sheet.display()));
    assert_eq!(told.exit, Exit::Failed);
    let all = format!("{}{}", told.out, told.err);
    assert!(all.contains("\u{241b}[2J大学") && !all.contains('\u{1b}'), "{all}");
}
