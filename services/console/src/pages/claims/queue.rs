//! 待审: the queue of who reviews. One verdict a line, all sent at once, each answered.

use std::collections::BTreeMap;

use axum::response::Response;
use keshi_core::lang::Lang;
use keshi_core::review::{CLAIMABLE, Stage, Step};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::claim::step as step_name;
use keshi_words::reason::why_not;
use keshi_words::time::{moment, today};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::{address, asked, refusals, staged, whats};
use crate::ask::{Wrong, all_or, options, turning};
use crate::extract::{Filled, Question};
use crate::fault::Answer;
use crate::form::choice;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// What is asked of the queue, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    stage: String,
    school_id: String,
    kind: String,
    waiting_days: String,
    page: String,
}

impl Asked {
    /// The stages that are looked at: those chosen, else the visitor's own to decide.
    fn stages(&self, visitor: &Visitor) -> Vec<i32> {
        match (self.stage.as_str(), visitor.role()) {
            ("all", _) => Vec::new(),
            ("", RoleName::Clerk | RoleName::HeadTeacher) => vec![Stage::Submitted.code()],
            ("", _) => vec![
                Stage::SchoolChecked.code(),
                Stage::CountyChecked.code(),
                Stage::Publicity.code(),
            ],
            (word, _) => Stage::from_word(word).map(Stage::code).into_iter().collect(),
        }
    }
}

pub(super) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(&visitor, &asked, &html! {}).await
}

async fn shown(visitor: &Visitor, asked: &Asked, above: &Markup) -> Answer {
    let title = visitor.say("待审", "Reviews");
    let request = api::ListClaimsRequest {
        stages: asked.stages(visitor),
        school_id: asked.school_id.trim().to_owned(),
        kind: asked.kind.clone(),
        waiting_days: asked.waiting_days.trim().parse().unwrap_or(0),
        page_token: asked.page.clone(),
        ..api::ListClaimsRequest::default()
    };
    let answer = match visitor.api.claims().list_claims(visitor.api.call(request)).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title, &wrong, &filter(visitor, asked, &wrong));
        }
    };
    let lang = visitor.lang;
    let counts: BTreeMap<i32, i64> = answer.counts.iter().map(|count| (count.stage, count.claims)).collect();
    let content = html! {
        (above)
        nav.filters aria-label=(visitor.say("环节", "stages")) {
            @for stage in Stage::ALL {
                @let chosen = asked.stage == stage.word();
                a href=(format!("/reviews?stage={}", stage.word())) aria-current=[chosen.then_some("true")] {
                    (lang.pick(stage.zh(), stage.en())) " " (counts.get(&stage.code()).copied().unwrap_or(0))
                }
            }
        }
        (filter(visitor, asked, &Wrong::default()))
        @if answer.claims.is_empty() { p.quiet { (visitor.say("没有等您办理的申报。", "no claim waits for you.")) } }
        @else { (lines(visitor, &answer.claims)) }
        (turning(visitor, "/reviews", asked, &answer.next_page_token))
        @if visitor.who.role.school().is_none() {
            p.noprint { (visitor.say("另见：", "see also: "))
                a href="/overlaps" { (visitor.say("重复待定", "perhaps posted twice")) } " "
                a href="/merges" { (visitor.say("重复档案", "merged records")) }
            }
        }
    };
    Ok(page(visitor, title, &content))
}

fn filter(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let kinds = all_or(lang, &CLAIMABLE, |kind| {
        let zh = keshi_core::event::Fact::kind_in_zh(kind).unwrap_or(kind);
        let shown = lang.pick(zh.to_owned(), kind.replace('_', " "));
        (kind.to_owned(), shown)
    });
    html! {
        form.row.noprint method="get" action="/reviews" role="search" {
            input type="hidden" name="stage" value=(asked.stage);
            @if visitor.who.role.school().is_none() {
                (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 12))
            }
            (options(visitor.say("内容", "what"), "kind", &kinds, &asked.kind))
            (wrong.text(visitor.say("至少等候天数", "days waited at least"), "waiting_days", &asked.waiting_days, 4))
            button { (visitor.say("筛选", "filter")) }
        }
    }
}

/// The claims of the page, with a verdict to choose for each that she may decide.
fn lines(visitor: &Visitor, claims: &[api::Claim]) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new([
        (visitor.say("申报", "claim"), Set::Text),
        (visitor.say("内容", "what"), Set::Text),
        (visitor.say("申报课时", "hours asked for"), Set::Number),
        (visitor.say("环节", "stage"), Set::Text),
        (visitor.say("自", "since"), Set::Text),
        (visitor.say("办理", "verdict"), Set::Text),
        (visitor.say("意见", "reason"), Set::Text),
    ]);
    let mut can_publish = false;
    let mut can_decide = false;
    for claim in claims {
        let may: Vec<Step> = Step::ALL
            .into_iter()
            .filter(|step| *step != Step::Submit && claim.may.contains(&step.code()))
            .collect();
        can_publish |= may.contains(&Step::Publish);
        can_decide |= !may.is_empty();
        let id = &claim.claim_id;
        let whose = html! {
            a href=(address(id)) { (id) } br;
            (claim.name) " " small { (claim.school_names.join(lang.pick("、", ", "))) }
        };
        let (verdict, reason) = decision(visitor, claim, &may);
        table.row([
            whose,
            whats(claim, lang),
            text(asked(claim)),
            staged(claim, lang),
            text(claim.since.as_ref().map_or_else(String::new, moment)),
            verdict,
            reason,
        ]);
    }
    html! {
        form method="post" action="/reviews" {
            (table.render(visitor.say("申报，等候最久的在前", "claims, those that have waited longest first")))
            @if can_publish {
                p.noprint { label.field { span { (visitor.say("公示批次编号（选了“公示”的）", "id of the batch (for what is published)")) }
                    input name="batch" value=(format!("GS-{}", today().to_string().replace('-', ""))) maxlength="32"; } }
            }
            @if can_decide { div.actions.noprint { button { (visitor.say("办理选定的各项", "take the verdicts chosen")) } } }
        }
    }
}

