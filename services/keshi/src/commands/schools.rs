//! `keshi schools`: the register of schools, as sheets and tokens name them.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::schools::{HEADINGS, cells};
use tonic::Status;

use super::shared::{at, each_page};
use crate::Ctx;
use crate::cli::{AtArgs, SchoolsArgs};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &SchoolsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let name = args.name.as_deref().unwrap_or_default();
    let result = all(&session, name, Some(&args.at)).await;
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

/// All schools whose name has this part.
///
/// # Errors
///
/// As the server answers.
pub(super) async fn all(
    session: &Session,
    name: &str,
    args: Option<&AtArgs>,
) -> Result<api::ListSchoolsResponse, Status> {
    let mut all = api::ListSchoolsResponse::default();
    let ask = async |page_token| {
        let request = api::ListSchoolsRequest {
            at: args.and_then(at),
            name: name.to_owned(),
            page_token,
        };
        session.ledger().list_schools(session.call(request)).await
    };
    let told = each_page(ask, |page| {
        all.schools.extend(page.schools);
        all.size = page.size;
        page.next_page_token
    });
    told.await?;
    Ok(all)
}

fn listed(schools: &[api::RegisteredSchool], lang: Lang) -> Table {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Align::Left)));
    for school in schools {
        // The stage by the word that sheets have.
        table.row(cells(school, Lang::Zh));
    }
    table
}
