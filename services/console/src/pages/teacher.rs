//! One teacher: how she stands against each requirement, and the entries behind it, each with its rule.

use axum::extract::{Path, Query};
use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::line::{cuts, note, rule, sum};
use keshi_words::names::{amount, count, meter, status, unit};
use keshi_words::time::{date, dates};
use maud::{Markup, html};
use serde::Deserialize;

use crate::chart;
use crate::fault::Answer;
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    period: String,
    until: String,
    size: String,
}

pub(crate) async fn me(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    shown(visitor, String::new(), asked).await
}

pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    shown(visitor, id, asked).await
}

async fn shown(visitor: Visitor, teacher_id: String, asked: Asked) -> Answer {
    let request = request(&visitor, teacher_id, &asked)?;
    let answer = visitor.api.ledger().get_balance(visitor.api.call(request)).await;
    let balance = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let name = if balance.name.is_empty() {
        &balance.teacher_id
    } else {
        &balance.name
    };
    let content = html! {
        (about(&visitor, &balance))
        (question(&visitor, &asked))
        @for policy in &balance.policies { (section(policy, &balance, visitor.lang)) }
    };
    Ok(page(&visitor, name, &content))
}

fn request(
    visitor: &Visitor,
    teacher_id: String,
    asked: &Asked,
) -> Result<api::GetBalanceRequest, crate::fault::Unanswered> {
    let wrong = |what: &str| visitor.unanswered(tonic::Status::invalid_argument(what));
    let until = match asked.until.trim() {
        "" => None,
        text => {
            let day = text
                .parse()
                .map_err(|_| wrong(visitor.say("日期应写成 2022-06-30", "write the day as 2022-06-30")))?;
            Some(date_to_wire(day))
        }
    };
    let at = match asked.size.trim() {
        "" => None,
        text => {
            let size = text
                .parse()
                .map_err(|_| wrong(visitor.say("台账条数应是整数", "the ledger's size is a whole number")))?;
            Some(api::At {
                at: Some(api::at::At::Size(size)),
                min_size: 0,
            })
        }
    };
    Ok(api::GetBalanceRequest {
        teacher_id,
        period: asked.period.trim().to_owned(),
        at,
        explain: true,
        until,
        purpose: String::new(),
    })
}

fn about(visitor: &Visitor, balance: &api::Balance) -> Markup {
    html! {
        p.about {
            span { (balance.teacher_id) }
            @for school in &balance.school_names { span { (school) } }
            @if !balance.subject.is_empty() { span { (balance.subject) } }
            span { (balance.period) "（" (date(balance.from.as_ref())) " … " (date(balance.to.as_ref())) "）" }
            span { (visitor.lang.pick(
                format!("台账 {} 条", count(balance.size)),
                format!("ledger of {} entries", count(balance.size)),
            )) }
        }
    }
}

fn question(visitor: &Visitor, asked: &Asked) -> Markup {
    html! {
        form.row.noprint method="get" {
            (field(visitor.say("期间", "period"), &html! { input name="period" value=(asked.period) placeholder="2022" size="12"; }))
            (field(visitor.say("只计到哪天发生的", "only what had happened by"), &html! { input type="date" name="until" value=(asked.until); }))
            (field(visitor.say("台账多少条时所知", "as known at size"), &html! { input name="size" inputmode="numeric" value=(asked.size) size="9"; }))
            button { (visitor.say("查看", "show")) }
        }
    }
}

fn section(policy: &api::PolicyBalance, balance: &api::Balance, lang: Lang) -> Markup {
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

fn requirement(standing: &api::Standing, lang: Lang) -> Markup {
    let unit = unit(&standing.unit, &standing.meter, lang);
    let is_short = standing.status() == api::Status::Short;
    let wanted = match standing.target_centiamount {
        Some(target) => format!("{}–{}", amount(standing.min_centiamount), amount(target)),
        None => amount(standing.min_centiamount),
    };
    let says = format!("{} / {wanted} {unit}", amount(standing.counted_centiamount));
    html! {
        li .short[is_short] {
            p.what { span.id { (standing.requirement_id) } " " (standing.text) " " small { (standing.period) } }
            (chart::meter(standing.counted_centiamount, standing.min_centiamount, is_short, &says))
            p.how {
                b { (says) }
                span.state { (status(standing.status(), lang)) }
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
fn months(policy: &api::PolicyBalance, balance: &api::Balance, lang: Lang) -> Markup {
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
    html! {
        figure {
            figcaption { (lang.pick("各月计入的培训课时", "training hours counted by month")) }
            (chart::columns(&says, &values))
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
                html! { (line.what) " " small { (lang.pick(&line.kind_zh, &line.kind)) } },
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
