//! The ledger side of a process: engine, people register, read log, and the services that read.

use std::sync::Arc;

use indicatif::ProgressBar;
use keshi_bus::Ledger;
use keshi_core::ids::OfficeCode;
use keshi_door::Guard;
use keshi_engine::{Engine, EngineError, OpenOptions};
use keshi_office::evidence::Evidence;
use keshi_office::layout::OfficeDir;
use keshi_office::people::{KeyPlaces, Register};
use keshi_office::reads::ReadLog;
use keshi_query::{Context, LedgerEnd, Parts};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::failures::{contents_failure, engine_failure, people_failure, reads_failure};
use crate::exit::{Failure, Outcome, say};
use crate::remote::layout_failure;

/// The ledger of one office, open.
pub(super) struct OpenLedger {
    pub(super) engine: Engine,
    pub(super) people: Arc<Register>,
    pub(super) evidence: Arc<Evidence>,
    pub(super) reads: Arc<ReadLog>,
}

/// Why it could not be opened.
pub(crate) enum LedgerError {
    /// Another keshi has it open.
    InUse(Failure),
    /// Anything else.
    Failed(Failure),
}

impl OpenLedger {
    /// Opens the engine first: its lock guards the rest. The people register's key is found in `keys`; `bar` shows how many
    /// entries have been replayed.
    pub(super) async fn open(
        dir: &OfficeDir,
        office: OfficeCode,
        new_ledger_id: Uuid,
        (keys, bar): (&KeyPlaces, &ProgressBar),
    ) -> Result<Self, LedgerError> {
        dir.create()
            .map_err(|error| LedgerError::Failed(layout_failure(&error)))?;
        dir.check()
            .and_then(|()| dir.begin())
            .map_err(|error| LedgerError::Failed(contents_failure(&error)))?;
        let (path, bar) = (dir.ledger(), bar.clone());
        let opened = spawn_blocking(move || {
            let options = OpenOptions { office, new_ledger_id };
            Engine::open(path, &options, |replayed| bar.set_position(replayed))
        });
        let engine = opened.await.map_err(|_| {
            LedgerError::Failed(Failure::failed(say(
                "打开台账时程序出错",
                "the program broke off while opening the ledger",
            )))
        })?;
        let engine = engine.map_err(|error| match error {
            EngineError::Log(keshi_log::OpenError::InUse { .. }) => LedgerError::InUse(engine_failure(&error)),
            error => LedgerError::Failed(engine_failure(&error)),
        })?;
        let people = Register::open_or_create(dir.people(), keys)
            .map_err(|error| LedgerError::Failed(people_failure(&error)))?;
        let reads = ReadLog::open(dir.reads()).map_err(|error| LedgerError::Failed(reads_failure(&error)))?;
        dir.note()
            .map_err(|error| LedgerError::Failed(contents_failure(&error)))?;
        let people = Arc::new(people);
        Ok(Self {
            engine,
            evidence: Arc::new(Evidence::new(dir.evidence(), Arc::clone(&people))),
            people,
            reads: Arc::new(reads),
        })
    }

    /// The read side, and the engine as what a bus delivers to.
    pub(super) fn services(&self, guard: Guard, shutdown: CancellationToken) -> (Arc<Context>, Arc<dyn Ledger>) {
        let parts = Parts {
            people: Arc::clone(&self.people),
            evidence: Arc::clone(&self.evidence),
            reads: Arc::clone(&self.reads),
            guard,
            shutdown,
        };
        let query = Context::new(self.engine.clone(), parts);
        let ledger = LedgerEnd::new(&query);
        (query, Arc::new(ledger))
    }

    /// Records and answers what was taken, and closes the log.
    pub(super) async fn close(self) -> Outcome {
        let engine = self.engine;
        let closed = spawn_blocking(move || engine.shut_down()).await;
        closed.map_err(|_| {
            Failure::failed(say(
                "关闭台账时程序出错",
                "the program broke off while closing the ledger",
            ))
        })
    }
}

impl LedgerError {
    /// What to tell the user.
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::InUse(failure) | Self::Failed(failure) => failure,
        }
    }
}
