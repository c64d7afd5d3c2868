//! What an operator should know about the server and the stream, for `keshi doctor`.

use std::time::Duration;

use async_nats::ServerInfo;
use async_nats::jetstream::stream::Info;
use keshi_core::lang::{Say, say};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use crate::MESSAGE_BYTES_MAX;
use crate::nats::config::NatsConfig;
use crate::nats::identity::Identity;
use crate::nats::link::Link;
use crate::nats::monitor;
use crate::nats::settings;
use crate::nats::stream::{self, Look};

/// How long the server may take to be reached.
const PATIENCE: Duration = Duration::from_secs(5);

/// The oldest server version (major, minor) whose JetStream is known to keep the promises we build on.
const VERSION_MIN: (i64, i64) = (2, 12);

/// The smallest `max_payload` with which every submission and its receipt fit.
const MAX_PAYLOAD_MIN: usize = 1024 * 1024;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Not wrong, or not knowable from here; somebody should look at it once.
    Warning,
    /// Wrong: something may be lost or nothing works.
    Error,
    /// Wrong, and what is kept is not what was recorded.
    Damage,
}

/// One thing found out, for `keshi doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// A stable name of what was checked and found, for scripts.
    pub code: &'static str,
    /// What was found.
    pub what: Say,
    /// What to do about it; `None` if nothing.
    pub remedy: Option<Say>,
}

/// Checks the server and the office's stream without changing anything.
///
/// `monitoring_url` is the server's monitoring address, such as `http://127.0.0.1:8222`; only there can be seen
/// whether the server syncs before it acknowledges. `ledger_id` is compared with the stream's if given.
pub async fn diagnose(config: &NatsConfig, monitoring_url: Option<&str>, ledger_id: Option<Uuid>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match Link::start(config, "keshi-doctor", &config.ledger_inbox()).await {
        Err(error) => findings.push(wrong(
            "bus-config",
            say(format!("总线配置不可用：{error}"), error.to_string()),
            say("请更正 --bus 相关选项", "correct the --bus options"),
        )),
        Ok(link) if link.wait_connected(Instant::now() + PATIENCE).await => {
            findings.push(fine(
                "bus-reachable",
                say("服务器可以连接", format!("{} answers", config.shown_url())),
            ));
            let server = link.client.server_info();
            about_server(&server, &mut findings);
            about_tls(config, &server, &mut findings);
            about_stream(&link, config, ledger_id, &mut findings).await;
        }
        Ok(link) => findings.push(wrong(
            "bus-unreachable",
            say(format!("无法连接服务器：{}", link.reason()), link.reason()),
            say(
                "请启动 nats-server，或更正地址与凭据",
                "start nats-server, or correct address and credentials",
            ),
        )),
    }
    findings.push(about_sync(monitoring_url).await);
    findings.push(warning(
        "bus-rights-unknown",
        say(
            "从这里无法得知其他账户是否也能向 `keshi.` 发布",
            "which other accounts may publish below `keshi.` cannot be seen from here",
        ),
        say(
            "请对照 services/deploy/nats.conf 检查用户权限：只有 intake 可以向 `keshi.` 发布",
            "compare the users in nats.conf with services/deploy/nats.conf: only intake publishes below `keshi.`",
        ),
    ));
    findings
}

fn about_server(server: &ServerInfo, findings: &mut Vec<Finding>) {
    let version = &server.version;
    findings.push(if is_new_enough(version) {
        fine(
            "bus-version",
            say(format!("nats-server 版本 {version}"), format!("nats-server {version}")),
        )
    } else {
        wrong(
            "bus-version-old",
            say(
                format!("nats-server {version} 低于 {}.{}", VERSION_MIN.0, VERSION_MIN.1),
                format!(
                    "nats-server {version} is older than {}.{}",
                    VERSION_MIN.0, VERSION_MIN.1
                ),
            ),
            say("请安装更新版本的 nats-server", "install a newer nats-server"),
        )
    });
    if server.max_payload < MAX_PAYLOAD_MIN {
        findings.push(wrong(
            "bus-max-payload",
            say(
                format!(
                    "max_payload 为 {} 字节，而一次提交最多 {MESSAGE_BYTES_MAX} 字节",
                    server.max_payload
                ),
                format!(
                    "max_payload is {} bytes, submissions have up to {MESSAGE_BYTES_MAX}",
                    server.max_payload
                ),
            ),
            say(
                "请在 nats.conf 中设置 max_payload: 1MB",
                "set max_payload: 1MB in nats.conf",
            ),
        ));
    }
}

