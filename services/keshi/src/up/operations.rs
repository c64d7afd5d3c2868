//! 运维: how this process does, what is wrong around it, and its backups, for admins: the service of
//! `keshi/v1/operations.proto`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use keshi_bus::nats::{Finding, Level};
use keshi_core::lang::{Lang, causes};
use keshi_door::{Call, Dressed, Fault, Guard, MESSAGE_BYTES_MAX};
use keshi_office::backups::{NotedBackup, noted};
use keshi_office::layout::OfficeDir;
use keshi_proto::api;
use keshi_proto::api::operations_service_server::{OperationsService, OperationsServiceServer};
use keshi_words::time::timestamp;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::spawn_blocking;
use tonic::service::RoutesBuilder;
use tonic::{Code, Request, Response, Status};
use tracing::{error, info};

use super::config::Config;
use super::metrics::Metrics;
use super::scrub::Found;
use super::witnesses::Witnesses;
use crate::commands::{Around, about_running, make_backup};
use crate::exit::{Exit, Failure};

/// What the service shares.
#[derive(Clone)]
pub(super) struct Operations(Arc<Shared>);

struct Shared {
    guard: Guard,
    metrics: Arc<Metrics>,
    around: Around,
    roles: Vec<String>,
    started_at: Timestamp,
    /// One backup at a time.
    backing_up: Arc<Semaphore>,
    /// One examination at a time: others wait for their turn.
    examining: Mutex<()>,
}

impl Operations {
    pub(super) fn new(
        guard: Guard,
        config: &Config,
        (office, scrub, witnesses): (OfficeDir, Option<Arc<Found>>, Option<Arc<Witnesses>>),
        metrics: Arc<Metrics>,
    ) -> Self {
        let access = config.access.clone().unwrap_or_else(|| office.access());
        let roles = [
            ("intake", config.roles.intake),
            ("ledger", config.roles.ledger),
            ("console", config.http.is_some()),
        ];
        let roles = roles.into_iter().filter(|(_, has)| *has);
        Self(Arc::new(Shared {
            guard,
            metrics,
            around: Around {
                data: config.data.clone(),
                office,
                access: (!config.dev).then_some(access),
                tls: config.tls.clone(),
                nats: config.bus.nats().cloned(),
                backups_to: config.backups.clone(),
                scrub,
                witnesses,
            },
            roles: roles.map(|(name, _)| name.to_owned()).collect(),
            started_at: Timestamp::now(),
            backing_up: Arc::new(Semaphore::new(1)),
            examining: Mutex::default(),
        }))
    }

    /// Adds the service to a server's routes.
    pub(super) fn add_service(self, routes: &mut RoutesBuilder) {
        let guard = self.0.guard.clone();
        let service = OperationsServiceServer::new(self);
        routes.add_service(Dressed::new(
            guard,
            service.max_decoding_message_size(MESSAGE_BYTES_MAX),
        ));
    }
}

impl Shared {
    fn enter<T>(&self, request: &Request<T>) -> Result<Call, Status> {
        let call = self.guard.enter(request)?;
        match call.caller.may_operate() {
            Ok(()) => Ok(call),
            Err(denied) => Err(Fault::from(denied).status(call.lang)),
        }
    }

    fn status(&self) -> Result<api::GetStatusResponse, Fault> {
        let space = rustix::fs::statvfs(&self.around.data.root).ok();
        let bytes = |blocks: u64, size: u64| blocks.saturating_mul(size);
        let backups = noted(&self.around.office.backups()).map_err(|error| unreadable(&error))?;
        let engine = self.metrics.engine();
        Ok(api::GetStatusResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(timestamp(self.started_at)),
            office: self.guard.office().to_string(),
            roles: self.roles.clone(),
            ledger: engine.map(ledger_status),
            takes_posts: self.metrics.takes_posts(),
            bus: if self.around.nats.is_some() { "nats" } else { "embedded" }.to_owned(),
            disk_free_bytes: space.as_ref().map_or(0, |space| bytes(space.f_bavail, space.f_frsize)),
            disk_bytes: space.as_ref().map_or(0, |space| bytes(space.f_blocks, space.f_frsize)),
            resident_bytes: resident().unwrap_or(0),
            backups_dir: self
                .around
                .backups_to
                .as_ref()
                .map_or_else(String::new, |dir| dir.display().to_string()),
            backups: backups.iter().map(backup_to_api).collect(),
            is_backing_up: self.backing_up.available_permits() == 0,
            figures: self.metrics.text().unwrap_or_default(),
        })
    }

    async fn examine(&self, lang: Lang) -> Result<api::ExamineResponse, Fault> {
        let _turn = self.examining.lock().await;
        let engine = self.metrics.engine().cloned();
        let findings = about_running(self.around.clone(), engine).await;
        let findings = findings.map_err(|failure| failed("ExaminationFailed", &failure))?;
        Ok(api::ExamineResponse {
            findings: findings.iter().map(|finding| finding_to_api(finding, lang)).collect(),
        })
    }

    async fn back_up(&self, by: &str) -> Result<api::BackUpResponse, Fault> {
        let Some(to) = self.around.backups_to.clone() else {
            return Err(no_place());
        };
        if !to.is_dir() {
            return Err(gone(&to));
        }
        let Ok(turn) = Arc::clone(&self.backing_up).try_acquire_owned() else {
            return Err(under_way());
        };
        info!(by, to = %to.display(), "a backup is made");
        let office = self.around.office.clone();
        // It ends by itself, whether its caller waits or not.
        let made = spawn_blocking(move || {
            let made = make_backup(&office, &to);
            drop(turn);
            if let Err(failure) = &made {
                error!(reason = failure.text(Lang::En), "the backup failed");
            }
            made
        });
        let made = made.await.map_err(|cause| {
            Fault::new(
                Code::Internal,
                "BackupFailed",
                "备份中断；请重试",
                format!("the backup broke off: {cause}; try again"),
            )
        })?;
        let made = made.map_err(|failure| failed("BackupFailed", &failure))?;
        Ok(api::BackUpResponse {
            backup: Some(backup_to_api(&made.noted)),
            files_written: u32::try_from(made.backup.copied).unwrap_or(u32::MAX),
        })
    }
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn get_status(
        &self,
        request: Request<api::GetStatusRequest>,
    ) -> Result<Response<api::GetStatusResponse>, Status> {
        let call = self.0.enter(&request)?;
        answered(&call, self.0.status())
    }

    async fn examine(&self, request: Request<api::ExamineRequest>) -> Result<Response<api::ExamineResponse>, Status> {
        let call = self.0.enter(&request)?;
        answered(&call, self.0.examine(call.lang).await)
    }

    async fn back_up(&self, request: Request<api::BackUpRequest>) -> Result<Response<api::BackUpResponse>, Status> {
        let call = self.0.enter(&request)?;
        answered(&call, self.0.back_up(call.caller.poster_id()).await)
    }
}

