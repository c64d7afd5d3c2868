//! The audit: everything computed anew from entry 0 and compared with what is served.

use axum::body::{Body, Bytes};
use futures::StreamExt as _;
use keshi_core::hex;
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::time::moment;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Streaming;

use super::Paged;
use crate::ask::{address, at_size, turning};
use crate::chart;
use crate::download::streamed;
use crate::extract::Question;
use crate::fault::{Answer, code};
use crate::page::page;
use crate::parts::{broke_off, far, of_all, sent};
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Months on a page.
const MONTHS: i32 = 12;

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Paged>) -> Answer {
    let request = visitor.api.call(api::GetHeadRequest::default());
    let head = visitor.api.ledger().get_head(request).await;
    let head = head.map_err(|status| visitor.unanswered(status))?.into_inner();
    let request = visitor.api.call(api::ListGrowthRequest {
        page_size: MONTHS,
        page_token: asked.page.clone(),
        ..api::ListGrowthRequest::default()
    });
    let growth = visitor.api.audit().list_growth(request).await;
    let growth = growth.map_err(|status| visitor.unanswered(status))?.into_inner();
    let request = visitor.api.call(api::ListSigningKeysRequest {});
    let keys = visitor.api.audit().list_signing_keys(request).await;
    let keys = keys.map_err(|status| visitor.unanswered(status))?.into_inner().keys;
    let lang = visitor.lang;
    let content = html! {
        dl.facts {
            dt { (lang.pick("台账", "ledger")) } dd { (lang.pick(format!("{} 条", count(head.size)), format!("{} entries", count(head.size)))) }
            dt { (lang.pick("树根", "root")) } dd.hash { (hex::show(&head.root)) }
            dt { (lang.pick("最近入账", "last recorded")) } dd { (head.recorded_at.as_ref().map_or_else(String::new, moment)) }
            dt { (lang.pick("台账编号", "ledger id")) } dd.hash { (head.ledger_id) }
            @if let Some(present) = keys.last() {
                dt { (lang.pick("检查点公钥", "public key of checkpoints")) } dd.hash { (present.key) }
            }
        }
        p { a href="/checkpoint" download="checkpoint.txt" { (lang.pick("保存检查点", "save a checkpoint")) } (lang.pick("：", ": "))
            (lang.pick(
                "条数和树根，由教研室签名。存到别处，以后凭公钥即可核对台账是否由此延续、有无删改。",
                "how many entries and under which root, signed by the office. Kept elsewhere, it shows later, with the public key alone, \
                 whether the ledger went on from there with nothing taken out or changed.",
            )) }
        (bundle_form(lang))
        p { (lang.pick(
            "审计重放：从第 0 条起重算全部条目，与台账所答的树根、余额与称号逐一比对。同时只能有一个；离开页面即停止。",
            "Replay: every entry is computed anew from entry 0, and the root, balances and titles are compared with what is \
             served. One at a time; leaving the page stops it.",
        )) }
        form method="post" action="/audit" { button { (lang.pick("审计重放", "replay")) } }
        (months(&growth, lang))
        (turning(&visitor, "/audit", &asked, &growth.next_page_token))
        p { a href="/reads" { (lang.pick("查阅记录：谁看过谁", "log of reads: who read about whom")) } }
    };
    Ok(page(&visitor, visitor.say("审计", "Audit"), &content))
}

/// Which bundle is to be saved.
fn bundle_form(lang: Lang) -> Markup {
    html! {
        p { (lang.pick(
            "卷宗：一年的全部条目和余额，或一人的条目和所依据的，连同签名和证明。凭公钥用 keshi-verify 即可核对，不需要台账和网络；每次生成都记入查阅记录。",
            "Bundle: all entries and balances of a year, or those of one person with what they rest on, signed and proved. keshi-verify checks it \
             with the public key, without ledger or network; each that is made is kept in the log of reads.",
        )) }
        form.row.noprint method="get" action="/audit/bundle" {
            label { (lang.pick("年份", "year")) input name="year" size="9" placeholder="2022" required; }
            label { (lang.pick("教师编号（空：全部）", "teacher id (empty: all)")) input name="teacher_id" size="12"; }
            button { (lang.pick("保存卷宗", "save the bundle")) }
        }
    }
}