fn about_tls(config: &NatsConfig, server: &ServerInfo, findings: &mut Vec<Finding>) {
    let is_local = |host: &str| host == "localhost" || host.starts_with("127.") || host.contains("::1");
    let is_far = config
        .addresses()
        .is_ok_and(|all| all.iter().any(|address| !is_local(address.host())));
    if is_far && !server.tls_required {
        findings.push(wrong(
            "bus-no-tls",
            say(
                "服务器在另一台机器上，却没有要求 TLS",
                "the server is elsewhere and does not demand TLS",
            ),
            say(
                "请在 nats.conf 中配置 tls，并使用 tls:// 地址",
                "set tls in nats.conf and use a tls:// address",
            ),
        ));
    }
}

async fn about_stream(link: &Link, config: &NatsConfig, ledger_id: Option<Uuid>, findings: &mut Vec<Finding>) {
    let stream = config.stream();
    let info = match stream::look(&stream::context(&link.client), &stream).await {
        Look::Found(info) => info,
        Look::Missing => {
            findings.push(fine("bus-jetstream", say("JetStream 已启用", "jetstream is on")));
            return findings.push(warning("bus-stream-missing", say(format!("没有流 {stream}"), format!("there is no stream {stream}")), say("日志为空的主节点启动时会创建；若日志已有进度，请先恢复原来的流", "a primary with an empty log creates it when it starts; a log with a cursor needs its stream restored")));
        }
        Look::NoJetStream(reason) => {
            return findings.push(wrong(
                "bus-jetstream-off",
                say(
                    format!("JetStream 未启用：{reason}"),
                    format!("jetstream is off: {reason}"),
                ),
                say(
                    "请在 nats.conf 中加入 jetstream 配置块",
                    "add a jetstream block to nats.conf",
                ),
            ));
        }
        Look::Unclear(reason) => {
            return findings.push(wrong(
                "bus-jetstream-silent",
                say(
                    format!("JetStream 没有应答：{reason}"),
                    format!("jetstream does not answer: {reason}"),
                ),
                say(
                    "请检查该用户对 $JS.API 的权限以及服务器日志",
                    "check the user's rights to $JS.API and the server's log",
                ),
            ));
        }
    };
    findings.push(fine("bus-jetstream", say("JetStream 已启用", "jetstream is on")));
    findings.push(about_settings(&stream, &info, config));
    findings.extend(about_ledger_id(&stream, &info, ledger_id));
    if let Some(deleted) = info.state.deleted_count.filter(|count| *count > 0) {
        findings.push(wrong(
            "bus-stream-gaps",
            say(
                format!("流 {stream} 缺失 {deleted} 条消息"),
                format!("stream {stream} has lost {deleted} messages"),
            ),
            say(
                "请恢复该流，或从备用节点重建",
                "restore the stream, or rebuild from a standby",
            ),
        ));
    }
    if info.config.num_replicas != config.replicas {
        findings.push(warning(
            "bus-replicas",
            say(
                format!(
                    "流 {stream} 有 {} 个副本，配置为 {} 个",
                    info.config.num_replicas, config.replicas
                ),
                format!(
                    "stream {stream} has {} replicas, {} are configured",
                    info.config.num_replicas, config.replicas
                ),
            ),
            say("请将两者改为一致", "change either of them"),
        ));
    }
}

