//! A comparison for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{PolicyChange, PolicyComparison, RequirementComparison, Standing};

use crate::show::add;
use crate::show::table::{Align, Table};
use crate::texts::names::{amount, count, status, unit};

/// The changes, the counts of each requirement, and how many meet everything.
pub(super) fn text(changes: &[PolicyChange], result: &PolicyComparison, lang: Lang) -> String {
    let mut text = heading(result, lang);
    if changes.is_empty() {
        add(
            &mut text,
            lang.pick("没有人因此变化\n", "nobody would stand otherwise\n"),
        );
    } else {
        add(&mut text, table(changes, lang).render());
    }
    if !result.requirements.is_empty() {
        text.push('\n');
        add(&mut text, requirements(&result.requirements, lang).render());
    }
    add(&mut text, totals(result, lang));
    text
}

fn heading(result: &PolicyComparison, lang: Lang) -> String {
    let name = |id: &str, version: u32, name: &str| match version {
        0 => format!("{id}  {name}"),
        version => format!("{id}@{version}  {name}"),
    };
    let before = name(&result.before_policy_id, result.before_version, &result.before_name);
    let after = name(&result.after_policy_id, result.after_version, &result.after_name);
    let (period, size) = (&result.period, count(result.size));
    lang.pick(
        format!("期间 {period}  台账 {size} 条\n  此前：{before}\n  试算：{after}\n"),
        format!("period {period}  ledger of {size} entries\n  before: {before}\n  after:  {after}\n"),
    )
}

/// What a table of the changes has in its columns.
pub(super) fn headings(lang: Lang) -> [&'static str; 11] {
    [
        lang.pick("教师编号", "teacher id"),
        lang.pick("姓名", "name"),
        lang.pick("编号", "id"),
        lang.pick("期间", "period"),
        lang.pick("此前", "before"),
        lang.pick("已计/最低", "counted/min"),
        lang.pick("试算", "after"),
        lang.pick("已计/最低", "counted/min"),
        lang.pick("单位", "unit"),
        lang.pick("差额", "missing"),
        lang.pick("差额增减", "missing more or less"),
    ]
}

/// The cells of one change.
pub(super) fn cells(change: &PolicyChange, lang: Lang) -> [String; 11] {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let known = after.or(before).cloned().unwrap_or_default();
    let stands = |standing: Option<&Standing>| {
        standing.map_or_else(
            || "-".to_owned(),
            |standing| {
                let (counted, min) = (standing.counted_centiamount, standing.min_centiamount);
                format!("{}/{}", amount(counted), amount(min))
            },
        )
    };
    let status = |standing: Option<&Standing>| {
        let none = lang.pick("无此要求", "not required");
        standing
            .map_or(none, |standing| status(standing.status(), lang))
            .to_owned()
    };
    let more = change.missing_change_centiamount;
    [
        change.teacher_id.clone(),
        change.name.clone(),
        known.requirement_id.clone(),
        known.period.clone(),
        status(before),
        stands(before),
        status(after),
        stands(after),
        unit(&known.unit, &known.meter, lang),
        after.map_or_else(|| "0".to_owned(), |after| amount(after.missing_centiamount)),
        if more > 0 {
            format!("+{}", amount(more))
        } else {
            amount(more)
        },
    ]
}

fn table(changes: &[PolicyChange], lang: Lang) -> Table {
    let right = [5, 7, 9, 10];
    let columns = headings(lang).into_iter().enumerate().map(|(place, heading)| {
        let align = if right.contains(&place) {
            Align::Right
        } else {
            Align::Left
        };
        (heading, align)
    });
    let mut table = Table::new(columns);
    for change in changes {
        table.row(cells(change, lang));
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
        (lang.pick("要求", "requirement"), Align::Left),
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

fn totals(result: &PolicyComparison, lang: Lang) -> String {
    let PolicyComparison {
        under_before,
        under_after,
        met_before,
        met_after,
        now_short,
        now_met,
        ..
    } = result;
    lang.pick(
        format!(
            "适用教师 {under_before} → {under_after} 人，其中全部达标 {met_before} → {met_after} 人；\
             变为未达标 {now_short} 人，变为达标 {now_met} 人\n"
        ),
        format!(
            "teachers under it {under_before} → {under_after}, who meet everything {met_before} → {met_after}; \
             newly short {now_short}, no longer short {now_met}\n"
        ),
    )
}
