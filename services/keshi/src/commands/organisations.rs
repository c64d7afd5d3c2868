//! `keshi organisations`: groups of schools, subject bases and studios, as they are on a day.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::organisation::{HEADINGS, row};

use super::shared::at;
use crate::Ctx;
use crate::cli::OrganisationsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &OrganisationsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let request = session.call(api::ListOrganisationsRequest {
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        kind: 0,
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
    });
    let answer = session.ledger().list_organisations(request).await;
    let answer = answer.map_err(|status| session.failed(&status));
    session.close().await?;
    let all = answer?.into_inner();
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.organisations.is_empty() {
        ctx.note(&say(
            "当日没有片区、基地或工作室；由县级审核员或管理员用 keshi post 登记（group_formed、base_formed、studio_formed）",
            "there is none on that day; a county reviewer or admin posts them with keshi post (group_formed, base_formed, studio_formed)",
        ));
        return Ok(());
    }
    ctx.print_text(&listed(&all.organisations, ctx.lang).render(ctx.width()))
}

fn listed(all: &[api::Organisation], lang: Lang) -> Table {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| {
        let align = if zh == HEADINGS[6].0 { Align::Right } else { Align::Left };
        (lang.pick(zh, en), align)
    }));
    for organisation in all {
        table.row(row(organisation, lang));
    }
    table
}
