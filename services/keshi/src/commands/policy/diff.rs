//! `keshi policy diff A B`: who would stand otherwise under B than under A. Nothing is adopted for it.

mod render;
mod sheet;
#[cfg(test)]
mod tests;

use std::path::Path;

use keshi_proto::api::policy_choice::Policy as Given;
use keshi_proto::api::{self, ComparePoliciesResponse};

use super::{Document, parse};
use crate::Ctx;
use crate::cli::{PolicyDiffArgs, PolicyId};
use crate::commands::shared::{at, percent_bar, read_text};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: PolicyDiffArgs) -> Outcome {
    // Documents are read first: their mistakes need no server.
    let before = choice(&args.before)?;
    let after = choice(&args.after)?;
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args, (before, after)).await;
    result.and(session.close().await)
}

async fn ask(
    ctx: &mut Ctx<'_>,
    session: &Session,
    args: PolicyDiffArgs,
    (before, after): (api::PolicyChoice, api::PolicyChoice),
) -> Outcome {
    let request = session.stream(api::ComparePoliciesRequest {
        before: Some(before),
        after: Some(after),
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        at: at(&args.at),
        purpose: args.purpose.clone().unwrap_or_default(),
    });
    let answer = session.ledger().compare_policies(request).await;
    let mut answer = answer.map_err(|status| session.failed(&status))?.into_inner();
    let bar = percent_bar(ctx, &say("试算", "comparing"));
    let mut all = ComparePoliciesResponse::default();
    while let Some(message) = answer.message().await.map_err(|status| session.failed(&status))? {
        let length = u64::try_from(message.teachers_total).unwrap_or(0);
        bar.set_length(length);
        bar.set_position(u64::try_from(message.teachers_done).unwrap_or(0));
        all.changes.extend(message.changes);
        (all.teachers_done, all.teachers_total) = (message.teachers_done, message.teachers_total);
        all.result = message.result.or(all.result);
    }
    bar.finish_and_clear();
    let Some(result) = &all.result else {
        return Err(Failure::failed(say(
            "试算中断，没有结果：请重新运行",
            "the comparison broke off without a result: run it again",
        )));
    };
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    let Some(path) = &args.xlsx else {
        return ctx.print_text(&render::text(&all.changes, result, ctx.lang, ctx.width()));
    };
    sheet::write(path, &all.changes, result, ctx.lang)?;
    ctx.print_text(&render::counts(result, ctx.lang, ctx.width()))?;
    let (count, path) = (all.changes.len(), path.display());
    ctx.note(&say(
        format!("{count} 项变化已写入 {path}"),
        format!("{count} changes are written to {path}"),
    ));
    Ok(())
}

/// A policy as the user names it: a file that is there or looks like one, else an id or `id@version`.
fn choice(text: &str) -> Outcome<api::PolicyChoice> {
    let path = Path::new(text);
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let given = if is_toml || text.contains(std::path::is_separator) || path.is_file() {
        let document = read_text(path)?;
        match parse(path, &document)? {
            Document::Policy(_) => Given::Document(document),
            Document::Calendar(_) | Document::Figures(_) => {
                return Err(Failure::usage(say(
                    format!("{text} 是校历或指标口径，不是规则：请给出规则文件"),
                    format!("{text} is a calendar or defines figures and is no policy: name a policy's file"),
                )));
            }
        }
    } else {
        let id: PolicyId = text.parse().map_err(|_| {
            Failure::usage(say(
                format!("“{text}” 不是规则：请写编号、编号@版本，或规则文件的路径"),
                format!("{text:?} is no policy: write its id, id@version, or the path of a policy file"),
            ))
        })?;
        Given::Adopted(id.to_string())
    };
    Ok(api::PolicyChoice { policy: Some(given) })
}