/// A bundle, as it stands in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Bundled {
    year: String,
    teacher_id: String,
}

/// A bundle to be saved, sent as it is made.
pub(crate) async fn bundle(visitor: Visitor, Question(asked): Question<Bundled>) -> Answer {
    let name = [asked.year.as_str(), asked.teacher_id.as_str()]
        .join(" ")
        .trim()
        .to_owned();
    let request = visitor.api.stream(api::ExportBundleRequest {
        year: asked.year,
        teacher_id: asked.teacher_id,
        ..api::ExportBundleRequest::default()
    });
    let begun = visitor.api.audit().export_bundle(request).await;
    let pieces = begun.map_err(|status| visitor.unanswered(status))?.into_inner();
    // One that breaks off ends the connection, so that the browser does not take it for whole.
    let content = Body::from_stream(pieces.map(|piece| piece.map(|piece| Bytes::from(piece.content))));
    Ok(streamed(&format!("{name}.bundle"), "ledger", content))
}

/// The size of the ledger by month, drawn, and the root at each month's end.
fn months(growth: &api::ListGrowthResponse, lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("月", "month"), Set::Text),
        (lang.pick("本月条数", "entries"), Set::Number),
        (lang.pick("月末台账", "size at its end"), Set::Number),
        (lang.pick("月末树根", "root at its end"), Set::Text),
        (lang.pick("核对", "check"), Set::Text),
    ]);
    for month in &growth.months {
        table.row([
            text(&month.month),
            text(count(month.entries)),
            text(count(month.size)),
            html! { span.hash { (hex::show(&month.root)) } },
            html! { form method="post" action=(address("/audit", &[("size", month.size)])) {
                button.link aria-label=(lang.pick(format!("重放到 {} 月末", month.month), format!("replay to the end of {}", month.month))) { (lang.pick("重放", "replay")) }
            } },
        ]);
    }
    let size = |month: &api::GrowthMonth| {
        // A year stands at its January.
        let shown = month.month.split_once('-').map_or("", |(year, number)| match number {
            "01" => year,
            number => number.trim_start_matches('0'),
        });
        let drawn = i64::try_from(month.size).unwrap_or(i64::MAX);
        (shown.to_owned(), drawn, chart::short(month.size, lang))
    };
    let sizes: Vec<_> = growth.months.iter().rev().map(size).collect();
    let told = growth
        .months
        .iter()
        .rev()
        .map(|month| format!("{} {}", month.month, count(month.size)));
    let told = told.collect::<Vec<_>>().join(", ");
    html! {
        @if !sizes.is_empty() {
            h2 { (lang.pick("逐月的台账", "The ledger by month")) }
            p.hint { (lang.pick(
                "各月末的树根由条目算出；重放到该月末得到同一个树根。抄下一行，日后可核对这之前的条目一条未动。",
                "The root at each month's end is computed from the entries; a replay to that end finds the same. Copy a line down, and it can be checked later that no entry before it was touched.",
            )) }
            figure {
                figcaption { (lang.pick("台账各月末的条数", "entries in the ledger at each month's end")) }
                (chart::columns(&told, &sizes))
            }
            (table.render(lang.pick("最近的月份在前；期间按北京时间", "the latest month first, in Beijing time")))
        }
    }
}

/// What is replayed, as it stands in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Replayed {
    /// So many entries; empty: all.
    size: String,
}

