//! Research topics, each as far as it is on a day, and how many there are by level and year.

use keshi_core::codes::Level;
use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::names::count;
use keshi_words::topic::{COUNT_HEADINGS, HEADINGS, STAGES, count_row, member, row, stage};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, address, all_or, day, options, tick, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Topics on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    year: String,
    level: String,
    stage: String,
    overdue: String,
    on: String,
    purpose: String,
    page: String,
}

impl Asked {
    fn request(&self, visitor: &Visitor) -> Result<api::ListTopicsRequest, Wrong> {
        // What is no code is told by the services as one that there is not.
        let code = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
        let year = match self.year.trim() {
            "" => 0,
            text => text
                .parse()
                .map_err(|_| Wrong::field("year", visitor.say("年份写作 2022", "write the year as 2022")))?,
        };
        Ok(api::ListTopicsRequest {
            on: day(visitor, "on", &self.on)?.map(date_to_wire),
            at: None,
            year,
            level: code(&self.level),
            stage: code(&self.stage),
            overdue: !self.overdue.is_empty(),
            page_size: PAGE,
            page_token: self.page.clone(),
            purpose: self.purpose.trim().to_owned(),
        })
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("课题", "Topics");
    let answer = match asked.request(&visitor) {
        Ok(request) => {
            let answer = visitor.api.ledger().list_topics(visitor.api.call(request)).await;
            answer.map_err(Wrong::of)
        }
        Err(wrong) => Err(wrong),
    };
    let all = match answer {
        Ok(answer) => answer.into_inner(),
        Err(wrong) => return visitor.again(title, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let lang = visitor.lang;
    let found = count(all.total.unsigned_abs());
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.about {
            b { (lang.pick(format!("{found} 项"), format!("{found} topics"))) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        (counts(&all.counts, &asked, lang))
        (topics(&all.topics, lang))
        (turning(&visitor, "/topics", &asked, &all.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let levels = all_or(lang, Level::ALL, |level| {
        (level.code().to_string(), lang.pick(level.zh(), level.en()).to_owned())
    });
    let stages = all_or(lang, &STAGES, |one| {
        (i32::from(one).to_string(), stage(one, lang).to_owned())
    });
    html! {
        form.row.noprint method="get" action="/topics" {
            (wrong.text(visitor.say("立项年份", "approved in"), "year", &asked.year, 6))
            (options(visitor.say("级别", "level"), "level", &levels, &asked.level))
            (options(visitor.say("阶段", "stage"), "stage", &stages, &asked.stage))
            (tick(visitor.say("只看中期逾期", "only overdue for the mid-term check"), "overdue", !asked.overdue.is_empty()))
            (wrong.text(visitor.say("按哪一天", "on which day"), "on", &asked.on, 10))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// Each year and level; the topics behind it are one click away.
fn counts(counts: &[api::TopicCount], asked: &Asked, lang: Lang) -> Markup {
    let [year, level, approved, running, overdue, stopped, concluded] =
        COUNT_HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (year, Set::Text),
        (level, Set::Text),
        (approved, Set::Number),
        (running, Set::Number),
        (overdue, Set::Number),
        (stopped, Set::Number),
        (concluded, Set::Number),
    ]);
    for count in counts {
        let of = |stage: Option<api::TopicStage>, overdue: bool| Asked {
            year: count.year.to_string(),
            level: count.level.to_string(),
            stage: stage.map_or_else(String::new, |stage| i32::from(stage).to_string()),
            overdue: if overdue { "on".to_owned() } else { String::new() },
            page: String::new(),
            ..asked.clone()
        };
        let to = |number: String, of: &Asked| html! { a href=(address("/topics", of)) { (number) } };
        let [year, level, approved, running, overdue, stopped, concluded] = count_row(count, lang);
        table.row([
            text(year),
            text(level),
            to(approved, &of(None, false)),
            text(running),
            to(overdue, &of(None, true)),
            to(stopped, &of(Some(api::TopicStage::Stopped), false)),
            to(concluded, &of(Some(api::TopicStage::Concluded), false)),
        ]);
    }
    html! { @if !counts.is_empty() { (table.render(lang.pick("按立项年份和级别", "by year of approval and level"))) } }
}

fn topics(topics: &[api::Topic], lang: Lang) -> Markup {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Set::Text)));
    for topic in topics {
        let [id, name, level, _, approved, opened, midterm, concluded, stage] = row(topic, lang);
        table.row([
            text(id),
            html! { b { (name) } },
            text(level),
            members(&topic.members, lang),
            step(topic.approved.as_ref(), &approved),
            step(topic.opened.as_ref(), &opened),
            html! { @if topic.overdue { b { (midterm) } } @else { (step(topic.checks.last(), &midterm)) } },
            step(topic.concluded.as_ref(), &concluded),
            text(stage),
        ]);
    }
    html! {
        @if topics.is_empty() {
            p.quiet { (lang.pick(
                "没有所选的课题。立项、开题、中期检查、结题由县级审核员或管理员用接口 ApproveTopics、OpenTopics、CheckTopics、ConcludeTopics 或 keshi post 登记。",
                "there is no such topic. A county reviewer or admin posts them by ApproveTopics, OpenTopics, CheckTopics, ConcludeTopics or keshi post.",
            )) }
        }
        (table.render(lang.pick("课题", "topics")))
    }
}

/// What was said, leading to the entry that says it.
fn step(step: Option<&api::TopicStep>, says: &str) -> Markup {
    html! {
        @match step {
            Some(step) => a.day href=(format!("/entries/{}", step.index)) { (says) },
            None => (says),
        }
    }
}

fn members(members: &[api::TopicMember], lang: Lang) -> Markup {
    html! {
        @for (place, one) in members.iter().enumerate() {
            @if place > 0 { (lang.pick("、", ", ")) }
            a href=(format!("/teachers/{}", one.teacher_id)) { (member(one, lang)) }
        }
    }
}
