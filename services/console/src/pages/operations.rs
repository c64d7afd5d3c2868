//! 运维: how the service does, what is wrong around it, its backups, and who has signed in: for whoever looks after it.

use axum::response::{IntoResponse as _, Redirect};
use keshi_core::hex;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::time::moment;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::account::{SESSIONS, session_cells};
use crate::ask::turning;
use crate::extract::{Filled, Question};
use crate::fault::{Answer, refused};
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Where the list of sessions goes on.
    page: String,
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let content = content(&visitor, &asked, None)
        .await
        .map_err(|status| visitor.unanswered(status))?;
    Ok(page(&visitor, title(&visitor), &content))
}

/// Makes a backup, and waits for it as long as a page does.
pub(crate) async fn back_up(visitor: Visitor) -> Answer {
    let request = visitor.api.call(api::BackUpRequest {});
    match visitor.api.operations().back_up(request).await {
        Ok(_) => Ok(Redirect::to("/operations#backups").into_response()),
        Err(status) if status.code() == tonic::Code::PermissionDenied => Err(visitor.unanswered(status)),
        Err(status) => {
            let content = content(&visitor, &Asked::default(), Some(&status)).await;
            let content = content.map_err(|status| visitor.unanswered(status))?;
            Ok(refused(page(&visitor, title(&visitor), &content), Some(&status)))
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Ended {
    account: String,
    session: String,
}

/// Ends a session of whomever.
pub(crate) async fn end_session(visitor: Visitor, Filled(ended): Filled<Ended>) -> Answer {
    let request = visitor.api.call(api::EndSessionRequest {
        session_id: ended.session,
        account: ended.account,
    });
    let asked = visitor.api.accounts().end_session(request).await;
    asked.map_err(|status| visitor.unanswered(status))?;
    Ok(Redirect::to("/operations#sessions").into_response())
}

fn title(visitor: &Visitor) -> &'static str {
    visitor.say("运维", "Operations")
}

async fn content(visitor: &Visitor, asked: &Asked, failed: Option<&Status>) -> Result<Markup, Status> {
    let api = &visitor.api;
    let status = api
        .operations()
        .get_status(api.call(api::GetStatusRequest {}))
        .await?
        .into_inner();
    let found = api
        .operations()
        .examine(api.call(api::ExamineRequest {}))
        .await?
        .into_inner();
    let sessions = if visitor.console.0.is_dev {
        None
    } else {
        let request = api::ListSessionsRequest {
            is_everybodys: true,
            page_size: 50,
            page_token: asked.page.clone(),
            ..api::ListSessionsRequest::default()
        };
        Some(api.accounts().list_sessions(api.call(request)).await?.into_inner())
    };
    Ok(html! {
        (running(visitor, &status))
        (findings(visitor, found.findings))
        (backups(visitor, &status, failed))
        @if let Some(sessions) = sessions { (signed_in(visitor, asked, &sessions)) }
        details { summary { (visitor.say("指标（OpenMetrics）", "figures (OpenMetrics)")) } pre.document tabindex="0" { (status.figures) } }
    })
}

fn running(visitor: &Visitor, status: &api::GetStatusResponse) -> Markup {
    let lang = visitor.lang;
    let mebibytes = |bytes: u64| format!("{} MiB", count(bytes >> 20));
    let roles: Vec<&str> = status.roles.iter().map(|role| role_name(visitor, role)).collect();
    let posts = match status.takes_posts {
        Some(true) => lang.pick("接收", "taken"),
        Some(false) => lang.pick("不接收", "not taken"),
        None => lang.pick("由另一进程接收", "another process's work"),
    };
    html! {
        section {
            h2 { (lang.pick("状态", "State")) }
            dl.facts {
                dt { (lang.pick("版本", "version")) } dd { (status.version) }
                dt { (lang.pick("启动", "running since")) } dd { (status.started_at.as_ref().map_or_else(String::new, moment)) }
                dt { (lang.pick("本进程", "this process")) } dd { (roles.join(lang.pick("、", ", "))) " · " (bus_name(visitor, &status.bus)) }
                dt { (lang.pick("提交", "submissions")) }
                dd { @if status.takes_posts == Some(false) { span.tag.short { (posts) } } @else { (posts) } }
                @if let Some(ledger) = &status.ledger {
                    dt { (lang.pick("台账", "ledger")) }
                    dd {
                        (lang.pick(format!("{} 条", count(ledger.size)), format!("{} entries", count(ledger.size))))
                        @if let Some(last) = &ledger.last_recorded_at { (lang.pick("，最近入账 ", ", the last recorded ")) (moment(last)) }
                    }
                    dt { (lang.pick("台账编号", "ledger id")) } dd.hash { (ledger.ledger_id) }
                    dt { (lang.pick("等待写入", "waiting to be written")) }
                    dd { (lang.pick(format!("{} 批", count(ledger.waiting)), format!("{} submissions", count(ledger.waiting)))) }
                    @if ledger.commits > 0 {
                        dt { (lang.pick("启动以来写盘", "written since the start")) }
                        dd { (lang.pick(
                            format!("{} 次，平均 {}.{:03} 毫秒", count(ledger.commits), ledger.commit_us / 1000, ledger.commit_us % 1000),
                            format!("{} commits, {}.{:03} ms on average", count(ledger.commits), ledger.commit_us / 1000, ledger.commit_us % 1000),
                        )) }
                    }
                }
                dt { (lang.pick("磁盘剩余", "free on the disk")) }
                dd { (mebibytes(status.disk_free_bytes)) " / " (mebibytes(status.disk_bytes)) }
                dt { (lang.pick("占用内存", "memory")) } dd { (mebibytes(status.resident_bytes)) }
            }
        }
    }
}

fn role_name<'a>(visitor: &Visitor, role: &'a str) -> &'a str {
    match role {
        "intake" => visitor.say("接收提交", "intake"),
        "ledger" => visitor.say("台账", "ledger"),
        "console" => visitor.say("网页", "pages"),
        other => other,
    }
}

