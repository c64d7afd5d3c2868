//! Her own year: what is missing, and how long there is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use keshi_proto::{api, date_from_wire};
use keshi_words::balance::{is_begun, wanted};
use keshi_words::names::{amount, status, unit};
use keshi_words::time::today;
use maud::{Markup, html};
use tonic::Status;

use crate::ask::address;
use crate::chart::{self, Stretch};
use crate::pages::teacher::{months, requirement};
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

pub(super) async fn section(visitor: &Visitor, year: i16) -> Result<Markup, Status> {
    let lang = visitor.lang;
    let request = api::GetBalanceRequest {
        period: year.to_string(),
        explain: true,
        ..api::GetBalanceRequest::default()
    };
    let balance = visitor
        .api
        .ledger()
        .get_balance(visitor.api.call(request))
        .await?
        .into_inner();
    let standings: Vec<&api::Standing> = balance.policies.iter().flat_map(|policy| &policy.standings).collect();
    let is_short = |standing: &api::Standing| standing.status() == api::Status::Short && is_begun(standing, today());
    let short: Vec<_> = standings.iter().filter(|standing| is_short(standing)).collect();
    Ok(html! {
        section {
            h2 { (lang.pick(format!("我的 {year} 年"), format!("my {year}"))) }
            @if standings.is_empty() {
                p.quiet { (lang.pick("这一年没有对您适用的规则。", "no policy is about you in this year.")) }
            } @else if short.is_empty() {
                p.done { (lang.pick("到今天为止没有缺口。", "nothing is missing as of today.")) }
            } @else {
                ul.standings { @for standing in short { (requirement(standing, lang)) } }
            }
            (calendar(visitor, year, &standings))
            @for policy in &balance.policies { (months(policy, &balance, lang)) }
            p.noprint { a href=(address("/me", &[("period", year.to_string())])) { (lang.pick("全部要求和依据", "every requirement, and what it rests on")) } }
        }
    })
}

/// What is asked of her in the year, drawn, with the same in a table.
fn calendar(visitor: &Visitor, year: i16, standings: &[&api::Standing]) -> Markup {
    let lang = visitor.lang;
    let mut rows: BTreeMap<&str, Vec<Stretch>> = BTreeMap::new();
    let mut table = Table::new([
        (lang.pick("要求", "requirement"), Set::Text),
        (lang.pick("期间", "period"), Set::Text),
        (lang.pick("已计/最低", "counted/min"), Set::Number),
        (lang.pick("单位", "unit"), Set::Text),
        (lang.pick("状态", "state"), Set::Text),
        (lang.pick("剩余周", "weeks left"), Set::Number),
    ]);
    for standing in standings {
        let begun = is_begun(standing, today());
        let is_short = standing.status() == api::Status::Short;
        let state = if begun || !is_short {
            status(standing.status(), lang)
        } else {
            lang.pick("未开始", "not begun")
        };
        let counted = format!("{}/{}", amount(standing.counted_centiamount), wanted(standing));
        let class = match (standing.status(), begun) {
            (api::Status::Short, true) if standing.weeks_left > 0 => "open",
            (api::Status::Short, true) => "short",
            (api::Status::Short, false) | (api::Status::NotInScope, _) => "later",
            _ => "met",
        };
        let span = standing
            .from
            .as_ref()
            .and_then(date_from_wire)
            .zip(standing.to.as_ref().and_then(date_from_wire));
        if let Some((from, to)) = span {
            rows.entry(&standing.requirement_id).or_default().push(Stretch {
                from: place(year, from),
                to: place(year, to.tomorrow().unwrap_or(to)),
                class,
                says: format!("{} {} {counted} {state}", standing.text, standing.period),
            });
        }
        table.row([
            html! { (standing.requirement_id) " " (standing.text) },
            text(&standing.period),
            text(counted),
            text(unit(&standing.unit, &standing.meter, lang)),
            text(state),
            text(standing.weeks_left.to_string()),
        ]);
    }
    if rows.is_empty() {
        return html! {};
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(id, stretches)| (id.to_owned(), stretches))
        .collect();
    let says = lang.pick(format!("{year} 年各项要求"), format!("the requirements of {year}"));
    let now = Some(today())
        .filter(|day| day.year() == year)
        .map(|day| place(year, day));
    html! {
        figure {
            figcaption { (says) (lang.pick("：绿 达标，红框 已过期未达标，黄 还有时间，灰 未开始", ": green met, red frame missed, yellow still open, grey not begun")) }
            (chart::year(&says, &rows, now))
            details { summary { (lang.pick("同样的内容，列成表", "the same as a table")) } (table.render(&says)) }
        }
    }
}

/// Where in the year a day is, in thousandths of it.
fn place(year: i16, day: Date) -> i64 {
    let Ok(first) = Date::new(year, 1, 1) else { return 0 };
    let days = first.until(day).map_or(0, |span| i64::from(span.get_days()));
    days.clamp(0, i64::from(first.days_in_year())) * 1000 / i64::from(first.days_in_year())
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_day_of_another_year_is_drawn_at_the_edge() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(place(2022, day("2021-09-01")), 0);
        assert_eq!(place(2022, day("2022-07-02")), 498);
        assert_eq!(place(2022, day("2023-01-01")), 1000);
        assert_eq!(place(2022, day("2025-12-31")), 1000);
    }
}
