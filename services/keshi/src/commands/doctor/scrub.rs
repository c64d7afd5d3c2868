//! What reading a running ledger over again has found.

use jiff::Timestamp;
use keshi_bus::nats::{Finding, Level, fine, warning, wrong};
use keshi_core::time::CHINA;
use keshi_office::layout::OfficeDir;
use keshi_office::scrubbed::{NotedFault, Scrubbed, noted};

use crate::exit::{Say, say};
use crate::texts::names::count;

/// What the keshi that has the ledger open has noted; nothing where it reads nothing over again.
pub(super) fn about_noted(dir: &OfficeDir) -> Vec<Finding> {
    let file = dir.scrubbed();
    match noted(&file) {
        Ok(Some(scrubbed)) => about_scrub(&scrubbed),
        Ok(None) => Vec::new(),
        Err(error) => {
            let shown = file.display();
            let what = say(format!("{shown} 无法读取"), format!("{shown} cannot be read")).because(&error);
            vec![warning(
                "scrub-unknown",
                what,
                say("请检查该文件的权限", "check its mode"),
            )]
        }
    }
}

/// Each thing that is not as it was written, or that all is.
pub(super) fn about_scrub(scrubbed: &Scrubbed) -> Vec<Finding> {
    if scrubbed.faults.is_empty() {
        return vec![sound(scrubbed.passed_at, scrubbed.size)];
    }
    let is_lost = scrubbed.is_lost();
    scrubbed.faults.iter().map(|fault| damaged(fault, is_lost)).collect()
}

fn sound(at: Timestamp, size: u64) -> Finding {
    let (at, size) = (
        CHINA.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(),
        count(size),
    );
    fine(
        "scrub",
        say(
            format!("台账的两份副本最近一次读完是 {at}（{size} 条），与写入时相同"),
            format!(
                "both copies of the ledger were last read whole at {at} ({size} entries), and are what was written"
            ),
        ),
    )
}

fn damaged(fault: &NotedFault, is_lost: bool) -> Finding {
    let NotedFault {
        of_blocks,
        file,
        entries,
        cause,
    } = fault;
    let (copy_zh, copy_en) = if *of_blocks {
        ("数据块", "blocks")
    } else {
        ("第二份副本", "second copy")
    };
    let (where_zh, where_en) = match entries {
        Some((first, end)) => {
            let last = end.saturating_sub(1).max(*first);
            (
                format!("第 {first} 至 {last} 条"),
                format!("of the entries {first} to {last}"),
            )
        }
        None => ("一处".to_owned(), "in one place".to_owned()),
    };
    let what = say(
        format!("台账的{copy_zh}（ledger/{file}）{where_zh}与写入时不同（{cause}）"),
        format!("the ledger's {copy_en} (ledger/{file}) {where_en} are not what was written: {cause}"),
    );
    Finding {
        level: if is_lost { Level::Damage } else { Level::Error },
        ..wrong("scrub-damaged", what, remedy(*of_blocks, is_lost))
    }
}

fn remedy(of_blocks: bool, is_lost: bool) -> Say {
    if is_lost {
        return say(
            "两份副本都可能有误：不要重启，先停止提交，把数据目录整个复制到另一块磁盘，再用备份恢复（keshi restore）",
            "both copies may be wrong: do not restart; take nothing in, copy the whole data directory to another disk, then \
             restore a backup (keshi restore)",
        );
    }
    if of_blocks {
        return say(
            "另一份副本完好：立即备份（keshi backup 目录），再重启 keshi，启动时由另一份重做；磁盘正在损坏，请检查或更换",
            "the other copy is sound: make a backup now (keshi backup DIR), then restart, which puts this one together from the \
             other; the disk is failing: look at it, or use another",
        );
    }
    say(
        "另一份副本完好，但现在无法备份：重启 keshi，启动时由另一份重做，随即备份（keshi backup 目录）；磁盘正在损坏，请检查或更换",
        "the other copy is sound, but no backup can be made now: restart, which makes this one anew from the other, then make a \
         backup (keshi backup DIR); the disk is failing: look at it, or use another",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_in_both_copies_is_not_to_be_met_with_a_restart() {
        let fault = |of_blocks, entries| NotedFault {
            of_blocks,
            file: "blocks/db".to_owned(),
            entries,
            cause: "it is not what was written".to_owned(),
        };
        let about = |faults| {
            let findings = about_scrub(&Scrubbed {
                passed_at: Timestamp::UNIX_EPOCH,
                size: 9,
                faults,
            });
            let first = findings.into_iter().next().unwrap();
            (first.level, first.remedy.map(|remedy| remedy.en).unwrap_or_default())
        };
        assert_eq!(about(vec![]).0, Level::Ok);
        let (level, remedy) = about(vec![fault(true, Some((1, 4)))]);
        assert!(level == Level::Error && remedy.contains("then restart"), "{remedy}");
        let (level, remedy) = about(vec![fault(true, Some((1, 4))), fault(false, Some((2, 3)))]);
        assert!(level == Level::Damage && remedy.contains("do not restart"), "{remedy}");
    }
}
