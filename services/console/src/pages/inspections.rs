//! Teaching inspections (教学视导): what was found at which school, what is to change, and whether it did.

use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_core::codes::FindingOutcome;
use keshi_core::lang::Lang;
use keshi_office::access::RoleName;
use keshi_proto::{api, date_to_wire, event};
use keshi_words::inspection::{HEADINGS, check, counts, inspector, row};
use keshi_words::names::count;
use keshi_words::time::{date, today};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::acting::{asked, posted, send};
use super::claims::problems;
use super::own_address;
use crate::ask::{Wrong, day, tick, turning};
use crate::extract::{Filled, Question};
use crate::fault::Answer;
use crate::form::{choice, field};
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Inspections on a page.
const PAGE: i32 = 50;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    year: String,
    school_id: String,
    open: String,
    on: String,
    purpose: String,
    page: String,
}

/// What somebody saw who looked at a finding again.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Looked {
    key: Uuid,
    finding: String,
    outcome: String,
    by: String,
    remark: String,
}

impl Asked {
    fn request(&self, visitor: &Visitor) -> Result<api::ListInspectionsRequest, Wrong> {
        let year = match self.year.trim() {
            "" => 0,
            text => text
                .parse()
                .map_err(|_| Wrong::field("year", visitor.say("年份写作 2022", "write the year as 2022")))?,
        };
        Ok(api::ListInspectionsRequest {
            on: day(visitor, "on", &self.on)?.map(date_to_wire),
            at: None,
            school_id: self.school_id.trim().to_owned(),
            year,
            open: !self.open.is_empty(),
            page_size: PAGE,
            page_token: self.page.clone(),
            purpose: self.purpose.trim().to_owned(),
        })
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(&visitor, &asked, &[]).await
}

async fn shown(visitor: &Visitor, asked: &Asked, says: &[String]) -> Answer {
    let title = visitor.say("教学视导", "Teaching inspections");
    let answer = match asked.request(visitor) {
        Ok(request) => {
            let answer = visitor.api.ledger().list_inspections(visitor.api.call(request)).await;
            answer.map_err(Wrong::of)
        }
        Err(wrong) => Err(wrong),
    };
    let all = match answer {
        Ok(answer) => answer.into_inner(),
        Err(wrong) => return visitor.again(title, &wrong, &question(visitor, asked, &wrong)),
    };
    let lang = visitor.lang;
    let found = count(all.total.unsigned_abs());
    let content = html! {
        (problems(says))
        @if visitor.posts("inspection_held") {
            div.actions.noprint { a.button href="/post/inspections" { (lang.pick("登记视导", "post an inspection")) } }
        }
        (question(visitor, asked, &Wrong::default()))
        p.about {
            b { (lang.pick(format!("{found} 次视导"), format!("{found} inspections"))) }
            span { (counts(&all.counts, lang)) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        @if all.inspections.is_empty() {
            p.quiet { (lang.pick(
                "没有所选的视导。由教研员、县级审核员或管理员用表格“教学视导”登记。",
                "there is no such inspection. Researchers, county reviewers and admins post them with the sheet 教学视导.",
            )) }
        }
        @for inspection in &all.inspections { (one(visitor, inspection)) }
        (turning(visitor, "/inspections", asked, &all.next_page_token))
    };
    Ok(page(visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let is_school = matches!(visitor.role(), RoleName::Clerk | RoleName::HeadTeacher);
    html! {
        form.row.noprint method="get" action="/inspections" {
            (wrong.text(visitor.say("年份", "year"), "year", &asked.year, 6))
            @if !is_school { (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 10)) }
            (tick(visitor.say("只看还要整改的", "only what is still to change"), "open", !asked.open.is_empty()))
            (wrong.text(visitor.say("按哪一天", "on which day"), "on", &asked.on, 10))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button.second { (visitor.say("查看", "show")) }
        }
    }
}

/// One inspection with its findings.
fn one(visitor: &Visitor, inspection: &api::Inspection) -> Markup {
    let lang = visitor.lang;
    let [school, days, purpose, ..] = row(inspection, None, lang);
    let [_, _, _, aspect, finding, due, checked, standing] = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (aspect, Set::Text),
        (finding, Set::Text),
        (due, Set::Text),
        (checked, Set::Text),
        (standing, Set::Text),
    ]);
    for finding in &inspection.findings {
        let [_, _, _, aspect, what, due, _, standing] = row(inspection, Some(finding), lang);
        let is_overdue = finding.standing() == api::FindingStanding::Overdue;
        table.row([
            text(aspect),
            html! { b { (what) } " " a.day href=(format!("/entries/{}", finding.index)) { (date(finding.on.as_ref())) } },
            html! { @if !due.is_empty() { span.day { (due) } } },
            html! { (checks(finding, lang)) (to_check(visitor, finding)) },
            html! { @if is_overdue { b { (standing) } } @else { (standing) } },
        ]);
    }
    let who: Vec<&str> = inspection.inspectors.iter().map(inspector).collect();
    html! {
        section {
            h2 { (school) " " a.day href=(format!("/entries/{}", inspection.index)) { (days) } }
            p.about {
                span { (purpose) }
                span { (lang.pick("视导人员：", "inspectors: ")) (who.join(lang.pick("、", ", "))) }
            }
            @if inspection.findings.is_empty() { p.quiet { (lang.pick("没有登记发现。", "no findings are posted.")) } }
            (table.render(&lang.pick(format!("{school} 的视导发现"), format!("findings at {school}"))))
        }
    }
}

fn checks(finding: &api::InspectionFinding, lang: Lang) -> Markup {
    html! {
        @for one in &finding.checks {
            div { a href=(format!("/entries/{}", one.index)) { (check(one, lang)) } " " (one.remark) }
        }
    }
}

/// The form for whoever looks at a finding again.
fn to_check(visitor: &Visitor, finding: &api::InspectionFinding) -> Markup {
    let lang = visitor.lang;
    let is_open = finding.change_requested && finding.standing() != api::FindingStanding::Done;
    if !is_open || !visitor.posts("finding_checked") {
        return html! {};
    }
    // None is chosen beforehand: whoever looked says so herself.
    let outcomes = FindingOutcome::ALL
        .iter()
        .map(|one| (one.code().to_string(), lang.pick(one.zh(), one.en()).to_owned()));
    let outcomes: Vec<(String, String)> = std::iter::once((String::new(), String::new()))
        .chain(outcomes)
        .collect();
    let own = visitor.who.role.teacher_id();
    html! {
        details.noprint {
            summary { (lang.pick("复查", "look again")) }
            form.stack method="post" action="/inspections" {
                input type="hidden" name="key" value=(Uuid::new_v4().to_string());
                input type="hidden" name="finding" value=(finding.id);
                (field(lang.pick("复查结果", "outcome"), &choice("outcome", &outcomes, "")))
                @match own {
                    // She looks in her own name.
                    Some(own) => input type="hidden" name="by" value=(own);,
                    None => (field(lang.pick("复查人（教师编号）", "who looked (teacher id)"), &html! { input name="by" required maxlength="32" size="12"; })),
                }
                (field(lang.pick("意见", "remark"), &html! { input name="remark" maxlength="200" size="16"; }))
                button { (lang.pick("登记", "post")) }
            }
        }
    }
}

pub(crate) async fn look(visitor: Visitor, Filled(looked): Filled<Looked>) -> Answer {
    let fact = event::FindingChecked {
        finding_id: looked.finding,
        outcome: looked.outcome.parse().unwrap_or(0),
        checked_by: looked.by.trim().to_owned(),
        remark: looked.remark.trim().to_owned(),
    };
    let event = posted(looked.key, "look", today(), fact);
    let Err((says, code)) = send(&visitor, vec![event]).await? else {
        return Ok(Redirect::to(own_address(&visitor.here)).into_response());
    };
    let mut response: Response = shown(&visitor, &asked(&visitor), &says).await?;
    *response.status_mut() = code;
    Ok(response)
}
