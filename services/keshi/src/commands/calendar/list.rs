//! `keshi calendar list`: the calendars that the ledger has, with their semesters.

use keshi_core::lang::Lang;
use keshi_proto::api;

use super::changes::days;
use crate::Ctx;
use crate::cli::AtArgs;
use crate::commands::shared::{at, each_page};
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, session: &Session, args: &AtArgs) -> Outcome {
    let mut all = api::ListCalendarsResponse::default();
    let ask = async |page_token| {
        let request = api::ListCalendarsRequest {
            at: at(args),
            page_token,
        };
        session.ledger().list_calendars(session.call(request)).await
    };
    let told = each_page(ask, |page| {
        all.calendars.extend(page.calendars);
        all.size = page.size;
        page.next_page_token
    });
    told.await.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.calendars.is_empty() {
        ctx.note(&say(
            "还没有发布校历：教研室用 keshi calendar adopt 文件 发布",
            "no calendar is adopted yet: the office adopts one with keshi calendar adopt FILE",
        ));
        return Ok(());
    }
    ctx.print_text(&listed(&all.calendars, ctx.lang).render(ctx.width()))
}

/// One line for each semester of each calendar.
fn listed(calendars: &[api::AdoptedCalendar], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("学年", "school year"), Align::Left),
        (lang.pick("学期", "semester"), Align::Left),
        (lang.pick("日期", "days"), Align::Left),
        (lang.pick("校历", "calendar"), Align::Left),
        (lang.pick("条目", "entry"), Align::Right),
        (lang.pick("说明", "note"), Align::Left),
    ]);
    for calendar in calendars {
        for semester in &calendar.semesters {
            let id = &semester.semester_id;
            let year = id.rsplit_once('-').map_or(id.as_str(), |(year, _)| year);
            let replaced = lang.pick("已由后发布的校历取代", "a later calendar gives it");
            table.row([
                year.to_owned(),
                id.clone(),
                days(semester, lang),
                calendar.calendar_id.clone(),
                calendar.index.to_string(),
                if semester.replaced { replaced } else { "" }.to_owned(),
            ]);
        }
    }
    table
}
