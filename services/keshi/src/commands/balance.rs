//! `keshi balance`: a teacher's hours, how they stand against each requirement, and the entries behind them.

use keshi_core::lang::Lang;
use keshi_proto::api::{self, PolicyBalance};

use super::shared::{at, date, dates, teacher};
use crate::Ctx;
use crate::cli::BalanceArgs;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::add;
use crate::show::json;
use crate::show::table::{Align, Table, cut};
use crate::texts::names::{amount, count, meter, status, unit};

/// Widest text of a requirement, in columns.
const TEXT_COLUMNS_MAX: usize = 44;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: BalanceArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: BalanceArgs) -> Outcome {
    let request = session.call(api::GetBalanceRequest {
        teacher_id: teacher(session, ctx.lang, &args.teacher).await?,
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        at: at(&args.at),
        explain: args.explain,
        purpose: args.purpose.unwrap_or_default(),
    });
    let answer = session.ledger().get_balance(request).await;
    let balance = answer.map_err(|status| session.failed(&status))?.into_inner();
    if ctx.globals.json {
        return json::print(&balance, &mut ctx.io.stdout);
    }
    ctx.print(render(&balance, args.explain, ctx.lang).trim_end())
}

/// The balance for people.
fn render(balance: &api::Balance, explain: bool, lang: Lang) -> String {
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
    for policy in &balance.policies {
        text.push('\n');
        text += &section(policy, explain, lang);
    }
    text
}

fn section(policy: &PolicyBalance, explain: bool, lang: Lang) -> String {
    let mut text = if policy.policy_id.is_empty() {
        lang.pick(
            "期间内没有适用的规则，以下只是合计\n",
            "no policy applies in the period; these are only totals\n",
        )
        .to_owned()
    } else {
        let PolicyBalance {
            policy_id,
            version,
            policy_name,
            ..
        } = policy;
        lang.pick(
            format!("规则 {policy_id} 第 {version} 版  {policy_name}\n"),
            format!("policy {policy_id} version {version}  {policy_name}\n"),
        )
    };
    let standings = standings(&policy.standings, lang);
    if !standings.is_empty() {
        text += &standings.render();
    }
    let totals: Vec<_> = policy
        .meters
        .iter()
        .map(|total| {
            let unit = unit(&total.unit, &total.meter, lang);
            format!("{} {} {unit}", meter(&total.meter, lang), amount(total.centiamount))
        })
        .collect();
    if !totals.is_empty() {
        let joined = totals.join(" · ");
        add(&mut text, format!("  {}{joined}\n", lang.pick("合计：", "totals: ")));
    }
    if explain {
        text.push('\n');
        text += &lines(&policy.lines, lang);
    }
    text
}

fn standings(standings: &[api::Standing], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("要求", "requirement"), Align::Left),
        (lang.pick("期间", "period"), Align::Left),
        (lang.pick("已计/最低", "counted/min"), Align::Right),
        (lang.pick("单位", "unit"), Align::Left),
        (lang.pick("状态", "status"), Align::Left),
        (lang.pick("差额", "missing"), Align::Right),
        (lang.pick("剩余周", "weeks left"), Align::Right),
    ])
    .indented(2);
    for standing in standings {
        let target = match standing.target_centiamount {
            Some(target) => format!("{}–{}", amount(standing.min_centiamount), amount(target)),
            None => amount(standing.min_centiamount),
        };
        let is_short = standing.status() == api::Status::Short;
        table.row([
            standing.requirement_id.clone(),
            cut(&standing.text, TEXT_COLUMNS_MAX),
            standing.period.clone(),
            format!("{}/{target}", amount(standing.counted_centiamount)),
            unit(&standing.unit, &standing.meter, lang),
            status(standing.status(), lang).to_owned(),
            if is_short {
                amount(standing.missing_centiamount)
            } else {
                "-".to_owned()
            },
            if is_short {
                standing.weeks_left.to_string()
            } else {
                "-".to_owned()
            },
        ]);
    }
    table
}

