//! What changed in a teacher's balance between two sizes of the ledger, and why.

use axum::extract::Path;
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::difference::{counted, heading, sign, stands};
use keshi_words::names::{amount, count, meter, status, unit};
use keshi_words::time::{date, dates};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::teacher::path;
use crate::ask::{Wrong, at_size};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    period: String,
    before: String,
    after: String,
    purpose: String,
}

impl Asked {
    /// From what was known at `size` to what is known now; of what is known now, from the beginning on.
    pub(crate) fn since(period: &str, size: u64, head: u64) -> Self {
        Self {
            period: period.to_owned(),
            before: if size < head { size } else { 0 }.to_string(),
            ..Self::default()
        }
    }
}

pub(crate) async fn mine(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(visitor, String::new(), asked).await
}

pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>, Question(asked): Question<Asked>) -> Answer {
    shown(visitor, id, asked).await
}

async fn shown(visitor: Visitor, teacher_id: String, asked: Asked) -> Answer {
    let path = path(&teacher_id);
    let title = visitor.say("课时的变化", "What changed");
    let changes = match look(&visitor, &teacher_id, &asked).await {
        Ok(changes) => changes,
        Err(wrong) => return visitor.again(title, &wrong, &question(&visitor, &path, &asked, &wrong)),
    };
    let lang = visitor.lang;
    let [before, after] = [changes.before_size, changes.after_size].map(count);
    let name = if changes.name.is_empty() {
        &changes.teacher_id
    } else {
        &changes.name
    };
    let content = html! {
        p.about {
            a href=(path) { (name) }
            span { (changes.teacher_id) }
            span { (changes.period) "（" (date(changes.from.as_ref())) " … " (date(changes.to.as_ref())) "）" }
            span { (lang.pick(format!("台账 {before} 条 → {after} 条"), format!("ledger of {before} entries → {after} entries"))) }
        }
        (question(&visitor, &path, &asked, &Wrong::default()))
        @if changes.policies.is_empty() { p.done { (lang.pick("没有变化", "nothing changed")) } }
        @for policy in &changes.policies {
            section {
                h2 { (heading(policy, lang).trim_end()) }
                @if !policy.meters.is_empty() { ul { @for change in &policy.meters { li { (total(change, lang)) } } } }
                (standings(&policy.standings, lang))
                (lines(&policy.lines, lang))
            }
        }
    };
    Ok(page(&visitor, title, &content))
}

async fn look(visitor: &Visitor, teacher_id: &str, asked: &Asked) -> Result<api::BalanceDifference, Wrong> {
    let request = api::DiffBalanceRequest {
        teacher_id: teacher_id.to_owned(),
        period: asked.period.trim().to_owned(),
        before: at_size(visitor, "before", &asked.before)?,
        after: at_size(visitor, "after", &asked.after)?,
        purpose: asked.purpose.trim().to_owned(),
    };
    let answer = visitor.api.ledger().diff_balance(visitor.api.call(request)).await;
    Ok(answer.map_err(Wrong::of)?.into_inner())
}

/// The form, for whose page is at `path`.
pub(crate) fn question(visitor: &Visitor, path: &str, asked: &Asked, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action=(format!("{path}/changes")) {
            (wrong.text(visitor.say("期间", "period"), "period", &asked.period, 12))
            (wrong.text(visitor.say("从台账多少条起", "from the size of"), "before", &asked.before, 9))
            (wrong.text(visitor.say("到多少条（空：现在）", "to the size of (empty: now)"), "after", &asked.after, 9))
            button.second { (visitor.say("比较有何变化、为何变化", "compare: what changed, and why")) }
        }
    }
}

fn total(change: &api::MeterChange, lang: Lang) -> String {
    let (before, after) = (amount(change.before_centiamount), amount(change.after_centiamount));
    let unit = unit(&change.unit, &change.meter, lang);
    format!("{} {before} → {after} {unit}", meter(&change.meter, lang))
}

fn standings(changes: &[api::StandingChange], lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("编号", "id"), Set::Text),
        (lang.pick("期间", "period"), Set::Text),
        (lang.pick("此前已计/最低", "counted/min before"), Set::Number),
        (lang.pick("现在已计/最低", "counted/min now"), Set::Number),
        (lang.pick("单位", "unit"), Set::Text),
        (lang.pick("此前状态", "state before"), Set::Text),
        (lang.pick("现在状态", "state now"), Set::Text),
    ]);
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let known = after.or(before).cloned().unwrap_or_default();
        let state = |standing: Option<&api::Standing>| standing.map_or("-", |standing| status(standing.status(), lang));
        table.row([
            text(&known.requirement_id),
            text(&known.period),
            text(stands(before)),
            html! { b { (stands(after)) } },
            text(unit(&known.unit, &known.meter, lang)),
            text(state(before)),
            text(state(after)),
        ]);
    }
    table.render(lang.pick("要求", "requirements"))
}

fn lines(changes: &[api::LineChange], lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("变化", "change"), Set::Text),
        (lang.pick("日期", "date"), Set::Text),
        (lang.pick("事项", "what"), Set::Text),
        (lang.pick("计量", "meter"), Set::Text),
        (lang.pick("此前计入", "counted before"), Set::Number),
        (lang.pick("现计入", "counted now"), Set::Number),
        (lang.pick("条目", "entry"), Set::Number),
        (lang.pick("原因", "reason"), Set::Text),
    ]);
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let known = after.or(before).cloned().unwrap_or_default();
        let what = match sign(change) {
            "+" => lang.pick("新增", "new"),
            "-" => lang.pick("不再计", "gone"),
            _ => lang.pick("改变", "other"),
        };
        table.row([
            text(what),
            text(dates(known.from.as_ref(), known.to.as_ref())),
            html! { (known.what) " " small { (lang.pick(known.kind_zh.clone(), known.kind.replace('_', " "))) } },
            text(meter(&known.meter, lang)),
            text(counted(before)),
            html! { b { (counted(after)) } },
            html! { a href=(format!("/entries/{}", known.index)) { (known.index) } },
            text(lang.pick(&change.cause_zh, &change.cause_en)),
        ]);
    }
    table.render(lang.pick("条目", "entries"))
}
