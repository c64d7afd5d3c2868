//! One teacher: how she stands against each requirement, the entries behind it, each with its rule, and her titles.

mod section;
mod tier;
mod when;

use axum::extract::Path;
use axum::response::Response;
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::balance::{leaves, official};
use keshi_words::names::count;
use keshi_words::paper::{SIGNATURE, issued};
use keshi_words::time::{date, parts, today};
use maud::{Markup, html};
use tonic::Status;

pub(crate) use self::section::{months, requirement};
pub(crate) use self::when::Asked;
use crate::ask::{Wrong, address};
use crate::download;
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::printing::printed;
use crate::visitor::Visitor;

pub(crate) async fn me(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(visitor, String::new(), asked).await
}

pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>, Question(asked): Question<Asked>) -> Answer {
    shown(visitor, id, asked).await
}

/// The page of whom, of the visitor herself if no id is given.
pub(crate) fn path(teacher_id: &str) -> String {
    match teacher_id {
        "" => "/me".to_owned(),
        id => format!("/teachers/{id}"),
    }
}

async fn shown(visitor: Visitor, teacher_id: String, asked: Asked) -> Answer {
    let path = path(&teacher_id);
    let found = match look(&visitor, &teacher_id, &asked).await {
        Ok(found) => found,
        Err(wrong) => {
            let title = if teacher_id.is_empty() {
                visitor.say("我的课时", "My hours")
            } else {
                &teacher_id
            };
            return visitor.again(title, &wrong, &when::fields(&visitor, &path, &asked, &wrong));
        }
    };
    let Found {
        balance,
        tier,
        organisations,
        rotations,
        merged,
        head,
    } = found;
    let name = if balance.name.is_empty() {
        &balance.teacher_id
    } else {
        &balance.name
    };
    let content = html! {
        (about(&visitor, &balance))
        (merged)
        p.printonly { (issued()) }
        (when::fields(&visitor, &path, &asked, &Wrong::default()))
        (when::sliders(&visitor, &path, &asked, &balance, head))
        @if let Some(official) = official(&balance, visitor.lang) { p.gap { (official) } }
        @for policy in &balance.policies { (section::section(policy, &balance, visitor.lang)) }
        (tier::section(&tier, visitor.lang))
        (organisations)
        (rotations)
        (further(&visitor, &path, &asked, &balance, head))
        p.printonly.signature { (SIGNATURE) }
    };
    Ok(page(&visitor, name, &content))
}

/// What the page is made of.
struct Found {
    balance: api::Balance,
    tier: api::Tier,
    organisations: Markup,
    rotations: Markup,
    /// What is said of her other ids.
    merged: Markup,
    /// Entries of the ledger now.
    head: u64,
}

async fn look(visitor: &Visitor, teacher_id: &str, asked: &Asked) -> Result<Found, Wrong> {
    let request = visitor.api.call(api::GetHeadRequest::default());
    let head = visitor
        .api
        .ledger()
        .get_head(request)
        .await
        .map_err(Wrong::of)?
        .into_inner()
        .size;
    let request = asked.request(visitor, teacher_id, head)?;
    let purpose = request.purpose.clone();
    let tier = api::GetTierRequest {
        teacher_id: teacher_id.to_owned(),
        on: request.until,
        at: request.at,
        purpose: request.purpose.clone(),
    };
    let balance = visitor.api.ledger().get_balance(visitor.api.call(request)).await;
    let balance = balance.map_err(Wrong::of)?.into_inner();
    let at = tier.at;
    let tier = visitor.api.ledger().get_tier(visitor.api.call(tier)).await;
    let tier = tier.map_err(Wrong::of)?.into_inner();
    let merged = super::merges::hers(visitor, teacher_id, &balance.teacher_id, at).await;
    Ok(Found {
        organisations: super::organisations::of_teacher(visitor, &balance.teacher_id, &purpose).await?,
        rotations: super::rotations::of_teacher(visitor, &balance.teacher_id, &purpose).await?,
        balance,
        tier,
        merged: merged.map_err(Wrong::of)?,
        head,
    })
}

