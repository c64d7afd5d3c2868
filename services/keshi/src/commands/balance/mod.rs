//! `keshi balance`: a teacher's hours, how they stand against each requirement, the entries behind them, and what
//! changed since.

mod difference;
mod explain;
#[cfg(test)]
mod tests;

use keshi_core::lang::Lang;
use keshi_proto::api::{self, PolicyBalance};
use keshi_proto::date_to_wire;
use keshi_words::balance::{heading, leaves, official, totals, wanted};

use super::paper;
use super::shared::{at, at_size, at_time, date, teacher_or_self};
use crate::Ctx;
use crate::cli::BalanceArgs;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};
use crate::texts::names::{amount, count, status, unit};

pub(super) async fn run(ctx: &mut Ctx<'_>, args: BalanceArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let before = match (args.diff_from, args.diff_from_time) {
        (Some(size), _) => Some(at_size(size)),
        (None, Some(time)) => Some(at_time(time.0)),
        (None, None) => None,
    };
    let result = match before {
        Some(before) => difference::ask(ctx, &session, args, before).await,
        None => ask(ctx, &session, args).await,
    };
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: BalanceArgs) -> Outcome {
    let purpose = args.purpose.unwrap_or_default();
    let request = session.call(api::GetBalanceRequest {
        teacher_id: teacher_or_self(session, (ctx.lang, ctx.width()), args.teacher.as_deref(), &purpose).await?,
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        at: at(&args.at),
        // A paper has the entries behind the sums.
        explain: args.explain || args.xlsx.is_some(),
        until: args.until.map(date_to_wire),
        purpose,
    });
    let answer = session.ledger().get_balance(request).await;
    let balance = answer.map_err(|status| session.failed(&status))?.into_inner();
    if let Some(path) = &args.xlsx {
        paper::write(ctx, path, &leaves(&balance))?;
    }
    if ctx.globals.json {
        return json::print(&balance, &mut ctx.io.stdout);
    }
    ctx.print_text(&render(&balance, args.explain, ctx.lang, ctx.width()))
}

/// The balance for people.
fn render(balance: &api::Balance, explain: bool, lang: Lang, width: Width) -> String {
    let span = format!("{} … {}", date(balance.from.as_ref()), date(balance.to.as_ref()));
    let size = count(balance.size);
    let mut text = String::new();
    if !balance.name.is_empty() {
        text = format!("{}  ", balance.name);
    }
    text += &lang.pick(
        format!("{}  {}（{span}）  台账 {size} 条\n", balance.teacher_id, balance.period),
        format!(
            "{}  {} ({span})  ledger of {size} entries\n",
            balance.teacher_id, balance.period
        ),
    );
    if balance.until.is_some() {
        let until = date(balance.until.as_ref());
        text += &lang.pick(
            format!("只计 {until} 及以前发生的\n"),
            format!("only what had happened by {until} counts\n"),
        );
    }
    if let Some(official) = official(balance, lang) {
        text += &official;
        text.push('\n');
    }
    for policy in &balance.policies {
        text.push('\n');
        text += &section(policy, lang, width);
        if explain {
            text.push('\n');
            text += &explain::render(policy, balance, lang, width);
        }
    }
    text
}

fn section(policy: &PolicyBalance, lang: Lang, width: Width) -> String {
    let mut text = heading(&policy.policy_id, policy.version, &policy.policy_name, lang);
    let standings = standings(&policy.standings, lang);
    if !standings.is_empty() {
        text += &standings.render(width);
    }
    text += &totals(policy, lang);
    text
}

fn standings(standings: &[api::Standing], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("要求", "required"), Align::Left),
        (lang.pick("期间", "period"), Align::Left),
        (lang.pick("已计/最低", "counted/min"), Align::Right),
        (lang.pick("单位", "unit"), Align::Left),
        (lang.pick("状态", "status"), Align::Left),
        (lang.pick("差额", "missing"), Align::Right),
        (lang.pick("剩余周", "weeks left"), Align::Right),
    ])
    .indented(2);
    for standing in standings {
        let is_short = standing.status() == api::Status::Short;
        let or_dash = |text: String| if is_short { text } else { "-".to_owned() };
        table.row([
            standing.requirement_id.clone(),
            standing.text.clone(),
            standing.period.clone(),
            format!("{}/{}", amount(standing.counted_centiamount), wanted(standing)),
            unit(&standing.unit, &standing.meter, lang),
            status(standing.status(), lang).to_owned(),
            or_dash(amount(standing.missing_centiamount)),
            or_dash(standing.weeks_left.to_string()),
        ]);
    }
    table
}
