//! The rules that are adopted, and each document as it stands.

use keshi_core::hex;
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::policy::{HEADINGS, cells};
use maud::{Markup, html};
use tonic::Status;

use super::Paged;
use crate::ask::turning;
use crate::extract::{Named, Question};
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Paged>) -> Answer {
    let request = api::ListPoliciesRequest {
        page_token: asked.page.clone(),
        ..api::ListPoliciesRequest::default()
    };
    let answer = visitor.api.ledger().list_policies(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let content = html! {
        @if answer.policies.is_empty() {
            p.quiet { (visitor.say(
                "还没有发布规则：没有规则就没有要求。教研室在“规则和校历”页从模板改起，检查无误后发布。",
                "no policy is adopted yet, so nothing is asked of anybody: the office begins with a template on the page of policies and calendars, and adopts it once it has no mistakes.",
            )) }
        }
        (list(&visitor, &answer.policies))
        (turning(&visitor, "/policies", &asked, &answer.next_page_token))
        p.actions.noprint {
            (adopt(&visitor))
            a href="/calendars" { (visitor.say("校历", "calendars")) }
        }
    };
    Ok(page(&visitor, visitor.say("规则", "Policies"), &content))
}

fn list(visitor: &Visitor, policies: &[api::AdoptedPolicy]) -> Markup {
    let set = |name| {
        if name == HEADINGS[1].0 || name == HEADINGS[4].0 {
            Set::Number
        } else {
            Set::Text
        }
    };
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (visitor.say(zh, en), set(zh))));
    for policy in policies {
        let [id, version, name, in_force, index] = cells(policy);
        table.row([
            html! { a href=(format!("/policies/{id}/{version}")) { (id) } },
            text(version),
            text(name),
            text(in_force),
            html! { a href=(format!("/entries/{index}")) { (index) } },
        ]);
    }
    table.render(visitor.say("已发布的规则", "policies adopted"))
}

pub(crate) async fn one(visitor: Visitor, Named((id, version)): Named<(String, String)>) -> Answer {
    let version = version.parse().ok().filter(|version| *version > 0).ok_or_else(|| {
        let says = visitor.say("版本应是从 1 起的整数", "a version is a whole number from 1 on");
        visitor.unanswered(Status::invalid_argument(says))
    })?;
    let request = api::ListPoliciesRequest {
        policy_id: id,
        version,
        ..api::ListPoliciesRequest::default()
    };
    let answer = visitor.api.ledger().list_policies(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let policy = answer.policies.into_iter().next().unwrap_or_default();
    let [id, version, name, in_force, _] = cells(&policy);
    let lang = visitor.lang;
    let content = html! {
        dl.facts {
            dt { (lang.pick("规则", "policy")) } dd { (id) " " (lang.pick(format!("第 {version} 版"), format!("version {version}"))) }
            dt { (lang.pick("生效", "in force")) } dd { (in_force) }
            dt { (lang.pick("发布", "adopted")) } dd { a href=(format!("/entries/{}", policy.index)) { (lang.pick(format!("第 {} 条", policy.index), format!("entry {}", policy.index))) } }
            dt { "SHA-256" } dd.hash { (hex::show(&policy.sha256)) }
            dt { (lang.pick("台账", "ledger")) } dd { (lang.pick(format!("{} 条", count(answer.size)), format!("{} entries", count(answer.size)))) }
        }
        (document(&policy.document))
        p.noprint { a href="/policies" { (lang.pick("全部规则", "all policies")) } }
    };
    Ok(page(&visitor, &name, &content))
}

/// The way to adopt a policy or a calendar, for those who may.
pub(super) fn adopt(visitor: &Visitor) -> Markup {
    html! {
        @if matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev) {
            a.button.second href="/documents/new" { (visitor.say("写新的规则或校历", "write a new policy or calendar")) }
        }
    }
}

/// A document with its lines numbered; the numbers are not copied with it.
fn document(text: &str) -> Markup {
    html! {
        pre.lines { @for (number, line) in (1..).zip(text.lines()) { span id=(format!("L{number}")) { (line) "\n" } } }
    }
}
