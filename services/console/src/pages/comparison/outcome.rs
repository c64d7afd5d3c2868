//! What came out of a comparison: the counts, and the teachers of each kind of change.

use std::collections::BTreeMap;

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::comparison::{
    STEP_HEADINGS, known, more_missing, side, stands, state, step, step_cells, steps_on, title, too_large, turn,
};
use keshi_words::names::{amount, count, unit};
use maud::{Markup, html};

use crate::ask::address;
use crate::table::{Set, Table, text};

/// Most changes of one kind that a page lists; the spreadsheet has all.
const LISTED_MAX: usize = 100;

/// How requirements come out otherwise, in the order in which they are told.
const TURNS: [api::Turn; 6] = [
    api::Turn::NowShort,
    api::Turn::NowMet,
    api::Turn::MoreMissing,
    api::Turn::LessMissing,
    api::Turn::NowReady,
    api::Turn::NoLongerReady,
];

/// What is listed of a comparison.
#[derive(Default)]
pub(super) struct Listed(BTreeMap<i32, (Vec<api::PolicyChange>, usize)>);

impl Listed {
    pub(super) fn add(&mut self, changes: Vec<api::PolicyChange>) {
        for change in changes {
            let (listed, all) = self.0.entry(change.turn).or_default();
            *all += 1;
            if listed.len() < LISTED_MAX {
                listed.push(change);
            }
        }
    }

    /// Those of this kind that are listed, and how many there are.
    fn of(&self, turn: api::Turn) -> (&[api::PolicyChange], usize) {
        let found = self.0.get(&i32::from(turn));
        found.map_or((&[], 0), |(listed, all)| (listed.as_slice(), *all))
    }
}

/// The counts, then what to do `next`, then the lists.
pub(super) fn outcome(result: &api::PolicyComparison, listed: &Listed, next: &Markup, lang: Lang) -> Markup {
    let api::PolicyComparison {
        under_before,
        under_after,
        met_before,
        met_after,
        now_short,
        now_met,
        ..
    } = result;
    let before = side(&result.before_policy_id, result.before_version, &result.before_name);
    let after = side(&result.after_policy_id, result.after_version, &result.after_name);
    // Of hours nothing is said where only titles were compared.
    let compares_hours = result.teachers > 0 || result.steps_on.is_none();
    let changes: usize = TURNS.iter().map(|turn| listed.of(*turn).1).sum();
    html! {
        div.result {
            @if compares_hours { p.about {
                b { (turn(api::Turn::NowShort, lang)) " " (lang.pick(format!("{now_short} 人"), format!("{now_short} teachers"))) }
                b { (turn(api::Turn::NowMet, lang)) " " (lang.pick(format!("{now_met} 人"), format!("{now_met} teachers"))) }
                span { (lang.pick(format!("适用教师 {under_before} → {under_after} 人"), format!("teachers under it {under_before} → {under_after}"))) }
                span { (lang.pick(format!("全部达标 {met_before} → {met_after} 人"), format!("who meet everything {met_before} → {met_after}"))) }
            } }
            dl.facts {
                dt { (lang.pick("此前", "before")) } dd { (before) }
                dt { (lang.pick("试算", "after")) } dd { (after) }
                dt { (lang.pick("期间", "period")) } dd { (result.period) }
                dt { (lang.pick("台账", "ledger")) } dd { (lang.pick(format!("{} 条", count(result.size)), format!("{} entries", count(result.size)))) }
            }
            @if let Some(says) = steps_on(result) { p.hint { (says.pick(lang)) } }
            @if let Some(says) = too_large(result) { p.problem { (says.pick(lang)) } }
            @if result.teachers == 0 && result.steps.is_empty() {
                p.problem role="alert" { (lang.pick("这一期间没有教师适用这两份规则中的任何一份，无从比较；请核对期间和规则的适用范围", "no teacher stands under either of the two in this period, so nothing was compared: check the period, and for whom the policies are")) }
            } @else if changes == 0 {
                p.done role="status" { (lang.pick("没有人因此变化", "nobody would stand otherwise")) }
            }
            (next)
            @if !result.steps.is_empty() { (steps(&result.steps, lang)) }
            @if changes > 0 {
                @if compares_hours { (requirements(&result.requirements, lang)) }
                @for turn in TURNS {
                    @match turn {
                        api::Turn::NowReady | api::Turn::NoLongerReady => (turned_steps(turn, listed, lang)),
                        api::Turn::Unspecified | api::Turn::NowShort | api::Turn::NowMet | api::Turn::MoreMissing | api::Turn::LessMissing => @if compares_hours { (turned(turn, listed, lang)) },
                    }
                }
            }
        }
    }
}

