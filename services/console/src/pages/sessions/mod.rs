//! 点名: the sessions of the county, to choose one of, and one with who was there.

mod roll;
mod ticks;
mod who;

use axum::Router;
use axum::routing::get;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::session::{hours, place, session_type, state, title};
use keshi_words::time::dates;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::Console;
use crate::ask::{Wrong, options, tick, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::schools::Schools;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Sessions on a page.
const PAGE: i32 = 50;

pub(super) fn router() -> Router<Console> {
    Router::new()
        .route("/sessions", get(show))
        .route("/sessions/{id}", get(roll::show).post(roll::take))
}

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    period: String,
    text: String,
    school_id: String,
    /// Only what her own school posted.
    own: String,
    page: String,
}

impl Asked {
    fn request(&self, visitor: &Visitor) -> api::ListHeldSessionsRequest {
        let own = visitor.who.role.school().filter(|_| !self.own.is_empty());
        api::ListHeldSessionsRequest {
            period: self.period.trim().to_owned(),
            text: self.text.trim().to_owned(),
            school_id: own.unwrap_or(self.school_id.trim()).to_owned(),
            page_size: PAGE,
            page_token: self.page.clone(),
            ..api::ListHeldSessionsRequest::default()
        }
    }

    /// Whether nothing is asked but to see them.
    fn is_open(&self) -> bool {
        [&self.period, &self.text, &self.school_id, &self.own]
            .iter()
            .all(|text| text.trim().is_empty())
    }
}

async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let name = visitor.say("点名", "Attendance");
    let schools = Schools::ask(&visitor)
        .await
        .map_err(|status| visitor.unanswered(status))?;
    let request = visitor.api.call(asked.request(&visitor));
    let all = match visitor.api.ledger().list_sessions(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(name, &wrong, &question(&visitor, &asked, &schools, &wrong));
        }
    };
    let content = html! {
        p { (visitor.say(
            "选一场，勾出到场的人，核对后入账。新的一场先在“补录”填一人的培训，或导入“培训”表，场次随之登记。",
            "choose a session and tick who was there; it is checked before it is recorded. A new session comes with the first training \
             that is typed on the page Post, or with the sheet 培训.",
        )) }
        (question(&visitor, &asked, &schools, &Wrong::default()))
        @if all.sessions.is_empty() { (empty(&visitor, &asked)) }
        (list(&visitor, &all))
        (turning(&visitor, "/sessions", &asked, &all.next_page_token))
    };
    Ok(page(&visitor, name, &content))
}

fn question(visitor: &Visitor, asked: &Asked, schools: &Schools, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action="/sessions" role="search" {
            (wrong.text(visitor.say("期间，如 2022 或 2022-03", "period, such as 2022 or 2022-03"), "period", &asked.period, 12))
            (wrong.text(visitor.say("项目名称或编号中的几个字", "a part of the project's name or an id"), "text", &asked.text, 16))
            @if visitor.who.role.school().is_some() {
                (tick(visitor.say("只看本校提交的", "only those of my school"), "own", !asked.own.is_empty()))
            } @else {
                (school(schools, &asked.school_id, wrong, (visitor.say("提交学校", "posted by"), visitor.say("（不限）", "(any)"))))
            }
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// The school to choose, or to type where there are too many.
fn school(schools: &Schools, chosen: &str, wrong: &Wrong, (label, none): (&str, &str)) -> Markup {
    if schools.schools.is_empty() {
        return wrong.text(label, "school_id", chosen, 12);
    }
    let mut all = vec![(String::new(), none.to_owned())];
    all.extend(schools.schools.iter().cloned());
    options(label, "school_id", &all, chosen)
}

fn empty(visitor: &Visitor, asked: &Asked) -> Markup {
    html! {
        p.quiet {
            @if asked.is_open() {
                (visitor.say("还没有登记过场次。", "no session is registered yet.")) " "
                a href="/post" { (visitor.say("补录第一条培训", "post the first training")) } " · "
                a href="/import" { (visitor.say("导入“培训”表", "import the sheet 培训")) }
            } @else {
                (visitor.say("没有符合条件的场次；换个期间，或少写几个字。", "there is no such session: ask for another period, or type less.")) " "
                a href="/sessions" { (visitor.say("全部场次", "all sessions")) }
            }
        }
    }
}

fn list(visitor: &Visitor, all: &api::ListHeldSessionsResponse) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new([
        (lang.pick("日期", "days"), Set::Text),
        (lang.pick("培训项目", "project"), Set::Text),
        (lang.pick("类型", "type"), Set::Text),
        (lang.pick("学时", "hours"), Set::Number),
        (lang.pick("地点", "place"), Set::Text),
        (lang.pick("状态", "state"), Set::Text),
    ]);
    for session in &all.sessions {
        let to = format!("/sessions/{}", session.session_id);
        let class = if session.cancelled_by.is_some() { "idle" } else { "" };
        table.marked(
            class,
            [
                text(dates(session.from.as_ref(), session.to.as_ref())),
                html! { a href=(to) { (title(session)) } },
                text(session_type(session, lang)),
                text(hours(session.centihours)),
                text(place(session)),
                text(state(session, lang)),
            ],
        );
    }
    let total = count(u64::try_from(all.total).unwrap_or_default());
    table.render(&lang.pick(
        format!("场次共 {total} 场，晚的在前"),
        format!("{total} sessions, the latest first"),
    ))
}
