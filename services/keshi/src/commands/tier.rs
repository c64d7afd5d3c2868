//! `keshi tier`: a teacher's titles and the next step.

use keshi_core::lang::Lang;
use keshi_proto::api::{self, Title};
use keshi_proto::date_to_wire;
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use super::paper;
use super::shared::{at, date, teacher_or_self};
use crate::Ctx;
use crate::cli::TierArgs;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};
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

/// Her titles as a paper.
fn leaf(tier: &api::Tier) -> Leaf {
    let who = paper::whose(&tier.name, &tier.teacher_id, &tier.school_names, &tier.subject);
    let mut notes = vec![who, format!("台账 {} 条", count(tier.size))];
    if let Some(next) = &tier.next {
        notes.push(format!("下一步：{}", next.name_zh));
        notes.extend(next.missing_zh.iter().map(|lack| format!("还缺：{lack}")));
    }
    let headings = ["称号", "命名日期", "有效至", "条目", "状态"];
    let held = tier.titles.iter().map(|title| (title, "现有"));
    let all = held.chain(tier.waiting.iter().map(|title| (title, "待生效")));
    let rows = all.map(|(title, state)| {
        let [name, conferred, until, index] = row(title);
        [name, conferred, until, index, state.to_owned()]
            .map(|text| Cell::text_of(&text))
            .to_vec()
    });
    paper::leaf("教师称号情况表", notes, &headings, rows.collect())
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
        for title in tier.waiting.iter().filter(|title| !title.waits_for_zh.is_empty()) {
            let Title {
                name_zh, waits_for_zh, ..
            } = title;
            text += &lang.pick(
                format!("  {name_zh} 等待 {waits_for_zh}\n"),
                format!("  {name_zh} waits for {waits_for_zh}\n"),
            );
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
    Table::new([
        (lang.pick("称号", "title"), Align::Left),
        (lang.pick("命名日期", "conferred on"), Align::Left),
        (lang.pick("有效至", "valid to"), Align::Left),
        (lang.pick("条目", "entry"), Align::Right),
    ])
    .indented(2)
}

fn row(title: &Title) -> [String; 4] {
    [
        title.name_zh.clone(),
        date(title.conferred_on.as_ref()),
        date(title.valid_to.as_ref()),
        title.index.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_names_the_titles_what_waits_and_what_is_missing_for_the_next_step() {
        let title = |name: &str, waits_for: &str| Title {
            name_zh: name.into(),
            waits_for_zh: waits_for.into(),
            ..Title::default()
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
