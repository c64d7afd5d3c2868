//! `keshi rotation`: posts away from the own school, and how each stands to its least time.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::rotation::{HEADINGS, counts, row};

use super::shared::{at, teacher_or_self};
use crate::Ctx;
use crate::cli::RotationArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Posts in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: RotationArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: RotationArgs) -> Outcome {
    let purpose = args.purpose.unwrap_or_default();
    let teacher_id = match &args.teacher {
        Some(teacher) => teacher_or_self(session, (ctx.lang, ctx.width()), Some(teacher), &purpose).await?,
        None => String::new(),
    };
    let standing = if args.early {
        api::TermStanding::EndsEarly
    } else {
        api::TermStanding::Unspecified
    };
    let request = api::ListRotationsRequest {
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        teacher_id,
        school_id: args.school.unwrap_or_default(),
        standing: standing.into(),
        page_size: PAGE,
        purpose,
        ..api::ListRotationsRequest::default()
    };
    let all = all_pages(session, request).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.rotations.is_empty() {
        ctx.note(&say(
            "没有轮岗、交流、借调或支教的任职；任职（assignment_started）用 nature 写明性质",
            "there is no rotation, exchange, secondment or support; a post (assignment_started) says so by its nature",
        ));
        return Ok(());
    }
    let table = listed(&all.rotations, ctx.lang).render(ctx.width());
    ctx.print_text(&format!("{}\n{table}", counts(&all, ctx.lang)))
}

/// All pages as one answer.
async fn all_pages(session: &Session, mut request: api::ListRotationsRequest) -> Outcome<api::ListRotationsResponse> {
    let mut rotations = Vec::new();
    loop {
        let answer = session.ledger().list_rotations(session.call(request.clone())).await;
        let mut page = answer.map_err(|status| session.failed(&status))?.into_inner();
        rotations.append(&mut page.rotations);
        if page.next_page_token.is_empty() {
            page.rotations = rotations;
            return Ok(page);
        }
        request.page_token = page.next_page_token;
    }
}

fn listed(all: &[api::Rotation], lang: Lang) -> Table {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| {
        let is_number = zh == HEADINGS[5].0 || zh == HEADINGS[6].0;
        let align = if is_number { Align::Right } else { Align::Left };
        (lang.pick(zh, en), align)
    }));
    for rotation in all {
        table.row(row(rotation, lang));
    }
    table
}
