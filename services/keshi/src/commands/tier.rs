//! `keshi tier`: a teacher's titles and next steps, or who fulfils one.

mod ready;

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::tier::{HEADINGS, leaf, missing, remarks, rows, rule};

use super::paper;
use super::shared::{at, teacher_or_self};
use crate::Ctx;
use crate::cli::TierArgs;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::table::{Align, Table, Width};
use crate::show::{add, json};
use crate::texts::names::count;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: TierArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = if args.ready {
        ready::ask(ctx, &session, args).await
    } else {
        ask(ctx, &session, args).await
    };
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: TierArgs) -> Outcome {
    let purpose = args.purpose.unwrap_or_default();
    let request = session.call(api::GetTierRequest {
        teacher_id: teacher_or_self(session, (ctx.lang, ctx.width()), args.teacher.as_deref(), &purpose).await?,
        on: args.on.map(date_to_wire),
        at: at(&args.at),
        purpose,
    });
    let answer = session.ledger().get_tier(request).await;
    let tier = answer.map_err(|status| session.failed(&status))?.into_inner();
    if let Some(path) = &args.xlsx {
        paper::write(ctx, path, &[leaf(&tier)])?;
    }
    if ctx.globals.json {
        return json::print(&tier, &mut ctx.io.stdout);
    }
    ctx.print_text(&render(&tier, ctx.lang, ctx.width()))
}

fn render(tier: &api::Tier, lang: Lang, width: Width) -> String {
    let size = count(tier.size);
    let who = [tier.name.as_str(), &tier.teacher_id];
    let who: Vec<_> = who.into_iter().filter(|text| !text.is_empty()).collect();
    let who = who.join("  ");
    let mut text = lang.pick(
        format!("{who}  台账 {size} 条\n"),
        format!("{who}  ledger of {size} entries\n"),
    );
    if tier.titles.is_empty() {
        text += lang.pick("  现无称号\n", "  no title at present\n");
    }
    let titles = rows(tier, lang);
    if !titles.is_empty() {
        let mut table = table(HEADINGS, lang);
        for (_, row) in titles {
            table.row(row);
        }
        text += &table.render(width);
    }
    for remark in remarks(tier, lang) {
        add(&mut text, format!("  {remark}\n"));
    }
    for step in &tier.steps {
        let of = rule(step);
        let of = if of.is_empty() { of } else { format!("（{of}）") };
        text += &lang.pick(
            format!("下一步：{}{of}\n", step.name_zh),
            format!("next step: {}{of}\n", step.name_zh),
        );
        for lack in missing(step, lang) {
            add(&mut text, format!("  {lack}\n"));
        }
    }
    text
}

/// The last column is of numbers.
fn table<const N: usize>(headings: [(&'static str, &'static str); N], lang: Lang) -> Table {
    let aligned = |(zh, en)| {
        let is_number = matches!(zh, "条目" | "现有人数" | "具备条件" | "年龄未登记");
        (lang.pick(zh, en), if is_number { Align::Right } else { Align::Left })
    };
    Table::new(headings.map(aligned)).indented(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_names_the_titles_what_waits_and_what_is_missing_for_the_next_step() {
        let title = |name: &str, waits_for: &str| api::Title {
            name_zh: name.into(),
            waits_for_zh: waits_for.into(),
            ..api::Title::default()
        };
        let tier = api::Tier {
            teacher_id: "T1".into(),
            titles: vec![title("县级教学能手", "")],
            waiting: vec![title("省级教学能手", "市级教学能手")],
            steps: vec![api::TierStep {
                name_zh: "市级教学能手".into(),
                missing_zh: vec!["县级推荐".into()],
                missing_en: vec!["a recommendation".into()],
                ..api::TierStep::default()
            }],
            ..api::Tier::default()
        };
        let text = render(&tier, Lang::Zh, Width::ANY);
        for part in [
            "县级教学能手",
            "待生效：等待 市级教学能手",
            "下一步：市级教学能手",
            "还缺：县级推荐",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(render(&tier, Lang::En, Width::ANY).contains("missing: a recommendation"));
        assert!(render(&api::Tier::default(), Lang::Zh, Width::ANY).contains("现无称号"));
    }
}
