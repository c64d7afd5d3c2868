//! Lists of what the office keeps: calendars, schools, historical loads.

use keshi_proto::api;
use keshi_words::{calendar, load, schools};
use maud::html;
use serde::{Deserialize, Serialize};

use super::Paged;
use super::policies::adopt;
use crate::ask::{Wrong, address, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

pub(crate) async fn calendars(visitor: Visitor, Question(asked): Question<Paged>) -> Answer {
    let request = api::ListCalendarsRequest {
        page_token: asked.page.clone(),
        at: None,
    };
    let answer = visitor.api.ledger().list_calendars(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let mut table = columns(&visitor, calendar::HEADINGS, 4);
    for adopted in &answer.calendars {
        for semester in &adopted.semesters {
            let [year, id, days, of, index, note] = calendar::cells(adopted, semester, visitor.lang);
            let entry = html! { a href=(format!("/entries/{index}")) { (index) } };
            let class = if semester.replaced { "idle" } else { "" };
            table.marked(class, [text(year), text(id), text(days), text(of), entry, text(note)]);
        }
    }
    let content = html! {
        @if answer.calendars.is_empty() {
            p.quiet { (visitor.say(
                "还没有发布校历，按学期的要求都无法计算。教研室在“规则和校历”页从模板改起，检查无误后发布。",
                "no calendar is adopted yet, so that no requirement by the semester can be counted: the office begins with a template on the page of policies and calendars, and adopts it once it has no mistakes.",
            )) }
        }
        (table.render(visitor.say("学期", "semesters")))
        @for adopted in &answer.calendars {
            details { summary { (adopted.calendar_id) } pre { (adopted.document) } }
        }
        (turning(&visitor, "/calendars", &asked, &answer.next_page_token))
        p.noprint { (adopt(&visitor)) }
    };
    Ok(page(&visitor, visitor.say("校历", "Calendars"), &content))
}

pub(crate) async fn loads(visitor: Visitor, Question(asked): Question<Paged>) -> Answer {
    let request = api::ListLoadsRequest {
        page_token: asked.page.clone(),
        at: None,
    };
    let answer = visitor.api.ledger().list_loads(visitor.api.call(request)).await;
    let answer = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let mut table = columns(&visitor, load::HEADINGS, 3);
    for one in &answer.loads {
        table.row(load::cells(one, visitor.lang).map(text));
    }
    let content = html! {
        @if answer.loads.is_empty() {
            p.quiet { (visitor.say(
                "没有开启过历史补录：县级审核员用 keshi load open 开启。",
                "no historical load was ever opened: the county reviewer opens one with keshi load open.",
            )) }
        }
        (table.render(visitor.say("历史补录批次", "historical loads")))
        (turning(&visitor, "/loads", &asked, &answer.next_page_token))
    };
    Ok(page(&visitor, visitor.say("历史补录", "Historical loads"), &content))
}

/// What is asked of the schools, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Named {
    name: String,
    page: String,
}

pub(crate) async fn schools_named(visitor: Visitor, Question(asked): Question<Named>) -> Answer {
    let title = visitor.say("学校名录", "Schools");
    let request = api::ListSchoolsRequest {
        at: None,
        name: asked.name.trim().to_owned(),
        page_token: asked.page.clone(),
    };
    let form = |wrong: &Wrong| {
        html! {
            form.row.noprint method="get" action="/schools" role="search" {
                (wrong.text(visitor.say("校名或其中几个字", "name, or a part of it"), "name", &asked.name, 16))
                button { (visitor.say("查找", "find")) }
            }
        }
    };
    let answer = match visitor.api.ledger().list_schools(visitor.api.call(request)).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title, &wrong, &form(&wrong));
        }
    };
    let mut table = columns(&visitor, schools::HEADINGS, usize::MAX);
    for school in &answer.schools {
        let [id, rest @ ..] = schools::cells(school, visitor.lang);
        let [name, stage, township, group, since, until, successor] = rest.map(text);
        let link = html! { a href=(address("/school", &[("school_id", &id)])) { (id) } };
        let class = if school.last_day.is_some() { "idle" } else { "" };
        table.marked(class, [link, name, stage, township, group, since, until, successor]);
    }
    let content = html! {
        (form(&Wrong::default()))
        @if answer.schools.is_empty() && asked.name.trim().is_empty() {
            p.quiet { (visitor.say(
                "还没有登记学校：教研室在“导入”页下载空表，填好后导入。",
                "no school is registered yet: the office saves the empty sheet from the page of imports, fills it in, and imports it.",
            )) }
        } @else if answer.schools.is_empty() {
            p { (visitor.lang.pick(format!("没有名称含“{}”的学校；请核对，或清空后列出全部", asked.name.trim()), format!("no school has {} in its name: check it, or empty the field to list all", asked.name.trim()))) }
        }
        (table.render(visitor.say("学校", "schools")))
        (turning(&visitor, "/schools", &asked, &answer.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}

/// A table with these columns, of which this one has numbers.
fn columns<const N: usize>(visitor: &Visitor, headings: [(&str, &str); N], number: usize) -> Table {
    let mut columns = headings.map(|(zh, en)| (visitor.say(zh, en).to_owned(), Set::Text));
    if let Some((_, set)) = columns.get_mut(number) {
        *set = Set::Number;
    }
    Table::new(columns.each_ref().map(|(name, set)| (name.as_str(), *set)))
}
