//! The ledger side of a process: engine, people register, read log, and the services that read.

use std::sync::Arc;

use indicatif::ProgressBar;
use keshi_bus::{Followed, Follows, Ledger};
use keshi_core::ids::OfficeCode;
use keshi_door::Guard;
use keshi_engine::{Engine, EngineError, OpenOptions};
use keshi_office::evidence::Evidence;
use keshi_office::keyring::KeyPlaces;
use keshi_office::layout::OfficeDir;
use keshi_office::people::Register;
use keshi_office::reads::ReadLog;
use keshi_office::signing::{Short, Signing};
use keshi_query::{Context, LedgerEnd, Parts};
use keshi_verify::Hash;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::failures::{
    contents_failure, engine_failure, follows_failure, people_failure, reads_failure, short_failure, signing_failure,
};
use crate::exit::{Failure, Outcome, say};
use crate::remote::{OfficeKeys, layout_failure};

/// The ledger of one office, open.
pub(super) struct OpenLedger {
    pub(super) engine: Engine,
    pub(super) people: Arc<Register>,
    pub(super) evidence: Arc<Evidence>,
    pub(super) reads: Arc<ReadLog>,
    pub(super) signing: Arc<Signing>,
    /// That the ledger has not yet all that a checkpoint was given out of: a stream is to bring it.
    pub(super) short: Option<Short>,
}

/// Why it could not be opened.
pub(crate) enum LedgerError {
    /// Another keshi has it open.
    InUse(Failure),
    /// Anything else.
    Failed(Failure),
}

impl OpenLedger {
    /// Opens the engine first: its lock guards the rest. The office's keys are found in `keys`; `bar` shows how many
    /// entries have been replayed.
    pub(super) async fn open(
        dir: &OfficeDir,
        office: OfficeCode,
        new_ledger_id: Uuid,
        (keys, bar): (&OfficeKeys, &ProgressBar),
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
        let people = Register::open_or_create(dir.people(), &keys.people)
            .map_err(|error| LedgerError::Failed(people_failure(&error)))?;
        let reads = ReadLog::open(dir.reads()).map_err(|error| LedgerError::Failed(reads_failure(&error)))?;
        let (signing, short) = match open_signing(dir, &engine, &keys.signing) {
            Ok(opened) => opened,
            Err(failure) => {
                // Whoever looks at the directory next finds it closed.
                let _closed = spawn_blocking(move || engine.shut_down()).await;
                return Err(LedgerError::Failed(failure));
            }
        };
        dir.note()
            .map_err(|error| LedgerError::Failed(contents_failure(&error)))?;
        let people = Arc::new(people);
        Ok(Self {
            engine,
            evidence: Arc::new(Evidence::new(dir.evidence(), Arc::clone(&people))),
            people,
            reads: Arc::new(reads),
            signing: Arc::new(signing),
            short,
        })
    }

    /// The read side, and the engine as what a bus delivers to.
    pub(super) fn services(&self, guard: Guard, shutdown: CancellationToken) -> (Arc<Context>, Arc<dyn Ledger>) {
        let parts = Parts {
            people: Arc::clone(&self.people),
            evidence: Arc::clone(&self.evidence),
            reads: Arc::clone(&self.reads),
            signing: Arc::clone(&self.signing),
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

/// What signs checkpoints, held against the ledger. One that follows a stream may lack for now what the stream is to bring;
/// anything else that lacks what a checkpoint was given out of is not served.
fn open_signing(dir: &OfficeDir, engine: &Engine, places: &KeyPlaces) -> Outcome<(Signing, Option<Short>)> {
    let size = engine.head().size;
    let signing = Signing::open_or_create(dir.signed(), &engine.identity(), size, places)
        .map_err(|error| signing_failure(&error))?;
    let settled = signing.settle(size, |size| engine.root_at(size).map(Hash));
    let settled = settled.map_err(|error| {
        Failure::not_verified(
            say("台账的旧树根无法算出", "an old root of the ledger cannot be computed").because(&error),
        )
    })?;
    match settled {
        Ok(()) => Ok((signing, None)),
        Err(short @ Short::Behind { .. }) if follows_a_stream(dir)? => Ok((signing, Some(short))),
        Err(short) => Err(short_failure(&short)),
    }
}

/// Whether a stream is to bring what the ledger lacks.
fn follows_a_stream(dir: &OfficeDir) -> Outcome<bool> {
    let follows = Follows::open(dir.bus()).map_err(|error| follows_failure(&error))?;
    Ok(matches!(follows.current(), Some(Followed::Stream(_))))
}

/// What a change of the signing key did.
pub(crate) struct Changed {
    /// The size of the ledger at which the new key came.
    pub(crate) size: u64,
    /// The new public key.
    pub(crate) public: String,
}

/// Changes the key that signs checkpoints of the ledger in `dir`, on which no keshi runs.
pub(crate) async fn rotate_signing_key(dir: &OfficeDir, keys: &OfficeKeys) -> Outcome<Changed> {
    let code = dir.root.file_name().map(|code| code.to_string_lossy().into_owned());
    let office = super::local::there(dir, &code.unwrap_or_default())?;
    let opened = OpenLedger::open(dir, office, Uuid::new_v4(), (keys, &ProgressBar::hidden())).await;
    let ledger = opened.map_err(LedgerError::into_failure)?;
    let size = ledger.engine.head().size;
    let changed = ledger.signing.rotate(size).map_err(|error| signing_failure(&error));
    let changed = changed.map(|public| Changed {
        size,
        public: public.to_string(),
    });
    let closed = ledger.close().await;
    changed.and_then(|changed| closed.map(|()| changed))
}

impl LedgerError {
    /// What to tell the user.
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::InUse(failure) | Self::Failed(failure) => failure,
        }
    }
}
