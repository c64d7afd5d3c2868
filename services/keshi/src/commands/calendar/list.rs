//! `keshi calendar list`: the calendars that the ledger has, with their semesters.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::calendar::{HEADINGS, cells};

use crate::Ctx;
use crate::cli::AtArgs;
use crate::commands::shared::{at, each_page};
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, session: &Session, args: &AtArgs) -> Outcome {
    let mut all = api::ListCalendarsResponse::default();
    let ask = |page_token| async {
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
    let aligned = |(zh, en)| {
        let align = if zh == HEADINGS[4].0 { Align::Right } else { Align::Left };
        (lang.pick(zh, en), align)
    };
    let mut table = Table::new(HEADINGS.map(aligned));
    for calendar in calendars {
        for semester in &calendar.semesters {
            table.row(cells(calendar, semester, lang));
        }
    }
    table
}
