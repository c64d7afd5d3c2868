//! One session: who is recorded, who of the school was there, and the form that says so.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect};
use keshi_core::codes::{AttendanceResult, AttendanceRole};
use keshi_core::lang::Say;
use keshi_import::Job;
use keshi_proto::api;
use keshi_words::names::amount;
use keshi_words::session::{hours, level, place, role, session_type, state, title};
use keshi_words::time::dates;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::school;
use super::ticks::{OTHERS_MAX, Ticks, key_of};
use crate::Console;
use crate::ask::{Wrong, address};
use crate::extract::{Filled, Named, Question};
use crate::fault::{Answer, Unanswered};
use crate::form::{choice, field};
use crate::imports::{Form, Given};
use crate::page::page;
use crate::schools::Schools;
use crate::table::{Set, Table};
use crate::visitor::Visitor;

/// Most people who are listed; of a larger school the others are named in the field below.
pub(super) const LISTED_MAX: usize = 400;

/// The question, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    school_id: String,
    /// The import whose form is to be shown as it was sent.
    again: String,
}

/// Somebody of the school, and what is recorded of her, once for each role in which she was there.
pub(super) struct Line {
    pub(super) teacher_id: String,
    pub(super) name: String,
    pub(super) there: Option<api::Attendance>,
}

/// A session as the page shows it.
pub(super) struct Roll {
    pub(super) session: api::HeldSession,
    /// Whose people are listed; empty if no school is chosen.
    school: String,
    pub(super) lines: Vec<Line>,
    /// How many more there are.
    more: usize,
}

pub(super) async fn show(
    visitor: Visitor,
    State(console): State<Console>,
    Named(id): Named<String>,
    Question(asked): Question<Asked>,
) -> Answer {
    let roll = Roll::ask(&visitor, &id, &asked.school_id).await?;
    let sent = asked.again.parse().ok();
    let sent = sent.and_then(|id| console.0.imports.find(&visitor.owner(), id)?.form.clone());
    let ticks = match sent.filter(|form| form.from == roll.address()) {
        Some(form) => Ticks::read(form.fields),
        None => Ticks::of(&roll),
    };
    shown(&visitor, &roll, &ticks, None).await
}

/// Takes the form: checks it as a sheet is checked, and shows what would become of each.
pub(super) async fn take(
    visitor: Visitor,
    State(console): State<Console>,
    Named(id): Named<String>,
    Filled(fields): Filled<Vec<(String, String)>>,
) -> Answer {
    let mut ticks = Ticks::read(fields.clone());
    let roll = Roll::ask(&visitor, &id, &ticks.school).await?;
    if let Some(all) = ticks.choose {
        ticks.set_all(&roll, all);
        return shown(&visitor, &roll, &ticks, None).await;
    }
    let book = match ticks.book(&roll, visitor.lang) {
        Ok(book) => book,
        Err(wrong) => return shown(&visitor, &roll, &ticks, Some(&wrong)).await,
    };
    let from = roll.address();
    let given = Given::Form(Box::new(book), Form { from, fields });
    let imports = &console.0.imports;
    match imports.begin(visitor.owner(), given, Job::default(), visitor.api.clone()) {
        Ok(held) => Ok(Redirect::to(&format!("/import/{}", held.id)).into_response()),
        Err(busy) => shown(&visitor, &roll, &ticks, Some(&busy)).await,
    }
}

impl Roll {
    async fn ask(visitor: &Visitor, id: &str, school_id: &str) -> Result<Self, Unanswered> {
        let school = visitor.who.role.school().unwrap_or(school_id.trim()).to_owned();
        Self::look(visitor, id, school)
            .await
            .map_err(|status| visitor.unanswered(status))
    }

    async fn look(visitor: &Visitor, id: &str, school: String) -> Result<Self, Status> {
        let request = visitor.api.call(api::ListHeldSessionsRequest {
            session_id: id.to_owned(),
            ..api::ListHeldSessionsRequest::default()
        });
        let found = visitor.api.ledger().list_sessions(request).await?.into_inner();
        let session = found.sessions.into_iter().next().unwrap_or_default();
        let mut lines = Vec::new();
        if !school.is_empty() {
            let request = api::ListAttendanceRequest {
                session_id: id.to_owned(),
                school_id: school.clone(),
                purpose: visitor.say("点名", "attendance").to_owned(),
                ..api::ListAttendanceRequest::default()
            };
            let there = keshi_client::attendance(&visitor.api, &request).await?.attendance;
            lines = listed(staff(visitor, &school, &session).await?, there);
        }
        let more = lines.len().saturating_sub(LISTED_MAX);
        lines.truncate(LISTED_MAX);
        Ok(Self {
            session,
            school,
            lines,
            more,
        })
    }

    /// Where this page is.
    fn address(&self) -> String {
        let asked = Asked {
            school_id: self.school.clone(),
            again: String::new(),
        };
        address(&format!("/sessions/{}", self.session.session_id), &asked)
    }
}

