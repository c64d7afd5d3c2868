//! `keshi load`: opens, closes and lists historical loads (历史补录), under which rows of a past period are imported.

mod list;

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::ids::LoadId;
use keshi_core::lang::Lang;
use keshi_core::period::{Name, Period};
use keshi_core::time::Millis;
use keshi_proto::{api, date_to_wire, event};
use uuid::Uuid;

use super::shared::{taken, why_not};
use crate::Ctx;
use crate::cli::{LoadCommand, LoadOpenArgs};
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::Session;

/// Where the ids of a load's own events come from.
const IDS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4e75_9c11_53b0_8e61_6c64);

pub(super) async fn run(ctx: &mut Ctx<'_>, command: LoadCommand) -> Outcome {
    let today = Millis(Timestamp::now().as_millisecond()).local_date();
    // What the command line alone tells is said before any server is asked.
    match command {
        LoadCommand::List { at } => {
            let session = Session::open(ctx).await?;
            let result = list::run(ctx, &session, &at).await;
            result.and(session.close().await)
        }
        LoadCommand::Open(args) => {
            let id = load_id(&args.id)?;
            let covered = covered(args.period.0, today)?;
            let session = Session::open(ctx).await?;
            let result = open(ctx, &session, id, covered, args).await;
            result.and(session.close().await)
        }
        LoadCommand::Close { id } => {
            let id = load_id(&id)?;
            let session = Session::open(ctx).await?;
            let result = close(ctx, &session, id, today).await;
            result.and(session.close().await)
        }
    }
}

async fn open(ctx: &mut Ctx<'_>, session: &Session, id: LoadId, covered: Period, args: LoadOpenArgs) -> Outcome {
    let LoadOpenArgs {
        reason, authorised_by, ..
    } = args;
    let authorised_by = authorised_by.unwrap_or_default();
    let Period { from, to, .. } = covered;
    // From all that it says: the same again changes nothing, and another load under the id is refused as such.
    let says = format!("open {id} {from} {to} {reason}\u{1f}{authorised_by}");
    let item = api::open_historical_loads_request::Item {
        head: Some(head(&says, from, to)),
        fact: Some(event::HistoricalLoadOpened {
            load_id: id.to_string(),
            reason,
            authorised_by,
        }),
    };
    let request = session.call(api::OpenHistoricalLoadsRequest {
        items: vec![item],
        ..api::OpenHistoricalLoadsRequest::default()
    });
    let answer = session.registry().open_historical_loads(request).await;
    let response = answer.map_err(|status| session.failed(&status))?.into_inner();
    let done = Done {
        new: say(
            format!("历史补录 {id} 已开启，期间 {from} 至 {to}。导入：keshi import --load {id} 文件"),
            format!("historical load {id} is open for {from} to {to}; import with keshi import --load {id} FILE"),
        ),
        known: say(
            format!("历史补录 {id} 此前已开启，内容相同"),
            format!("historical load {id} was opened before, with the same content"),
        ),
    };
    tell(ctx, &response, &done)
}

async fn close(ctx: &mut Ctx<'_>, session: &Session, id: LoadId, today: Date) -> Outcome {
    let item = api::close_historical_loads_request::Item {
        head: Some(head(&format!("close {id} {today}"), today, today)),
        fact: Some(event::HistoricalLoadClosed {
            load_id: id.to_string(),
        }),
    };
    let request = session.call(api::CloseHistoricalLoadsRequest {
        items: vec![item],
        ..api::CloseHistoricalLoadsRequest::default()
    });
    let answer = session.registry().close_historical_loads(request).await;
    let response = answer.map_err(|status| session.failed(&status))?.into_inner();
    let done = Done {
        new: say(
            format!("历史补录 {id} 已结束，不再接收补录"),
            format!("historical load {id} is closed and takes nothing more"),
        ),
        known: say(
            format!("历史补录 {id} 今天已结束过"),
            format!("historical load {id} was closed earlier today"),
        ),
    };
    tell(ctx, &response, &done)
}

/// What to say when it worked.
struct Done {
    new: Say,
    known: Say,
}

fn tell(ctx: &mut Ctx<'_>, response: &api::SubmitResponse, done: &Done) -> Outcome {
    let receipt = taken(ctx, response)?;
    let said = outcome(receipt, done)?;
    if ctx.globals.json {
        return Ok(());
    }
    ctx.print_text(said.pick(ctx.lang))
}

fn outcome(receipt: &api::Receipt, done: &Done) -> Outcome<Say> {
    let unanswered = || say("服务没有说明结果", "the server does not say what became of it");
    let verdict = receipt.verdicts.first().ok_or_else(|| Failure::failed(unanswered()))?;
    if let (Some(zh), Some(en)) = (why_not(verdict, Lang::Zh), why_not(verdict, Lang::En)) {
        return Err(Failure::failed(say(zh, en)));
    }
    let is_known = verdict.verdict() == api::Verdict::Duplicate;
    Ok(if is_known { &done.known } else { &done.new }.clone())
}

fn head(says: &str, from: Date, to: Date) -> api::EventHead {
    api::EventHead {
        event_id: Uuid::new_v5(&IDS, says.as_bytes()).to_string(),
        occurred_from: Some(date_to_wire(from)),
        occurred_to: Some(date_to_wire(to)),
        ..api::EventHead::default()
    }
}

fn load_id(text: &str) -> Outcome<LoadId> {
    LoadId::new(text).map_err(|why| {
        Failure::usage(say(
            format!("“{text}”不是补录批次编号：用 1 至 32 个字母、数字或 . _ -"),
            format!("{text:?} is no id of a load: {why}"),
        ))
    })
}

/// The days that the load covers. What is still to come cannot be brought in, so a period under way ends today.
fn covered(name: Name, today: Date) -> Outcome<Period> {
    // A semester's dates stand in the ledger's calendar, and a load need not end with it.
    let period = name.resolve(&[]).ok_or_else(|| {
        Failure::usage(say(
            format!("补录期间不能是学期（{name}）：请写年度、学年、月份或周期，如 2022、2022-2023、2022-09、2018..2022"),
            format!("a load's period is no semester ({name}): give a year, school year, month or cycle, such as 2022, 2022-2023, 2022-09 or 2018..2022"),
        ))
    })?;
    if period.from > today {
        return Err(Failure::usage(say(
            format!("期间 {name} 还没有开始：历史补录只用于过去的期间"),
            format!("the period {name} has not begun: a historical load is for the past"),
        )));
    }
    Ok(Period {
        to: period.to.min(today),
        ..period
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_load_covers_its_period_up_to_today() {
        let covered = |name: &str| covered(Name::parse(name).unwrap(), date(2022, 11, 3));
        let days = |name: &str| covered(name).map(|period| (period.from, period.to)).unwrap();
        assert_eq!(days("2021"), (date(2021, 1, 1), date(2021, 12, 31)));
        assert_eq!(days("2022-2023"), (date(2022, 9, 1), date(2022, 11, 3)));
        assert_eq!(days("2018..2022"), (date(2018, 1, 1), date(2022, 11, 3)));
        for wrong in ["2023", "2022-2023-1"] {
            assert_eq!(covered(wrong).unwrap_err().exit, crate::Exit::Usage, "{wrong}");
        }
    }
}
