//! A claim (申报) as a row for people.

use keshi_core::lang::Lang;
use keshi_core::review::{Stage, Step};
use keshi_proto::api;

use crate::names::amount;
use crate::time::{dates, moment};

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("申报", "claim"),
    ("教师", "teacher"),
    ("姓名", "name"),
    ("学校", "school"),
    ("内容", "what"),
    ("申报课时", "asked"),
    ("环节", "stage"),
    ("自", "since"),
];

/// The columns of its history.
pub const HISTORY: [(&str, &str); 5] = [
    ("条", "entry"),
    ("时间", "when"),
    ("步骤", "step"),
    ("办理人", "by"),
    ("意见", "reason"),
];

/// Where a claim stands, on screen.
pub fn stage(code: i32, lang: Lang) -> &'static str {
    Stage::from_code(code).map_or("", |stage| lang.pick(stage.zh(), stage.en()))
}

/// A step, on screen.
pub fn step(code: i32, lang: Lang) -> &'static str {
    Step::from_code(code).map_or("", |step| lang.pick(step.zh(), step.en()))
}

/// What is claimed, in words: each thing that was done, without the course that it was done in.
pub fn what(claim: &api::Claim, lang: Lang) -> Vec<String> {
    let defines = |kind: &str| matches!(kind, "project_opened" | "session_held");
    let has_deeds = claim.events.iter().any(|event| !defines(&event.kind));
    let shown = claim.events.iter().filter(|event| !has_deeds || !defines(&event.kind));
    shown.map(|event| one(event, lang)).collect()
}

/// One event of a claim, in words.
pub fn one(event: &api::ClaimedEvent, lang: Lang) -> String {
    if event.index.is_none() {
        return lang.pick("（尚未入账）", "(not there yet)").to_owned();
    }
    let kind = match lang {
        Lang::Zh => event.kind_zh.clone(),
        Lang::En => event.kind.replace('_', " "),
    };
    let days = dates(event.from.as_ref(), event.to.as_ref());
    let text = lang.pick(&event.text_zh, &event.text_en);
    let gone = if event.gone {
        lang.pick("（已作废或更正）", " (void or corrected)")
    } else {
        ""
    };
    format!("{days} {kind} {text}{gone}")
}

/// The cells of one claim, in the order of [`HEADINGS`].
pub fn cells(claim: &api::Claim, lang: Lang) -> [String; 8] {
    let asked = match claim.asked_centihours {
        0 => String::new(),
        asked => amount(asked),
    };
    let mut stands = stage(claim.stage, lang).to_owned();
    if claim.stopped {
        stands += lang.pick("（有异议）", " (objected)");
    }
    [
        claim.claim_id.clone(),
        claim.teacher_id.clone(),
        claim.name.clone(),
        claim.school_names.join(lang.pick("、", ", ")),
        what(claim, lang).join(lang.pick("；", "; ")),
        asked,
        stands,
        claim.since.as_ref().map_or_else(String::new, moment),
    ]
}

/// The cells of one step, in the order of [`HISTORY`].
pub fn act(act: &api::ClaimAct, lang: Lang) -> [String; 5] {
    let by = if act.by_name.is_empty() {
        act.by.clone()
    } else {
        format!("{} {}", act.by_name, act.by)
    };
    [
        act.index.to_string(),
        act.at.as_ref().map_or_else(String::new, moment),
        step(act.step, lang).to_owned(),
        by,
        act.reason.clone(),
    ]
}
