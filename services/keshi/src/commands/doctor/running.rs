//! What is found around a keshi that runs: the same, but for the copy of the ledger, which is open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use keshi_bus::nats::{self, Finding, NatsConfig, fine, warning, wrong};
use keshi_engine::{Engine, Repair};
use keshi_office::keyring::KeyPlaces;
use keshi_office::layout::{DataDir, OfficeDir};
use tokio::task::spawn_blocking;

use super::backups::about_backups;
use super::files::{
    about_access, about_accounts, about_clock, about_contents, about_data, about_owner, about_space, about_tls,
    about_token,
};
use super::ledger::about_times;
use super::people::about_people;
use super::scrub::about_scrub;
use super::witnesses::about_witness;
use crate::exit::{Failure, Outcome, say};
use crate::texts::names::count;
use crate::tls::Files;
use crate::up::{Found, Witnesses};

/// Where and with what a keshi runs.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    pub(crate) data: DataDir,
    pub(crate) office: OfficeDir,
    /// The tokens; `None` while nobody needs one.
    pub(crate) access: Option<PathBuf>,
    pub(crate) tls: Option<Files>,
    /// The bus, if it is NATS.
    pub(crate) nats: Option<NatsConfig>,
    /// Where backups are made when one is asked for.
    pub(crate) backups_to: Option<PathBuf>,
    /// What reads the ledger over again, if something does.
    pub(crate) scrub: Option<Arc<Found>>,
    /// Who is asked to cosign the checkpoints, if anybody.
    pub(crate) witnesses: Option<Arc<Witnesses>>,
}

/// What its operator should know; nothing is changed.
pub(crate) async fn about_running(around: Around, engine: Option<Engine>) -> Outcome<Vec<Finding>> {
    let nats = around.nats.clone();
    let id = engine.as_ref().map(Engine::ledger_id);
    let looked = spawn_blocking(move || about_files(&around, engine.as_ref()));
    let mut findings = looked
        .await
        .map_err(|error| Failure::failed(say("检查中断", "the examination broke off").because(&error)))?;
    if let Some(nats) = nats {
        findings.extend(nats::diagnose(&nats, None, id).await);
    }
    Ok(findings)
}

fn about_files(around: &Around, engine: Option<&Engine>) -> Vec<Finding> {
    let Around {
        data,
        office,
        access,
        tls,
        nats: _,
        backups_to,
        scrub,
        witnesses,
    } = around;
    let now = Timestamp::now();
    let mut findings = about_data(data);
    findings.extend(about_space(&data.root));
    findings.extend(about_owner(data));
    findings.push(about_contents(office));
    findings.extend(about_token(office));
    if let Some(access) = access {
        findings.push(about_access(access));
        findings.extend(about_accounts(access));
    }
    if let Some(engine) = engine {
        findings.extend(about_open(engine, now));
        findings.extend(scrub.iter().flat_map(|found| about_scrub(&found.scrubbed())));
        let witnesses = witnesses.iter().flat_map(|witnesses| witnesses.all());
        findings.extend(witnesses.map(|witness| about_witness(&witness)));
        // It is in use: what opened it has verified it, and has its key.
        findings.extend(about_people(office, &KeyPlaces::default(), None));
        findings.push(about_backups(office, Some(engine.head().size), now));
        findings.extend(backups_to.as_deref().and_then(missing));
    }
    findings.extend(tls.as_ref().map(about_tls));
    findings.push(about_clock());
    findings
}

/// The ledger that is open: what its opening has found, and its own time beside the clock.
fn about_open(engine: &Engine, now: Timestamp) -> Vec<Finding> {
    let head = engine.head();
    let (size, root) = (count(head.size), keshi_core::hex::show(&head.root));
    let mut findings = vec![fine(
        "ledger-open",
        say(
            format!("台账 {size} 条，启动时逐条校验，树根 {root}"),
            format!("the ledger of {size} entries was verified at the start, root {root}"),
        ),
    )];
    findings.extend(engine.repairs().iter().map(repaired));
    if head.size > 0 {
        let last = Timestamp::from_millisecond(head.recorded_at.0).unwrap_or(Timestamp::MAX);
        findings.extend(about_times(last, now));
    }
    findings
}

fn repaired(repair: &Repair) -> Finding {
    let what = match repair {
        Repair::Blocks { cause, kept } => say(
            format!(
                "台账的数据块曾损坏（{cause}），启动时已由日志重建；损坏的留在 {}",
                kept.display()
            ),
            repair.to_string(),
        ),
        Repair::Head => say("台账的 head 文件曾丢失或损坏，启动时已由日志重写", repair.to_string()),
        Repair::Journal { from, to } => say(
            format!(
                "台账的第二份副本曾缺少或损坏第 {from} 至 {} 条，启动时已由数据块重做",
                to.saturating_sub(1)
            ),
            repair.to_string(),
        ),
    };
    let remedy = say(
        "磁盘可能正在损坏：请立即备份，并检查磁盘",
        "the disk may be failing: make a backup now, and look at the disk",
    );
    wrong("ledger-repaired", what, remedy)
}

/// The directory for backups, if it is not there.
fn missing(dir: &Path) -> Option<Finding> {
    let shown = dir.display();
    let what = say(
        format!("备份目录 {shown} 不在"),
        format!("the directory for backups {shown} is not there"),
    );
    let remedy = say("请接上那块磁盘，或建立该目录", "attach its disk, or make the directory");
    (!dir.is_dir()).then(|| warning("backup-dir-missing", what, remedy))
}