fn about(visitor: &Visitor, balance: &api::Balance) -> Markup {
    html! {
        p.about {
            span { (balance.teacher_id) }
            @for school in &balance.school_names { span { (school) } }
            @if !balance.subject.is_empty() { span { (balance.subject) } }
            span { (balance.period) "（" (date(balance.from.as_ref())) " … " (date(balance.to.as_ref())) "）" }
            @if balance.until.is_some() {
                b { (visitor.lang.pick(
                    format!("只计 {} 及以前发生的", date(balance.until.as_ref())),
                    format!("only what had happened by {} counts", date(balance.until.as_ref())),
                )) }
            }
            span { (visitor.lang.pick(
                format!("台账 {} 条", count(balance.size)),
                format!("ledger of {} entries", count(balance.size)),
            )) }
        }
    }
}

/// What else there is about her.
fn further(visitor: &Visitor, path: &str, asked: &Asked, balance: &api::Balance, head: u64) -> Markup {
    let entries = address("/entries", &[("about", &balance.teacher_id)]);
    let sheet = address(&format!("{path}/balance.xlsx"), asked);
    let transcript = address(&format!("{path}/transcript.pdf"), asked);
    html! {
        section.noprint {
            h2 { (visitor.say("更多", "more")) }
            p.actions {
                a.button.second href=(sheet) { (visitor.say("下载表格（xlsx）", "download as spreadsheet (xlsx)")) }
                a.button.second href=(transcript) { (visitor.say("学时证明（PDF）", "transcript (PDF)")) }
                a.button.second href=(entries) { (visitor.say("有关她的全部条目", "all entries about her")) }
                (super::certificates::hers(visitor, &balance.teacher_id))
                @if may_see_held(visitor, &balance.teacher_id) {
                    a.button.second href=(format!("{path}/held")) { (visitor.say("所存的个人信息", "what is held about her")) }
                }
            }
            (super::changes::question(visitor, path, &super::changes::Asked::since(&balance.period, balance.size, head), &Wrong::default()))
        }
    }
}

/// Whether the services tell this visitor what is held about her: herself, and the office.
fn may_see_held(visitor: &Visitor, teacher_id: &str) -> bool {
    let is_office = matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev);
    is_office || visitor.who.role.teacher_id() == Some(teacher_id)
}

pub(crate) async fn my_sheet(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    made(visitor, String::new(), asked).await
}

pub(crate) async fn sheet(visitor: Visitor, Path(id): Path<String>, Question(asked): Question<Asked>) -> Answer {
    made(visitor, id, asked).await
}

async fn made(visitor: Visitor, teacher_id: String, asked: Asked) -> Answer {
    let sheet = make_sheet(&visitor, &teacher_id, &asked).await;
    sheet.map_err(|status| visitor.unanswered(status))
}

async fn make_sheet(visitor: &Visitor, teacher_id: &str, asked: &Asked) -> Result<Response, Status> {
    let request = asked
        .request(visitor, teacher_id, u64::MAX)
        .map_err(Wrong::into_status)?;
    let balance = visitor
        .api
        .ledger()
        .get_balance(visitor.api.call(request))
        .await?
        .into_inner();
    if balance.policies.iter().map(|policy| policy.lines.len()).sum::<usize>() > download::ROWS_MAX {
        return Err(download::too_long(visitor));
    }
    let name = format!("课时 {} {} {}", balance.name, balance.teacher_id, balance.period);
    download::workbook(visitor, "hours", name, leaves(&balance)).await
}

pub(crate) async fn my_transcript(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let paper = print(&visitor, "", &asked).await;
    paper.map_err(|status| visitor.unanswered(status))
}

pub(crate) async fn transcript(visitor: Visitor, Path(id): Path<String>, Question(asked): Question<Asked>) -> Answer {
    let paper = print(&visitor, &id, &asked).await;
    paper.map_err(|status| visitor.unanswered(status))
}

async fn print(visitor: &Visitor, teacher_id: &str, asked: &Asked) -> Result<Response, Status> {
    let request = asked
        .request(visitor, teacher_id, u64::MAX)
        .map_err(Wrong::into_status)?;
    let balance = visitor.api.ledger().get_balance(visitor.api.call(request)).await?;
    let balance = balance.into_inner();
    if balance.policies.iter().map(|policy| policy.lines.len()).sum::<usize>() > download::ROWS_MAX {
        return Err(download::too_long(visitor));
    }
    let issued = parts(today());
    let name = format!("学时证明 {} {} {}", balance.name, balance.teacher_id, balance.period);
    printed(visitor, ("transcript", &name), move |fonts| {
        keshi_papers::transcript(fonts, &balance, issued)
    })
    .await
}