pub(crate) async fn replay(visitor: Visitor, Question(asked): Question<Replayed>) -> Answer {
    let at = at_size(&visitor, "size", &asked.size).map_err(|wrong| visitor.unanswered(wrong.into_status()))?;
    let size = match at.and_then(|at| at.at) {
        Some(api::at::At::Size(size)) => size,
        Some(api::at::At::Time(_) | api::at::At::OfficialYear(_)) | None => 0,
    };
    let request = visitor.api.stream(api::ReplayRequest { size });
    let begun = visitor.api.audit().replay(request).await;
    let progress = begun.map_err(|status| visitor.unanswered(status))?.into_inner();
    let title = visitor.say("审计重放", "Replay");
    let back = html! { p { a href="/audit" { (visitor.say("回到审计", "back to the audit")) } } };
    sent(&visitor, title, told(visitor.lang, progress), &back)
}

/// How far it is each time that changes, then the result.
fn told(lang: Lang, mut progress: Streaming<api::ReplayProgress>) -> impl futures::Stream<Item = Markup> + Send {
    async_stream::stream! {
        let ended = loop {
            match progress.message().await {
                Ok(Some(api::ReplayProgress { result: Some(result), .. })) => break outcome(&result, lang),
                Ok(Some(step)) => {
                    let (done, total) = (step.entries_done, step.entries_total);
                    let all = of_all(done, total);
                    yield far(done, total, &lang.pick(format!("已重算 {all} 条"), format!("{all} entries replayed")));
                }
                Ok(None) => break broke_off(lang.pick("重放中断，没有结果：请重新运行", "the replay broke off without a result: run it again")),
                Err(status) => {
                    tracing::warn!(code = %code(status.code()), "a replay for a page ended early");
                    break broke_off(status.message());
                }
            }
        };
        yield ended;
    }
}

fn outcome(result: &api::ReplayResult, lang: Lang) -> Markup {
    // The page compares for itself: it does not take the services' word for it.
    let root = result.replayed_root == result.served_root;
    let digest = result.replayed_digest == result.served_digest;
    let size = count(result.size);
    let seconds = format!("{}.{:03}", result.elapsed_ms / 1000, result.elapsed_ms.rem_euclid(1000));
    let pairs = [
        (
            lang.pick("树根", "root"),
            root,
            &result.replayed_root,
            &result.served_root,
        ),
        (
            lang.pick("余额与称号", "balances and titles"),
            digest,
            &result.replayed_digest,
            &result.served_digest,
        ),
    ];
    html! {
        div.result {
            @if result.agrees && root && digest {
                p.done role="status" { (lang.pick(
                    format!("一致：重算 {size} 条，用时 {seconds} 秒"),
                    format!("it agrees: {size} entries replayed in {seconds} s"),
                )) }
            } @else {
                p.problem role="alert" { (lang.pick(
                    format!("前 {size} 条的重算结果与台账所答的不符；请停止使用该服务，保留数据目录的副本，再从备份、备节点或消息流恢复"),
                    format!("the replay of the first {size} entries differs from what the ledger serves; stop using this server, keep a copy of its data directory, and restore from a backup, a standby or the stream"),
                )) }
            }
            dl.facts {
                @for (what, agrees, replayed, served) in pairs {
                    dt { (what) " " (if agrees { lang.pick("一致", "agrees") } else { lang.pick("不符", "differs") }) }
                    dd.hash { (hex::show(replayed)) @if !agrees { br; (hex::show(served)) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_that_differs_is_told_whatever_the_services_say_of_it() {
        let good = api::ReplayResult {
            size: 3,
            replayed_root: vec![1; 32],
            served_root: vec![1; 32],
            agrees: true,
            ..api::ReplayResult::default()
        };
        assert!(outcome(&good, Lang::En).into_string().contains("it agrees"));
        let bad = api::ReplayResult {
            served_root: vec![2; 32],
            ..good
        };
        let told = outcome(&bad, Lang::Zh).into_string();
        assert!(
            told.contains("不符") && told.contains("0202") && told.contains("alert"),
            "{told}"
        );
    }
}
