//! What changed in a balance between two points of the log.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::difference::{counted, heading, sign, stands};

use crate::Ctx;
use crate::cli::BalanceArgs;
use crate::commands::shared::{at, date, dates, teacher_or_self};
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::table::{Align, Table, Width};
use crate::show::{add, json};
use crate::texts::names::{amount, count, meter, status, unit};

pub(super) async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: BalanceArgs, before: api::At) -> Outcome {
    let purpose = args.purpose.unwrap_or_default();
    let request = session.call(api::DiffBalanceRequest {
        teacher_id: teacher_or_self(session, (ctx.lang, ctx.width()), args.teacher.as_deref(), &purpose).await?,
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        before: Some(before),
        after: at(&args.at),
        purpose,
    });
    let answer = session.ledger().diff_balance(request).await;
    let changes = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&changes, &mut ctx.io.stdout);
    }
    ctx.print_text(&render(&changes, ctx.lang, ctx.width()))
}

pub(super) fn render(changes: &api::BalanceDifference, lang: Lang, width: Width) -> String {
    let span = format!("{} … {}", date(changes.from.as_ref()), date(changes.to.as_ref()));
    let [before, after] = [changes.before_size, changes.after_size].map(count);
    let who = [changes.name.as_str(), &changes.teacher_id, &changes.period];
    let who: Vec<&str> = who.into_iter().filter(|text| !text.is_empty()).collect();
    let who = who.join("  ");
    let mut text = lang.pick(
        format!("{who}（{span}）  台账 {before} 条 → {after} 条\n"),
        format!("{who} ({span})  ledger of {before} entries → {after} entries\n"),
    );
    if changes.policies.is_empty() {
        add(&mut text, lang.pick("没有变化\n", "nothing changed\n"));
    }
    for policy in &changes.policies {
        add(&mut text, format!("\n{}", heading(policy, lang)));
        for change in &policy.meters {
            let unit = unit(&change.unit, &change.meter, lang);
            let (before, after) = (amount(change.before_centiamount), amount(change.after_centiamount));
            let name = meter(&change.meter, lang);
            add(&mut text, format!("  {name} {before} → {after} {unit}\n"));
        }
        if !policy.standings.is_empty() {
            add(&mut text, standings(&policy.standings, lang).render(width));
        }
        if !policy.lines.is_empty() {
            text.push('\n');
            add(&mut text, lines(&policy.lines, lang).render(width));
        }
    }
    text
}

fn standings(changes: &[api::StandingChange], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("期间", "period"), Align::Left),
        (lang.pick("此前已计/最低", "counted/min before"), Align::Right),
        (lang.pick("现在", "now"), Align::Right),
        (lang.pick("单位", "unit"), Align::Left),
        (lang.pick("此前", "status before"), Align::Left),
        (lang.pick("现在", "now"), Align::Left),
        (lang.pick("差额", "missing"), Align::Right),
    ])
    .indented(2);
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let known = after.or(before).cloned().unwrap_or_default();
        let status = |standing: Option<&api::Standing>| {
            standing
                .map_or("-", |standing| status(standing.status(), lang))
                .to_owned()
        };
        table.row([
            known.requirement_id.clone(),
            known.period.clone(),
            stands(before),
            stands(after),
            unit(&known.unit, &known.meter, lang),
            status(before),
            status(after),
            after.map_or_else(|| "-".to_owned(), |after| amount(after.missing_centiamount)),
        ]);
    }
    table
}

fn lines(changes: &[api::LineChange], lang: Lang) -> Table {
    let mut table = Table::new([
        ("", Align::Left),
        (lang.pick("日期", "date"), Align::Left),
        (lang.pick("事项", "what"), Align::Left),
        (lang.pick("种类", "kind"), Align::Left),
        (lang.pick("计量", "meter"), Align::Left),
        (lang.pick("此前计入", "counted before"), Align::Right),
        (lang.pick("现计入", "now"), Align::Right),
        (lang.pick("条目", "entry"), Align::Right),
        (lang.pick("原因", "reason"), Align::Left),
    ])
    .indented(2);
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let known = after.or(before).cloned().unwrap_or_default();
        table.row([
            sign(change).to_owned(),
            dates(known.from.as_ref(), known.to.as_ref()),
            known.what.clone(),
            lang.pick(&known.kind_zh, &known.kind).clone(),
            meter(&known.meter, lang),
            counted(before),
            counted(after),
            known.index.to_string(),
            lang.pick(&change.cause_zh, &change.cause_en).clone(),
        ]);
    }
    table
}
