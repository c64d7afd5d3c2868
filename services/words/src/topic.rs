//! Research topics (课题), for people.

use keshi_core::codes::{Level, TopicCheck};
use keshi_core::lang::Lang;
use keshi_proto::api::{Topic, TopicCount, TopicMember, TopicStage, TopicStep};

use crate::names::count;
use crate::time::date;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 9] = [
    ("课题编号", "id"),
    ("名称", "name"),
    ("级别", "level"),
    ("主持人和成员", "leads and members"),
    ("立项", "approved"),
    ("开题", "opened"),
    ("中期", "mid-term"),
    ("结题", "concluded"),
    ("阶段", "stage"),
];

/// The columns' names of the counts.
pub const COUNT_HEADINGS: [(&str, &str); 7] = [
    ("立项年份", "approved in"),
    ("级别", "level"),
    ("立项", "approved"),
    ("在研", "running"),
    ("中期逾期", "overdue for the mid-term check"),
    ("终止", "stopped"),
    ("结题", "concluded"),
];

/// All stages, in their order.
pub const STAGES: [TopicStage; 7] = [
    TopicStage::Approved,
    TopicStage::Opened,
    TopicStage::Checked,
    TopicStage::ToMend,
    TopicStage::Stopped,
    TopicStage::Concluded,
    TopicStage::Unapproved,
];

/// How far it is.
pub const fn stage(stage: TopicStage, lang: Lang) -> &'static str {
    let (zh, en) = match stage {
        TopicStage::Unspecified => ("", ""),
        TopicStage::Unapproved => ("立项未登记", "approval not recorded"),
        TopicStage::Approved => ("已立项", "approved"),
        TopicStage::Opened => ("已开题", "opened"),
        TopicStage::Checked => ("中期通过", "mid-term check passed"),
        TopicStage::ToMend => ("中期整改", "to be mended after the mid-term check"),
        TopicStage::Stopped => ("已终止", "stopped"),
        TopicStage::Concluded => ("已结题", "concluded"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The level's name; empty where none is known.
pub fn level(code: i32, lang: Lang) -> &'static str {
    Level::from_code(code).map_or("", |level| lang.pick(level.zh(), level.en()))
}

/// Somebody of a topic.
pub fn member(member: &TopicMember, lang: Lang) -> String {
    let name = if member.name.is_empty() {
        &member.teacher_id
    } else {
        &member.name
    };
    let leads = if member.leads {
        lang.pick("（主持）", " (leads)")
    } else {
        ""
    };
    format!("{name}{leads}")
}

/// The day of a step; empty if it was not taken.
pub fn on(step: Option<&TopicStep>) -> String {
    step.map_or_else(String::new, |step| date(step.on.as_ref()))
}

/// The mid-term checks, or until when the first is due of a topic that has none.
pub fn midterm(topic: &Topic, lang: Lang) -> String {
    let checks = topic.checks.iter().map(|check| {
        let result = TopicCheck::from_code(check.result);
        let result = result.map_or("", |result| lang.pick(result.zh(), result.en()));
        format!("{} {result}", on(Some(check)))
    });
    let checks: Vec<String> = checks.collect();
    match (&topic.midterm_by, topic.overdue) {
        _ if !checks.is_empty() => checks.join(lang.pick("；", "; ")),
        (Some(by), true) => {
            let by = date(Some(by));
            lang.pick(format!("逾期（应于 {by} 前）"), format!("overdue (was due by {by})"))
        }
        (Some(by), false) if is_running(topic.stage()) => {
            let by = date(Some(by));
            lang.pick(format!("应于 {by} 前"), format!("due by {by}"))
        }
        _ => String::new(),
    }
}

const fn is_running(stage: TopicStage) -> bool {
    matches!(
        stage,
        TopicStage::Approved | TopicStage::Opened | TopicStage::Checked | TopicStage::ToMend
    )
}

/// The conclusion: its day and result.
pub fn concluded(topic: &Topic) -> String {
    [on(topic.concluded.as_ref()), topic.result.clone()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The cells of one, in the order of [`HEADINGS`].
pub fn row(topic: &Topic, lang: Lang) -> [String; 9] {
    let members: Vec<String> = topic.members.iter().map(|one| member(one, lang)).collect();
    [
        topic.id.clone(),
        topic.name.clone(),
        level(topic.level, lang).to_owned(),
        members.join(lang.pick("、", ", ")),
        on(topic.approved.as_ref()),
        on(topic.opened.as_ref()),
        midterm(topic, lang),
        concluded(topic),
        stage(topic.stage(), lang).to_owned(),
    ]
}

/// The cells of a count, in the order of [`COUNT_HEADINGS`].
pub fn count_row(of: &TopicCount, lang: Lang) -> [String; 7] {
    let number = |number: i64| count(number.unsigned_abs());
    [
        of.year.to_string(),
        level(of.level, lang).to_owned(),
        number(of.approved),
        number(of.running),
        number(of.overdue),
        number(of.stopped),
        number(of.concluded),
    ]
}
