//! The office's own: how large the ledger is, and what came late or was refused since yesterday.

use keshi_core::hex;
use keshi_core::time::CHINA;
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::time::{moment, timestamp, today};
use maud::{Markup, html};
use tonic::Status;

use crate::ask::address;
use crate::visitor::Visitor;

/// Most entries that are counted; beyond, there are “more than”.
const COUNTED_MAX: i32 = 1000;

pub(super) async fn section(visitor: &Visitor) -> Result<Markup, Status> {
    let lang = visitor.lang;
    let request = visitor.api.call(api::GetHeadRequest::default());
    let head = visitor.api.ledger().get_head(request).await?.into_inner();
    if head.size == 0 {
        return Ok(begin(visitor));
    }
    let late = api::EntryFilter {
        late: true,
        ..api::EntryFilter::default()
    };
    let refused = api::EntryFilter {
        refused: true,
        ..api::EntryFilter::default()
    };
    let undone = api::EntryFilter {
        undone: true,
        ..api::EntryFilter::default()
    };
    let kinds = [
        ("late", lang.pick("补登", "posted late"), late),
        (
            "refused",
            lang.pick("不予入账或冲突", "refused or conflicting"),
            refused,
        ),
        ("undone", lang.pick("已作废或已更正", "voided or corrected"), undone),
    ];
    let mut counts = Vec::new();
    for (name, says, filter) in kinds {
        counts.push((name, says, since_yesterday(visitor, filter).await?));
    }
    let since = today().yesterday().unwrap_or(today()).to_string();
    Ok(html! {
        section {
            h2 { (lang.pick("台账", "the ledger")) }
            dl.facts {
                dt { (lang.pick("条数", "entries")) } dd { (count(head.size)) }
                dt { (lang.pick("最近入账", "last recorded")) } dd { (head.recorded_at.as_ref().map_or_else(String::new, moment)) }
                dt { (lang.pick("树根", "root")) } dd.hash { (hex::show(&head.root)) }
                @for (name, says, found) in counts {
                    dt { (lang.pick("昨天以来", "since yesterday")) " " (says) }
                    dd { a href=(address("/entries", &[(name, "1"), ("since", &since)])) { (found) } }
                }
            }
        }
    })
}

/// How many entries of this kind were recorded since yesterday began.
async fn since_yesterday(visitor: &Visitor, filter: api::EntryFilter) -> Result<String, Status> {
    let yesterday = today().yesterday().unwrap_or(today());
    let begins = CHINA.to_timestamp(yesterday.at(0, 0, 0, 0)).ok();
    let request = api::ListEntriesRequest {
        page_size: COUNTED_MAX,
        // So that nobody wonders at the lines that first pages leave in the log of reads.
        purpose: visitor.say("首页计数", "counted for the first page").to_owned(),
        filter: Some(api::EntryFilter {
            recorded_since: begins.map(timestamp),
            ..filter
        }),
        ..api::ListEntriesRequest::default()
    };
    let answer = visitor
        .api
        .ledger()
        .list_entries(visitor.api.call(request))
        .await?
        .into_inner();
    let found = count(answer.entries.len() as u64);
    Ok(if answer.next_page_token.is_empty() {
        found
    } else {
        visitor.lang.pick(format!("至少 {found}"), format!("at least {found}"))
    })
}

/// What an office begins with.
fn begin(visitor: &Visitor) -> Markup {
    let lang = visitor.lang;
    html! {
        section {
            @if visitor.role() == RoleName::Auditor {
                p.quiet { (lang.pick("台账还是空的，没有可审计的。", "the ledger is empty yet: there is nothing to audit.")) }
            } @else {
                h2 { (lang.pick("从这里开始", "begin here")) }
                p { (lang.pick("台账还是空的。依次导入或发布：", "the ledger is empty yet. Import or adopt, one after the other:")) }
                ol {
                    li { a href="/documents/new" { (lang.pick("规则和校历", "policies and calendar")) } (lang.pick("：从模板改起，检查无误后发布", ": begin with a template, adopt it once it has no mistakes")) }
                    li { a href="/import" { (lang.pick("学校和教师", "schools and teachers")) } (lang.pick("：下载空表，填好后导入", ": save the empty sheets, fill them in, import them")) }
                    li { a href="/accounts/new" { (lang.pick("账号", "accounts")) } (lang.pick("：为每所学校建好，打印一次性代码", ": one for everybody of a school, with slips to hand out")) }
                    li { (lang.pick("培训等活动：各校管理员导入自己的表格", "training and the rest: each school's clerk imports her own sheets")) }
                }
            }
        }
    }
}
