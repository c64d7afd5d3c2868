//! Finding a teacher by her name.

use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::people::schools;
use maud::html;
use serde::Deserialize;

use crate::extract::Question;
use crate::fault::Answer;
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    name: String,
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let name = asked.name.trim();
    let found = if name.is_empty() {
        None
    } else {
        let request = visitor.api.call(api::FindPeopleRequest {
            name: name.to_owned(),
            ..api::FindPeopleRequest::default()
        });
        let found = visitor.api.ledger().find_people(request).await;
        Some(found.map_err(|status| visitor.unanswered(status))?.into_inner())
    };
    let content = html! {
        form.row method="get" action="/teachers" role="search" {
            (field(visitor.say("姓名或其中几个字", "name, or a part of it"), &html! { input name="name" value=(name) autofocus; }))
            button { (visitor.say("查找", "find")) }
        }
        @if let Some(found) = &found { (people(&visitor, name, found)) }
        @else {
            p.noprint { a href="/merges" { (visitor.say("重复档案：一人两个编号的，在这里合并", "merged records: where one person has two ids")) } }
            p.quiet { (visitor.say("输入姓名，查看她的课时、等级和依据。", "type a name to see her hours, her tier, and what they rest on.")) }
        }
    };
    Ok(page(&visitor, visitor.say("教师", "Teachers"), &content))
}

fn people(visitor: &Visitor, name: &str, found: &api::FindPeopleResponse) -> maud::Markup {
    let mut table = Table::new([
        (visitor.say("姓名", "name"), Set::Text),
        (visitor.say("教师编号", "teacher id"), Set::Text),
        (visitor.say("学校", "school"), Set::Text),
        (visitor.say("学科", "subject"), Set::Text),
    ]);
    for person in &found.people {
        table.row([
            html! { a href=(format!("/teachers/{}", person.teacher_id)) { (person.name) } },
            text(&person.teacher_id),
            text(schools(person, visitor.lang)),
            text(&person.subject),
        ]);
    }
    let more = found.total - i64::try_from(found.people.len()).unwrap_or(found.total);
    html! {
        @if found.people.is_empty() {
            p { (visitor.lang.pick(
                format!("您可查阅的教师中没有姓名含“{name}”的；请核对姓名"),
                format!("no teacher about whom you may read has {name} in her name; check it"),
            )) }
        }
        (table.render(visitor.say("找到的教师", "teachers found")))
        @if more > 0 {
            p.quiet { (visitor.lang.pick(
                format!("另有 {} 位，请写全姓名", count(more.unsigned_abs())),
                format!("and {} more; write the whole name", count(more.unsigned_abs())),
            )) }
        }
        @if !found.unreadable_ids.is_empty() {
            p.problem { (visitor.lang.pick(
                format!("档案已损坏、无法按姓名查找的教师：{}", found.unreadable_ids.join("、")),
                format!("teachers whose records are damaged and are not found by name: {}", found.unreadable_ids.join(", ")),
            )) }
        }
    }
}
