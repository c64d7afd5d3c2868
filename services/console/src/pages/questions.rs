//! Ordered research (订单式教研): what schools ask, put together, planned for sessions, and rated by whoever asked.

mod acts;

use keshi_core::lang::Lang;
use keshi_office::access::RoleName;
use keshi_proto::{api, date_to_wire};
use keshi_words::names::count;
use keshi_words::question::{HEADINGS, RATINGS, STAGES, asker, counts, joined, planned, rating, row, stage};
use keshi_words::time::date;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use self::acts::{act, rate};
use super::claims::problems;
use crate::ask::{Wrong, all_or, day, options, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::form::{choice, field};
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Questions on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    semester: String,
    subject: String,
    school_id: String,
    stage: String,
    on: String,
    purpose: String,
    page: String,
}

impl Asked {
    fn request(&self, visitor: &Visitor) -> Result<api::ListQuestionsRequest, Wrong> {
        Ok(api::ListQuestionsRequest {
            on: day(visitor, "on", &self.on)?.map(date_to_wire),
            at: None,
            semester: self.semester.trim().to_owned(),
            subject: self.subject.trim().to_owned(),
            school_id: self.school_id.trim().to_owned(),
            // What is no code is told by the services as one that there is not.
            stage: if self.stage.is_empty() {
                0
            } else {
                self.stage.parse().unwrap_or(-1)
            },
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
    let title = visitor.say("订单式教研", "Ordered research");
    let answer = match asked.request(visitor) {
        Ok(request) => {
            let answer = visitor.api.ledger().list_questions(visitor.api.call(request)).await;
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
        p { (lang.pick(
            "学校每学期提出问题，教研员把相近的合并，问得最多的安排场次来答复，学校再评价答复得怎样。",
            "schools send questions each semester, a researcher puts similar ones together, what most schools ask is answered in a session, and the schools rate the answer.",
        )) }
        @if visitor.posts("question_sent") {
            div.actions.noprint { a.button href="/post/questions" { (lang.pick("提出需求", "send a question")) } }
        }
        (question(visitor, asked, &Wrong::default()))
        p.about {
            b { (lang.pick(format!("{found} 项"), format!("{found} questions"))) }
            span { (counts(&all.counts, lang)) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        (list(visitor, &all.questions))
        (turning(visitor, "/questions", asked, &all.next_page_token))
    };
    Ok(page(visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let stages = all_or(lang, &STAGES, |one| {
        (i32::from(one).to_string(), stage(one, lang).to_owned())
    });
    let is_school = matches!(visitor.role(), RoleName::Clerk | RoleName::HeadTeacher);
    html! {
        form.row.noprint method="get" action="/questions" {
            (wrong.text(visitor.say("学期", "semester"), "semester", &asked.semester, 11))
            (wrong.text(visitor.say("学科", "subject"), "subject", &asked.subject, 8))
            @if !is_school { (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 10)) }
            (options(visitor.say("状态", "stage"), "stage", &stages, &asked.stage))
            (wrong.text(visitor.say("按哪一天", "on which day"), "on", &asked.on, 10))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button.second { (visitor.say("查看", "show")) }
        }
    }
}

/// The form whose boxes stand in the table.
const FORM: &str = "questions";

fn list(visitor: &Visitor, questions: &[api::AskedQuestion]) -> Markup {
    let lang = visitor.lang;
    let (handles, judges) = (visitor.posts("questions_joined"), visitor.posts("answer_rated"));
    let [id, semester, subject, what, schools, session, rated, stage] = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (id, Set::Text),
        (semester, Set::Text),
        (subject, Set::Text),
        (what, Set::Text),
        (schools, Set::Number),
        (session, Set::Text),
        (rated, Set::Text),
        (stage, Set::Text),
    ]);
    for one in questions {
        let [id, semester, subject, what, schools, _, _, stage] = row(one, lang);
        table.row([
            html! {
                @if handles {
                    label.tick { input.noprint type="checkbox" name="question" value=(id) form=(FORM); " " span.day { (id) } }
                } @else { span.day { (id) } }
            },
            html! { span.day { (semester) } },
            html! { span.day { (subject) } },
            html! { b { (what) } (sent(one, lang)) },
            text(schools),
            session_of(one, lang),
            html! { (ratings(one, lang)) @if judges { (to_rate(visitor, one)) } },
            text(stage),
        ]);
    }
    html! {
        @if questions.is_empty() {
            p.quiet { (lang.pick(
                "没有所选的需求。学校用“提出需求”或表格“教研需求”提出。",
                "there is no such question. Schools send them by the form or the sheet 教研需求.",
            )) }
        }
        (table.render(lang.pick("问的学校最多的在前", "what most schools ask first")))
        @if handles && !questions.is_empty() { (handling(visitor)) }
    }
}

/// What was sent and put together, each leading to its entry.
fn sent(question: &api::AskedQuestion, lang: Lang) -> Markup {
    let (all, told) = (question.together, question.sent.len());
    let summary = if usize::try_from(all).is_ok_and(|all| told < all) {
        lang.pick(
            format!("共 {all} 条，本校 {told} 条"),
            format!("{all} sent, {told} by this school"),
        )
    } else {
        lang.pick(format!("{all} 条需求"), format!("{all} sent"))
    };
    html! {
        details {
            summary { (summary) }
            ul {
                @for sent in &question.sent {
                    li {
                        (asker(sent, lang)) "：" (sent.text) " "
                        a.day href=(format!("/entries/{}", sent.index)) { (date(sent.on.as_ref())) }
                        @if sent.joined_index > 0 || sent.joined_on.is_some() {
                            " " a.day href=(format!("/entries/{}", sent.joined_index)) { (joined(sent, lang)) }
                        }
                    }
                }
            }
        }
    }
}

fn session_of(question: &api::AskedQuestion, lang: Lang) -> Markup {
    let told = planned(question, lang);
    html! {
        @match &question.plan {
            Some(plan) => {
                @if plan.from.is_some() { a href=(format!("/sessions/{}", plan.session_id)) { (told) } } @else { (told) }
                " " a.day href=(format!("/entries/{}", plan.index)) { (date(plan.planned_on.as_ref())) (lang.pick(" 列入", " planned")) }
            }
            None => { @if !told.is_empty() { b { (told) } } },
        }
    }
}

fn ratings(question: &api::AskedQuestion, lang: Lang) -> Markup {
    html! {
        @if !question.ratings.is_empty() {
            details {
                summary { (rating(question, lang)) }
                ul {
                    @for one in &question.ratings {
                        li {
                            a href=(format!("/entries/{}", one.index)) { (one.school_name) " " (one.rating) }
                            " " (one.remark)
                        }
                    }
                }
            }
        }
    }
}

/// What may be done to the ticked ones.
fn handling(visitor: &Visitor) -> Markup {
    let lang = visitor.lang;
    html! {
        form.stack.noprint id=(FORM) method="post" action="/questions" {
            input type="hidden" name="key" value=(Uuid::new_v4().to_string());
            h2 { (lang.pick("办理勾选的需求", "what to do with the ticked ones")) }
            (field(lang.pick("日期（默认今天）", "day (default: today)"), &html! { input type="date" name="on"; }))
            (field(lang.pick("合并到（编号；不填则并入勾选中最靠前的）", "put together in (id; blank: the first of the ticked)"), &html! { input name="into" maxlength="32" size="24"; }))
            div.actions { button name="act" value="join" { (lang.pick("合并", "put together")) } }
            (field(lang.pick("场次编号（可以是尚未登记的）", "session id (may be one not posted yet)"), &html! { input name="session" maxlength="32" size="24"; }))
            div.actions { button name="act" value="plan" { (lang.pick("列入计划", "plan")) } a href="/sessions" { (lang.pick("查场次编号", "look sessions up")) } }
        }
    }
}

/// The form by which a school rates an answer that it has not rated.
fn to_rate(visitor: &Visitor, question: &api::AskedQuestion) -> Markup {
    let lang = visitor.lang;
    let own = visitor.who.role.school();
    let is_open = matches!(
        question.stage(),
        api::QuestionStage::Answered | api::QuestionStage::Rated
    );
    let has_rated = |school: &str| question.ratings.iter().any(|one| one.school_id == school);
    let Some(school) = own.filter(|school| is_open && !has_rated(school)) else {
        return html! {};
    };
    // None is chosen beforehand: a school says so itself.
    let scale = RATINGS
        .iter()
        .map(|(rating, zh, en)| (rating.to_string(), lang.pick(*zh, *en).to_owned()));
    let scale: Vec<(String, String)> = std::iter::once((String::new(), String::new())).chain(scale).collect();
    html! {
        form.stack.noprint method="post" action="/questions/rate" {
            input type="hidden" name="key" value=(Uuid::new_v4().to_string());
            input type="hidden" name="question" value=(question.id);
            input type="hidden" name="school" value=(school);
            (field(lang.pick("答复得怎样", "how it helped"), &choice("rating", &scale, "")))
            (field(lang.pick("评语", "remark"), &html! { input name="remark" maxlength="200" size="16"; }))
            button { (lang.pick("评价", "rate")) }
        }
    }
}
