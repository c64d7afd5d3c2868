//! The year at a glance, for whoever sees more than herself: hours by month, who is short by school, and the competitions.

use futures::Stream;
use keshi_core::lang::Lang;
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::names::{amount, count};
use maud::{Markup, html};
use tonic::Status;

use crate::ask::address;
use crate::chart;
use crate::nav::PLACES;
use crate::pages::contests::funnel;
use crate::parts::broke_off;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Schools that stand in the open; more of them unfold.
const OPEN_MAX: usize = 8;

/// Whether she sees more than herself: whoever finds in her menu who is short.
pub(super) fn is_for(visitor: &Visitor) -> bool {
    PLACES
        .iter()
        .any(|place| place.path == "/shortfalls" && place.is_for(visitor))
}

/// The parts, each as soon as it is there: the whole county is counted for them.
pub(super) fn parts(visitor: Visitor, year: i16) -> impl Stream<Item = Markup> + Send {
    async_stream::stream! {
        if !is_for(&visitor) {
            return;
        }
        yield overview(&visitor, year).await.unwrap_or_else(|status| broke_off(status.message()));
        if matches!(
            visitor.role(),
            RoleName::Researcher | RoleName::Reviewer | RoleName::Auditor | RoleName::Admin | RoleName::Dev
        ) {
            yield contests(&visitor, year).await.unwrap_or_else(|status| broke_off(status.message()));
        }
    }
}

async fn overview(visitor: &Visitor, year: i16) -> Result<Markup, Status> {
    let lang = visitor.lang;
    let request = visitor.api.call(api::GetOverviewRequest {
        period: year.to_string(),
        at: None,
    });
    let all = visitor.api.ledger().get_overview(request).await?.into_inner();
    if all.teachers == 0 {
        return Ok(html! {});
    }
    Ok(html! {
        section {
            h2 { (lang.pick(format!("{year} 年概览"), format!("{year} at a glance"))) }
            // A school's own stands above, with what to do about it.
            @if visitor.who.role.school().is_none() { (summary(&all, lang)) }
            (months(&all, lang))
            // Of one school the summary says it all.
            @if all.schools.len() > 1 { (schools(&all, lang)) }
        }
    })
}

