//! 所存个人信息: what is held about a person, for herself and the office, to be printed.

use axum::extract::Path;
use keshi_proto::api;
use keshi_words::held::{HEADINGS, things};
use keshi_words::paper::issued;
use keshi_words::reading;
use maud::html;
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Readings on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    purpose: String,
    page: String,
}

pub(super) async fn mine(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    shown(visitor, String::new(), asked).await
}

pub(super) async fn show(visitor: Visitor, Path(id): Path<String>, Question(asked): Question<Asked>) -> Answer {
    shown(visitor, id, asked).await
}

async fn shown(visitor: Visitor, teacher_id: String, asked: Asked) -> Answer {
    let lang = visitor.lang;
    let path = format!("{}/held", super::teacher::path(&teacher_id));
    let title = visitor.say("所存的个人信息", "What is held about a person");
    let request = api::GetHeldRequest {
        teacher_id,
        purpose: asked.purpose.trim().to_owned(),
        page_size: PAGE,
        page_token: asked.page.clone(),
    };
    let question = |wrong: &Wrong| {
        html! {
            form.row.noprint method="get" action=(path) {
                (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
                button { (visitor.say("查看", "show")) }
            }
        }
    };
    let held = match visitor.api.audit().get_held(visitor.api.call(request)).await {
        Ok(held) => held.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title, &wrong, &question(&wrong));
        }
    };
    let mut kept = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Set::Text)));
    for thing in things(&held, lang) {
        kept.row([
            text(thing.what),
            text(thing.says),
            text(thing.kept),
            text(thing.purpose),
            text(thing.until),
        ]);
    }
    let mut read = Table::new(reading::HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Set::Text)));
    for one in &held.reads {
        read.row(reading::cells(one, lang).map(text));
    }
    let content = html! {
        (question(&Wrong::default()))
        p.about { span { (held.teacher_id) } }
        p.printonly { (issued()) }
        (kept.render(visitor.say("所存的内容", "what is held")))
        p.hint { (visitor.say(
            "本人可要求更正或删除身份信息：请向教研室提出。删除后台账条目和各项合计不变，此人处处显示为“已删除”。",
            "she may have her identity corrected or erased: ask the research office. Entries and totals stay then, and she is shown as erased everywhere.",
        )) }
        @for month in &held.broken_lines {
            p.problem { (lang.pick(format!("{month} 的查阅记录中有一行无法读取"), format!("a line of {month} in the log of reads cannot be read"))) }
        }
        (read.render(visitor.say("查阅过的人（整表查阅只记一行，不在其中）", "who read about her (readings of whole lists are noted once, and are not here)")))
        (turning(&visitor, &path, &asked, &held.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}