fn requirements(requirements: &[api::RequirementComparison], lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("要求", "requirement"), Set::Text),
        (lang.pick("未达标", "short"), Set::Number),
        (turn(api::Turn::NowShort, lang), Set::Number),
        (turn(api::Turn::NowMet, lang), Set::Number),
        (turn(api::Turn::MoreMissing, lang), Set::Number),
        (turn(api::Turn::LessMissing, lang), Set::Number),
        (lang.pick("差额合计", "all missing"), Set::Number),
    ]);
    for it in requirements {
        let missing = [it.missing_before_centiamount, it.missing_after_centiamount].map(amount);
        table.row([
            html! { (it.requirement_id) " " (it.text) },
            text(format!("{} → {}", it.short_before, it.short_after)),
            text(it.now_short.to_string()),
            text(it.now_met.to_string()),
            text(it.more_missing.to_string()),
            text(it.less_missing.to_string()),
            text(format!(
                "{} → {} {}",
                missing[0],
                missing[1],
                unit(&it.unit, &it.meter, lang)
            )),
        ]);
    }
    table.render(lang.pick(
        "各项要求（按教师和期间计项）",
        "each requirement, counted in teachers and periods",
    ))
}

fn steps(steps: &[api::StepComparison], lang: Lang) -> Markup {
    let [title, ready, now, no_longer] = STEP_HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (title, Set::Text),
        (ready, Set::Number),
        (now, Set::Number),
        (no_longer, Set::Number),
    ]);
    for counts in steps {
        table.row(step_cells(counts).map(text));
    }
    table.render(lang.pick(
        "各称号（以之为下一步的教师）",
        "each title, of teachers whose next step it is",
    ))
}

/// The teachers whose readiness for a title changes in one way.
fn turned_steps(kind: api::Turn, listed: &Listed, lang: Lang) -> Markup {
    let (changes, all) = listed.of(kind);
    if all == 0 {
        return Markup::default();
    }
    let mut table = Table::new([
        (lang.pick("姓名", "name"), Set::Text),
        (lang.pick("称号", "title"), Set::Text),
        (lang.pick("此前", "before"), Set::Text),
        (lang.pick("试算", "after"), Set::Text),
    ]);
    for change in changes {
        let whose = format!("/teachers/{}", change.teacher_id);
        let name = if change.name.is_empty() {
            &change.teacher_id
        } else {
            &change.name
        };
        table.row([
            html! { a href=(whose) { (name) } " " small { (change.teacher_id) } },
            text(title(change).unwrap_or_default()),
            text(step(change.step_before.as_ref(), lang)),
            text(step(change.step_after.as_ref(), lang)),
        ]);
    }
    let says = lang.pick(
        format!("{} {all} 人", turn(kind, lang)),
        format!("{}: {all}", turn(kind, lang)),
    );
    html! { (table.render(&says)) (cut(changes.len(), all, lang)) }
}

/// That not all are listed.
fn cut(listed: usize, all: usize, lang: Lang) -> Markup {
    html! {
        @if listed < all {
            p.hint { (lang.pick(format!("只列前 {LISTED_MAX} 项；全部 {all} 项在表格中，请下载"), format!("the first {LISTED_MAX} of {all}: the spreadsheet has all of them"))) }
        }
    }
}

/// The teachers of one kind of change, a line for each requirement.
fn turned(kind: api::Turn, listed: &Listed, lang: Lang) -> Markup {
    let (changes, all) = listed.of(kind);
    let says = lang.pick(
        format!("{} {all} 项", turn(kind, lang)),
        format!("{}: {all}", turn(kind, lang)),
    );
    let mut table = Table::new([
        (lang.pick("姓名", "name"), Set::Text),
        (lang.pick("要求", "requirement"), Set::Text),
        (lang.pick("期间", "period"), Set::Text),
        (lang.pick("此前", "before"), Set::Text),
        (lang.pick("此前已计/最低", "counted/min before"), Set::Number),
        (lang.pick("试算", "after"), Set::Text),
        (lang.pick("试算已计/最低", "counted/min after"), Set::Number),
        (lang.pick("试算差额", "missing after"), Set::Number),
        (lang.pick("增减", "more or less"), Set::Number),
    ]);
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let known = known(change);
        let whose = format!("/teachers/{}", change.teacher_id);
        let name = if change.name.is_empty() {
            &change.teacher_id
        } else {
            &change.name
        };
        let missing = amount(after.map_or(0, |after| after.missing_centiamount));
        table.row([
            html! { a href=(address(&whose, &[("period", &known.period)])) { (name) } " " small { (change.teacher_id) } },
            html! { (known.requirement_id) " " (known.text) },
            text(&known.period),
            text(state(before, lang)),
            text(stands(before)),
            text(state(after, lang)),
            text(stands(after)),
            html! { b { (missing) } " " (unit(&known.unit, &known.meter, lang)) },
            text(more_missing(change)),
        ]);
    }
    html! { (table.render(&says)) (cut(changes.len(), all, lang)) }
}