fn bus_name<'a>(visitor: &Visitor, bus: &'a str) -> &'a str {
    match bus {
        "embedded" => visitor.say("内置总线", "embedded bus"),
        "nats" => "NATS",
        other => other,
    }
}

/// What was found, the worst first.
fn findings(visitor: &Visitor, mut found: Vec<api::Finding>) -> Markup {
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let bad = found
        .iter()
        .filter(|finding| finding.level() != api::FindingLevel::Ok)
        .count();
    let mut table = Table::new([
        (visitor.say("结果", "result"), Set::Text),
        (visitor.say("发现", "found"), Set::Text),
        (visitor.say("怎么办", "what to do"), Set::Text),
    ]);
    for finding in &found {
        let (class, says) = match finding.level() {
            api::FindingLevel::Ok => ("good", visitor.say("正常", "ok")),
            api::FindingLevel::Warning => ("", visitor.say("注意", "warning")),
            api::FindingLevel::Error => ("short", visitor.say("有误", "error")),
            api::FindingLevel::Damage => ("short", visitor.say("已损坏", "damaged")),
            api::FindingLevel::Unspecified => ("", visitor.say("未知", "unknown")),
        };
        table.row([
            html! { span class=(format!("tag {class}")) { (says) } },
            text(&finding.what),
            text(&finding.remedy),
        ]);
    }
    let lang = visitor.lang;
    html! {
        section {
            h2 { (lang.pick("检查", "Examination")) }
            @if bad == 0 {
                p.done { (lang.pick(format!("查了 {} 项，都正常", found.len()), format!("{} things looked at, all as they should be", found.len()))) }
            } @else {
                p { (lang.pick(format!("查了 {} 项，{bad} 项须留意", found.len()), format!("{} things looked at, {bad} need attention", found.len()))) }
            }
            (table.render(visitor.say("检查结果", "findings")))
            p.hint {
                (lang.pick("运行中的台账可在", "the open ledger is recomputed and compared on the page "))
                a href="/audit" { (lang.pick("审计", "Audit")) }
                (lang.pick("页逐条重算核对。", "."))
            }
        }
    }
}

fn backups(visitor: &Visitor, status: &api::GetStatusResponse, failed: Option<&Status>) -> Markup {
    let lang = visitor.lang;
    let mut table = Table::new([
        (visitor.say("时间", "made"), Set::Text),
        (visitor.say("目录", "directory"), Set::Text),
        (visitor.say("条数", "entries"), Set::Number),
        (visitor.say("树根", "root"), Set::Text),
    ]);
    for backup in &status.backups {
        table.row([
            text(backup.made_at.as_ref().map_or_else(String::new, moment)),
            text(&backup.dir),
            text(count(backup.size)),
            html! { span.hash { (hex::show(&backup.root)) } },
        ]);
    }
    html! {
        section id="backups" {
            h2 { (lang.pick("备份", "Backups")) }
            @if let Some(failed) = failed { p.problem role="alert" { (failed.message()) } }
            @if status.is_backing_up {
                p role="status" { (lang.pick("正在备份；完成后刷新本页可见。", "a backup is being made; look again for its end.")) }
            } @else if status.backups_dir.is_empty() {
                p.hint { (lang.pick(
                    "在服务器上运行 keshi backup 目录；要在本页备份，请以 --backups 目录 启动 keshi。",
                    "run keshi backup DIR on the server; to make backups from this page, start keshi with --backups DIR.",
                )) }
            } @else {
                form.noprint method="post" action="/operations/backup" {
                    button { (lang.pick("现在备份", "make a backup now")) } " "
                    span.quiet { (lang.pick(format!("写入 {}，只写新增的，并逐条校验", status.backups_dir), format!("to {}: what is new, and every entry verified", status.backups_dir))) }
                }
            }
            @if status.backups.is_empty() { p.quiet { (lang.pick("还没有备份记录", "none is noted yet")) } }
            (table.render(visitor.say("备份记录", "backups made")))
        }
    }
}

fn signed_in(visitor: &Visitor, asked: &Asked, sessions: &api::ListSessionsResponse) -> Markup {
    let [begun, seen, from, device] = SESSIONS.map(|(zh, en)| (visitor.say(zh, en), Set::Text));
    let account = (visitor.say("账号", "account"), Set::Text);
    let mut table = Table::new([account, begun, seen, from, device, ("", Set::Text)]);
    for session in &sessions.sessions {
        let [begun, seen, from, device] = session_cells(session);
        table.row([
            html! { a href=(format!("/accounts/{}", session.account)) { (session.account) } },
            begun,
            seen,
            from,
            device,
            html! {
                @if session.is_this { span.tag.good { (visitor.say("这里", "here")) } }
                @else {
                    form method="post" action="/operations/end" {
                        input type="hidden" name="account" value=(session.account);
                        input type="hidden" name="session" value=(session.id);
                        button.second { (visitor.say("令其退出", "sign it out")) }
                    }
                }
            },
        ]);
    }
    html! {
        section id="sessions" {
            h2 { (visitor.say("正在登录", "Signed in")) }
            @if sessions.sessions.is_empty() { p.quiet { (visitor.say("没有人登录", "nobody is signed in")) } }
            (table.render(visitor.say("会话", "sessions")))
            (turning(visitor, "/operations", asked, &sessions.next_page_token))
        }
    }
}
