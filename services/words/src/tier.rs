//! A teacher's titles and next steps, and who fulfils a step, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{self, TierStep, Title};
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::names::count;
use crate::paper;
use crate::time::date;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 5] = [
    ("称号", "title"),
    ("命名日期", "conferred on"),
    ("有效至", "valid to"),
    ("情况", "state"),
    ("条目", "entry"),
];

/// The columns' names of those who fulfil a step.
pub const READY_HEADINGS: [(&str, &str); 5] = [
    ("具备条件的称号", "may be selected for"),
    ("姓名", "name"),
    ("教师编号", "teacher id"),
    ("学校", "school"),
    ("学科", "subject"),
];

/// The columns' names of the counts of titles.
pub const COUNT_HEADINGS: [(&str, &str); 4] = [
    ("称号", "title"),
    ("现有人数", "holders"),
    ("具备条件", "ready"),
    ("年龄未登记", "age unknown"),
];

/// Her titles: those in force first, then those that wait, then those of the past. Each with its cells in the order of
/// [`HEADINGS`].
pub fn rows(tier: &api::Tier, lang: Lang) -> Vec<(&Title, [String; 5])> {
    let held = |title: &Title| renewed(title, lang).unwrap_or_else(|| lang.pick("现有", "in force").to_owned());
    let waiting = |title: &Title| {
        let waits_for = &title.waits_for_zh;
        lang.pick(format!("待生效：等待 {waits_for}"), format!("waits for {waits_for}"))
    };
    let past = |title: &Title| match &title.withdrawn_on {
        Some(on) => {
            let on = date(Some(on));
            lang.pick(format!("{on} 起取消"), format!("withdrawn from {on} on"))
        }
        None => lang.pick("已期满", "expired").to_owned(),
    };
    let held = tier.titles.iter().map(|title| (title, held(title)));
    let waiting = tier.waiting.iter().map(|title| (title, waiting(title)));
    let past = tier.past.iter().map(|title| (title, past(title)));
    let all = held.chain(waiting).chain(past);
    all.map(|(title, state)| {
        let cells = [
            title.name_zh.clone(),
            date(title.conferred_on.as_ref()),
            date(title.valid_to.as_ref()),
            state,
            title.index.to_string(),
        ];
        (title, cells)
    })
    .collect()
}

/// When it was renewed last, if it was.
fn renewed(title: &Title, lang: Lang) -> Option<String> {
    let last = title.renewals.iter().rfind(|renewal| renewal.valid_to.is_some())?;
    let on = date(last.on.as_ref());
    Some(lang.pick(format!("现有，{on} 复核续期"), format!("in force, renewed on {on}")))
}

/// What a renewal or withdrawal of hers could not do, and what she was chosen for: a line each.
pub fn remarks(tier: &api::Tier, lang: Lang) -> Vec<String> {
    let titles = tier.titles.iter().chain(&tier.waiting).chain(&tier.past);
    let vain = titles.flat_map(|title| {
        let vain = title.renewals.iter().filter(|renewal| renewal.valid_to.is_none());
        vain.map(move |renewal| {
            let (on, index, name) = (date(renewal.on.as_ref()), renewal.index, &title.name_zh);
            lang.pick(
                format!("{on} 的复核续期（第 {index} 条）没有效果：{name} 当日不在有效期内"),
                format!("the renewal of {on} (entry {index}) has no effect: {name} did not hold on that day"),
            )
        })
    });
    let chosen = tier.candidacies.iter().map(|chosen| {
        let (on, name) = (date(chosen.on.as_ref()), &chosen.name_zh);
        let until = chosen.until.as_ref();
        let until_zh = until.map_or_else(String::new, |day| format!("，培养至 {}", date(Some(day))));
        let until_en = until.map_or_else(String::new, |day| format!(", until {}", date(Some(day))));
        lang.pick(
            format!("{on} 确定为{name}培养对象{until_zh}（第 {} 条）", chosen.index),
            format!(
                "chosen on {on} to be developed towards {name}{until_en} (entry {})",
                chosen.index
            ),
        )
    });
    vain.chain(chosen).collect()
}

