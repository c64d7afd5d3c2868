//! `keshi schools`: the register of schools, as sheets and tokens name them.

use keshi_core::codes::Stage;
use keshi_core::lang::Lang;
use keshi_proto::api;

use super::shared::{at, date};
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
    let mut table = Table::new([
        (lang.pick("学校编号", "school"), Align::Left),
        (lang.pick("名称", "name"), Align::Left),
        (lang.pick("学段", "stage"), Align::Left),
        (lang.pick("乡镇", "township"), Align::Left),
        (lang.pick("片区", "group"), Align::Left),
        (lang.pick("自", "since"), Align::Left),
        (lang.pick("至", "until"), Align::Left),
        (lang.pick("并入", "goes on in"), Align::Left),
    ]);
    for school in schools {
        let stage = Stage::from_code(school.stage);
        table.row([
            school.school_id.clone(),
            school.name.clone(),
            stage.map_or("", Stage::zh).to_owned(),
            school.township.clone(),
            school.group.clone(),
            date(school.since.as_ref()),
            date(school.last_day.as_ref()),
            school.successor_id.clone(),
        ]);
    }
    table
}
