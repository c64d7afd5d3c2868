//! A line of the log of reads, for people.

use keshi_core::lang::Lang;
use keshi_proto::api;

use crate::time::moment;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 6] = [
    ("时间（北京）", "time (Beijing)"),
    ("查阅者", "reader"),
    ("教师", "about"),
    ("查阅内容", "what"),
    ("期间", "period"),
    ("事由", "purpose"),
];

/// The cells of one line, in the order of [`HEADINGS`].
pub fn cells(reading: &api::Reading, lang: Lang) -> [String; 6] {
    let whom = match (reading.teacher_id.as_str(), reading.name.as_str()) {
        ("*", _) => lang.pick("（全体或多人）", "(many)").to_owned(),
        (id, name) => format!("{name} {id}").trim().to_owned(),
    };
    [
        reading.read_at.as_ref().map_or_else(String::new, moment),
        reading.reader.clone(),
        whom,
        what(&reading.what, lang).to_owned(),
        reading.period.clone(),
        reading.purpose.clone(),
    ]
}

/// What was read, on screen.
pub fn what(word: &str, lang: Lang) -> &str {
    let zh = match word {
        "balance" => "课时",
        "difference" => "课时变化",
        "tier" => "称号",
        "entries" => "台账条目",
        "shortfall" => "差额",
        "comparison" => "规则试算",
        "posts" => "任职",
        "attendance" => "出勤",
        "contests" => "赛教",
        "ready" => "具备称号条件",
        "organisations" => "组织",
        "rotations" => "轮岗交流",
        "topics" => "课题",
        "works" => "成果",
        "national" => "国内培训导出",
        "overview" => "一年概览",
        "name" => "姓名",
        "reads" => "查阅记录",
        "evidence" => "佐证材料",
        "held" => "所存个人信息",
        "erased" => "删除身份信息",
        "readmitted" => "允许重新登记",
        "claims" => "申报",
        "certificates" => "证书",
        other => other,
    };
    lang.pick(zh, word)
}
