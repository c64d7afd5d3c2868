//! `keshi organisations`: groups of schools, subject bases, studios, linked schools and experts, as they are on a day.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::organisation::{HEADINGS, row};

use super::shared::{at, teacher_or_self};
use crate::Ctx;
use crate::cli::OrganisationsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &OrganisationsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: &OrganisationsArgs) -> Outcome {
    let purpose = args.purpose.clone().unwrap_or_default();
    let teacher_id = match &args.teacher {
        Some(teacher) => teacher_or_self(session, (ctx.lang, ctx.width()), Some(teacher), &purpose).await?,
        None => String::new(),
    };
    let request = session.call(api::ListOrganisationsRequest {
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        kind: 0,
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        teacher_id,
        school_id: args.school.clone().unwrap_or_default(),
        purpose,
    });
    let answer = session.ledger().list_organisations(request).await;
    let all = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.organisations.is_empty() {
        ctx.note(&say(
            "当日没有片区、基地、工作室、联系点或专家库；由县级审核员或管理员用 keshi post 登记（group_formed、base_formed、studio_formed、school_linked、expert_pooled）",
            "there is none on that day; a county reviewer or admin posts them with keshi post (group_formed, base_formed, studio_formed, school_linked, expert_pooled)",
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
