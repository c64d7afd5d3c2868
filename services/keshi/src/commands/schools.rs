//! `keshi schools`: the register of schools, as sheets and tokens name them.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::schools::{HEADINGS, cells};

use super::shared::at;
use crate::Ctx;
use crate::cli::SchoolsArgs;
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &SchoolsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let name = args.name.as_deref().unwrap_or_default();
    let result = keshi_client::schools(&session, name, at(&args.at)).await;
    let result = result.map_err(|status| session.failed(&status));
    session.close().await?;
    let all = result?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.schools.is_empty() && name.is_empty() {
        ctx.note(&say(
            "还没有登记学校：教研室用 keshi template 学校 写出空表，填好后导入",
            "no school is registered yet: the office writes the sheet with keshi template 学校, and imports it",
        ));
        return Ok(());
    }
    if all.schools.is_empty() {
        return Err(Failure::failed(say(
            format!("没有名称含“{name}”的学校；keshi schools 列出全部"),
            format!("no school has {name} in its name; keshi schools lists all"),
        )));
    }
    ctx.print_text(&listed(&all.schools, ctx.lang).render(ctx.width()))
}

fn listed(schools: &[api::RegisteredSchool], lang: Lang) -> Table {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for school in schools {
        // The stage by the word that sheets have.
        table.row(cells(school, Lang::Zh));
    }
    table
}
