//! `keshi figures`: the definitions of the annual report's figures (口径): check a document here, adopt it, show what is adopted.

use keshi_core::document::Problem;
use keshi_core::figures::Definitions;
use keshi_proto::api;

use super::policy::{Document, adopt_and_print, check, parse_as};
use super::shared::{at, read_text};
use crate::Ctx;
use crate::cli::{AtArgs, FiguresCommand};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, command: FiguresCommand) -> Outcome {
    match command {
        FiguresCommand::Check { file } => check(ctx, &file, read),
        FiguresCommand::Adopt { file } => {
            let text = read_text(&file)?;
            parse_as(&file, &text, read)?;
            let session = Session::open(ctx).await?;
            let result = adopt_and_print(ctx, &session, &file, (text, read)).await;
            result.and(session.close().await)
        }
        FiguresCommand::Show { number, at } => {
            let session = Session::open(ctx).await?;
            let result = show(ctx, &session, (number, &at)).await;
            result.and(session.close().await)
        }
    }
}

fn read(text: &str) -> Result<Document, Vec<Problem>> {
    Definitions::parse(text).map(Document::Figures)
}

async fn show(ctx: &mut Ctx<'_>, session: &Session, (version, args): (Option<u32>, &AtArgs)) -> Outcome {
    let request = session.call(api::ListFiguresRequest { at: at(args) });
    let answer = session.years().list_figures(request).await;
    let all = answer.map_err(|status| session.failed(&status))?.into_inner();
    if let Some(version) = version {
        let found = all.figures.iter().find(|one| u32::try_from(one.version) == Ok(version));
        return match found {
            Some(one) if ctx.globals.json => json::print(one, &mut ctx.io.stdout),
            Some(one) => ctx.print_text(&one.document),
            None => Err(Failure::failed(say(
                format!("没有发布过第 {version} 版口径；keshi figures show 列出已发布的"),
                format!("no definitions of version {version} are adopted; keshi figures show lists what is"),
            ))),
        };
    }
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.figures.is_empty() {
        ctx.note(&say(
            "还没有发布指标口径；keshi template 口径 写出可改的文件，keshi figures adopt 发布",
            "no definitions are adopted; keshi template 口径 writes some to begin with, keshi figures adopt adopts them",
        ));
        return Ok(());
    }
    let lang = ctx.lang;
    let mut table = Table::new([
        (lang.pick("版本", "version"), Align::Right),
        (lang.pick("名称", "name"), Align::Left),
        (lang.pick("自何年起", "from year"), Align::Right),
        (lang.pick("条目", "entry"), Align::Right),
    ]);
    for one in &all.figures {
        table.row([
            one.version.to_string(),
            one.name.clone(),
            one.from_year.to_string(),
            one.index.to_string(),
        ]);
    }
    ctx.print_text(&table.render(ctx.width()))
}
