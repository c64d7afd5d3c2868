//! Loads the made-up county through the server's own front door, as a clerk's `keshi import` would.

mod reviews;

use std::path::Path;

use jiff::civil::{Date, date};
use keshi_core::ids::LoadId;
use keshi_core::lang::Lang;
use keshi_engine::Engine;
use keshi_proto::{api, date_to_wire, event};
use keshi_sheets::report::Outcome as RowOutcome;
use keshi_sheets::sample::{self, Manifest};
use uuid::Uuid;

use super::announce::{find_flags, program};
use super::config::Config;
use crate::Ctx;
use crate::commands::{Job, load_files, why_not};
use crate::exit::{Failure, Outcome, say};
use crate::remote::{Session, layout_failure};
use crate::show::add;
use crate::texts::names::count;

/// The historical load that the sample's rows belong to, and what it covers: posts begin years before 2022.
const LOAD: &str = "liuba-2022";
const LOAD_FROM: Date = date(1950, 1, 1);
const LOAD_TO: Date = date(2022, 12, 31);

/// Where the ids of the load's own events come from.
const IDS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4e75_9c11_53b0_8e61_7362);

/// Loads the sample, and says what there is to try.
pub(super) async fn load(ctx: &mut Ctx<'_>, config: &Config, name: &str, address: &str, engine: &Engine) -> Outcome {
    let dir = config.data.root.join(format!("sample-{name}"));
    ctx.note(&say("正在装入样例……", "loading the sample …"));
    let manifest = sample::write(&dir).map_err(|error| Failure::failed(error.say()))?;
    let office = config.data.office(config.office.as_str());
    let office = office.map_err(|error| layout_failure(&error))?;
    let session = Session::connect_to_own(ctx, &office, address.to_owned()).await?;
    let result = load_from(ctx, &session, &dir, &manifest).await;
    result.and(session.close().await)?;
    let size = count(engine.head().size);
    ctx.note(&say(
        format!("样例已装入：台账 {size} 条，文件在 {}", dir.display()),
        format!(
            "the sample is loaded: ledger of {size} entries, its files are in {}",
            dir.display()
        ),
    ));
    say_examples(ctx, config, address, &manifest);
    Ok(())
}

async fn load_from(ctx: &mut Ctx<'_>, session: &Session, dir: &Path, manifest: &Manifest) -> Outcome {
    open_load(session).await?;
    let load = LoadId::new(LOAD).map_err(|error| Failure::failed(crate::exit::Say::same(error)))?;
    let job = Job {
        paths: manifest.files.iter().map(|file| dir.join(file.name)).collect(),
        rows: keshi_import::Job {
            load: Some(load),
            ..keshi_import::Job::default()
        },
        ..Job::default()
    };
    let imported = load_files(ctx, session, &job).await?;
    close_load(session).await?;
    let tally = imported.tally;
    if !imported.is_sent || !tally.is_good() {
        return Err(Failure::failed(say(
            format!("样例有 {} 行没有入账", tally.total() - in_ledger(&tally)),
            format!(
                "{} rows of the sample were not recorded",
                tally.total() - in_ledger(&tally)
            ),
        )));
    }
    ctx.note(&say(
        format!(
            "导入 {} 行：新入账 {}，重复 {}",
            count(tally.total()),
            count(tally.of(RowOutcome::Recorded) + tally.of(RowOutcome::Waiting)),
            count(tally.of(RowOutcome::Duplicate))
        ),
        format!(
            "{} rows imported: {} recorded, {} duplicates",
            count(tally.total()),
            count(tally.of(RowOutcome::Recorded) + tally.of(RowOutcome::Waiting)),
            count(tally.of(RowOutcome::Duplicate))
        ),
    ));
    reviews::load(ctx, session).await
}

fn in_ledger(tally: &crate::commands::Tally) -> u64 {
    let good = [RowOutcome::Recorded, RowOutcome::Waiting, RowOutcome::Duplicate];
    good.into_iter().map(|outcome| tally.of(outcome)).sum()
}

fn head(what: &str) -> api::EventHead {
    api::EventHead {
        // From the name: loading the sample again, into the same directory, changes nothing.
        event_id: Uuid::new_v5(&IDS, format!("{LOAD} {what}").as_bytes()).to_string(),
        occurred_from: Some(date_to_wire(LOAD_FROM)),
        occurred_to: Some(date_to_wire(LOAD_TO)),
        ..api::EventHead::default()
    }
}

async fn open_load(session: &Session) -> Outcome {
    let load = event::HistoricalLoadOpened {
        load_id: LOAD.to_owned(),
        reason: "装入样例县".to_owned(),
        authorised_by: "sample".to_owned(),
    };
    let item = api::open_historical_loads_request::Item {
        head: Some(head("open")),
        fact: Some(load),
    };
    let request = session.call(api::OpenHistoricalLoadsRequest {
        items: vec![item],
        ..api::OpenHistoricalLoadsRequest::default()
    });
    let answer = session.registry().open_historical_loads(request).await;
    expect_in_ledger(&answer.map_err(|status| session.failed(&status))?.into_inner())
}

async fn close_load(session: &Session) -> Outcome {
    let item = api::close_historical_loads_request::Item {
        head: Some(head("close")),
        fact: Some(event::HistoricalLoadClosed {
            load_id: LOAD.to_owned(),
        }),
    };
    let request = session.call(api::CloseHistoricalLoadsRequest {
        items: vec![item],
        ..api::CloseHistoricalLoadsRequest::default()
    });
    let answer = session.registry().close_historical_loads(request).await;
    expect_in_ledger(&answer.map_err(|status| session.failed(&status))?.into_inner())
}

fn expect_in_ledger(response: &api::SubmitResponse) -> Outcome {
    let verdicts = response.receipt.iter().flat_map(|receipt| &receipt.verdicts);
    for verdict in verdicts {
        if let (Some(zh), Some(en)) = (why_not(verdict, Lang::Zh), why_not(verdict, Lang::En)) {
            return Err(Failure::failed(say(zh, en)));
        }
    }
    Ok(())
}

fn say_examples(ctx: &mut Ctx<'_>, config: &Config, address: &str, manifest: &Manifest) {
    let keshi = program(ctx);
    let find = find_flags(ctx, config, address);
    let mut zh = "在另一个终端里试试：".to_owned();
    let mut en = "to try in another terminal:".to_owned();
    let examples = manifest.examples;
    let meets = examples.first();
    let misses = examples.get(2).or(examples.last());
    for example in [meets, misses].into_iter().flatten() {
        let line = format!("{keshi} balance {} --period 2022 --explain{find}", example.teacher_id);
        add(&mut zh, format!("\n  {line}\n    {}", example.zh));
        add(&mut en, format!("\n  {line}\n    {}", example.en));
    }
    let rest = [
        (
            format!("{keshi} shortfall --period 2022{find}"),
            "谁还差多少",
            "who is short, and by how much",
        ),
        (
            format!("{keshi} audit replay{find}"),
            "从头重算并核对",
            "recompute everything and compare",
        ),
    ];
    for (line, why_zh, why_en) in rest {
        add(&mut zh, format!("\n  {line}\n    {why_zh}"));
        add(&mut en, format!("\n  {line}\n    {why_en}"));
    }
    ctx.note(&say(zh, en));
}