/// Who holds a post at the school on the session's last day: id and name.
async fn staff(visitor: &Visitor, school: &str, session: &api::HeldSession) -> Result<Vec<(String, String)>, Status> {
    let request = visitor.api.call(api::ListPostsRequest {
        school_ids: vec![school.to_owned()],
        on: session.to,
        purpose: visitor.say("点名", "attendance").to_owned(),
        ..api::ListPostsRequest::default()
    });
    let posts = visitor.api.ledger().list_posts(request).await?.into_inner().posts;
    Ok(posts
        .into_iter()
        .map(|post| (post.teacher_id, post.teacher_name))
        .collect())
}

/// Everybody once, and once for each role in which she is recorded, by id.
fn listed(staff: Vec<(String, String)>, there: Vec<api::Attendance>) -> Vec<Line> {
    let is_there = |id: &String| there.iter().any(|one| one.teacher_id == *id);
    let absent = staff.into_iter().filter(|(id, _)| !is_there(id));
    let mut lines: Vec<Line> = absent
        .map(|(teacher_id, name)| Line {
            teacher_id,
            name,
            there: None,
        })
        .collect();
    // Whoever holds two posts there stands in the list once.
    lines.sort_by(|one, other| one.teacher_id.cmp(&other.teacher_id));
    lines.dedup_by(|one, other| one.teacher_id == other.teacher_id);
    lines.extend(there.into_iter().map(|one| Line {
        teacher_id: one.teacher_id.clone(),
        name: one.name.clone(),
        there: Some(one),
    }));
    lines.sort_by(|one, other| one.teacher_id.cmp(&other.teacher_id));
    lines
}

