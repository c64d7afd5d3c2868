//! The files beside the ledger, the disk below them, and the clock.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use jiff::Timestamp;
use keshi_bus::nats::{Finding, Level, fine, warning, wrong};
use keshi_core::time::CHINA;
use keshi_office::access::Access;
use keshi_office::accounts::{Examined, examine};
use keshi_office::layout::{DataDir, OfficeDir, accounts_beside};

use super::failed;
use crate::commands::open_failure;
use crate::exit::say;
use crate::remote::foreign;
use crate::texts::names::count;
use crate::tls::{Certificate, Files, Good, tls_failure};
use crate::up::{contents_failure, store_failure};

/// Below this much free space a warning, below the other an error, in bytes.
const FREE: (u64, u64) = (2 << 30, 256 << 20);

/// A clock before this moment is certainly wrong.
const BUILT_AFTER: Timestamp = Timestamp::constant(1_735_689_600, 0);

/// The data directory.
pub(super) fn about_data(data: &DataDir) -> Vec<Finding> {
    let root = &data.root;
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
    findings
}

/// Whether the service that runs as the directory's owner can use all that is in it.
pub(super) fn about_owner(data: &DataDir) -> Option<Finding> {
    let root = data.root.display();
    let found = match foreign(data) {
        Ok(None) => return None,
        Ok(Some(found)) => found,
        Err(error) => {
            let what = say("无法查看文件的属主", "whose the files are could not be seen");
            let remedy = say(
                "请以数据目录的属主或 root 运行",
                "run it as the directory's owner, or as root",
            );
            return Some(warning("files-owner", what.because(&error), remedy));
        }
    };
    let found = found.display();
    let command = format!("chown -R --reference={root} {root}");
    Some(wrong(
        "files-owner",
        say(
            format!("{found} 的属主与数据目录 {root} 不同，服务可能无法使用它"),
            format!(
                "{found} does not belong to the owner of the data directory {root}: the service may be unable to use it"
            ),
        ),
        say(command.clone(), command),
    ))
}

/// The token that commands on this machine use.
pub(super) fn about_token(dir: &OfficeDir) -> Option<Finding> {
    let token = dir.token();
    let metadata = fs::metadata(&token).ok()?;
    Some(about_mode(&token, &metadata, "token-mode", 0o077))
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

/// The room that is left.
pub(super) fn about_space(root: &Path) -> Option<Finding> {
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

/// The accounts beside these tokens: every record, and those of their sessions; none if there are no accounts.
pub(super) fn about_accounts(access: &Path) -> Option<Finding> {
    let examined = match examine(access) {
        Ok(examined) => examined?,
        Err(error) => return Some(failed("accounts-unreadable", store_failure(&error))),
    };
    let path = accounts_beside(access);
    if let Ok(metadata) = fs::metadata(&path) {
        let mode = about_mode(&path, &metadata, "accounts-mode", 0o077);
        if mode.level != Level::Ok {
            return Some(mode);
        }
    }
    let shown = path.display();
    let Examined { accounts, damaged } = examined;
    if damaged.is_empty() {
        let accounts = count(accounts as u64);
        return Some(fine(
            "accounts",
            say(
                format!("账号 {shown}：{accounts} 个，逐条校验无误"),
                format!("accounts {shown}: {accounts}, every record verifies"),
            ),
        ));
    }
    let finding = wrong(
        "accounts-damaged",
        say(
            format!("{shown} 或其登录中 {} 的记录已损坏，不能再用", damaged.join("、")),
            format!(
                "{shown} or its sessions: the records {} are damaged",
                damaged.join(", ")
            ),
        ),
        say(
            "请从备份恢复 accounts.redb；sessions.redb 可删除，删除后人人重新登录",
            "restore accounts.redb from a backup; sessions.redb may be removed, then everybody signs in anew",
        ),
    );
    Some(Finding {
        level: Level::Damage,
        ..finding
    })
}

/// The tokens: every record. They can be looked at also while a server runs.
pub(super) fn about_access(path: &Path) -> Finding {
    let access = match Access::open(path) {
        Ok(access) => access,
        Err(error) => return failed("access-unreadable", open_failure(&error)),
    };
    if let Ok(metadata) = fs::metadata(path) {
        let mode = about_mode(path, &metadata, "access-mode", 0o077);
        if mode.level != Level::Ok {
            return mode;
        }
    }
    let shown = path.display();
    let unreadable = access.unreadable();
    if !unreadable.is_empty() {
        return Finding {
            level: Level::Damage,
            ..wrong(
                "access-damaged",
                say(
                    format!("{shown} 中令牌 {} 的记录已损坏，不能再用", unreadable.join("、")),
                    format!(
                        "{shown}: the records of the tokens {} are damaged",
                        unreadable.join(", ")
                    ),
                ),
                say(
                    "请从备份恢复该文件，或另发新令牌",
                    "restore the file from a backup, or make other tokens: these let nobody in",
                ),
            )
        };
    }
    let tokens = access.list();
    let today = keshi_core::time::Millis(Timestamp::now().as_millisecond()).local_date();
    let good = tokens
        .iter()
        .filter(|token| token.revoked_at.is_none() && token.expires_on.is_none_or(|day| day >= today));
    let good = good.count();
    let all = tokens.len();
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
            format!("令牌 {shown}：{all} 个，逐条校验无误，{good} 个有效"),
            format!("tokens {shown}: {all}, every record verifies, {good} of them valid"),
        ),
    )
}

/// Whether everything is there that was made. What cannot be known is said as well.
pub(super) fn about_contents(dir: &OfficeDir) -> Finding {
    let shown = dir.root.display();
    match dir.check() {
        Ok(()) => fine(
            "contents",
            say(
                format!("{shown} 中应有的都在；整个目录若被换成旧副本，本机无从得知，请与他处记下的条数和树根核对"),
                format!(
                    "{shown} holds what was made in it; whether all of it was put back to an older copy cannot be known \
                     from it: compare size and root with those kept elsewhere"
                ),
            ),
        ),
        Err(error) => failed("contents", contents_failure(&error)),
    }
}

/// The certificate that is served.
pub(super) fn about_tls(files: &Files) -> Finding {
    let certificate = match Certificate::load(files) {
        Ok(certificate) => certificate,
        Err(error) => return failed("tls-unusable", tls_failure(&error)),
    };
    let now = Timestamp::now();
    let (what, remedy) = certificate.times(&files.cert, now);
    match (certificate.good(now), remedy) {
        (Good::No, Some(remedy)) => wrong("tls-expired", what, remedy),
        (_, Some(remedy)) => warning("tls-expires", what, remedy),
        (_, None) => fine("tls", what),
    }
}

/// The system's clock.
pub(super) fn about_clock() -> Finding {
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
    let local = CHINA.to_datetime(now).strftime("%Y-%m-%d %H:%M:%S").to_string();
    fine(
        "clock",
        say(
            format!("系统时间（北京时间）{local}，请核对"),
            format!("the clock says {local} China Standard Time; see that it is right"),
        ),
    )
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
    fn missing_tokens_say_how_to_get_one() {
        let finding = about_access(Path::new("/nowhere/access.redb"));
        assert_eq!(finding.level, Level::Error);
        assert!(finding.what.en.contains("keshi up"), "{}", finding.what.en);
    }
}
