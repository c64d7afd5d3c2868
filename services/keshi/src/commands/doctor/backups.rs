//! Whether somebody makes backups.

use jiff::{SignedDuration, Timestamp};
use keshi_bus::nats::{Finding, fine, warning};
use keshi_core::time::CHINA;
use keshi_office::backups::{NotedBackup, noted};
use keshi_office::layout::OfficeDir;

use crate::exit::{Say, say};
use crate::texts::names::count;

/// What was recorded longer ago than this should be in a backup.
const OLD: SignedDuration = SignedDuration::from_hours(8 * 24);

/// The backups that were noted, beside a ledger of `size` entries where that is known.
pub(super) fn about_backups(dir: &OfficeDir, size: Option<u64>, now: Timestamp) -> Finding {
    match noted(&dir.backups()) {
        Ok(noted) => judged(noted.first(), size, now),
        Err(error) => {
            let path = dir.backups();
            let what = say(
                format!("{} 无法读取，不知道何时备份过", path.display()),
                format!(
                    "{} cannot be read: when there was a backup is not known",
                    path.display()
                ),
            );
            warning("backup-unknown", what.because(&error), remedy())
        }
    }
}

fn remedy() -> Say {
    say(
        "备份到另一块磁盘：keshi backup 目录",
        "make one on another disk: keshi backup DIR",
    )
}

fn judged(last: Option<&NotedBackup>, size: Option<u64>, now: Timestamp) -> Finding {
    let Some(last) = last else {
        let what = say(
            "没有记录表明备份过这个机构的数据",
            "no backup of this office's data is noted",
        );
        return match size {
            Some(0) => fine("backup-none", what),
            Some(_) | None => warning("backup-none", what, remedy()),
        };
    };
    let (day, dir, entries) = (
        CHINA.to_datetime(last.made_at).strftime("%Y-%m-%d %H:%M").to_string(),
        last.dir.display(),
        count(last.size),
    );
    let since = size.map(|size| size.saturating_sub(last.size));
    let (since_zh, since_en) = match since {
        None => (String::new(), String::new()),
        Some(since) => {
            let since = count(since);
            (format!("，此后又有 {since} 条"), format!("; {since} entries since"))
        }
    };
    let what = say(
        format!("最近一次备份：{day}，{dir}，{entries} 条{since_zh}"),
        format!("the last backup: {day}, {dir}, {entries} entries{since_en}"),
    );
    let is_old = now.duration_since(last.made_at) > OLD && since != Some(0);
    if is_old {
        warning("backup-old", what, remedy())
    } else {
        fine("backup", what)
    }
}

#[cfg(test)]
mod tests {
    use keshi_bus::nats::Level;
    use keshi_core::ids::Sha256;

    use super::*;

    #[test]
    fn an_old_backup_is_told_where_something_was_recorded_since() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let last = NotedBackup {
            made_at: at("2026-05-01T00:00:00Z"),
            dir: "/mnt/usb".into(),
            size: 100,
            root: Sha256([0; 32]),
        };
        let code = |last: Option<&NotedBackup>, size, now| {
            let finding = judged(last, size, at(now));
            (finding.code, finding.level)
        };
        let soon = "2026-05-08T00:00:00Z";
        let late = "2026-05-10T00:00:00Z";
        assert_eq!(code(None, Some(1), soon), ("backup-none", Level::Warning));
        assert_eq!(code(None, Some(0), soon), ("backup-none", Level::Ok));
        assert_eq!(code(Some(&last), Some(200), soon), ("backup", Level::Ok));
        assert_eq!(code(Some(&last), Some(200), late), ("backup-old", Level::Warning));
        assert_eq!(code(Some(&last), None, late), ("backup-old", Level::Warning));
        assert_eq!(code(Some(&last), Some(100), late), ("backup", Level::Ok));
    }
}
