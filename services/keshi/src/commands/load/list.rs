//! `keshi load list`: the loads opened, for which period, by whom, and how much came under them.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::load::{HEADINGS, cells};

use crate::Ctx;
use crate::cli::AtArgs;
use crate::commands::shared::{at, each_page};
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};

pub(super) async fn run(ctx: &mut Ctx<'_>, session: &Session, args: &AtArgs) -> Outcome {
    let mut all = api::ListLoadsResponse::default();
    let ask = |page_token| async {
        let request = api::ListLoadsRequest {
            at: at(args),
            page_token,
        };
        session.ledger().list_loads(session.call(request)).await
    };
    let told = each_page(ask, |page| {
        all.loads.extend(page.loads);
        all.size = page.size;
        page.next_page_token
    });
    told.await.map_err(|status| session.failed(&status))?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if all.loads.is_empty() {
        ctx.note(&say(
            "没有开启过历史补录：县级审核员用 keshi load open 开启",
            "no historical load was ever opened: the county reviewer opens one with keshi load open",
        ));
        return Ok(());
    }
    ctx.print_text(&listed(&all.loads, ctx.lang).render(ctx.width()))
}

fn listed(loads: &[api::Load], lang: Lang) -> Table {
    let aligned = |(zh, en)| {
        let align = if zh == HEADINGS[3].0 { Align::Right } else { Align::Left };
        (lang.pick(zh, en), align)
    };
    let mut table = Table::new(HEADINGS.map(aligned));
    for load in loads {
        table.row(cells(load, lang));
    }
    table
}

#[cfg(test)]
mod tests {
    use keshi_proto::event;

    use super::*;
    use crate::show::table::Width;

    #[test]
    fn a_load_shows_its_period_whether_it_is_open_by_whom_and_how_many_entries_it_has() {
        let day = |year, month, day| Some(event::Date { year, month, day });
        let step = |index, seconds| {
            Some(api::LoadStep {
                index,
                poster: "reviewer-1".into(),
                recorded_at: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            })
        };
        let open = api::Load {
            load_id: "bulu-2021".into(),
            from: day(2021, 1, 1),
            to: day(2021, 12, 31),
            reason: "建账".into(),
            opened: step(7, 1_646_409_600),
            entries: 120,
            ..api::Load::default()
        };
        let closed = api::Load {
            closed: step(9, 1_646_496_000),
            ..open.clone()
        };
        let text = listed(&[open, closed], Lang::Zh).render(Width::ANY);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[1].starts_with("bulu-2021  2021-01-01..2021-12-31  开启中       120  2022-03-05 00:00 reviewer-1"),
            "{text}"
        );
        assert!(
            lines[2].contains("已结束") && lines[2].contains("2022-03-06 00:00 reviewer-1"),
            "{text}"
        );
    }
}
