//! `keshi sessions`: the sessions of the county, and who was at one.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::session::{ATTENDANCE_HEADINGS, HEADINGS, HOURS, attendance_cells, cells};

use super::shared::at;
use crate::Ctx;
use crate::cli::SessionsArgs;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

/// Lines in one answer of the server.
const PAGE: i32 = 200;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &SessionsArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = match &args.attendance {
        Some(id) => attendance(ctx, &session, args, id).await,
        None => listed(ctx, &session, args).await,
    };
    result.and(session.close().await)
}

async fn listed(ctx: &mut Ctx<'_>, session: &Session, args: &SessionsArgs) -> Outcome {
    let request = api::ListHeldSessionsRequest {
        period: args.period.map(|period| period.0.to_string()).unwrap_or_default(),
        from: args.from.map(date_to_wire),
        to: args.to.map(date_to_wire),
        text: args.text.clone().unwrap_or_default(),
        school_id: args.school.clone().unwrap_or_default(),
        page_size: PAGE,
        at: at(&args.at),
        ..api::ListHeldSessionsRequest::default()
    };
    let all = keshi_client::sessions(session, &request).await;
    let all = all.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.sessions.is_empty() {
        ctx.note(&say(
            "没有这样的场次：用 keshi template 培训 写出空表，填好后导入，场次随之登记",
            "there is no such session: write the sheet with keshi template 培训, fill it in and import it, its sessions come with it",
        ));
        return Ok(());
    }
    ctx.print_text(&table(&all.sessions, ctx.lang).render(ctx.width()))
}

async fn attendance(ctx: &mut Ctx<'_>, session: &Session, args: &SessionsArgs, id: &str) -> Outcome {
    let request = api::ListAttendanceRequest {
        session_id: id.to_owned(),
        school_id: args.school.clone().unwrap_or_default(),
        at: at(&args.at),
        purpose: args.purpose.clone().unwrap_or_default(),
        ..api::ListAttendanceRequest::default()
    };
    let all = keshi_client::attendance(session, &request).await;
    let all = all.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.attendance.is_empty() {
        ctx.note(&say(
            "这一场还没有您可以查看的出勤",
            "nobody about whom you may read is recorded at this session yet",
        ));
        return Ok(());
    }
    ctx.print_text(&there(&all.attendance, ctx.lang).render(ctx.width()))
}

/// The headings in the language, numbers to the right.
fn headed<const N: usize>(headings: [(&'static str, &'static str); N], numbers: &[usize], lang: Lang) -> Table {
    let mut place = 0..;
    Table::new(headings.map(|(zh, en)| {
        let is_number = place.next().is_some_and(|place| numbers.contains(&place));
        (lang.pick(zh, en), if is_number { Align::Right } else { Align::Left })
    }))
}

fn table(sessions: &[api::HeldSession], lang: Lang) -> Table {
    let mut table = headed(HEADINGS, &[HOURS], lang);
    for session in sessions {
        table.row(cells(session, lang));
    }
    table
}

fn there(attendance: &[api::Attendance], lang: Lang) -> Table {
    let mut table = headed(ATTENDANCE_HEADINGS, &[4, 6], lang);
    for there in attendance {
        table.row(attendance_cells(there, lang));
    }
    table
}