fn summary(all: &api::Overview, lang: Lang) -> Markup {
    let number = |number: i64| count(number.unsigned_abs());
    let met = all.teachers - all.short - all.without_policy - all.too_large;
    html! {
        p.about {
            span { (lang.pick(format!("教师 {} 人", number(all.teachers)), format!("{} teachers", number(all.teachers)))) }
            @if all.not_begun {
                span { (lang.pick("这一年还没有开始，还谈不上达标", "the year has not begun, so nobody meets or misses anything yet")) }
            } @else {
                b { (lang.pick(format!("达标 {} 人", number(met)), format!("{} meet everything", number(met)))) }
                b { (lang.pick(format!("未达标 {} 人", number(all.short)), format!("{} short", number(all.short)))) }
            }
            @if all.without_policy > 0 { span { (lang.pick(format!("没有适用规则 {} 人", number(all.without_policy)), format!("{} under no policy", number(all.without_policy)))) } }
            @if all.too_large > 0 { span { (lang.pick(format!("数额超出可计范围 {} 人", number(all.too_large)), format!("{} beyond what can be counted", number(all.too_large)))) } }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        @if !all.without_calendar.is_empty() {
            p.gap { (lang.pick(
                format!("此期间没有校历，按学期的要求 {} 未计入；请教研室先发布校历", all.without_calendar.join("、")),
                format!("no calendar gives a semester of the period, so the requirements {} are missing here; the office has to adopt one", all.without_calendar.join(", ")),
            )) }
        }
    }
}

/// The hours of each month, drawn, with the same in a table.
fn months(all: &api::Overview, lang: Lang) -> Markup {
    let says = lang.pick(
        "各月计入的培训课时，全部教师合计",
        "training hours counted by month, all teachers together",
    );
    let mut table = Table::new([
        (lang.pick("月", "month"), Set::Text),
        (lang.pick("课时", "hours"), Set::Number),
    ]);
    let mut columns = Vec::new();
    for month in &all.months {
        let number = month.month.split_once('-').map_or("", |(_, number)| number);
        let whole = month.centihours.unsigned_abs() / 100;
        columns.push((
            number.trim_start_matches('0').to_owned(),
            month.centihours,
            chart::short(whole, lang),
        ));
        table.row([text(&month.month), text(amount(month.centihours))]);
    }
    let told = all
        .months
        .iter()
        .map(|month| format!("{} {}", month.month, amount(month.centihours)));
    let told = told.collect::<Vec<_>>().join(", ");
    html! {
        figure {
            figcaption { (says) }
            @if all.months.iter().any(|month| month.centihours > 0) { (chart::columns(&told, &columns)) }
            @else { p.quiet { (lang.pick("这一年还没有计入的课时。", "no hours count in this year yet.")) } }
            details { summary { (lang.pick("同样的内容，列成表", "the same as a table")) } (table.render(says)) }
        }
    }
}

/// Those with most who are short first.
fn schools(all: &api::Overview, lang: Lang) -> Markup {
    let mut schools: Vec<&api::SchoolOverview> = all.schools.iter().collect();
    schools.sort_by_key(|school| (school.few, std::cmp::Reverse(school.short)));
    let (open, more) = schools.split_at(schools.len().min(OPEN_MAX));
    let table = |schools: &[&api::SchoolOverview], says: &str| {
        let mut table = Table::new([
            (lang.pick("学校", "school"), Set::Text),
            (lang.pick("教师", "teachers"), Set::Number),
            (lang.pick("达标", "met"), Set::Number),
            (lang.pick("未达标", "short"), Set::Number),
            (lang.pick("没有适用规则", "no policy"), Set::Number),
        ]);
        for school in schools {
            table.row(school_row(school, &all.period, lang));
        }
        table.render(says)
    };
    html! {
        @if schools.iter().any(|school| school.few) {
            p.hint { (lang.pick(
                "不足 3 人的学校不列达标人数；能由其余各校推算出来时，另有一所也不列。",
                "of a school with fewer than 3 teachers nothing is counted, nor of another from which that could be worked out.",
            )) }
        }
        (table(open, lang.pick("各校达标情况，未达标多的在前", "by school, most who are short first")))
        @if !more.is_empty() {
            details {
                summary { (lang.pick(format!("其余 {} 所学校", more.len()), format!("{} more schools", more.len()))) }
                (table(more, lang.pick("其余学校", "more schools")))
            }
        }
    }
}

fn school_row(school: &api::SchoolOverview, period: &str, lang: Lang) -> [Markup; 5] {
    let to = address("/shortfalls", &[("period", period), ("school_id", &school.school_id)]);
    let name = html! {
        @if school.school_id.is_empty() { (lang.pick("不在学校（教研室等）", "at no school, such as the office")) }
        @else { a href=(to) { @if school.name.is_empty() { (school.school_id) } @else { (school.name) } } }
    };
    if school.few {
        let teachers = if school.teachers < 3 {
            "<3".to_owned()
        } else {
            count(school.teachers.unsigned_abs())
        };
        return [name, text(teachers), html! {}, html! {}, html! {}];
    }
    let met = school.teachers - school.short - school.without_policy - school.too_large;
    let number = |number: i64| text(count(number.unsigned_abs()));
    let says = lang.pick(
        format!("达标 {met} / {}", school.teachers),
        format!("{met} of {} meet everything", school.teachers),
    );
    let asked = school.teachers - school.without_policy;
    [
        html! { (name) @if asked > 0 { (chart::meter(met, asked, false, &says)) } },
        number(school.teachers),
        number(met),
        number(school.short),
        number(school.without_policy),
    ]
}

async fn contests(visitor: &Visitor, year: i16) -> Result<Markup, Status> {
    let lang = visitor.lang;
    let request = visitor.api.call(api::ListContestsRequest {
        period: year.to_string(),
        counts_only: true,
        ..api::ListContestsRequest::default()
    });
    let all = visitor.api.ledger().list_contests(request).await?.into_inner();
    Ok(html! {
        section {
            h2 { (lang.pick(format!("{year} 年赛教：县 → 市 → 省"), format!("Competitions of {year}: county → city → province"))) }
            @if all.levels.is_empty() {
                p.quiet { (lang.pick("这一年的台账里还没有参赛、获奖和推荐：由“导入”登记后在此逐级列出。", "nobody took part, won or was recommended in this year yet: what is imported is shown here level by level.")) }
            } @else {
                (funnel(&all.levels, &year.to_string(), lang))
            }
        }
    })
}