async fn shown(visitor: &Visitor, roll: &Roll, ticks: &Ticks, wrong: Option<&Say>) -> Answer {
    let schools = Schools::ask(visitor)
        .await
        .map_err(|status| visitor.unanswered(status))?;
    let lang = visitor.lang;
    let session = &roll.session;
    let content = html! {
        (about(visitor, session))
        @if let Some(by) = session.cancelled_by {
            p.problem { (lang.pick("这一场已取消，出勤不计课时", "this session was cancelled: attendance at it counts nothing")) " " (entry(by, visitor)) }
        }
        @if visitor.who.role.school().is_none() {
            form.row.noprint method="get" action=(format!("/sessions/{}", session.session_id)) {
                (school(&schools, &roll.school, &Wrong::default(), (lang.pick("点哪所学校的名", "whose teachers"), lang.pick("（请选）", "(choose)"))))
                button.second { (lang.pick("列出教师", "list them")) }
            }
        }
        @if let Some(wrong) = wrong { p.problem #problem role="alert" { (wrong.pick(lang)) } }
        form method="post" action=(format!("/sessions/{}", session.session_id)) {
            input type="hidden" name="school_id" value=(roll.school);
            // What Enter in a field presses: the first button of a form, which must not be the one that ticks everybody.
            button.unseen tabindex="-1" aria-hidden="true" { (lang.pick("核对", "check")) }
            (of_all(visitor, ticks))
            (lines(visitor, roll, ticks))
            (others(visitor, roll, ticks))
            div.actions { button { (lang.pick("核对", "check")) } a href="/sessions" { (lang.pick("另选一场", "choose another")) } }
        }
    };
    Ok(page(visitor, title(session), &content))
}

fn entry(index: u64, visitor: &Visitor) -> Markup {
    html! { a href=(format!("/entries/{index}")) { (visitor.lang.pick(format!("第 {index} 条"), format!("entry {index}"))) } }
}

fn about(visitor: &Visitor, session: &api::HeldSession) -> Markup {
    let lang = visitor.lang;
    let moved = session.moved_by.filter(|_| session.cancelled_by.is_none());
    html! {
        dl.facts {
            dt { (lang.pick("日期", "days")) } dd { (dates(session.from.as_ref(), session.to.as_ref())) @if moved.is_some() { "　" span.tag { (state(session, lang)) } } }
            dt { (lang.pick("类型", "type")) } dd { (session_type(session, lang)) "　" (level(session, lang)) }
            @if !place(session).is_empty() { dt { (lang.pick("地点", "place")) } dd { (place(session)) } }
            @if session.centihours != 0 { dt { (lang.pick("学时", "hours")) } dd { (hours(session.centihours)) } }
            dt { (lang.pick("场次编号", "session")) } dd { (session.session_id) "　" (entry(session.index, visitor)) }
        }
    }
}

/// What holds for all who are ticked anew.
fn of_all(visitor: &Visitor, ticks: &Ticks) -> Markup {
    let lang = visitor.lang;
    let roles: Vec<_> = AttendanceRole::ALL
        .iter()
        .map(|role| (role.code().to_string(), lang.pick(role.zh(), role.en()).to_owned()))
        .collect();
    let mut results = vec![(String::new(), lang.pick("（不填）", "(none)").to_owned())];
    results.extend(AttendanceResult::ALL.iter().map(|result| {
        (
            result.code().to_string(),
            lang.pick(result.zh(), result.en()).to_owned(),
        )
    }));
    html! {
        div.filters {
            (field(lang.pick("新勾的人：学时", "hours of those ticked now"), &html! { input name="each" value=(ticks.each) inputmode="decimal" size="6" maxlength="12"; }))
            (field(lang.pick("身份", "as"), &choice("role", &roles, &ticks.role)))
            (field(lang.pick("考核结果", "result"), &choice("result", &results, &ticks.result)))
        }
    }
}

fn lines(visitor: &Visitor, roll: &Roll, ticks: &Ticks) -> Markup {
    let lang = visitor.lang;
    if roll.lines.is_empty() {
        return html! {
            @if !roll.school.is_empty() {
                p.quiet { (lang.pick("这一天没有您可以点名的在职教师；请在下面写明到场的人。", "nobody whom you may list held a post there on that day: name who was there below.")) }
            }
        };
    }
    let mut table = Table::new([
        (lang.pick("到场", "there"), Set::Text),
        (
            lang.pick("学时（与上面不同才填）", "hours, if others than above"),
            Set::Text,
        ),
        (lang.pick("记录", "recorded"), Set::Text),
    ]);
    for line in &roll.lines {
        table.row(cells(visitor, line, ticks));
    }
    let recorded = roll.lines.iter().filter(|line| line.there.is_some()).count();
    let caption = lang.pick(
        format!("{} 人，已记 {recorded} 人次", roll.lines.len()),
        format!("{} lines, {recorded} recorded", roll.lines.len()),
    );
    html! {
        div.actions.noprint {
            button.second name="choose" value="all" { (lang.pick("全部勾上", "tick all")) }
            button.second name="choose" value="none" { (lang.pick("只留已记的", "only those recorded")) }
        }
        (table.render(&caption))
        @if roll.more > 0 {
            p.gap { (lang.pick(format!("另有 {} 人没有列出；到场的请在下面写明", roll.more), format!("{} more are not listed: name those who were there below", roll.more))) }
        }
    }
}

fn cells(visitor: &Visitor, line: &Line, ticks: &Ticks) -> [Markup; 3] {
    let lang = visitor.lang;
    let key = key_of(line);
    let who = format!("{} {}", line.name, line.teacher_id);
    let typed = ticks.hours.get(&key).map_or("", String::as_str);
    [
        html! {
            label { input type="checkbox" name="there" value=(key) checked[ticks.there.contains(&key)]; " " (who.trim()) }
            @if let Some(there) = &line.there {
                input type="hidden" name="was" value=(key);
                input type="hidden" name=(format!("had.{key}")) value=(amount(there.centihours));
            }
        },
        html! {
            label { span.unseen { (lang.pick("学时：", "hours: ")) (who.trim()) } input name=(format!("hours.{key}")) value=(typed) inputmode="decimal" size="6" maxlength="12"; }
        },
        html! {
            @if let Some(there) = &line.there {
                span.tag.good { (lang.pick("已记", "recorded")) } " " (role(there, lang)) " " (amount(there.centihours)) " " (entry(there.index, visitor))
            }
        },
    ]
}

fn others(visitor: &Visitor, roll: &Roll, ticks: &Ticks) -> Markup {
    let lang = visitor.lang;
    let label = if roll.lines.is_empty() {
        lang.pick("到场的人", "who was there")
    } else {
        lang.pick("名单外到场的人", "others who were there")
    };
    html! {
        label.field.wide {
            span { (label) (lang.pick(
                "：一行一位，写姓名；外校的或同名的再写教师编号",
                ": one on each line, by name; with the teacher id where she is of another school or several have the name",
            )) }
            textarea name="others" rows="3" maxlength="20000" { (ticks.others) }
        }
        p.hint { (lang.pick(format!("至多 {OTHERS_MAX} 行"), format!("at most {OTHERS_MAX} lines"))) }
        @if roll.lines.iter().any(|line| line.there.is_some()) {
            (field(
                lang.pick("取消了已记的勾：作废的理由", "a tick taken from somebody recorded: why that is void"),
                &html! { input name="reason" value=(ticks.reason) maxlength="200" size="40"; },
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_stands_in_the_list_once_and_once_for_each_role_recorded() {
        let who = |id: &str| (id.to_owned(), String::new());
        let there = |id: &str, role: AttendanceRole| api::Attendance {
            teacher_id: id.to_owned(),
            role: role.code(),
            ..api::Attendance::default()
        };
        let lines = listed(
            vec![who("T2"), who("T1"), who("T2"), who("T3")],
            vec![
                there("T3", AttendanceRole::Learner),
                there("T3", AttendanceRole::Speaker),
            ],
        );
        let keys: Vec<String> = lines.iter().map(key_of).collect();
        assert_eq!(keys, ["T1", "T2", "T3~1", "T3~3"]);
    }
}