fn answered<M>(call: &Call, answer: Result<M, Fault>) -> Result<Response<M>, Status> {
    answer.map(Response::new).map_err(|fault| fault.status(call.lang))
}

// === in the API's words ===

fn ledger_status(engine: &keshi_engine::Engine) -> api::LedgerStatus {
    let (head, load) = (engine.head(), engine.load());
    let micros = u64::try_from(load.commit_time.as_micros()).unwrap_or(u64::MAX);
    api::LedgerStatus {
        size: head.size,
        root: head.root.to_vec(),
        ledger_id: engine.ledger_id().to_string(),
        last_recorded_at: (head.size > 0)
            .then(|| Timestamp::from_millisecond(head.recorded_at.0).ok())
            .flatten()
            .map(timestamp),
        commits: load.commits,
        commit_us: micros.checked_div(load.commits).unwrap_or(0),
        waiting: load.waiting as u64,
        waiting_bytes: load.waiting_bytes as u64,
    }
}

fn backup_to_api(backup: &NotedBackup) -> api::Backup {
    api::Backup {
        made_at: Some(timestamp(backup.made_at)),
        dir: backup.dir.display().to_string(),
        size: backup.size,
        root: backup.root.0.to_vec(),
    }
}

fn finding_to_api(finding: &Finding, lang: Lang) -> api::Finding {
    let level = match finding.level {
        Level::Ok => api::FindingLevel::Ok,
        Level::Warning => api::FindingLevel::Warning,
        Level::Error => api::FindingLevel::Error,
        Level::Damage => api::FindingLevel::Damage,
    };
    api::Finding {
        level: level.into(),
        code: finding.code.to_owned(),
        what: finding.what.pick(lang).to_owned(),
        remedy: finding
            .remedy
            .as_ref()
            .map_or_else(String::new, |remedy| remedy.pick(lang).to_owned()),
    }
}

/// Bytes of main memory that this process holds.
fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

// === what may be wrong ===

fn failed(reason: &str, failure: &Failure) -> Fault {
    let code = match failure.exit {
        Exit::NotVerified => Code::DataLoss,
        Exit::Done | Exit::Failed | Exit::Usage | Exit::Unreachable | Exit::Accepted => Code::FailedPrecondition,
    };
    let said = failure.say();
    Fault::new(code, reason, said.zh, said.en)
}

fn no_place() -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "NoBackupDir",
        "启动时没有指定备份目录：请在服务器上用 keshi backup 目录 备份，或以 --backups 目录 重新启动 keshi",
        "no directory for backups was named at the start: make one with keshi backup DIR on the server, or start keshi with --backups DIR",
    )
}

fn gone(dir: &Path) -> Fault {
    let dir = dir.display();
    Fault::new(
        Code::FailedPrecondition,
        "BackupDirMissing",
        format!("备份目录 {dir} 不在：请接上那块磁盘，或建立该目录，再备份"),
        format!("the directory {dir} is not there: attach its disk, or make the directory, then make the backup"),
    )
}

fn under_way() -> Fault {
    Fault::new(
        Code::ResourceExhausted,
        "BackupUnderWay",
        "已有一次备份正在进行；请稍后刷新本页查看结果",
        "a backup is being made already; look again in a while",
    )
}

fn unreadable(error: &std::io::Error) -> Fault {
    Fault::new(
        Code::Internal,
        "BackupsUnreadable",
        format!("备份记录无法读取（{}）；请用 keshi doctor 检查数据目录", causes(error)),
        format!(
            "the note of backups cannot be read ({}); look at the data directory with keshi doctor",
            causes(error)
        ),
    )
}
