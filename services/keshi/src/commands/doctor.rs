//! `keshi doctor`: what an operator should know, without changing anything.
//!
//! The ledger is examined on a copy: opening the original would let the store repair a damage away. While a server has it
//! open it is not copied; then the server's own replay (`keshi audit replay`) is the examination.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use jiff::Timestamp;
use keshi_bus::nats::{self, Level};
use keshi_log::{Log, OpenError};
use keshi_office::access::Access;
use keshi_office::layout::OfficeDir;
use serde::Serialize;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::token::open_failure;
use crate::Ctx;
use crate::cli::{BusArg, DoctorArgs};
use crate::exit::{Exit, Failure, Outcome, Say, causes, say};
use crate::remote::Place;
use crate::texts::names::count;
use crate::up::{engine_failure, nats_config};

/// Below this much free space a warning, below the other an error, in bytes.
const FREE: (u64, u64) = (2 << 30, 256 << 20);

/// A clock before this moment is certainly wrong.
const BUILT_AFTER: Timestamp = Timestamp::constant(1_735_689_600, 0);

/// One thing found out.
struct Finding {
    level: Level,
    /// A stable name, for scripts.
    code: &'static str,
    what: Say,
    remedy: Option<Say>,
    /// Whether what is kept is not what was recorded.
    is_damage: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    level: &'a str,
    code: &'a str,
    zh: &'a str,
    en: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy_zh: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy_en: Option<&'a str>,
}

pub(super) async fn run(ctx: &mut Ctx<'_>, args: DoctorArgs) -> Outcome {
    let place = Place::of(ctx)?;
    let mut findings = about_data(&place);
    let access_file = args.access.clone().unwrap_or_else(|| place.data.access_file());
    findings.push(about_access(&access_file));
    let mut ledger_id = None;
    if place.data.root.is_dir() {
        findings.extend(about_space(&place.data.root));
        match offices(ctx, &place) {
            Ok(dirs) if dirs.is_empty() => findings.push(warning(
                "ledger-none",
                say("数据目录中还没有台账", "the data directory holds no ledger yet"),
                say(
                    "首次启动：keshi up --office 机构编号",
                    "start it once: keshi up --office CODE",
                ),
            )),
            Ok(dirs) => {
                for dir in dirs {
                    ledger_id = about_ledger(dir, &mut findings).await.or(ledger_id);
                }
            }
            Err(failure) => findings.push(failed("ledger-office", failure)),
        }
    }
    findings.push(about_clock());
    if let Some(BusArg::Nats(url)) = &args.bus {
        let office = ctx.globals.office.clone().or_else(|| only_office(&place));
        findings.extend(about_nats(ctx, url, office, &args, ledger_id).await);
    }
    show(ctx, &findings)
}

fn show(ctx: &mut Ctx<'_>, findings: &[Finding]) -> Outcome {
    for finding in findings {
        let line = if ctx.globals.json {
            let shown = Shown {
                level: level_word(finding.level),
                code: finding.code,
                zh: &finding.what.zh,
                en: &finding.what.en,
                remedy_zh: finding.remedy.as_ref().map(|remedy| remedy.zh.as_str()),
                remedy_en: finding.remedy.as_ref().map(|remedy| remedy.en.as_str()),
            };
            serde_json::to_string(&shown).map_err(io::Error::from)?
        } else {
            let mark = match finding.level {
                Level::Ok => ctx.lang.pick("正常", "ok     "),
                Level::Warning => ctx.lang.pick("注意", "warning"),
                Level::Error => ctx.lang.pick("有误", "error  "),
            };
            let remedy = finding
                .remedy
                .as_ref()
                .map(|remedy| format!("\n      {}", remedy.pick(ctx.lang)));
            format!("{mark}  {}{}", finding.what.pick(ctx.lang), remedy.unwrap_or_default())
        };
        ctx.print(line)?;
    }
    if findings.iter().any(|finding| finding.is_damage) {
        return Err(Failure::silent(Exit::NotVerified));
    }
    if findings.iter().any(|finding| finding.level == Level::Error) {
        return Err(Failure::silent(Exit::Failed));
    }
    Ok(())
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

// === findings ===

fn fine(code: &'static str, what: Say) -> Finding {
    Finding {
        level: Level::Ok,
        code,
        what,
        remedy: None,
        is_damage: false,
    }
}

fn warning(code: &'static str, what: Say, remedy: Say) -> Finding {
    Finding {
        level: Level::Warning,
        remedy: Some(remedy),
        ..fine(code, what)
    }
}

fn wrong(code: &'static str, what: Say, remedy: Say) -> Finding {
    Finding {
        level: Level::Error,
        ..warning(code, what, remedy)
    }
}

/// A failure as a finding: its first line, and the others as the remedy.
fn failed(code: &'static str, failure: Failure) -> Finding {
    let mut lines = failure.lines.into_iter();
    let what = lines.next().unwrap_or_else(|| Say::same(code));
    Finding {
        level: Level::Error,
        code,
        what,
        remedy: lines.reduce(|a, b| say(format!("{}；{}", a.zh, b.zh), format!("{}; {}", a.en, b.en))),
        is_damage: failure.exit == Exit::NotVerified,
    }
}

fn about_data(place: &Place) -> Vec<Finding> {
    let root = &place.data.root;
    let shown = root.display();
    let metadata = match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            let what = say(format!("{shown} 不是目录"), format!("{shown} is no directory"));
            return vec![wrong("data-no-directory", what, say("请核对 --data", "check --data"))];
        }
        Err(error) => {
            let what = say(
                format!("数据目录 {shown} 无法读取"),
                format!("the data directory {shown} cannot be read"),
            );
            let remedy = say(
                "请核对 --data；首次启动会建立它",
                "check --data; the first start makes it",
            );
            return vec![wrong("data-unreadable", what.because(&error), remedy)];
        }
    };
    let mut findings = vec![about_mode(root, &metadata, "data-mode", 0o077)];
    let owner = rustix::process::geteuid().as_raw();
    if owner != 0 && metadata.uid() != owner {
        findings.push(wrong(
            "data-owner",
            say(
                format!("数据目录 {shown} 不属于本用户"),
                format!("the data directory {shown} is another user's"),
            ),
            say(
                "请以其属主运行 keshi，或更改属主",
                "run keshi as its owner, or change the owner",
            ),
        ));
    }
    let token = place.token_file();
    if let Ok(metadata) = fs::metadata(&token) {
        findings.push(about_mode(&token, &metadata, "token-mode", 0o077));
    }
    findings
}

