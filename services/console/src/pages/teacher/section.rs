//! One policy of a balance: each requirement, the year, and the entries behind it.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::balance::{is_begun, waiting, wanted};
use keshi_words::line::{cuts, note, rule, sum};
use keshi_words::names::{amount, meter, status, unit};
use keshi_words::time::{dates, today};
use maud::{Markup, html};

use crate::chart;
use crate::table::{Set, Table, text};

/// All of it.
pub(super) fn section(policy: &api::PolicyBalance, balance: &api::Balance, lang: Lang) -> Markup {
    html! {
        section {
            h2 {
                @if policy.policy_id.is_empty() {
                    (lang.pick("期间内没有适用的规则，以下只是合计", "no policy applies in the period; these are only totals"))
                } @else {
                    (policy.policy_name) " " small { (policy.policy_id) " " (lang.pick(format!("第 {} 版", policy.version), format!("version {}", policy.version))) }
                }
            }
            ul.standings { @for standing in &policy.standings { (requirement(standing, lang)) } }
            @if let Some(waiting) = waiting(policy, lang) { p { (waiting) } }
            (months(policy, balance, lang))
            (lines(policy, lang))
            @if !policy.standings.is_empty() && !policy.lines.is_empty() {
                details {
                    summary { (lang.pick("各项要求的合成", "what each requirement adds up to")) }
                    ul { @for standing in &policy.standings { li { (sum(standing, &policy.lines, lang)) } } }
                }
            }
        }
    }
}

pub(crate) fn requirement(standing: &api::Standing, lang: Lang) -> Markup {
    let unit = unit(&standing.unit, &standing.meter, lang);
    let begun = is_begun(standing, today());
    let is_short = standing.status() == api::Status::Short && begun;
    let state = if begun {
        status(standing.status(), lang)
    } else {
        lang.pick("未开始", "not begun")
    };
    let says = format!("{} / {} {unit}", amount(standing.counted_centiamount), wanted(standing));
    html! {
        li .short[is_short] {
            p.what { span.id { (standing.requirement_id) } " " (standing.text) " " small { (standing.period) } }
            (chart::meter(standing.counted_centiamount, standing.min_centiamount, is_short, &says))
            p.how {
                b { (says) }
                span.state { (state) }
                @if is_short {
                    span.missing { (lang.pick(
                        format!("差 {} {unit}，还剩 {} 周", amount(standing.missing_centiamount), standing.weeks_left),
                        format!("{} {unit} missing, {} weeks left", amount(standing.missing_centiamount), standing.weeks_left),
                    )) }
                }
            }
        }
    }
}

/// The counted training hours of each month.
pub(crate) fn months(policy: &api::PolicyBalance, balance: &api::Balance, lang: Lang) -> Markup {
    let (Some(from), Some(to)) = (&balance.from, &balance.to) else {
        return html! {};
    };
    let place = |date: &keshi_proto::event::Date| date.year * 12 + date.month - 1;
    let (first, last) = (place(from), place(to));
    if !(1..24).contains(&(last - first)) {
        return html! {};
    }
    let mut sums = vec![0_i64; usize::try_from(last - first + 1).unwrap_or(0)];
    for line in policy.lines.iter().filter(|line| line.meter == "training_hours") {
        let on = line.on.as_ref().or(line.to.as_ref());
        let slot = on.and_then(|on| usize::try_from(place(on) - first).ok());
        if let Some(sum) = slot.and_then(|slot| sums.get_mut(slot)) {
            *sum += line.counted_centiamount;
        }
    }
    if sums.iter().all(|sum| *sum == 0) {
        return html! {};
    }
    let values: Vec<_> = (first..)
        .zip(&sums)
        .map(|(month, sum)| ((month % 12 + 1).to_string(), *sum, amount(*sum)))
        .collect();
    let says = values
        .iter()
        .map(|(month, _, shown)| format!("{month}: {shown}"))
        .collect::<Vec<_>>()
        .join(", ");
    let caption = lang.pick("各月计入的培训课时", "training hours counted by month");
    let mut table = Table::new([
        (lang.pick("月", "month"), Set::Text),
        (lang.pick("课时", "hours"), Set::Number),
    ]);
    for (place, sum) in (first..).zip(&sums) {
        table.row([
            text(format!("{:04}-{:02}", place.div_euclid(12), place.rem_euclid(12) + 1)),
            text(amount(*sum)),
        ]);
    }
    html! {
        figure {
            figcaption { (caption) }
            (chart::columns(&says, &values))
            details { summary { (lang.pick("同样的内容，列成表", "the same as a table")) } (table.render(caption)) }
        }
    }
}

fn lines(policy: &api::PolicyBalance, lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("序", "no"), Set::Number),
        (lang.pick("日期", "date"), Set::Text),
        (lang.pick("事项", "what"), Set::Text),
        (lang.pick("计量", "meter"), Set::Text),
        (lang.pick("申报", "asked"), Set::Number),
        (lang.pick("依据", "rule"), Set::Text),
        (lang.pick("扣减", "cut by"), Set::Text),
        (lang.pick("计入", "counted"), Set::Number),
        (lang.pick("条目", "entry"), Set::Number),
        (lang.pick("说明", "note"), Set::Text),
    ]);
    for (number, line) in policy.lines.iter().enumerate() {
        let class = if line.why_not_code.is_empty() { "" } else { "idle" };
        table.marked(
            class,
            [
                text((number + 1).to_string()),
                text(dates(line.from.as_ref(), line.to.as_ref())),
                html! { (line.what) " " small { (lang.pick(line.kind_zh.clone(), line.kind.replace('_', " "))) } },
                text(meter(&line.meter, lang)),
                text(amount(line.asked_centiamount)),
                text(rule(line, policy.version)),
                text(cuts(line, lang)),
                html! { b { (amount(line.counted_centiamount)) } },
                html! { a href=(format!("/entries/{}", line.index)) { (line.index) } },
                text(note(line, lang)),
            ],
        );
    }
    html! {
        @if policy.lines.is_empty() { p.quiet { (lang.pick("没有条目", "no entries")) } }
        (table.render(lang.pick("条目", "entries")))
    }
}
