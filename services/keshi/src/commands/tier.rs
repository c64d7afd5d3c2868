//! `keshi tier`: a teacher's titles and the next step.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::tier::{HEADINGS, leaf, row, waits};

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
    let result = ask(ctx, &session, args).await;
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
    } else {
        let mut table = titles(lang);
        tier.titles.iter().for_each(|title| table.row(row(title)));
        text += &table.render(width);
    }
    if !tier.waiting.is_empty() {
        text += lang.pick("待生效：\n", "waiting:\n");
        let mut table = titles(lang);
        tier.waiting.iter().for_each(|title| table.row(row(title)));
        text += &table.render(width);
        for waits in tier.waiting.iter().map(|title| waits(title, lang)) {
            if !waits.is_empty() {
                add(&mut text, format!("  {waits}\n"));
            }
        }
    }
    if let Some(next) = &tier.next {
        text += &lang.pick(
            format!("下一步：{}\n", next.name_zh),
            format!("next step: {}\n", next.name_zh),
        );
        let missing = lang.pick(&next.missing_zh, &next.missing_en);
        for lack in missing {
            text += &lang.pick(format!("  还缺：{lack}\n"), format!("  missing: {lack}\n"));
        }
    }
    text
}

fn titles(lang: Lang) -> Table {
    let aligned = |(zh, en)| {
        let align = if zh == HEADINGS[3].0 { Align::Right } else { Align::Left };
        (lang.pick(zh, en), align)
    };
    Table::new(HEADINGS.map(aligned)).indented(2)
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
            next: Some(api::TierStep {
                name_zh: "市级教学能手".into(),
                missing_zh: vec!["县级推荐".into()],
                missing_en: vec!["a recommendation".into()],
                ..api::TierStep::default()
            }),
            ..api::Tier::default()
        };
        let text = render(&tier, Lang::Zh, Width::ANY);
        for part in [
            "县级教学能手",
            "省级教学能手 等待 市级教学能手",
            "下一步：市级教学能手",
            "还缺：县级推荐",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(render(&tier, Lang::En, Width::ANY).contains("missing: a recommendation"));
        assert!(render(&api::Tier::default(), Lang::Zh, Width::ANY).contains("现无称号"));
    }
}
