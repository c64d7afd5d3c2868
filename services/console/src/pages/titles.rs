//! Titles: how many hold each, what share is to, and who fulfils a next step now.

use keshi_core::lang::Lang;
use keshi_core::title::{title_of, titles_zh};
use keshi_proto::{api, date_to_wire};
use keshi_words::names::count;
use keshi_words::tier::{COUNT_HEADINGS, READY_HEADINGS, count_row, ready_row, rule, target};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, address, all_or, options, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Teachers on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    title: String,
    school_id: String,
    on: String,
    purpose: String,
    page: String,
}

impl Asked {
    /// The question, or the field that is none.
    fn request(&self, lang: Lang) -> Result<api::ListReadyRequest, Wrong> {
        let (title, on) = (self.title.trim(), self.on.trim());
        let (class, level) = match title_of(title) {
            Some((class, level)) => (class.code(), level.code()),
            None if title.is_empty() => (0, 0),
            None => {
                return Err(Wrong::field(
                    "title",
                    lang.pick("没有这个称号", "there is no such title"),
                ));
            }
        };
        let on = match on.parse() {
            Ok(day) => Some(date_to_wire(day)),
            Err(_) if on.is_empty() => None,
            Err(_) => {
                return Err(Wrong::field(
                    "on",
                    lang.pick("日期写作 2022-12-31", "write the day as 2022-12-31"),
                ));
            }
        };
        Ok(api::ListReadyRequest {
            on,
            at: None,
            class,
            level,
            school_id: self.school_id.trim().to_owned(),
            page_size: PAGE,
            page_token: self.page.clone(),
            purpose: self.purpose.trim().to_owned(),
        })
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("称号", "Titles");
    let answer = match asked.request(visitor.lang) {
        Ok(request) => {
            let answer = visitor.api.ledger().list_ready(visitor.api.call(request)).await;
            answer.map_err(Wrong::of)
        }
        Err(wrong) => Err(wrong),
    };
    let all = match answer {
        Ok(answer) => answer.into_inner(),
        Err(wrong) => return visitor.again(title, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let lang = visitor.lang;
    let (found, looked_at) = (count(all.total.unsigned_abs()), count(all.looked_at.unsigned_abs()));
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.about {
            b { (lang.pick(format!("{found} 人次具备下一步的条件"), format!("{found} times a next step is fulfilled"))) }
            span { (lang.pick(format!("查看了 {looked_at} 位教师"), format!("{looked_at} teachers were looked at"))) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        (counts(&all, &asked, lang))
        @for level in &all.levels { p { (target(level, all.looked_at, lang)) } }
        (teachers(&all.teachers, lang))
        (turning(&visitor, "/titles", &asked, &all.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let titles = titles_zh();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let titles = all_or(visitor.lang, &titles, |title| (title.to_owned(), title.to_owned()));
    html! {
        form.row.noprint method="get" action="/titles" {
            (options(visitor.say("称号", "title"), "title", &titles, &asked.title))
            (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 12))
            (wrong.text(visitor.say("按哪一天", "on which day"), "on", &asked.on, 10))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// Each title with its holders; those who fulfil the step to it are one click away.
fn counts(all: &api::ListReadyResponse, asked: &Asked, lang: Lang) -> Markup {
    let [title, holders, ready, unknown] = COUNT_HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let columns = [
        (title, Set::Text),
        (holders, Set::Number),
        (ready, Set::Number),
        (unknown, Set::Number),
    ];
    let mut table = Table::new(columns);
    for row in &all.titles {
        let [title, holders, ready, unknown] = count_row(row);
        let of_title = Asked {
            title: title.clone(),
            page: String::new(),
            ..asked.clone()
        };
        table.row([
            html! { b { (title) } },
            text(holders),
            html! { @if row.ready == 0 { (ready) } @else { a href=(address("/titles", &of_title)) { (ready) } } },
            text(unknown),
        ]);
    }
    html! {
        @if all.titles.is_empty() {
            p.quiet { (lang.pick("还没有人持有称号：命名由“导入”登记。", "nobody holds a title yet: new ones come by an import.")) }
        }
        (table.render(lang.pick("各级各类称号", "titles by level and class")))
    }
}

fn teachers(teachers: &[api::ReadyTeacher], lang: Lang) -> Markup {
    let [step, name, id, school, subject] = READY_HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (step, Set::Text),
        (name, Set::Text),
        (id, Set::Text),
        (school, Set::Text),
        (subject, Set::Text),
        (lang.pick("规则", "rule"), Set::Text),
    ]);
    for teacher in teachers {
        let [step, name, id, school, subject] = ready_row(teacher);
        let of = teacher.step.as_ref().map(rule).unwrap_or_default();
        table.row([
            text(step),
            html! { a href=(format!("/teachers/{id}")) { @if name.is_empty() { (id) } @else { (name) } } },
            text(&id),
            text(school),
            text(subject),
            text(of),
        ]);
    }
    html! {
        @if teachers.is_empty() {
            p.quiet { (lang.pick("没有教师具备所选条件。某位教师还缺什么，见她本人的页面。", "nobody fulfils what was asked for. What a teacher lacks is told on her own page.")) }
        }
        (table.render(lang.pick("具备条件的教师", "teachers who fulfil a step")))
    }
}
