//! The ledger, examined on a copy.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use keshi_bus::nats::{Finding, fine, warning, wrong};
use keshi_core::ids::Sha256;

use keshi_core::entry::{Posted, Verdict};
use keshi_core::event::Fact;

use keshi_log::{Hash, Log, OpenError, Repair};
use keshi_office::layout::OfficeDir;
use keshi_proto::store::decode_entry;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::failed;
use super::mark::about_mark;
use super::scrub::about_noted;
use crate::exit::say;
use crate::texts::names::count;
use crate::up::engine_failure;

/// So much may the clocks of machines that stamp differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// After so long a silence a clock that jumped ahead is likelier than an office that rested.
const SILENT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Files that are named as evidence, and whom each is about.
pub(super) type Named = BTreeMap<Sha256, BTreeSet<String>>;

/// A ledger that verifies.
pub(super) struct About {
    pub(super) id: Uuid,
    /// Entries.
    pub(super) size: u64,
    /// Whom it knows; `None` where a later release wrote an entry.
    pub(super) persons: Option<BTreeSet<String>>,
    /// The files that its entries name as evidence, and whom each is about.
    pub(super) evidence: Named,
    /// The root at the size that was asked about, if it has so many.
    pub(super) root: Option<Hash>,
}

/// Verifies a copy of the ledger: every block, the root, and `head`.
/// Tells the root at the size `rooted`, too.
pub(super) async fn about_ledger(
    dir: OfficeDir,
    mark: Option<PathBuf>,
    rooted: Option<u64>,
    findings: &mut Vec<Finding>,
) -> Option<About> {
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
    let (shown, original) = (ledger.display().to_string(), ledger.clone());
    let office = dir.clone();
    let examined = spawn_blocking(move || -> Result<_, Examined> {
        // Beside the original: there is the room that was just looked at, and it may be large.
        let scratch = tempfile::Builder::new()
            .prefix(".doctor-")
            .tempdir_in(&dir.root)
            .map_err(Examined::Scratch)?;
        let log = Log::open_copy(&ledger, scratch.path().join("ledger")).map_err(Examined::Log)?;
        Ok((
            log.identity().ledger_id,
            log.size(),
            log.root().to_string(),
            log.repairs().to_vec(),
            last_recorded(&log),
            mark.map(|mark| about_mark(&mark, &log)),
            known(&log),
            rooted.and_then(|size| log.reader().root_at(size).ok()),
        ))
    });
    let (finding, id) = match examined.await {
        Ok(Ok((id, size, root, repairs, last, mark, known, rooted))) => {
            let (persons, evidence) = known.unzip();
            findings.extend(mark);
            findings.extend(repairs.iter().map(half_damaged));
            findings.extend(last.and_then(|last| about_times(last, Timestamp::now())));
            let (entries, size) = (size, count(size));
            let what = say(
                format!("台账 {shown}：{size} 条，副本校验无误，树根 {root}"),
                format!("ledger {shown}: {size} entries, a copy verifies, root {root}"),
            );
            (
                fine("ledger-verified", what),
                Some(About {
                    id,
                    size: entries,
                    persons,
                    evidence: evidence.unwrap_or_default(),
                    root: rooted,
                }),
            )
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
            findings.extend(about_noted(&office));
            (warning("ledger-in-use", what, remedy), None)
        }
        Ok(Err(Examined::Log(error))) => {
            let error = of_original(error, original);
            (failed("ledger-damaged", engine_failure(&error.into())), None)
        }
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

/// Everyone who was registered, and the evidence that is named; `None` where an entry cannot be read by this release.
fn known(log: &Log) -> Option<(BTreeSet<String>, Named)> {
    let (mut persons, mut evidence) = (BTreeSet::new(), Named::new());
    for block in log.reader().scan(0) {
        for (_, bytes) in block.ok()?.entries() {
            let entry = decode_entry(bytes).ok()?;
            let (Verdict::Recorded | Verdict::Waiting, Posted::Event(event)) = (entry.verdict, &entry.posted) else {
                continue;
            };
            if let Fact::PersonRegistered(person) = &event.fact {
                persons.insert(person.teacher_id.to_string());
            }
            for sha256 in &event.evidence {
                let about = event.fact.subjects().into_iter().map(ToString::to_string);
                evidence.entry(*sha256).or_default().extend(about);
            }
        }
    }
    Some((persons, evidence))
}

/// When the last entry was recorded; `None` in an empty ledger, or where a later release wrote it.
fn last_recorded(log: &Log) -> Option<Timestamp> {
    let bytes = log.reader().read(log.size().checked_sub(1)?).ok()??;
    let recorded_at = decode_entry(bytes).ok()?.recorded_at;
    // Beyond what the type has, it lies ahead of every clock.
    Some(Timestamp::from_millisecond(recorded_at.0).unwrap_or(Timestamp::MAX))
}

/// The ledger's own time beside this machine's clock: each may show that the other is wrong.
pub(super) fn about_times(last: Timestamp, now: Timestamp) -> Option<Finding> {
    let (last_day, today) = (last.strftime("%Y-%m-%d"), now.strftime("%Y-%m-%d"));
    if last > now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX) {
        let what = say(
            format!("台账最后一条的入账时间是 {last_day}，晚于本机时钟 {today}：本机时钟不对，或入账时的时钟不对"),
            format!(
                "the last entry was recorded on {last_day}, after what this machine's clock says ({today}): this clock \
                 is wrong, or the one that stamped it was"
            ),
        );
        let remedy = say(
            "请核对本机时钟；若它无误，请由管理员用 keshi post 单独提交一条校时（clock_corrected），台账的时间即随之校正",
            "check this machine's clock; if it is right, let an admin post one clock_corrected, alone, with keshi post: it \
             sets the ledger's time right",
        );
        return Some(wrong("ledger-ahead", what, remedy));
    }
    (now > last.saturating_add(SILENT).unwrap_or(Timestamp::MAX)).then(|| {
        let what = say(
            format!("台账自 {last_day} 起没有入账，本机时钟是 {today}"),
            format!("nothing was recorded since {last_day}, and this machine's clock says {today}"),
        );
        let remedy = say(
            "请在提交之前核对本机时钟：入账时间一经写入便不再后退",
            "check the clock before anything is posted: the ledger's time never goes back",
        );
        warning("ledger-silent", what, remedy)
    })
}

/// Damage that the next start mends, since the other copy of the entries is whole.
fn half_damaged(repair: &Repair) -> Finding {
    let what = match repair {
        Repair::Blocks { cause, .. } => say(
            format!("台账的数据块已损坏（{cause}），可由日志重建"),
            format!("the ledger's blocks are damaged ({cause}), and can be put together again from its journal"),
        ),
        Repair::Head => say(
            "台账的 head 文件丢失或损坏，可由日志重写",
            "the ledger's head is lost or damaged, and can be written again from its journal",
        ),
        Repair::Journal { from, to } => {
            let last = to.saturating_sub(1);
            say(
                format!("台账的第二份副本缺少或损坏第 {from} 至 {last} 条，可由数据块重做"),
                format!(
                    "the ledger's second copy lacks the entries {from} to {last}, and can be made again from its blocks"
                ),
            )
        }
    };
    wrong(
        "ledger-half-damaged",
        what,
        say(
            "下次启动会自动修复；磁盘可能正在损坏，请先备份并检查磁盘",
            "the next start mends it; the disk may be failing: make a copy first, and look at the disk",
        ),
    )
}

/// What is wrong with the copy is wrong with the original.
fn of_original(error: OpenError, dir: PathBuf) -> OpenError {
    match error {
        OpenError::Damaged {
            first_missing_index,
            cause,
            ..
        } => OpenError::Damaged {
            dir,
            first_missing_index,
            cause,
        },
        error => error,
    }
}

enum Examined {
    Scratch(io::Error),
    Log(OpenError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_ahead_of_the_clock_and_a_clock_far_ahead_of_the_ledger_are_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let code = |last, now| about_times(at(last), at(now)).map(|finding| finding.code);
        assert_eq!(code("2026-05-04T00:00:00Z", "2026-05-04T12:00:00Z"), None);
        assert_eq!(code("2026-05-04T12:00:00Z", "2026-05-04T00:00:00Z"), None);
        assert_eq!(
            code("2099-01-01T00:00:00Z", "2026-05-04T00:00:00Z"),
            Some("ledger-ahead")
        );
        assert_eq!(
            code("2026-05-04T00:00:00Z", "1990-01-01T00:00:00Z"),
            Some("ledger-ahead")
        );
        assert_eq!(
            code("2026-05-04T00:00:00Z", "2099-01-01T00:00:00Z"),
            Some("ledger-silent")
        );
    }
}