/// What is missing for a step; that nothing is, if she fulfils it.
pub fn missing(step: &TierStep, lang: Lang) -> Vec<String> {
    let missing = lang.pick(&step.missing_zh, &step.missing_en);
    if missing.is_empty() {
        return vec![
            lang.pick("条件已具备，可参加评选", "she fulfils it and may be selected")
                .to_owned(),
        ];
    }
    let each = missing.iter();
    each.map(|lack| lang.pick(format!("还缺：{lack}"), format!("missing: {lack}")))
        .collect()
}

/// The rule that a step is of, in a few words; empty where no ladder is in force for her.
pub fn rule(step: &TierStep) -> String {
    if step.policy_id.is_empty() {
        return String::new();
    }
    format!("{}@{} {}", step.policy_id, step.version, step.step_id)
}

/// Her titles as a paper.
pub fn leaf(tier: &api::Tier) -> Leaf {
    let who = paper::whose(&tier.name, &tier.teacher_id, &tier.school_names, &tier.subject);
    let mut notes = vec![who, format!("{}，台账 {} 条", date(tier.on.as_ref()), count(tier.size))];
    notes.extend(remarks(tier, Lang::Zh));
    for step in &tier.steps {
        let missing = missing(step, Lang::Zh).join("；");
        notes.push(format!("下一步 {}：{missing}", step.name_zh));
    }
    let headings = HEADINGS.map(|(zh, _)| zh);
    let rows = rows(tier, Lang::Zh).into_iter();
    let rows = rows.map(|(_, cells)| cells.map(|text| Cell::text_of(&text)).to_vec());
    paper::leaf("教师称号情况表", notes, &headings, rows.collect())
}

/// The cells of somebody who fulfils a step, in the order of [`READY_HEADINGS`].
pub fn ready_row(teacher: &api::ReadyTeacher) -> [String; 5] {
    let step = teacher.step.as_ref();
    [
        step.map(|step| step.name_zh.clone()).unwrap_or_default(),
        teacher.name.clone(),
        teacher.teacher_id.clone(),
        teacher.school_names.join("、"),
        teacher.subject.clone(),
    ]
}

/// The cells of a count, in the order of [`COUNT_HEADINGS`].
pub fn count_row(title: &api::TitleCount) -> [String; 4] {
    let said = |number: i64| count(number.unsigned_abs());
    [
        title.name_zh.clone(),
        said(title.holders),
        said(title.ready),
        said(title.age_unknown),
    ]
}

/// How many hold a title of a level, and how many are to.
pub fn target(level: &api::LevelTarget, looked_at: i64, lang: Lang) -> String {
    let named = keshi_core::codes::Level::from_code(level.level);
    let (zh, en) = named.map_or(("", ""), |level| (level.zh(), level.en()));
    let said = |number: i64| count(number.unsigned_abs());
    let (holders, target, all) = (said(level.holders), said(level.target), said(looked_at));
    lang.pick(
        format!(
            "{zh}称号 {holders} 人；规模目标 {}，即 {all} 人中的 {target} 人（{}）",
            level.share, level.policy_id
        ),
        format!(
            "{holders} hold a title of the {en} level; {} of {all} are to, which is {target} ({})",
            level.share, level.policy_id
        ),
    )
}

/// Those who fulfil a step as a paper.
pub fn ready_leaf(answer: &api::ListReadyResponse, on: &str, teachers: &[api::ReadyTeacher]) -> Leaf {
    let mut notes = vec![format!("{on}，台账 {} 条", count(answer.size))];
    let levels = answer.levels.iter();
    notes.extend(levels.map(|level| target(level, answer.looked_at, Lang::Zh)));
    let headings = READY_HEADINGS.map(|(zh, _)| zh);
    let rows = teachers.iter();
    let rows = rows.map(|teacher| ready_row(teacher).map(|text| Cell::text_of(&text)).to_vec());
    paper::leaf("具备称号评选条件人员名单", notes, &headings, rows.collect())
}