fn about_settings(stream: &str, info: &Info, config: &NatsConfig) -> Finding {
    let differences = settings::differences(&info.config, config).join("; ");
    if differences.is_empty() {
        let (first, last) = (info.state.first_sequence, info.state.last_sequence);
        return fine(
            "bus-stream",
            say(
                format!("流 {stream} 设置正确，现有序号 {first} 至 {last}"),
                format!("stream {stream} is set as it must be and holds {first} to {last}"),
            ),
        );
    }
    wrong(
        "bus-stream-settings",
        say(
            format!("流 {stream} 设置有误：{differences}"),
            format!("stream {stream} may lose or change messages: {differences}"),
        ),
        say(
            "请更正流的设置；在此之前台账会停止接收",
            "correct the stream's settings; the ledger halts until then",
        ),
    )
}

fn about_ledger_id(stream: &str, info: &Info, ledger_id: Option<Uuid>) -> Option<Finding> {
    let expected = ledger_id?.to_string();
    let found = Identity::of(info).map_or_else(|| "none".to_owned(), |it| it.id.ledger_id.to_string());
    if found == expected {
        return Some(fine(
            "bus-ledger-id",
            say("流与日志属于同一台账", format!("stream and log are of ledger {found}")),
        ));
    }
    Some(wrong(
        "bus-ledger-id-differs",
        say(
            format!("流 {stream} 属于台账 {found}，而日志属于 {expected}"),
            format!("stream {stream} belongs to ledger {found}, the log to {expected}"),
        ),
        say(
            "请检查 --data 与服务器地址；`keshi bus attach` 可将日志接到新的流",
            "check --data and the address; `keshi bus attach` moves a log to a new stream",
        ),
    ))
}

async fn about_sync(monitoring_url: Option<&str>) -> Finding {
    let unknown = |why: &str, why_zh: &str| {
        warning(
            "bus-sync-unknown",
            say(
                format!("无法确认服务器是否先落盘再应答：{why_zh}"),
                format!("UNKNOWN whether the server syncs before it acknowledges: {why}"),
            ),
            say(
                "请提供服务器的监控地址，并确认 nats.conf 中有 sync_interval: always",
                "give the server's monitoring address, and see that nats.conf has sync_interval: always",
            ),
        )
    };
    let Some(url) = monitoring_url else {
        return unknown("no monitoring address was given", "没有给出监控地址");
    };
    match monitor::page(url, "/jsz?config=true").await {
        Err(error) => unknown(&error, &error),
        Ok(page) => match page.pointer("/config/sync_always").and_then(Value::as_bool) {
            Some(true) => fine(
                "bus-sync-always",
                say("服务器先落盘再应答", "the server syncs before it acknowledges"),
            ),
            // The server leaves the field out when it is off.
            Some(false) | None if page.get("config").is_some_and(Value::is_object) => wrong(
                "bus-sync-off",
                say(
                    "服务器应答之后才落盘：断电会丢失已接受的提交",
                    "the server ACKNOWLEDGES BEFORE IT SYNCS: a power cut loses accepted submissions",
                ),
                say(
                    "请在 nats.conf 的 jetstream 配置块中设置 sync_interval: always，并重启服务器",
                    "set sync_interval: always in the jetstream block of nats.conf and restart the server",
                ),
            ),
            Some(_) | None => unknown("the monitoring page does not show it", "监控页面没有给出该项"),
        },
    }
}

/// Whether `version`, such as `2.15.1` or `2.12.0-RC.3`, is at least [`VERSION_MIN`].
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .split(['.', '-'])
        .map(|number| number.parse::<i64>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= VERSION_MIN
}

/// As it should be.
pub fn fine(code: &'static str, what: Say) -> Finding {
    Finding {
        level: Level::Ok,
        code,
        what,
        remedy: None,
    }
}

/// Somebody should look at it.
pub fn warning(code: &'static str, what: Say, remedy: Say) -> Finding {
    Finding {
        level: Level::Warning,
        code,
        what,
        remedy: Some(remedy),
    }
}

/// Wrong.
pub fn wrong(code: &'static str, what: Say, remedy: Say) -> Finding {
    Finding {
        level: Level::Error,
        ..warning(code, what, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for good in ["2.12.0", "2.15.1", "3.0.0", "2.12.0-RC.3"] {
            assert!(is_new_enough(good), "{good}");
        }
        for old in ["2.9.25", "2.11.9", "1.4.1", "dev", ""] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
