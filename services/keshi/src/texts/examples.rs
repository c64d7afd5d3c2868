//! Examples in the help of every command. A test reads each as a command line.

/// The path of a command, empty for the program itself; command lines that do something with the sample.
type Row = (&'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    (
        "",
        &[
            "keshi up --sample liuba-2022",
            "keshi balance 严立超 --period 2022 --explain",
        ],
    ),
    (
        "up",
        &[
            "keshi up --sample liuba-2022",
            "keshi up --office 610729 --data /var/lib/keshi --grpc 127.0.0.1:7610",
        ],
    ),
    ("sample", &["keshi sample liuba-2022 liuba"]),
    (
        "template",
        &[
            "keshi template",
            "keshi template 培训",
            "keshi template 教师 新教师.xlsx",
            "keshi template 校历",
        ],
    ),
    (
        "import",
        &[
            "keshi import 培训.xlsx --dry-run",
            "keshi import 培训.xlsx --partial",
            "keshi import 培训.xlsx --correct 课时填错",
            "keshi import 教师.xlsx --from 2023-09-01",
            "keshi import 2021 --load bulu-2021",
        ],
    ),
    ("login", &["keshi login https://keshi.example:7610"]),
    ("logout", &["keshi logout"]),
    ("post", &["keshi post submissions.jsonl", "keshi post -"]),
    (
        "correct",
        &[
            "keshi correct 812 --hours 4 --reason 课时填错",
            "keshi correct 812 --from 2022-03-05 --to 2022-03-06 --reason 日期填错",
            "keshi correct 812 --set school_id=LB-XX01 --reason 学校填错",
        ],
    ),
    (
        "void",
        &[
            "keshi void 812 --reason 重复填报",
            "keshi void 812 --reason 重复填报 --authorised-by 教研室主任",
            "keshi void 812 --reason 重复填报 --with-corrections",
        ],
    ),
    (
        "balance",
        &[
            "keshi balance",
            "keshi balance 严立超 --period 2022 --explain",
            "keshi balance LB-0003 --period 2022 --until 2022-06-30",
            "keshi balance LB-0003 --period 2022 --diff-from 4600",
            "keshi balance LB-0003 --period 2022 --xlsx 课时.xlsx",
        ],
    ),
    (
        "tier",
        &[
            "keshi tier",
            "keshi tier 韩雨 --on 2022-12-31",
            "keshi tier LB-0268 --xlsx 称号.xlsx",
            "keshi tier --ready --title 市级教学能手",
        ],
    ),
    (
        "shortfall",
        &[
            "keshi shortfall --period 2022",
            "keshi shortfall --period 2022 --stage 初中 --subject 初中数学",
            "keshi shortfall --period 2022 --school LB-XX01 --xlsx 差额.xlsx",
        ],
    ),
    (
        "log",
        &[
            "keshi log --from 5000 --limit 20",
            "keshi log --about 严立超 --voided",
            "keshi log --late --since 2022-12-01",
            "keshi log --about LB-0003 --xlsx 台账.xlsx",
            "keshi log --follow --json",
        ],
    ),
    (
        "reads",
        &[
            "keshi reads --since 2022-12-01",
            "keshi reads --about 严立超",
            "keshi reads --xlsx 查阅.xlsx",
        ],
    ),
    (
        "load",
        &[
            "keshi load open bulu-2021 --period 2021 --reason 建账前的记录",
            "keshi load list",
        ],
    ),
    ("load list", &["keshi load list", "keshi load list --json"]),
    (
        "load open",
        &["keshi load open bulu-2021 --period 2021 --reason 建账前的记录 --authorised-by 留教研发〔2022〕9号"],
    ),
    ("load close", &["keshi load close bulu-2021"]),
    (
        "cert",
        &[
            "keshi cert issue 812 --text 执教2022年县级公开课",
            "keshi cert list --year 2022",
            "keshi cert check 留教研证〔2022〕第0017号",
        ],
    ),
    (
        "cert issue",
        &[
            "keshi cert issue 812 813 814",
            "keshi cert issue 812 --teacher 严立超 --text 执教2022年县级公开课 --on 2022-12-30",
        ],
    ),
    (
        "cert reissue",
        &["keshi cert reissue 留教研证〔2022〕第0017号 --reason 遗失"],
    ),
    ("cert void", &["keshi cert void LJYZ-2022-0017-9 --reason 姓名有误"]),
    (
        "cert list",
        &[
            "keshi cert list --year 2022 --state 作废待回收",
            "keshi cert list --teacher 严立超 --json",
        ],
    ),
    (
        "cert pdf",
        &[
            "keshi cert pdf 留教研证〔2022〕第0017号 --output 证书.pdf --check https://keshi.example.org/check/",
            "keshi cert pdf --year 2022 --output 2022.pdf",
        ],
    ),
    (
        "cert transcript",
        &["keshi cert transcript 严立超 --period 2022 --output 学时证明.pdf"],
    ),
    (
        "cert check",
        &[
            "keshi cert check 留教研证〔2022〕第0017号",
            "keshi cert check LJYZ-2022-0017-9",
        ],
    ),
    (
        "review",
        &[
            "keshi review list --stage submitted",
            "keshi review check SB-0007",
            "keshi review show SB-0007",
        ],
    ),
    (
        "review list",
        &[
            "keshi review list --stage submitted --school LB-XX01",
            "keshi review list --stage school_checked --waiting 7",
        ],
    ),
    ("review show", &["keshi review show SB-0007"]),
    ("review evidence", &["keshi review evidence SB-0007 --to 材料"]),
    (
        "review submit",
        &[
            "keshi review submit 申报.json",
            "keshi review submit 申报.json --attach 证书.pdf",
        ],
    ),
    ("review check", &["keshi review check SB-0007 SB-0008"]),
    ("review return", &["keshi review return SB-0007 --reason 缺活动证明"]),
    (
        "review reject",
        &["keshi review reject SB-0007 --reason 与组织培训重复"],
    ),
    ("review credit", &["keshi review credit SB-0007 SB-0008"]),
    (
        "review publish",
        &[
            "keshi review publish 2026-09-1 SB-0007 SB-0008",
            "keshi review publish 2026-09-1 SB-0007 --to 2026-09-30",
        ],
    ),
    ("review end", &["keshi review end 2026-09-1"]),
    (
        "review object",
        &["keshi review object SB-0007 --batch 2026-09-1 --reason 当天不在该校 --from-outside"],
    ),
    (
        "review decide",
        &["keshi review decide SB-0007 --dismissed --reason 已核实签到表"],
    ),
    (
        "merge",
        &[
            "keshi merge into LB-1045 LB-2231 --reason 证件核对一致",
            "keshi merge list LB-1045",
        ],
    ),
    ("merge list", &["keshi merge list", "keshi merge list LB-1045 --all"]),
    (
        "merge into",
        &["keshi merge into LB-1045 LB-2231 --reason 证件核对一致"],
    ),
    (
        "merge reverse",
        &["keshi merge reverse LB-1045 LB-2231 --reason 同名不同人"],
    ),
    (
        "overlap",
        &[
            "keshi overlap list",
            "keshi overlap accept LB-1045 812 907 --reason 上午和下午各一场",
        ],
    ),
    (
        "overlap list",
        &["keshi overlap list", "keshi overlap list LB-1045 --all"],
    ),
    (
        "overlap accept",
        &["keshi overlap accept LB-1045 812 907 --reason 上午和下午各一场"],
    ),
    (
        "organisations",
        &[
            "keshi organisations",
            "keshi organisations --on 2022-12-31 --period 2022",
            "keshi organisations --school S-03",
        ],
    ),
    (
        "rotation",
        &["keshi rotation", "keshi rotation --early --on 2022-12-31"],
    ),
    ("topics", &["keshi topics", "keshi topics --year 2022 --overdue"]),
    ("works", &["keshi works --year 2022", "keshi works --teacher LB-0203"]),
    (
        "export",
        &[
            "keshi export --year 2022 -o 国内培训2022.xlsx --purpose 报送2022年度全国教师管理信息系统",
            "keshi export --year 2022 --school LB-XX01 -o 国内培训2022.csv --purpose 本校核对",
        ],
    ),
    (
        "questions",
        &[
            "keshi questions --semester 2022-2023-1",
            "keshi questions --subject 小学语文 --school LB-XX01",
        ],
    ),
    (
        "inspections",
        &[
            "keshi inspections --year 2022",
            "keshi inspections --open --on 2022-12-31",
        ],
    ),
    ("schools", &["keshi schools", "keshi schools 中心"]),
    (
        "sessions",
        &[
            "keshi sessions --period 2022",
            "keshi sessions 新课标 --from 2022-09-01",
            "keshi sessions --attendance S-0a1b2c3d4e5f60718293 --school LB-XX01",
        ],
    ),
    ("calendar", &["keshi calendar diff 校历.toml", "keshi calendar list"]),
    ("calendar check", &["keshi calendar check 校历.toml"]),
    ("calendar diff", &["keshi calendar diff 校历.toml"]),
    ("calendar adopt", &["keshi calendar adopt 校历.toml"]),
    (
        "calendar list",
        &["keshi calendar list", "keshi calendar list --as-of 2022-08-31"],
    ),
    ("year", &["keshi year report 2022", "keshi year close 2022"]),
    ("year show", &["keshi year show 2022"]),
    (
        "year report",
        &[
            "keshi year report 2022",
            "keshi year report 2022 -o 年度报告.docx --purpose 年度报告",
            "keshi year report 2022 --official 2022 --format json",
        ],
    ),
    ("year entries", &["keshi year entries 2022 trained"]),
    ("year close", &["keshi year close 2022"]),
    ("year restate", &["keshi year restate 2022 --reason 补报两所学校的送教"]),
    (
        "figures",
        &["keshi figures check 口径.toml", "keshi figures adopt 口径.toml"],
    ),
    ("figures check", &["keshi figures check 口径.toml"]),
    ("figures adopt", &["keshi figures adopt 口径.toml"]),
    ("figures show", &["keshi figures show", "keshi figures show 1"]),
    ("policy", &["keshi policy check 规则.toml", "keshi policy show"]),
    ("policy check", &["keshi policy check 规则.toml"]),
    ("policy adopt", &["keshi policy adopt 规则.toml"]),
    (
        "policy show",
        &[
            "keshi policy show",
            "keshi policy show dongxing-researcher-2020",
            "keshi policy show dongxing-researcher-2020@1",
        ],
    ),
    (
        "policy diff",
        &["keshi policy diff dongxing-researcher-2020 规则.toml --period 2022 --xlsx 变化.xlsx"],
    ),
    ("people", &["keshi people held 严立超 --purpose 本人查询"]),
    (
        "people held",
        &["keshi people held", "keshi people held 严立超 --purpose 本人查询"],
    ),
    ("people erase", &["keshi people erase LB-0003 --purpose 本人申请"]),
    ("people readmit", &["keshi people readmit LB-0003 --purpose 重新入职"]),
    ("people rotate-key", &["keshi people rotate-key --data /var/lib/keshi"]),
    (
        "receipt",
        &[
            "keshi receipt 6f1c2f0e-6a0f-4d0e-9a46-5b5b7a3f8f11 -o 回执",
            "keshi receipt 编号.txt -o 回执",
        ],
    ),
    (
        "audit",
        &[
            "keshi audit replay",
            "keshi audit growth",
            "keshi audit checkpoint -o 2022.txt",
        ],
    ),
    (
        "audit replay",
        &[
            "keshi audit replay",
            "keshi audit replay --at-size 6133 --expect PAb5plclr2BSYfY2ZyyWINQJcx2JpFHXRV/pxK4WeCk=",
        ],
    ),
    (
        "audit witness",
        &["keshi audit witness 见证 --for 公钥.txt --listen 10.0.0.5:7620"],
    ),
    (
        "audit growth",
        &["keshi audit growth", "keshi audit growth --as-of 2022-12-31"],
    ),
    (
        "audit checkpoint",
        &[
            "keshi audit checkpoint -o 2022.txt",
            "keshi audit checkpoint --at-size 5000",
            "keshi audit checkpoint --people -o 2022.txt",
        ],
    ),
    (
        "audit bundle",
        &[
            "keshi audit bundle --year 2022 -o 2022.bundle",
            "keshi audit bundle --teacher 严立超 --year 2022 -o 严立超.bundle --purpose 年度核对",
        ],
    ),
    (
        "audit sample",
        &[
            "keshi audit sample 50 -o 抽查",
            "keshi audit sample 50 --seed 2022年12月31日福利彩票双色球 --at-size 6133",
        ],
    ),
    (
        "audit prove",
        &[
            "keshi audit prove 812 -o 812.tlog-proof",
            "keshi audit prove 812 --at-size 5000",
        ],
    ),
    (
        "audit consistency",
        &[
            "keshi audit consistency 5000 -o 2022-2023.txt",
            "keshi audit consistency 5000 6133",
        ],
    ),
    (
        "audit check",
        &[
            "keshi audit check 812.tlog-proof --key 公钥.txt",
            "keshi audit check 2022-2023.txt --key 公钥.txt --earlier 2022.txt",
        ],
    ),
    ("audit key", &["keshi audit key", "keshi audit key --json"]),
    ("audit rotate-key", &["keshi audit rotate-key --data /var/lib/keshi"]),
    (
        "token",
        &["keshi token create clerk --school LB-XX01", "keshi token list"],
    ),
    (
        "token create",
        &[
            "keshi token create clerk --school LB-XX01 --expires 2023-08-31",
            "keshi token create teacher --teacher LB-0268",
            "keshi token create researcher --teacher LB-0003 --subjects 初中数学",
        ],
    ),
    ("token list", &["keshi token list"]),
    ("token revoke", &["keshi token revoke clerk-7k2f9q"]),
    (
        "account",
        &[
            "keshi account create --role clerk --school LB-XX01",
            "keshi account list",
            "keshi account reset lb-0268",
        ],
    ),
    (
        "account create",
        &[
            "keshi account create shenhe-1 --role reviewer",
            "keshi account create --role researcher --teacher LB-0003 --subjects 初中数学",
            "keshi account create --role teacher --for-school LB-XX01 --slips 纸条.html",
        ],
    ),
    ("account list", &["keshi account list"]),
    (
        "account change",
        &["keshi account change lb-0268 --role head-teacher --school LB-XX01 --teacher LB-0268"],
    ),
    ("account reset", &["keshi account reset lb-0268"]),
    ("account close", &["keshi account close lb-0268"]),
    (
        "account signins",
        &[
            "keshi account signins",
            "keshi account signins lb-0268 --since 2022-09-01",
        ],
    ),
    (
        "account changes",
        &["keshi account changes", "keshi account changes lb-0268"],
    ),
    ("compact", &["keshi compact --data /var/lib/keshi"]),
    ("backup", &["keshi backup /mnt/backup/keshi"]),
    ("restore", &["keshi restore /mnt/backup/keshi --data /var/lib/keshi"]),
    (
        "doctor",
        &[
            "keshi doctor",
            "keshi doctor --mark /mnt/backup/keshi.mark",
            "keshi doctor --bus nats://127.0.0.1:4222 --monitoring 127.0.0.1:8222",
        ],
    ),
    ("bus", &["keshi bus show"]),
    ("bus attach", &["keshi bus attach nats://127.0.0.1:4222"]),
    ("bus show", &["keshi bus show"]),
    ("completions", &["keshi completions bash"]),
    ("help", &["keshi help balance", "keshi help policy diff"]),
];

