//! `keshi year report`: the annual report, on the screen or as a file.

use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use keshi_import::report::lists;
use keshi_proto::api;
use keshi_sheets::write::lists_bytes;
use keshi_words::report::{Block, Grid, Paper, paper, sentences};
use keshi_words::time::{parts, today};

use crate::Ctx;
use crate::cli::{ReportFormatArg, YearReportArgs};
use crate::commands::cert::print::{fonts, unprintable, written};
use crate::commands::shared::at;
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::table::{Align, Table, Width};
use crate::show::{add, json};

pub(super) async fn run(ctx: &mut Ctx<'_>, session: &Session, args: YearReportArgs) -> Outcome {
    let format = format_of(ctx, &args)?;
    let request = session.call(api::GetYearReportRequest {
        year: args.year.into(),
        at: at(&args.at),
        purpose: args.purpose.clone().unwrap_or_default(),
        with_statement: ctx.globals.json || format == ReportFormatArg::Json,
    });
    let answer = session.years().get_year_report(request).await;
    let report = answer.map_err(|status| session.failed(&status))?.into_inner();
    let set = paper(&report, ctx.lang);
    let bytes = match format {
        ReportFormatArg::Json => {
            let mut text = Vec::new();
            json::print(&report, &mut text)?;
            text
        }
        ReportFormatArg::Text => text(&report, &set, ctx.lang, ctx.width()).into_bytes(),
        ReportFormatArg::Html => keshi_papers::html(&set, ctx.lang.pick("zh-CN", "en")).into_bytes(),
        ReportFormatArg::Pdf => {
            let fonts = fonts(&args.font)?;
            keshi_papers::pdf(&fonts, &set, parts(today())).map_err(|unprinted| unprintable(&unprinted))?
        }
        ReportFormatArg::Docx => keshi_papers::docx(&set).map_err(|unprinted| unprintable(&unprinted))?,
        ReportFormatArg::Xlsx => {
            lists_bytes(&set.title, lists(&set)).map_err(|error| Failure::failed(Say::same(error)))?
        }
    };
    match &args.output {
        Some(path) => {
            written(path, &bytes)?;
            let shown = path.display();
            ctx.note(&say(
                format!("{shown}：{}", set.title),
                format!("{shown}: {}", set.title),
            ));
            Ok(())
        }
        None => ctx.print_text(&String::from_utf8_lossy(&bytes)),
    }
}

/// The form: as asked, or by the file's name, or text. What is no text needs a file.
fn format_of(ctx: &Ctx<'_>, args: &YearReportArgs) -> Outcome<ReportFormatArg> {
    let by_name = args
        .output
        .as_deref()
        .and_then(Path::extension)
        .and_then(|name| name.to_str());
    let by_name = by_name.and_then(|name| name.parse().ok());
    let usual = if ctx.globals.json {
        ReportFormatArg::Json
    } else {
        ReportFormatArg::Text
    };
    let format = args.format.or(by_name).unwrap_or(usual);
    let is_binary = matches!(
        format,
        ReportFormatArg::Xlsx | ReportFormatArg::Pdf | ReportFormatArg::Docx
    );
    let none: Option<&PathBuf> = args.output.as_ref();
    if is_binary && none.is_none() {
        return Err(Failure::usage(say(
            "这种格式要写成文件：用 -o 指明，如 -o 年度报告.docx",
            "this form goes into a file: name it with -o, such as -o report.docx",
        )));
    }
    Ok(format)
}

/// The sentences first, to be pasted; then the tables.
fn text(report: &api::YearReport, set: &Paper, lang: Lang, width: Width) -> String {
    let mut text = format!("{}\n{}\n\n{}", set.title, set.about, sentences(report));
    let tables = set.blocks.iter().skip_while(|block| !matches!(block, Block::Table(_)));
    for block in tables {
        match block {
            Block::Heading(_, heading) => add(&mut text, format!("\n{heading}\n")),
            Block::Paragraph(paragraph) => add(&mut text, format!("{paragraph}\n")),
            Block::Table(grid) => add(&mut text, format!("\n{}", table(grid).render(width))),
            Block::Bars(bars) => {
                let steps = bars.bars.iter().map(|(name, _, said)| format!("{name} {said}"));
                let steps = steps.collect::<Vec<_>>().join(" → ");
                add(&mut text, format!("{}{}{steps}\n", bars.name, lang.pick("：", ": ")));
            }
        }
    }
    text
}

fn table(grid: &Grid) -> Table {
    let mut table = Table::new(grid.columns.iter().map(|(name, is_number)| {
        let align = if *is_number { Align::Right } else { Align::Left };
        (name.as_str(), align)
    }));
    for row in &grid.rows {
        table.row(row.clone());
    }
    table
}
