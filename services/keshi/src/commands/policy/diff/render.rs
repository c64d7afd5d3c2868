//! A comparison for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{PolicyChange, PolicyComparison, RequirementComparison};
use keshi_words::comparison::{
    STEP_HEADINGS, known, more_missing, side, stands, state, step, step_cells, steps_on, title, too_large, totals, turn,
};

use crate::show::add;
use crate::show::table::{Align, Table, Width};
use crate::texts::names::{amount, count, unit};

/// The changes, the counts of each requirement, and how many meet everything.
pub(super) fn text(changes: &[PolicyChange], result: &PolicyComparison, lang: Lang, width: Width) -> String {
    let mut text = heading(result, lang);
    if changes.is_empty() {
        add(
            &mut text,
            lang.pick("没有人因此变化\n", "nobody would stand otherwise\n"),
        );
    } else {
        let (steps, hours): (Vec<_>, Vec<_>) = changes.iter().partition(|change| title(change).is_some());
        if !hours.is_empty() {
            add(&mut text, table(&hours, lang).render(width));
        }
        if !steps.is_empty() {
            add(&mut text, step_table(&steps, lang).render(width));
        }
    }
    if !result.requirements.is_empty() || !result.steps.is_empty() {
        text.push('\n');
    }
    add(&mut text, below(result, lang, width));
    text
}

/// The counts alone.
pub(super) fn counts(result: &PolicyComparison, lang: Lang, width: Width) -> String {
    heading(result, lang) + &below(result, lang, width)
}

fn below(result: &PolicyComparison, lang: Lang, width: Width) -> String {
    let mut text = String::new();
    if !result.requirements.is_empty() {
        add(&mut text, requirements(&result.requirements, lang).render(width));
    }
    if !result.steps.is_empty() {
        let align = |place| if place == 0 { Align::Left } else { Align::Right };
        let headings = STEP_HEADINGS.map(|(zh, en)| lang.pick(zh, en));
        let mut table =
            Table::new([0, 1, 2, 3].map(|place| (headings.get(place).copied().unwrap_or_default(), align(place))));
        for counts in &result.steps {
            table.row(step_cells(counts));
        }
        add(&mut text, table.render(width));
    }
    // Of hours nothing is said where only titles were compared.
    let of_hours = (result.teachers > 0 || result.steps_on.is_none()).then(|| totals(result));
    for said in of_hours.into_iter().chain(too_large(result)).chain(steps_on(result)) {
        add(&mut text, format!("{}\n", said.pick(lang)));
    }
    text
}

fn heading(result: &PolicyComparison, lang: Lang) -> String {
    let before = side(&result.before_policy_id, result.before_version, &result.before_name);
    let after = side(&result.after_policy_id, result.after_version, &result.after_name);
    let (period, size) = (&result.period, count(result.size));
    lang.pick(
        format!("期间 {period}  台账 {size} 条\n  此前：{before}\n  试算：{after}\n"),
        format!("period {period}  ledger of {size} entries\n  before: {before}\n  after:  {after}\n"),
    )
}

fn table(changes: &[&PolicyChange], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("教师编号", "teacher id"), Align::Left),
        (lang.pick("姓名", "name"), Align::Left),
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("期间", "period"), Align::Left),
        (lang.pick("此前", "before"), Align::Left),
        (lang.pick("已计/最低", "counted/min"), Align::Right),
        (lang.pick("试算", "after"), Align::Left),
        (lang.pick("已计/最低", "counted/min"), Align::Right),
        (lang.pick("单位", "unit"), Align::Left),
        (lang.pick("差额", "missing"), Align::Right),
        (lang.pick("差额增减", "missing more or less"), Align::Right),
    ]);
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let known = known(change);
        table.row([
            change.teacher_id.clone(),
            change.name.clone(),
            known.requirement_id.clone(),
            known.period.clone(),
            state(before, lang).to_owned(),
            stands(before),
            state(after, lang).to_owned(),
            stands(after),
            unit(&known.unit, &known.meter, lang),
            amount(after.map_or(0, |after| after.missing_centiamount)),
            more_missing(change),
        ]);
    }
    table
}

fn step_table(changes: &[&PolicyChange], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("教师编号", "teacher id"), Align::Left),
        (lang.pick("姓名", "name"), Align::Left),
        (lang.pick("称号", "title"), Align::Left),
        (lang.pick("变化", "change"), Align::Left),
        (lang.pick("此前", "before"), Align::Left),
        (lang.pick("试算", "after"), Align::Left),
    ]);
    for change in changes {
        table.row([
            change.teacher_id.clone(),
            change.name.clone(),
            title(change).unwrap_or_default().to_owned(),
            turn(change.turn(), lang).to_owned(),
            step(change.step_before.as_ref(), lang),
            step(change.step_after.as_ref(), lang),
        ]);
    }
    table
}

fn requirements(requirements: &[RequirementComparison], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("未达标 此前", "short before"), Align::Right),
        (lang.pick("试算", "after"), Align::Right),
        (lang.pick("新增", "newly"), Align::Right),
        (lang.pick("解除", "no longer"), Align::Right),
        (lang.pick("差得更多", "more missing"), Align::Right),
        (lang.pick("差得更少", "less missing"), Align::Right),
        (lang.pick("差额合计 此前", "all missing before"), Align::Right),
        (lang.pick("试算", "after"), Align::Right),
        (lang.pick("单位", "unit"), Align::Left),
        (lang.pick("要求", "required"), Align::Left),
    ]);
    for requirement in requirements {
        table.row([
            requirement.requirement_id.clone(),
            requirement.short_before.to_string(),
            requirement.short_after.to_string(),
            requirement.now_short.to_string(),
            requirement.now_met.to_string(),
            requirement.more_missing.to_string(),
            requirement.less_missing.to_string(),
            amount(requirement.missing_before_centiamount),
            amount(requirement.missing_after_centiamount),
            unit(&requirement.unit, &requirement.meter, lang),
            requirement.text.clone(),
        ]);
    }
    table
}
