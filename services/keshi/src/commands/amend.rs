//! `keshi void` and `keshi correct`: an entry loses its effect, or another takes its place (ADR 43).

use jiff::Timestamp;
use keshi_core::hours::Hours;
use keshi_core::lang::Lang;
use keshi_core::time::Millis;
use keshi_proto::api_convert::is_in_ledger;
use keshi_proto::{api, date_to_wire, event};
use keshi_sheets::plan::{correction_id, void_id};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::shared::{self, why_not};
use crate::Ctx;
use crate::cli::{CorrectArgs, VoidArgs};
use crate::exit::{Exit, Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::json;
use crate::texts::names;

/// Most corrections upon one another that are voided at once.
const CHAIN_MAX: usize = 50;

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
    let mut chain = vec![known(session, args.entry).await?];
    while let Some(last) = chain.last()
        && let Some(by) = last.entry.corrected_by
    {
        if !args.with_corrections || chain.len() > CHAIN_MAX {
            let index = last.entry.index;
            return Err(Failure::failed(say(
                format!("第 {index} 条已由第 {by} 条更正，现以该条为准"),
                format!("entry {index} was corrected by entry {by}, which stands in its place"),
            ))
            .and(say(
                format!("作废更正、恢复原记录：keshi void {by} --reason …；一并作废：本命令再加 --with-corrections"),
                format!(
                    "keshi void {by} --reason … brings back what it corrected; add --with-corrections here to void all"
                ),
            )));
        }
        chain.push(known(session, by).await?);
    }
    let today = Millis(Timestamp::now().as_millisecond()).local_date();
    // The last first: what was corrected can be voided once its correction is.
    let voids = chain.iter().rev().map(|known| {
        let target_event = known.event.event_id.clone();
        api::Event {
            event_id: void_id(&target_event).to_string(),
            occurred_from: Some(date_to_wire(today)),
            org: known.event.org.clone(),
            fact: Some(event::Fact {
                fact: Some(event::fact::Fact::EntryVoided(event::EntryVoided {
                    target_event,
                    reason: args.reason.clone(),
                    authorised_by: args.authorised_by.clone().unwrap_or_default(),
                })),
            }),
            ..api::Event::default()
        }
    });
    let voids = voids.collect();
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
    let known = known(session, args.entry).await?;
    let index = known.entry.index;
    if let Some(by) = known.standing.filter(|&standing| standing != index) {
        return Err(Failure::failed(say(
            format!("第 {index} 条已更正，现以第 {by} 条为准；请更正该条：keshi correct {by} …"),
            format!("entry {index} was corrected, and entry {by} stands in its place: keshi correct {by} …"),
        )));
    }
    let mut changed = changed(&known.event, &args)?;
    if changed == known.event {
        return Err(Failure::usage(say(
            "没有要改的内容：请写明 --hours、--from、--to 或 --set 字段=值",
            "nothing would change: give --hours, --from, --to or --set FIELD=VALUE",
        )));
    }
    changed.supersedes.clone_from(&known.event.event_id);
    changed.note.clone_from(&args.reason);
    changed.source = String::new();
    // The load may be closed; what is corrected now is posted now.
    changed.load_id = String::new();
    changed.event_id = correction_id(&known.event.event_id, &changed).to_string();
    let done = say(
        format!("第 {index} 条已更正；原记录仍可查（keshi void 可撤销本次更正）"),
        format!("entry {index} is corrected; the original stays on record (keshi void undoes the correction)"),
    );
    post(ctx, session, vec![changed], &done).await
}

/// The event with what the command line says instead.
fn changed(event: &api::Event, args: &CorrectArgs) -> Outcome<api::Event> {
    let mut changed = event.clone();
    if let Some(from) = args.from {
        changed.occurred_from = Some(date_to_wire(from));
    }
    if let Some(day) = args.to.or_else(|| same_day(event).then_some(args.from).flatten()) {
        changed.occurred_to = Some(date_to_wire(day));
    }
    if let Some(hours) = &args.hours {
        set_hours(&mut changed, hours)?;
    }
    if args.set.is_empty() {
        return Ok(changed);
    }
    let mut whole = json::value(&changed)?;
    let kind = whole.get_mut("fact").and_then(Value::as_object_mut);
    let fact = kind
        .and_then(|kind| kind.values_mut().next())
        .and_then(Value::as_object_mut);
    let fact = fact.ok_or_else(|| Failure::failed(say("该条没有内容", "the entry holds no fact")))?;
    for setting in &args.set {
        set(fact, setting)?;
    }
    json::parse::<api::Event>(&whole.to_string())?.map_err(|why| {
        Failure::usage(say(
            format!("--set 的内容不对：{why}"),
            format!("--set is wrong: {why}"),
        ))
    })
}