/// The examples of the command at this path.
pub(crate) fn of(path: &str) -> &'static [&'static str] {
    ROWS.iter().find(|row| row.0 == path).map_or(&[], |row| row.1)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Command;
    use keshi_core::lang::Lang;

    use super::*;
    use crate::cli;

    fn paths(command: &Command, path: &str, seen: &mut Vec<String>) {
        seen.push(path.to_owned());
        for sub in command.get_subcommands() {
            paths(sub, format!("{path} {}", sub.get_name()).trim(), seen);
        }
    }

    #[test]
    fn every_command_has_examples_of_itself_that_can_be_run_and_its_help_shows_them() {
        let mut all = Vec::new();
        paths(&cli::whole(Lang::Zh), "", &mut all);
        for path in &all {
            let examples = of(path);
            assert!(!examples.is_empty(), "`{path}` has no example");
            let mut args: Vec<OsString> = format!("keshi {path}").split_whitespace().map(Into::into).collect();
            args.push("--help".into());
            let Ok(cli::Asked::Text(help)) = cli::parse(&args, Lang::Zh) else {
                panic!("`{path}` has no help");
            };
            for example in examples {
                assert!(
                    path.is_empty() || example.starts_with(&format!("keshi {path}")),
                    "{example}"
                );
                let args: Vec<OsString> = example.split(' ').map(Into::into).collect();
                let parsed = cli::parse(&args, Lang::En);
                let why = parsed.as_ref().err().map(|failure| failure.text(Lang::En));
                assert!(matches!(parsed, Ok(cli::Asked::Run(_))), "{example}: {why:?}");
                assert!(help.contains(example), "{path}: {help}");
            }
        }
        for (path, _) in ROWS {
            assert!(all.iter().any(|known| known == path), "examples of nothing: {path}");
        }
    }
}