fn about_mode(path: &Path, metadata: &fs::Metadata, code: &'static str, forbidden: u32) -> Finding {
    let (shown, mode) = (path.display(), metadata.permissions().mode() & 0o777);
    if mode & forbidden == 0 {
        return fine(
            code,
            say(
                format!("{shown} 只有属主可读"),
                format!("only its owner can read {shown}"),
            ),
        );
    }
    let wanted = mode & !forbidden;
    warning(
        code,
        say(
            format!("{shown} 的权限是 {mode:o}，其他用户也能读"),
            format!("{shown} has mode {mode:o}: other users can read it"),
        ),
        say(format!("chmod {wanted:o} {shown}"), format!("chmod {wanted:o} {shown}")),
    )
}

fn about_space(root: &Path) -> Option<Finding> {
    let space = rustix::fs::statvfs(root).ok()?;
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let mebibytes = count(free >> 20);
    let what = say(
        format!("磁盘剩余 {mebibytes} MiB"),
        format!("{mebibytes} MiB free on the disk"),
    );
    let remedy = say(
        "请腾出空间：磁盘满后台账拒绝写入",
        "free some space: on a full disk the ledger refuses to write",
    );
    Some(match free {
        free if free < FREE.1 => wrong("disk-space", what, remedy),
        free if free < FREE.0 => warning("disk-space", what, remedy),
        _ => fine("disk-space", what),
    })
}

fn about_access(path: &Path) -> Finding {
    let access = match Access::open(path) {
        Ok(access) => access,
        Err(error) => return failed("access-file", open_failure(&error)),
    };
    if let Ok(metadata) = fs::metadata(path) {
        let mode = about_mode(path, &metadata, "access-mode", 0o077);
        if mode.level != Level::Ok {
            return mode;
        }
    }
    let tokens = access.list();
    let today = keshi_core::time::Millis(Timestamp::now().as_millisecond()).local_date();
    let good = tokens
        .iter()
        .filter(|token| token.revoked_at.is_none() && token.expires_on.is_none_or(|day| day >= today));
    let good = good.count();
    let (shown, all) = (path.display(), tokens.len());
    if good == 0 {
        return warning(
            "access-tokens",
            say(
                format!("{shown} 中没有有效的令牌"),
                format!("{shown} has no valid token"),
            ),
            say("新建：keshi token create admin", "make one: keshi token create admin"),
        );
    }
    fine(
        "access-tokens",
        say(
            format!("令牌文件 {shown}：{all} 个令牌，{good} 个有效"),
            format!("access file {shown}: {all} tokens, {good} of them valid"),
        ),
    )
}

fn offices(ctx: &Ctx<'_>, place: &Place) -> Outcome<Vec<OfficeDir>> {
    if let Some(code) = &ctx.globals.office {
        return place.office(Some(code)).map(|dir| vec![dir]);
    }
    let codes = place
        .data
        .offices()
        .map_err(|error| Failure::failed(Say::same(causes(&error))))?;
    codes.iter().map(|code| place.office(Some(code))).collect()
}

fn only_office(place: &Place) -> Option<String> {
    let mut codes = place.data.offices().ok()?;
    if codes.len() == 1 { codes.pop() } else { None }
}

