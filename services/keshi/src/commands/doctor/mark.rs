//! The mark: how large a ledger was and which root it had, kept where nobody rolls it back with the data directory.
//!
//! A directory brought back whole to yesterday holds all that it says; only something outside can tell (README, doctor).

use std::fs;
use std::io;
use std::path::Path;

use keshi_bus::nats::{Finding, Level, fine, wrong};
use keshi_log::Log;
use keshi_office::write_atomically;
use uuid::Uuid;

use crate::exit::say;
use crate::texts::names::count;

/// The first line of a mark.
const FORMAT: &str = "keshi-mark 1";

/// What a ledger was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    ledger_id: Uuid,
    size: u64,
    root: String,
}

impl Mark {
    /// Of the ledger as it is.
    pub(super) fn of(log: &Log) -> Self {
        Self {
            ledger_id: log.identity().ledger_id,
            size: log.size(),
            root: log.root().to_string(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        (lines.next()? == FORMAT).then_some(())?;
        let mut field = |name: &str| Some(lines.next()?.strip_prefix(name)?.trim().to_owned());
        Some(Self {
            ledger_id: field("ledger ")?.parse().ok()?,
            size: field("size ")?.parse().ok()?,
            root: field("root ")?,
        })
    }

    fn text(&self) -> String {
        let Self { ledger_id, size, root } = self;
        format!("{FORMAT}\nledger {ledger_id}\nsize {size}\nroot {root}\n")
    }
}

/// Compares the ledger with the mark in a file, and moves the mark on if the ledger holds all that it knows of.
pub(super) fn about_mark(path: &Path, log: &Log) -> Finding {
    let (shown, now) = (path.display(), Mark::of(log));
    let before = match fs::read_to_string(path) {
        Ok(text) => match Mark::parse(&text) {
            Some(mark) => Some(mark),
            None => {
                return wrong(
                    "mark-unreadable",
                    say(format!("{shown} 不是标记文件"), format!("{shown} is no mark")),
                    say(
                        "请核对路径；确已损坏的，移走后重新运行即另记一份",
                        "check the path; if it is damaged, move it away, and the next run makes another",
                    ),
                );
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let what = say(format!("{shown} 无法读取"), format!("{shown} cannot be read")).because(&error);
            return wrong(
                "mark-unreadable",
                what,
                say("请核对路径和权限", "check the path and its mode"),
            );
        }
    };
    if let Some(finding) = before.as_ref().and_then(|before| rolled_back(before, &now, log)) {
        return finding;
    }
    if let Err(error) = write_atomically(path, now.text().as_bytes()) {
        let what = say(format!("{shown} 无法写入"), format!("{shown} cannot be written")).because(&error);
        return wrong(
            "mark-unwritten",
            what,
            say("请检查磁盘和权限", "check the disk and the mode"),
        );
    }
    let size = count(now.size);
    fine(
        "mark",
        match before {
            None => say(
                format!("已在 {shown} 记下台账现有 {size} 条；请保存在数据目录之外"),
                format!("{shown} now says that the ledger has {size} entries; keep it outside the data directory"),
            ),
            Some(before) => {
                let then = count(before.size);
                say(
                    format!("台账含有标记所记的 {then} 条，标记已改记 {size} 条"),
                    format!("the ledger holds the {then} entries of the mark, which now says {size}"),
                )
            }
        },
    )
}

/// What is wrong, if the ledger is not one that the mark's grew into.
fn rolled_back(before: &Mark, now: &Mark, log: &Log) -> Option<Finding> {
    if before.ledger_id != now.ledger_id {
        return Some(wrong(
            "mark-other",
            say("标记属于另一台账", "the mark is of another ledger"),
            say("请核对 --mark 和 --office", "check --mark and --office"),
        ));
    }
    let (then, size) = (count(before.size), count(now.size));
    let what = if before.size > now.size {
        say(
            format!("台账只有 {size} 条，而标记时有 {then} 条：数据目录退回到了较早的状态，其间入账的记录不在其中"),
            format!(
                "the ledger has {size} entries, and had {then} when it was marked: the directory was rolled back, and what was \
                 recorded in between is missing"
            ),
        )
    } else {
        let root = log.reader().root_at(before.size).ok().map(|root| root.to_string());
        if root.as_ref() == Some(&before.root) {
            return None;
        }
        say(
            format!("台账的前 {then} 条与标记时不同：它是退回之后另行写成的"),
            format!(
                "the first {then} entries are not those that were marked: it was rolled back and went on otherwise"
            ),
        )
    };
    Some(Finding {
        level: Level::Damage,
        ..wrong(
            "rolled-back",
            what,
            say(
                "先停止提交；用较新的备份恢复（keshi restore），或请各校核对回执后重新提交",
                "take nothing in for now; restore a newer backup (keshi restore), or let the schools post again what their \
                 receipts name",
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written_and_nothing_else_is() {
        let mark = Mark {
            ledger_id: Uuid::from_u128(7),
            size: 1_234,
            root: "ab".repeat(32),
        };
        assert_eq!(Mark::parse(&mark.text()), Some(mark.clone()));
        for broken in [
            "",
            "keshi-mark 2",
            &mark.text().replace("size", "length"),
            "keshi-mark 1\nledger x\n",
        ] {
            assert_eq!(Mark::parse(broken), None, "{broken:?}");
        }
    }
}
