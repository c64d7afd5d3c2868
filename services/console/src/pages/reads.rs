//! Who read about whom, of which period, and why.

use keshi_proto::{api, date_to_wire};
use keshi_words::reading::{HEADINGS, cells};
use keshi_words::time::today;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, day, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;
use crate::who::id_of;

/// Lines on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    about: String,
    by: String,
    /// Not there at all: from the first of this month on.
    since: Option<String>,
    purpose: String,
    page: String,
}

pub(crate) async fn show(visitor: Visitor, Question(mut asked): Question<Asked>) -> Answer {
    let title = visitor.say("查阅记录", "Log of reads");
    asked.since.get_or_insert_with(|| today().first_of_month().to_string());
    let answer = match look(&visitor, &asked).await {
        Ok(answer) => answer,
        Err(wrong) => return visitor.again(title, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.hint { (visitor.say("查看这一页也会记入查阅记录。", "looking at this page is noted, too.")) }
        @for month in &answer.broken_lines {
            p.problem { (visitor.lang.pick(format!("{month} 的查阅记录中有一行无法读取"), format!("a line of {month} in the log of reads cannot be read"))) }
        }
        (list(&visitor, &answer))
        @if answer.reads.is_empty() {
            p.quiet {
                @if !answer.next_page_token.is_empty() { (visitor.say("这一段没有符合条件的记录，请看下一页", "none in this part of the log; look at the next page")) }
                @else { (visitor.say("没有符合条件的记录", "nothing of that kind was read")) }
            }
        }
        (turning(&visitor, "/reads", &asked, &answer.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}

async fn look(visitor: &Visitor, asked: &Asked) -> Result<api::ListReadsResponse, Wrong> {
    let request = api::ListReadsRequest {
        about_teacher_id: id_of(visitor, "about", &asked.about, &asked.purpose).await?,
        by: asked.by.trim().to_owned(),
        since: day(visitor, "since", asked.since.as_deref().unwrap_or_default())?.map(date_to_wire),
        page_size: PAGE,
        page_token: asked.page.clone(),
        purpose: asked.purpose.trim().to_owned(),
    };
    let answer = visitor.api.audit().list_reads(visitor.api.call(request)).await;
    Ok(answer.map_err(Wrong::of)?.into_inner())
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action="/reads" {
            (wrong.day(visitor.say("不早于", "since"), "since", asked.since.as_deref().unwrap_or_default()))
            (wrong.text(visitor.say("有关教师（姓名或编号）", "about this teacher (name or id)"), "about", &asked.about, 10))
            (wrong.text(visitor.say("查阅者", "read by"), "by", &asked.by, 12))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

fn list(visitor: &Visitor, answer: &api::ListReadsResponse) -> Markup {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (visitor.say(zh, en), Set::Text)));
    for reading in &answer.reads {
        table.row(cells(reading, visitor.lang).map(text));
    }
    table.render(visitor.say("按时间，先查阅的在前", "in the order of reading"))
}
