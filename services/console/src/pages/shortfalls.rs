//! Who is short, by how much, with how many weeks left.

use keshi_core::codes::{Post, Stage};
use keshi_proto::api;
use keshi_words::names::{amount, count, unit};
use keshi_words::paper::{SIGNATURE, issued};
use keshi_words::shortfall::{asked as asked_for, beyond, leaf, nothing_said, without_calendar, without_policy};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use crate::ask::{Wrong, address, all_or, options, turning, without_page};
use crate::download;
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::schools::Schools;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Rows on a page.
const PAGE: i32 = 100;

/// Rows asked for at a time for a spreadsheet.
const PART: i32 = 1000;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    period: String,
    school_id: String,
    group: String,
    stage: String,
    post: String,
    subject: String,
    requirement_id: String,
    purpose: String,
    page: String,
}

impl Asked {
    fn request(&self, page_size: i32) -> api::ListShortfallsRequest {
        let text = |text: &String| text.trim().to_owned();
        api::ListShortfallsRequest {
            period: text(&self.period),
            at: None,
            requirement_id: text(&self.requirement_id),
            school_id: text(&self.school_id),
            group: text(&self.group),
            page_size,
            page_token: self.page.clone(),
            purpose: text(&self.purpose),
            // What is no code is told by the services as one that there is not.
            stage: code(&self.stage),
            post: code(&self.post),
            subject: text(&self.subject),
        }
    }
}