/// Verifies a copy of the ledger: every block, the root, and `head`. The ledger's id.
async fn about_ledger(dir: OfficeDir, findings: &mut Vec<Finding>) -> Option<Uuid> {
    let ledger = dir.ledger();
    if !ledger.exists() {
        findings.push(warning(
            "ledger-none",
            say(
                format!("{} 中还没有台账", dir.root.display()),
                format!("{} holds no ledger yet", dir.root.display()),
            ),
            say("首次启动会建立它", "the first start makes it"),
        ));
        return None;
    }
    let shown = ledger.display().to_string();
    let examined = spawn_blocking(move || -> Result<(Uuid, u64, String), Examined> {
        // Beside the original: there is the room that was just looked at, and it may be large.
        let scratch = tempfile::Builder::new()
            .prefix(".doctor-")
            .tempdir_in(&dir.root)
            .map_err(Examined::Scratch)?;
        let log = Log::open_copy(&ledger, scratch.path().join("ledger")).map_err(Examined::Log)?;
        Ok((log.identity().ledger_id, log.size(), log.root().to_string()))
    });
    let (finding, id) = match examined.await {
        Ok(Ok((id, size, root))) => {
            let size = count(size);
            let what = say(
                format!("台账 {shown}：{size} 条，副本校验无误，树根 {root}"),
                format!("ledger {shown}: {size} entries, a copy verifies, root {root}"),
            );
            (fine("ledger-verified", what), Some(id))
        }
        Ok(Err(Examined::Log(OpenError::InUse { .. }))) => {
            let what = say(
                format!("台账 {shown} 正由 keshi 使用，没有复制"),
                format!("ledger {shown} is in use and was not copied"),
            );
            let remedy = say(
                "请用 keshi audit replay 校验运行中的台账",
                "verify the running ledger with keshi audit replay",
            );
            (warning("ledger-in-use", what, remedy), None)
        }
        Ok(Err(Examined::Log(error))) => (failed("ledger-damaged", engine_failure(&error.into())), None),
        Ok(Err(Examined::Scratch(error))) => {
            let what = say("无法建立校验用的副本", "no copy could be made to verify").because(&error);
            (
                wrong(
                    "ledger-no-copy",
                    what,
                    say("请检查磁盘和目录权限", "check the disk and the directory's mode"),
                ),
                None,
            )
        }
        Err(error) => {
            let what = say("校验中断", "the examination broke off").because(&error);
            (wrong("ledger-no-copy", what, say("请重新运行", "run it again")), None)
        }
    };
    findings.push(finding);
    id
}

enum Examined {
    Scratch(io::Error),
    Log(OpenError),
}

fn about_clock() -> Finding {
    let now = Timestamp::now();
    if now < BUILT_AFTER {
        return wrong(
            "clock",
            say(
                format!("系统时间是 {now}，不对"),
                format!("the clock says {now}, which is wrong"),
            ),
            say(
                "请校准系统时间：入账时间由它决定",
                "set the clock: it decides when entries are recorded",
            ),
        );
    }
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    let local = now.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string();
    fine(
        "clock",
        say(
            format!("系统时间（北京时间）{local}，请核对"),
            format!("the clock says {local} China Standard Time; see that it is right"),
        ),
    )
}

async fn about_nats(
    ctx: &Ctx<'_>,
    url: &str,
    office: Option<String>,
    args: &DoctorArgs,
    ledger_id: Option<Uuid>,
) -> Vec<Finding> {
    let Some(office) = office else {
        let what = say(
            "不知道检查哪个机构的流",
            "it is not known which office's stream to examine",
        );
        return vec![wrong(
            "bus-office",
            what,
            say("请用 --office 写明", "name it with --office"),
        )];
    };
    let config = nats_config(ctx.env, url, &office, &args.nats);
    let monitoring = args.monitoring.as_deref().map(|address| {
        if address.contains("://") {
            address.to_owned()
        } else {
            format!("http://{address}")
        }
    });
    let text = |text: nats::Text| say(text.zh, text.en);
    let found = nats::diagnose(&config, monitoring.as_deref(), ledger_id).await;
    let found = found.into_iter().map(|found| Finding {
        level: found.level,
        code: found.code,
        what: text(found.what),
        remedy: found.remedy.map(text),
        is_damage: false,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_can_read_is_worth_a_warning_with_the_command_that_mends_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let finding = about_mode(&path, &fs::metadata(&path).unwrap(), "token-mode", 0o077);
        assert_eq!(finding.level, Level::Warning);
        assert!(finding.remedy.unwrap().en.starts_with("chmod 600 "));
    }

    #[test]
    fn a_missing_access_file_says_how_to_get_one() {
        let finding = about_access(Path::new("/nowhere/access.toml"));
        assert_eq!(finding.level, Level::Error);
        assert!(finding.what.en.contains("keshi up"), "{}", finding.what.en);
    }
}
