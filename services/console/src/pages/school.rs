//! A school: how everybody stands now, to be printed and signed.

use axum::response::Response;
use keshi_proto::api;
use keshi_words::balance::{is_begun, wanted};
use keshi_words::names::{amount, count, status, unit};
use keshi_words::paper::{SIGNATURE, issued};
use keshi_words::school::{leaf, nothing_asked, nothing_said, without_calendar};
use keshi_words::time::today;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use crate::ask::{Wrong, address, options, turning, without_page};
use crate::chart;
use crate::download;
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::schools::Schools;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Teachers on a page.
const PAGE: i32 = 50;

/// Teachers asked for at a time for a spreadsheet.
const PART: i32 = 200;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    school_id: String,
    period: String,
    purpose: String,
    page: String,
}

impl Asked {
    /// Of the visitor's own school, if she has one.
    fn of(self, visitor: &Visitor) -> Self {
        match visitor.who.role.school() {
            Some(own) => Self {
                school_id: own.to_owned(),
                ..self
            },
            None => self,
        }
    }

    fn request(&self, page_size: i32) -> api::ListBalancesRequest {
        api::ListBalancesRequest {
            school_id: self.school_id.trim().to_owned(),
            period: self.period.trim().to_owned(),
            page_size,
            page_token: self.page.clone(),
            purpose: self.purpose.trim().to_owned(),
            ..api::ListBalancesRequest::default()
        }
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let asked = asked.of(&visitor);
    let schools = Schools::ask(&visitor)
        .await
        .map_err(|status| visitor.unanswered(status))?;
    let plain = visitor.say("学校", "School");
    if asked.school_id.trim().is_empty() {
        let hint = visitor.say(
            "选一所学校，查看全校教师的课时。",
            "choose a school to see how its teachers stand.",
        );
        let content = html! { (question(&visitor, &asked, &schools, &Wrong::default())) p.quiet { (hint) } };
        return Ok(page(&visitor, plain, &content));
    }
    let request = visitor.api.call(asked.request(PAGE));
    let all = match visitor.api.ledger().list_balances(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(plain, &wrong, &question(&visitor, &asked, &schools, &wrong));
        }
    };
    let organisations = super::organisations::of_school(&visitor, asked.school_id.trim(), asked.purpose.trim()).await;
    let organisations = match organisations {
        Ok(organisations) => organisations,
        Err(wrong) => return visitor.again(plain, &wrong, &question(&visitor, &asked, &schools, &wrong)),
    };
    let title = schools.name(asked.school_id.trim());
    let content = html! {
        (question(&visitor, &asked, &schools, &Wrong::default()))
        p.printonly { @if !asked.period.is_empty() { "期间：" (asked.period) "　" } (issued()) }
        (summary(&visitor, &all))
        (list(&visitor, &all))
        (organisations)
        @if !all.balances.is_empty() {
            p.actions.noprint {
                a.button.second href=(address("/school.xlsx", &without_page(&asked))) { (visitor.say("下载表格（xlsx）", "download as spreadsheet (xlsx)")) }
                span.hint { (visitor.say("也可用浏览器打印本页（A4）", "or print this page (A4)")) }
            }
        }
        (turning(&visitor, "/school", &asked, &all.next_page_token))
        p.printonly.signature { (SIGNATURE) }
    };
    Ok(page(&visitor, &title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, schools: &Schools, wrong: &Wrong) -> Markup {
    let mut of_schools = vec![(String::new(), visitor.say("（请选）", "(choose)").to_owned())];
    of_schools.extend(schools.schools.iter().cloned());
    html! {
        form.row.noprint method="get" action="/school" {
            @if visitor.who.role.school().is_none() {
                @if schools.schools.is_empty() { (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 12)) }
                @else { (options(visitor.say("学校", "school"), "school_id", &of_schools, &asked.school_id)) }
            }
            (wrong.text(visitor.say("期间", "period"), "period", &asked.period, 12))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// The counts over all teachers of the school, and what could not be looked at.
pub(crate) fn summary(visitor: &Visitor, all: &api::ListBalancesResponse) -> Markup {
    let lang = visitor.lang;
    let number = |number: i64| count(number.unsigned_abs());
    let asked = all.teachers - all.without_policy - all.too_large;
    let met = asked - all.short;
    let says = if asked == 0 {
        lang.pick(
            format!("教师 {} 位", number(all.teachers)),
            format!("{} teachers", number(all.teachers)),
        )
    } else {
        lang.pick(
            format!("有要求的 {} 位教师中 {} 位达标", number(asked), number(met)),
            format!(
                "{} of the {} of whom something is asked miss nothing",
                number(met),
                number(asked)
            ),
        )
    };
    html! {
        @if let Some(nothing) = nothing_said(all) { p.problem { (nothing.pick(lang)) } }
        @else {
            p.about {
                b { (says) }
                @if all.short > 0 { b.missing { (lang.pick(format!("未达标 {} 位", number(all.short)), format!("{} short", number(all.short)))) } }
                @if all.without_policy > 0 { span { (lang.pick(format!("没有适用规则 {} 位", number(all.without_policy)), format!("{} under no policy", number(all.without_policy)))) } }
                span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
            }
            @if asked > 0 { (chart::meter(met, asked, all.short > 0, &says)) }
        }
        @if let Some(gap) = without_calendar(all) { p.gap { (gap.pick(lang)) } }
    }
}

fn list(visitor: &Visitor, all: &api::ListBalancesResponse) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new([
        (lang.pick("姓名", "name"), Set::Text),
        (lang.pick("学科", "subject"), Set::Text),
        (lang.pick("要求", "requirement"), Set::Text),
        (lang.pick("期间", "period"), Set::Text),
        (lang.pick("已计/最低", "counted/min"), Set::Number),
        (lang.pick("单位", "unit"), Set::Text),
        (lang.pick("状态", "state"), Set::Text),
        (lang.pick("差额", "missing"), Set::Number),
    ]);
    for told in &all.balances {
        let balance = told.balance.clone().unwrap_or_default();
        let name = if balance.name.is_empty() {
            &balance.teacher_id
        } else {
            &balance.name
        };
        let to = address(
            &format!("/teachers/{}", balance.teacher_id),
            &[("period", &balance.period)],
        );
        let who = html! { a href=(to) { (name) } " " small { (balance.teacher_id) } };
        let mut standings = balance.policies.iter().flat_map(|policy| &policy.standings).peekable();
        if standings.peek().is_none() {
            let why = nothing_asked(told, lang);
            table.marked(
                "idle",
                [
                    who,
                    text(&balance.subject),
                    text(why),
                    text(""),
                    text(""),
                    text(""),
                    text(""),
                    text(""),
                ],
            );
            continue;
        }
        for standing in standings {
            let is_short = standing.status() == api::Status::Short;
            let begun = is_begun(standing, today());
            let state = if is_short && !begun {
                lang.pick("未开始", "not begun")
            } else {
                status(standing.status(), lang)
            };
            table.marked(
                if is_short && begun { "short" } else { "" },
                [
                    who.clone(),
                    text(&balance.subject),
                    html! { (standing.requirement_id) " " (standing.text) },
                    text(&standing.period),
                    text(format!("{}/{}", amount(standing.counted_centiamount), wanted(standing))),
                    text(unit(&standing.unit, &standing.meter, lang)),
                    html! { span.state { (state) } },
                    html! { @if is_short && begun { b.missing { (amount(standing.missing_centiamount)) } } },
                ],
            );
        }
    }
    table.render(lang.pick("按教师编号", "by teacher id"))
}

/// The whole school as a spreadsheet to be signed.
pub(crate) async fn sheet(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let asked = asked.of(&visitor);
    let made = make_sheet(&visitor, &asked).await;
    made.map_err(|status| visitor.unanswered(status))
}

async fn make_sheet(visitor: &Visitor, asked: &Asked) -> Result<Response, Status> {
    let name = Schools::ask(visitor).await?.name(asked.school_id.trim());
    let mut request = asked.request(PART);
    request.page_token.clear();
    let mut all: Option<api::ListBalancesResponse> = None;
    loop {
        let call = visitor.api.call(request.clone());
        let page = visitor.api.ledger().list_balances(call).await?.into_inner();
        request.page_token.clone_from(&page.next_page_token);
        match &mut all {
            None => all = Some(page),
            Some(all) => all.balances.extend(page.balances),
        }
        let rows = all
            .iter()
            .flat_map(|all| &all.balances)
            .filter_map(|told| told.balance.as_ref());
        let rows: usize = rows
            .flat_map(|balance| &balance.policies)
            .map(|policy| policy.standings.len())
            .sum();
        if rows > download::ROWS_MAX {
            return Err(download::too_long(visitor));
        }
        if request.page_token.is_empty() {
            break;
        }
    }
    let leaf = leaf(&all.unwrap_or_default(), &name, asked.period.trim());
    let file = format!("{name} 教师课时 {}", asked.period.trim());
    download::workbook(visitor, "school", file.trim().to_owned(), vec![leaf]).await
}