fn same_day(event: &api::Event) -> bool {
    event.occurred_to.is_none() || event.occurred_from == event.occurred_to
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

/// Sets the amount that the kind has: hours present, the session's hours, or lessons.
fn set_hours(event: &mut api::Event, text: &str) -> Outcome {
    use event::fact::Fact;
    let wrong = || {
        Failure::usage(say(
            format!("“{text}”不是课时数：请写如 4 或 4.5"),
            format!("{text:?} is no amount: write 4 or 4.5"),
        ))
    };
    let amount = Hours::parse(text).map_err(|_| wrong())?;
    let whole = || {
        let whole = amount.hundredths() % 100 == 0;
        i32::try_from(amount.hundredths() / 100)
            .ok()
            .filter(|_| whole)
            .ok_or_else(|| {
                Failure::usage(say(
                    format!("“{text}”不是节数：节数是整数"),
                    format!("{text:?} is no number of lessons: it has to be whole"),
                ))
            })
    };
    match event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        Some(Fact::AttendanceRecorded(fact)) => fact.present_centihours = amount.hundredths(),
        Some(Fact::SessionHeld(fact)) => fact.centihours = amount.hundredths(),
        Some(Fact::LessonGiven(fact)) => fact.periods = whole()?,
        Some(Fact::LessonObserved(fact)) => fact.periods = whole()?,
        _ => {
            return Err(Failure::usage(say(
                "该类记录没有课时数：请用 --set 字段=值（字段见 keshi log --json 的输出）",
                "this kind of entry has no hours: use --set FIELD=VALUE (see the fields with keshi log --json)",
            )));
        }
    }
    Ok(())
}

/// An entry that recorded something.
struct Known {
    entry: api::Entry,
    event: api::Event,
    standing: Option<u64>,
}

async fn known(session: &Session, index: u64) -> Outcome<Known> {
    let answer = shared::entry(session, index).await;
    let api::GetEntryResponse { entry, standing, .. } = answer.map_err(|status| session.failed(&status))?;
    let entry = entry.unwrap_or_default();
    let verdict = entry.verdict();
    let event = entry
        .event
        .clone()
        .filter(|_| matches!(verdict, api::Verdict::Recorded | api::Verdict::Waiting));
    let Some(event) = event else {
        let said = |lang| names::verdict(verdict, lang);
        return Err(Failure::failed(say(
            format!("第 {index} 条没有入账（{}），没有可作废或更正的内容", said(Lang::Zh)),
            format!(
                "entry {index} recorded nothing ({}): there is nothing to void or correct",
                said(Lang::En)
            ),
        )));
    };
    if let Some(by) = entry.voided_by {
        return Err(Failure::failed(say(
            format!("第 {index} 条已由第 {by} 条作废"),
            format!("entry {index} was voided by entry {by}"),
        )));
    }
    Ok(Known { entry, event, standing })
}

async fn post(ctx: &mut Ctx<'_>, session: &Session, events: Vec<api::Event>, done: &Say) -> Outcome {
    let request = session.call(api::SubmitRequest {
        submission_id: Uuid::new_v4().to_string(),
        taking: api::Taking::Atomic.into(),
        events,
    });
    let answer = session.submissions().submit(request).await;
    let response = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        json::print(&response, &mut ctx.io.stdout)?;
    }
    let Some(receipt) = &response.receipt else {
        let id = &response.submission_id;
        ctx.note(&say(
            format!("已接收，尚未入账（提交编号 {id}）；稍后再运行一次本命令，即知结果"),
            format!("accepted, not yet in the ledger (submission {id}); run this again later to hear"),
        ));
        return Err(Failure::silent(Exit::Accepted));
    };
    let refused = receipt.verdicts.iter().find(|verdict| {
        !is_in_ledger(verdict.verdict) && verdict.reason.as_ref().is_none_or(|why| why.code != "AtomicOther")
    });
    if let Some(refused) = refused {
        let why = |lang| why_not(refused, lang).unwrap_or_default();
        return Err(Failure::failed(say(why(Lang::Zh), why(Lang::En))));
    }
    if ctx.globals.json {
        return Ok(());
    }
    let indices: Vec<String> = receipt
        .verdicts
        .iter()
        .filter_map(|v| Some(v.index?.to_string()))
        .collect();
    let indices = indices.join("、");
    let line = say(
        format!("{}（入账为第 {indices} 条）", done.zh),
        format!("{} (recorded as entry {indices})", done.en),
    );
    ctx.print_text(line.pick(ctx.lang))
}
