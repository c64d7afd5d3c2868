//! `keshi void` and `keshi correct`: an entry loses its effect, or another takes its place (ADR 43).

use keshi_import::amend::{self, Change, Unamended};
use keshi_proto::api;
use serde_json::{Map, Value};

use super::shared::taken;
use crate::Ctx;
use crate::cli::{CorrectArgs, VoidArgs};
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::json;

pub(super) async fn void(ctx: &mut Ctx<'_>, args: VoidArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = void_with(ctx, &session, args).await;
    result.and(session.close().await)
}

pub(super) async fn correct(ctx: &mut Ctx<'_>, args: CorrectArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = correct_with(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn void_with(ctx: &mut Ctx<'_>, session: &Session, args: VoidArgs) -> Outcome {
    let chain = amend::chain(session, args.entry, args.with_corrections).await;
    let chain = chain.map_err(|unamended| match unamended {
        Unamended::CorrectedSince { by, .. } => Failure::failed(unamended.say()).and(say(
            format!("作废更正、恢复原记录：keshi void {by} --reason …；一并作废：本命令再加 --with-corrections"),
            format!(
                "keshi void {by} --reason … brings back what it corrected; add --with-corrections here to void all"
            ),
        )),
        unamended => failure(session, &unamended),
    })?;
    let voids = amend::voids(&chain, &args.reason, args.authorised_by.as_deref().unwrap_or_default());
    let brings_back = chain.first().is_some_and(|first| !first.event.supersedes.is_empty());
    let indices: Vec<String> = chain.iter().map(|known| known.entry.index.to_string()).collect();
    let indices = indices.join("、");
    let mut done = say(format!("第 {indices} 条已作废"), format!("voided: entry {indices}"));
    if brings_back {
        done = say(
            format!("{}；它所更正的记录恢复有效", done.zh),
            format!("{}; what it corrected stands again", done.en),
        );
    }
    post(ctx, session, voids, &done).await
}

async fn correct_with(ctx: &mut Ctx<'_>, session: &Session, args: CorrectArgs) -> Outcome {
    let failed = |unamended: Unamended| failure(session, &unamended);
    let known = amend::known(session, args.entry).await.map_err(failed)?;
    let index = known.entry.index;
    let change = Change {
        from: args.from,
        to: args.to,
        hours: args.hours.clone(),
    };
    let changed = with_settings(change.of(&known.event).map_err(failed)?, &args.set)?;
    let correction = amend::correction(&known, changed, &args.reason).map_err(failed)?;
    let done = say(
        format!("第 {index} 条已更正；原记录仍可查（keshi void 可撤销本次更正）"),
        format!("entry {index} is corrected; the original stays on record (keshi void undoes the correction)"),
    );
    post(ctx, session, vec![correction], &done).await
}

/// What to tell of an entry that was not amended, with the command that helps.
fn failure(session: &Session, unamended: &Unamended) -> Failure {
    let what = unamended.say();
    match unamended {
        Unamended::Services(status) => session.failed(status),
        Unamended::CorrectedSince { by, .. } => Failure::failed(what.then(&say(
            format!("请更正该条：keshi correct {by} …"),
            format!("correct that one: keshi correct {by} …"),
        ))),
        Unamended::NothingChanges => Failure::usage(what.then(&say(
            "请写明 --hours、--from、--to 或 --set 字段=值",
            "give --hours, --from, --to or --set FIELD=VALUE",
        ))),
        Unamended::NoHours => Failure::usage(what.then(&say(
            "请用 --set 字段=值（字段见 keshi log --json 的输出）",
            "use --set FIELD=VALUE (see the fields with keshi log --json)",
        ))),
        Unamended::WrongHours(_) => Failure::usage(what),
        Unamended::Void { .. } | Unamended::NothingRecorded { .. } | Unamended::Refused(_) => Failure::failed(what),
    }
}

/// The event with the fields that are set.
fn with_settings(changed: api::Event, settings: &[String]) -> Outcome<api::Event> {
    if settings.is_empty() {
        return Ok(changed);
    }
    let mut whole = json::value(&changed)?;
    let kind = whole.get_mut("fact").and_then(Value::as_object_mut);
    let fact = kind
        .and_then(|kind| kind.values_mut().next())
        .and_then(Value::as_object_mut);
    let fact = fact.ok_or_else(|| Failure::failed(say("该条没有内容", "the entry holds no fact")))?;
    for setting in settings {
        set(fact, setting)?;
    }
    json::parse::<api::Event>(&whole.to_string())?.map_err(|why| {
        Failure::usage(say(
            format!("--set 的内容不对：{why}"),
            format!("--set is wrong: {why}"),
        ))
    })
}

fn set(fact: &mut Map<String, Value>, setting: &str) -> Outcome {
    let (field, value) = setting.split_once('=').ok_or_else(|| {
        Failure::usage(say(
            format!("--set {setting}：请写成 字段=值，如 --set result=ATTENDANCE_RESULT_PASSED"),
            format!("--set {setting}: write FIELD=VALUE, such as --set result=ATTENDANCE_RESULT_PASSED"),
        ))
    })?;
    // Numbers and booleans as JSON has them; all else is text.
    let value = serde_json::from_str::<Value>(value)
        .ok()
        .filter(|value| value.is_number() || value.is_boolean())
        .unwrap_or_else(|| Value::String(value.to_owned()));
    fact.insert(field.to_owned(), value);
    Ok(())
}

async fn post(ctx: &mut Ctx<'_>, session: &Session, events: Vec<api::Event>, done: &Say) -> Outcome {
    let posted = amend::post(session, events).await;
    let response = posted.map_err(|unamended| failure(session, &unamended))?;
    taken(ctx, &response)?;
    let indices = amend::recorded(&response).map_err(|unamended| failure(session, &unamended))?;
    if ctx.globals.json {
        return Ok(());
    }
    let indices: Vec<String> = indices.iter().map(u64::to_string).collect();
    let indices = indices.join("、");
    let line = say(
        format!("{}（入账为第 {indices} 条）", done.zh),
        format!("{} (recorded as entry {indices})", done.en),
    );
    ctx.print_text(line.pick(ctx.lang))
}
