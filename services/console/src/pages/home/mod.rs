//! The first page: what there is to do today, for each as her role has it, and the year at a glance.

mod glance;
mod office;
mod own;

use futures::{StreamExt as _, stream};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::time::today;
use maud::{Markup, html};
use serde::Deserialize;

use crate::ask::address;
use crate::extract::Question;
use crate::fault::Answer;
use crate::nav::PLACES;
use crate::parts::sent;
use crate::visitor::Visitor;

/// What is asked, as it stands in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    year: String,
}

/// Years that there is something to see of.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let this = today().year();
    let year = asked
        .year
        .parse()
        .ok()
        .filter(|year| YEARS.contains(year))
        .unwrap_or(this);
    let parts = parts(&visitor, year)
        .await
        .map_err(|status| visitor.unanswered(status))?;
    let today = html! {
        (years(&visitor, year))
        (parts)
        @if visitor.role() == RoleName::RegistryReader {
            p.quiet { (visitor.say(
                "您的身份只核验证书编号，这里没有可看的内容；如需其他权限，请联系系统管理员。",
                "your role verifies certificate numbers alone, so there is nothing to see here; ask the admin if you need more.",
            )) }
        }
    };
    let below = html! {
        ul.doors.noprint {
            @for place in PLACES.iter().skip(1).filter(|place| place.is_for(&visitor)) {
                li { a href=(place.path) { (place.name(visitor.lang)) } }
            }
        }
        (lists(&visitor))
    };
    // What is there at once is shown at once.
    let parts = stream::iter([today]).chain(glance::parts(visitor.clone(), year));
    sent(&visitor, visitor.say("首页", "Home"), parts, &below)
}

/// What her role has to do, one part below the other.
async fn parts(visitor: &Visitor, year: i16) -> Result<Markup, tonic::Status> {
    let school = match visitor.who.role.school() {
        Some(school) => Some(school_today(visitor, school, year).await?),
        None => None,
    };
    let own = match visitor.who.role.teacher_id() {
        Some(_) => Some(own::section(visitor, year).await?),
        None => None,
    };
    let office = match visitor.role() {
        RoleName::Reviewer | RoleName::Auditor | RoleName::Admin | RoleName::Dev => {
            Some(office::section(visitor).await?)
        }
        _ => None,
    };
    Ok(html! { (school.unwrap_or_default()) (own.unwrap_or_default()) (office.unwrap_or_default()) })
}

fn years(visitor: &Visitor, year: i16) -> Markup {
    let to = |year: i16| address("/", &[("year", year.to_string())]);
    html! {
        @if visitor.who.role.teacher_id().is_some() || glance::is_for(visitor) {
            nav.pages.noprint aria-label=(visitor.say("年度", "year")) {
                a rel="prev" href=(to(year - 1)) { (year - 1) }
                b { (year) }
                a rel="next" href=(to(year + 1)) { (year + 1) }
            }
        }
    }
}

/// How many of her school are short this year.
async fn school_today(visitor: &Visitor, school: &str, year: i16) -> Result<Markup, tonic::Status> {
    let request = api::ListBalancesRequest {
        school_id: school.to_owned(),
        period: year.to_string(),
        counts_only: true,
        ..api::ListBalancesRequest::default()
    };
    let all = visitor
        .api
        .ledger()
        .list_balances(visitor.api.call(request))
        .await?
        .into_inner();
    let period = [("period", year.to_string())];
    Ok(html! {
        section {
            h2 { (visitor.lang.pick(format!("本校 {year} 年"), format!("your school in {year}"))) }
            (super::school::summary(visitor, &all))
            p.actions.noprint {
                a.button href=(address("/school", &period)) { (visitor.say("全校教师", "all teachers")) }
                a.button.second href=(address("/shortfalls", &period)) { (visitor.say("谁还差多少", "who is short")) }
                @if PLACES.iter().any(|place| place.path == "/import" && place.is_for(visitor)) {
                    a.button.second href="/sessions" { (visitor.say("点名", "take attendance")) }
                    a.button.second href="/post" { (visitor.say("补录一条", "post a record")) }
                    a.button.second href="/import" { (visitor.say("导入表格", "import a spreadsheet")) }
                }
            }
        }
    })
}

/// Lists that stand in no menu.
fn lists(visitor: &Visitor) -> Markup {
    html! {
        @if visitor.role() != RoleName::RegistryReader {
            p.noprint.about {
                @if PLACES.iter().any(|place| place.path == "/post" && place.is_for(visitor)) {
                    a href="/submissions" { (visitor.say("我的提交", "my submissions")) }
                }
                a href="/schools" { (visitor.say("学校名录", "schools")) }
                // They are told with their sessions, of which a teacher reads nothing.
                @if visitor.role() != RoleName::Teacher {
                    a href="/organisations" { (visitor.say("组织", "organisations")) }
                a href="/rotations" { (visitor.say("轮岗交流", "rotation and secondment")) }
                a href="/topics" { (visitor.say("课题", "topics")) }
                }
                // Schools ask, researchers and the county answer.
                @if !matches!(visitor.role(), RoleName::Teacher | RoleName::Lead) {
                    a href="/questions" { (visitor.say("订单式教研", "ordered research")) }
                    a href="/inspections" { (visitor.say("教学视导", "teaching inspections")) }
                }
                a href="/calendars" { (visitor.say("校历", "calendars")) }
                a href="/contests" { (visitor.say("赛教", "competitions")) }
                a href="/loads" { (visitor.say("历史补录", "historical loads")) }
            }
        }
    }
}