fn code(text: &str) -> i32 {
    if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("差额", "Shortfalls");
    let schools = match visitor.who.role.school() {
        Some(_) => Schools::default(),
        None => Schools::ask(&visitor)
            .await
            .map_err(|status| visitor.unanswered(status))?,
    };
    let request = visitor.api.call(asked.request(PAGE));
    let all = match visitor.api.ledger().list_shortfalls(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title, &wrong, &question(&visitor, &asked, &schools, &wrong));
        }
    };
    let content = html! {
        (question(&visitor, &asked, &schools, &Wrong::default()))
        p.printonly { (asked_for(&asked.request(PAGE))) "　" (issued()) }
        (summary(&visitor, &all))
        @if let Some(nothing) = nothing_said(&all) {
            p.problem { (nothing.pick(visitor.lang)) @if all.teachers == 0 { (visitor.say("；请核对学校、学段、岗位和期间", ": check school, stage, post and period")) } }
        }
        @if let Some(gap) = without_calendar(&all) { p.gap { (gap.pick(visitor.lang)) } }
        @if let Some(gap) = without_policy(&all) {
            details { summary { (visitor.say("没有适用规则的教师", "teachers under no policy")) } p.gap { (gap.pick(visitor.lang)) } }
        }
        @for shortfall in all.shortfalls.iter().filter(|shortfall| shortfall.standing.is_none()) {
            p.problem { (beyond(shortfall, visitor.lang)) }
        }
        (list(&visitor, &all))
        @if !all.shortfalls.is_empty() {
            p.actions.noprint { a.button.second href=(address("/shortfalls.xlsx", &without_page(&asked))) { (visitor.say("下载表格（xlsx）", "download as spreadsheet (xlsx)")) } }
        }
        (turning(&visitor, "/shortfalls", &asked, &all.next_page_token))
        p.printonly.signature { (SIGNATURE) }
    };
    Ok(page(&visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, schools: &Schools, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let stages = all_or(lang, Stage::ALL, |stage| {
        (stage.code().to_string(), lang.pick(stage.zh(), stage.en()).to_owned())
    });
    let posts = all_or(lang, Post::ALL, |post| {
        (post.code().to_string(), lang.pick(post.zh(), post.en()).to_owned())
    });
    let of_schools = all_or(lang, &schools.schools.iter().collect::<Vec<_>>(), Clone::clone);
    let of_groups = all_or(lang, &schools.groups.iter().collect::<Vec<_>>(), |id| {
        (id.clone(), id.clone())
    });
    html! {
        form.row.noprint method="get" action="/shortfalls" {
            (wrong.text(visitor.say("期间", "period"), "period", &asked.period, 12))
            @if visitor.who.role.school().is_none() {
                @if schools.schools.is_empty() { (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 12)) }
                @else { (options(visitor.say("学校", "school"), "school_id", &of_schools, &asked.school_id)) }
                @if !schools.groups.is_empty() { (options(visitor.say("片区", "group"), "group", &of_groups, &asked.group)) }
            }
            (options(visitor.say("学段", "stage"), "stage", &stages, &asked.stage))
            (options(visitor.say("岗位", "post"), "post", &posts, &asked.post))
            (wrong.text(visitor.say("学科", "subject"), "subject", &asked.subject, 10))
            (wrong.text(visitor.say("要求编号", "requirement"), "requirement_id", &asked.requirement_id, 6))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

fn summary(visitor: &Visitor, all: &api::ListShortfallsResponse) -> Markup {
    let number = |number: i64| count(number.unsigned_abs());
    html! {
        p.about {
            // Of nobody looked at, none is no comfort.
            @if nothing_said(all).is_none() { b { (visitor.lang.pick(format!("未达标 {} 项", number(all.total)), format!("{} shortfalls", number(all.total)))) } }
            span { (visitor.lang.pick(format!("核对教师 {} 人", number(all.teachers)), format!("{} teachers looked at", number(all.teachers)))) }
            @if all.without_policy > 0 {
                span { (visitor.lang.pick(format!("没有适用规则 {} 人", number(all.without_policy)), format!("{} under no policy", number(all.without_policy)))) }
            }
            span { (visitor.lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        @if all.total == 0 && all.teachers > all.without_policy && !all.not_begun && all.without_calendar.is_empty() {
            p.done { (visitor.say("所查教师全部达标", "nobody of those looked at is short")) }
        }
    }
}

fn list(visitor: &Visitor, all: &api::ListShortfallsResponse) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new([
        (lang.pick("姓名", "name"), Set::Text),
        (lang.pick("学校", "school"), Set::Text),
        (lang.pick("学科", "subject"), Set::Text),
        (lang.pick("要求", "requirement"), Set::Text),
        (lang.pick("期间", "period"), Set::Text),
        (lang.pick("已计/最低", "counted/min"), Set::Number),
        (lang.pick("差额", "missing"), Set::Number),
        (lang.pick("剩余周", "weeks left"), Set::Number),
    ]);
    for shortfall in &all.shortfalls {
        let Some(standing) = &shortfall.standing else { continue };
        let name = if shortfall.name.is_empty() {
            &shortfall.teacher_id
        } else {
            &shortfall.name
        };
        let to = address(
            &format!("/teachers/{}", shortfall.teacher_id),
            &[("period", &standing.period)],
        );
        table.row([
            html! { a href=(to) { (name) } " " small { (shortfall.teacher_id) } },
            text(shortfall.school_names.join(lang.pick("、", ", "))),
            text(&shortfall.subject),
            html! { (standing.requirement_id) " " (standing.text) " " small { (shortfall.policy_id) } },
            text(&standing.period),
            text(format!("{}/{}", amount(standing.counted_centiamount), amount(standing.min_centiamount))),
            html! { b.missing { (amount(standing.missing_centiamount)) } " " (unit(&standing.unit, &standing.meter, lang)) },
            text(standing.weeks_left.to_string()),
        ]);
    }
    table.render(lang.pick("差额大的在前", "most missing first"))
}

/// The same list as a spreadsheet to be signed.
pub(crate) async fn sheet(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let made = make_sheet(&visitor, &asked).await;
    made.map_err(|status| visitor.unanswered(status))
}

async fn make_sheet(visitor: &Visitor, asked: &Asked) -> Result<axum::response::Response, Status> {
    let mut request = asked.request(PART);
    request.page_token.clear();
    let of = asked_for(&request);
    let mut all = api::ListShortfallsResponse::default();
    loop {
        let call = visitor.api.call(request.clone());
        let mut page = visitor.api.ledger().list_shortfalls(call).await?.into_inner();
        if page.total > i64::try_from(download::ROWS_MAX).unwrap_or(i64::MAX) {
            return Err(download::too_long(visitor));
        }
        request.page_token = std::mem::take(&mut page.next_page_token);
        let rows = std::mem::take(&mut all.shortfalls);
        let added = std::mem::replace(&mut page.shortfalls, rows);
        all = page;
        all.shortfalls.extend(added);
        if request.page_token.is_empty() {
            break;
        }
    }
    let name = format!("差额 {}", asked.period.trim());
    download::workbook(visitor, "shortfalls", name.trim().to_owned(), vec![leaf(&all, of)]).await
}