/// The choice of a verdict and the place of its reason; nothing where she may decide nothing.
fn decision(visitor: &Visitor, claim: &api::Claim, may: &[Step]) -> (Markup, Markup) {
    if may.is_empty() {
        return (html! {}, html! {});
    }
    let id = &claim.claim_id;
    let later = (String::new(), visitor.say("暂不办理", "later").to_owned());
    let steps = may.iter().map(|step| {
        let code = step.code();
        (code.to_string(), step_name(code, visitor.lang).to_owned())
    });
    let all: Vec<(String, String)> = std::iter::once(later).chain(steps).collect();
    let label = visitor.say("办理", "verdict");
    let verdict = html! {
        label { span.unseen { (label) " " (id) } (choice(&format!("v-{id}"), &all, "")) }
        input type="hidden" name=(format!("e-{id}")) value=(claim.submitted_event);
    };
    let reason = html! { input name=(format!("r-{id}")) aria-label=(format!("{} {id}", visitor.say("意见", "reason"))) maxlength="100"; };
    (verdict, reason)
}

/// The verdicts that were chosen, by claim.
#[derive(Default)]
struct Chosen {
    step: i32,
    seen: String,
    reason: String,
}

pub(super) async fn take(visitor: Visitor, Filled(fields): Filled<Vec<(String, String)>>) -> Answer {
    let mut chosen: BTreeMap<String, Chosen> = BTreeMap::new();
    let mut batch = String::new();
    for (name, value) in fields {
        let value = value.trim().to_owned();
        match name.split_once('-') {
            _ if name == "batch" => batch = value,
            Some(("v", id)) => chosen.entry(id.to_owned()).or_default().step = value.parse().unwrap_or(0),
            Some(("e", id)) => chosen.entry(id.to_owned()).or_default().seen = value,
            Some(("r", id)) => chosen.entry(id.to_owned()).or_default().reason = value,
            _ => {}
        }
    }
    chosen.retain(|_, one| one.step != 0);
    let (published, decided): (BTreeMap<_, _>, BTreeMap<_, _>) = chosen
        .into_iter()
        .partition(|(_, one)| one.step == Step::Publish.code());
    let mut told = Vec::new();
    if !decided.is_empty() {
        told.extend(decide(&visitor, &decided).await?);
    }
    if !published.is_empty() {
        let ids: Vec<String> = published.into_keys().collect();
        told.push(publish(&visitor, batch, ids).await?);
    }
    let above = html! {
        @if told.is_empty() { p.problem role="alert" { (visitor.say("没有选定任何一项；请在“办理”一列选择", "nothing was chosen: choose in the column of verdicts")) } }
        @for (is_done, what) in &told {
            @if *is_done { p.done role="status" { (what) } } @else { p.problem role="alert" { (what) } }
        }
    };
    let response: Response = shown(&visitor, &Asked::default(), &above).await?;
    Ok(response)
}

/// What became of each.
async fn decide(
    visitor: &Visitor,
    decided: &BTreeMap<String, Chosen>,
) -> Result<Vec<(bool, String)>, crate::fault::Unanswered> {
    let items = decided.iter().map(|(id, one)| api::review_claims_request::Item {
        claim_id: id.clone(),
        submitted_event: one.seen.clone(),
        step: one.step,
        reason: one.reason.clone(),
        ..api::review_claims_request::Item::default()
    });
    let request = api::ReviewClaimsRequest {
        items: items.collect(),
        ..api::ReviewClaimsRequest::default()
    };
    let lang = visitor.lang;
    let answer = match visitor.api.reviews().review_claims(visitor.api.call(request)).await {
        Ok(answer) => answer.into_inner(),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => return Ok(vec![(false, status.message().to_owned())]),
    };
    let Some(receipt) = answer.receipt else {
        return Ok(refusals(&answer, lang).into_iter().map(|says| (false, says)).collect());
    };
    let lines = decided.iter().zip(&receipt.verdicts);
    Ok(lines
        .map(|((id, one), verdict)| match why_not(verdict, lang) {
            Some(why) => (false, format!("{id}{}{why}", colon(lang))),
            None => (true, format!("{id}{}{}", colon(lang), step_name(one.step, lang))),
        })
        .collect())
}

async fn publish(
    visitor: &Visitor,
    batch_id: String,
    claim_ids: Vec<String>,
) -> Result<(bool, String), crate::fault::Unanswered> {
    let lang = visitor.lang;
    let count = claim_ids.len();
    let request = api::OpenPublicityRequest {
        batch_id: batch_id.clone(),
        claim_ids,
        ..api::OpenPublicityRequest::default()
    };
    let says = match visitor.api.reviews().open_publicity(visitor.api.call(request)).await {
        Ok(answer) => refusals(&answer.into_inner(), lang),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => vec![status.message().to_owned()],
    };
    Ok(if says.is_empty() {
        let done = lang.pick(
            format!("批次 {batch_id} 开始公示，共 {count} 项"),
            format!("batch {batch_id} is published, {count} claims"),
        );
        (true, done)
    } else {
        (
            false,
            format!("{batch_id}{}{}", colon(lang), says.join(lang.pick("；", "; "))),
        )
    })
}

const fn colon(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "：",
        Lang::En => ": ",
    }
}