fn lines(lines: &[api::Line], lang: Lang) -> String {
    if lines.is_empty() {
        return lang.pick("  没有条目\n", "  no entries\n").to_owned();
    }
    let mut table = Table::new([
        (lang.pick("日期", "date"), Align::Left),
        (lang.pick("事项", "what"), Align::Left),
        (lang.pick("种类", "kind"), Align::Left),
        (lang.pick("计量", "meter"), Align::Left),
        (lang.pick("申报", "asked"), Align::Right),
        (lang.pick("计入", "counted"), Align::Right),
        (lang.pick("依据", "rule"), Align::Left),
        (lang.pick("条目", "entry"), Align::Right),
        (lang.pick("未计原因", "why not"), Align::Left),
    ])
    .indented(2);
    for line in lines {
        let (kind, why_not) = lang.pick((&line.kind_zh, &line.why_not_zh), (&line.kind, &line.why_not_en));
        table.row([
            dates(line.from.as_ref(), line.to.as_ref()),
            cut(&line.what, TEXT_COLUMNS_MAX),
            kind.clone(),
            meter(&line.meter, lang),
            amount(line.asked_centiamount),
            amount(line.counted_centiamount),
            line.rule_id.clone(),
            line.index.to_string(),
            why_not.clone(),
        ]);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use keshi_proto::event;

    use super::*;

    fn day(month: i32, day: i32) -> event::Date {
        event::Date { year: 2022, month, day }
    }

    fn balance() -> api::Balance {
        let standing = |id: &str, text: &str, counted, min, status: api::Status| api::Standing {
            requirement_id: id.into(),
            meter: "training_hours".into(),
            period: "2022".into(),
            min_centiamount: min,
            counted_centiamount: counted,
            missing_centiamount: (min - counted).max(0),
            status: status.into(),
            unit: "课时".into(),
            text: text.into(),
            weeks_left: 5,
            ..api::Standing::default()
        };
        let line = api::Line {
            index: 812,
            from: Some(day(3, 5)),
            to: Some(day(3, 7)),
            kind: "attendance_recorded".into(),
            kind_zh: "出勤".into(),
            what: "义务教育课程标准培训".into(),
            meter: "training_hours".into(),
            asked_centiamount: 1800,
            why_not_zh: "该身份不计课时".into(),
            why_not_en: "the role is not credited".into(),
            ..api::Line::default()
        };
        api::Balance {
            teacher_id: "T0001".into(),
            name: "王芳".into(),
            period: "2022".into(),
            from: Some(day(1, 1)),
            to: Some(day(12, 31)),
            size: 24_531,
            policies: vec![PolicyBalance {
                policy_id: "dongxing-researcher-2020".into(),
                version: 1,
                policy_name: "专职教研员".into(),
                meters: Vec::new(),
                standings: vec![
                    standing(
                        "R1",
                        "每位教研员每年接受不少于90课时的培训",
                        9600,
                        9000,
                        api::Status::Met,
                    ),
                    standing("R2", "每学期听课不少于40节", 3150, 4000, api::Status::Short),
                ],
                lines: vec![line],
            }],
        }
    }

    #[test]
    fn a_balance_says_what_is_met_what_is_missing_and_how_long_there_is() {
        let text = render(&balance(), false, Lang::Zh);
        assert!(
            text.starts_with("王芳  T0001  2022（2022-01-01 … 2022-12-31）  台账 24,531 条\n"),
            "{text}"
        );
        let rows: Vec<_> = text.lines().filter(|line| line.starts_with("  R")).collect();
        assert!(
            rows[0].contains("96/90") && rows[0].contains("达标") && rows[0].ends_with('-'),
            "{text}"
        );
        assert!(
            rows[1].contains("31.5/40") && rows[1].contains("未达标") && rows[1].contains("8.5"),
            "{text}"
        );
        assert!(!text.contains("出勤"), "{text}");
    }

    #[test]
    fn explained_it_lists_each_entry_with_its_reason_in_the_language_asked_for() {
        let text = render(&balance(), true, Lang::Zh);
        assert!(
            text.contains("2022-03-05..2022-03-07") && text.contains("该身份不计课时"),
            "{text}"
        );
        let text = render(&balance(), true, Lang::En);
        assert!(
            text.contains("attendance_recorded") && text.contains("the role is not credited"),
            "{text}"
        );
        assert!(text.contains("short") && text.contains("hours"), "{text}");
    }
}
