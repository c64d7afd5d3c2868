//! The handle to a running ledger.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use keshi_bundle::fold::Fold;
use keshi_core::decide::DECIDE_VERSION;
use keshi_core::ids::OfficeCode;
use keshi_core::state::{At, State};
use keshi_log::{Identity, Log, Repair};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;
use uuid::Uuid;

use crate::error::{EngineError, SubmitError};
use crate::inbox::{Inbox, Place};
use crate::shared::{Head, Load, Shared};
use crate::waiters::Waiters;
use crate::writer::Writer;

/// Entries between two calls of the progress function while replaying.
const PROGRESS_EVERY: u64 = 100_000;

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The office whose ledger it is. A directory of another office is refused.
    pub office: OfficeCode,
    /// The id that a new ledger gets; not looked at when one is there.
    pub new_ledger_id: Uuid,
}

/// A running ledger. Cloning is cheap; clones are the same ledger.
///
/// The writer thread ends when all clones are dropped, after it has recorded and answered what was taken.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    office: OfficeCode,
    ledger_id: Uuid,
    repairs: Vec<Repair>,
    inbox: Mutex<Option<Inbox>>,
    shared: Arc<Shared>,
    writer: Mutex<Option<thread::JoinHandle<()>>>,
}

impl Engine {
    /// Opens the ledger in `dir`, or creates it, replays it, and starts the writer.
    ///
    /// `progress` is called now and then with the number of entries replayed so far; how many there are is not known
    /// before the end.
    ///
    /// # Errors
    ///
    /// [`EngineError`]; a damaged log is found here, before anything is served from it.
    pub fn open(
        dir: impl AsRef<Path>,
        options: &OpenOptions,
        mut progress: impl FnMut(u64),
    ) -> Result<Self, EngineError> {
        let dir: PathBuf = dir.as_ref().to_path_buf();
        let identity = Identity {
            ledger_id: options.new_ledger_id,
            office: options.office.to_string(),
        };
        let mut fold = Fold::start(Log::size_hint(&dir))?;
        let mut reported = 0;
        let opened = Log::open_with(&dir, |block| {
            block.entries().for_each(|(index, bytes)| fold.entry(index, bytes));
            if block.end_index() >= reported + PROGRESS_EVERY {
                reported = block.end_index();
                progress(reported);
            }
        });
        let mut log = match opened {
            Err(keshi_log::OpenError::NotFound { .. }) => Log::create(&dir, &identity)?,
            opened => opened?,
        };
        if log.identity().office != identity.office {
            let found = log.identity().office.clone();
            return Err(keshi_log::OpenError::OtherOffice {
                dir,
                found,
                expected: identity.office,
            }
            .into());
        }
        for repair in log.repairs() {
            // An error, so that commands on the directory say it too.
            tracing::error!(
                office = %options.office,
                "the disk is failing: {repair}; look at the disk, and make a backup now"
            );
        }
        // First: what a later release wrote may not decode here, and is no damage.
        if log.highest_decide_version() > DECIDE_VERSION {
            let found = log.highest_decide_version();
            return Err(EngineError::NewerRules {
                dir,
                found,
                known: DECIDE_VERSION,
            });
        }
        let state = fold.finish().map_err(|(index, source)| EngineError::Entry {
            dir: dir.clone(),
            index,
            source,
        })?;
        log.set_decide_version(DECIDE_VERSION);
        Self::start(options.office, log, state)
    }

    fn start(office: OfficeCode, log: Log, state: State) -> Result<Self, EngineError> {
        let ledger_id = log.identity().ledger_id;
        let repairs = log.repairs().to_vec();
        let committed = log.committed();
        let head = Head {
            size: committed.size,
            root: *committed.root.as_bytes(),
            recorded_at: state.recorded_at(),
            cursor: committed.cursor,
        };
        let shared = Arc::new(Shared {
            turn: Mutex::new(()),
            state: RwLock::new(state),
            head: watch::Sender::new(head),
            failure: watch::Sender::new(None),
            waiters: Waiters::default(),
            receipts: Mutex::default(),
            reader: log.reader(),
            commits: AtomicU64::new(0),
            commit_nanos: AtomicU64::new(0),
        });
        let (inbox, receiver) = Inbox::new(office);
        let writer = Writer::new(office, log, Arc::clone(&shared), receiver);
        let thread = thread::Builder::new()
            .name("keshi-writer".to_owned())
            .spawn(move || writer.run())?;
        let inner = Inner {
            office,
            ledger_id,
            repairs,
            inbox: Mutex::new(Some(inbox)),
            shared,
            writer: Mutex::new(Some(thread)),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The office whose ledger it is.
    pub fn office(&self) -> OfficeCode {
        self.inner.office
    }

    /// Tells this ledger from every other.
    pub fn ledger_id(&self) -> Uuid {
        self.inner.ledger_id
    }

    /// What was damaged when it was opened, and is whole again.
    pub fn repairs(&self) -> &[Repair] {
        &self.inner.repairs
    }

    /// The durable end of the ledger now.
    pub fn head(&self) -> Head {
        *self.inner.shared.head.borrow()
    }

    /// The durable end as it moves.
    pub fn heads(&self) -> watch::Receiver<Head> {
        self.inner.shared.head.subscribe()
    }

    /// Waits until the ledger durably has `size` entries.
    ///
    /// # Errors
    ///
    /// [`SubmitError::Closed`] if the writer has stopped before.
    pub async fn grown_to(&self, size: u64) -> Result<Head, SubmitError> {
        let shared = self.shared();
        let mut place = shared.waiters.wait(size);
        // After taking the place, so that no commit falls between.
        if self.head().size >= size {
            return Ok(self.head());
        }
        if self.inner.inbox.lock().is_none() || shared.failure.borrow().is_some() {
            return Err(SubmitError::Closed);
        }
        if place.woken().await {
            Ok(self.head())
        } else {
            Err(SubmitError::Closed)
        }
    }

    /// Becomes `Some` with the cause when a commit has failed: nothing more is recorded until the ledger is opened anew.
    pub fn failures(&self) -> watch::Receiver<Option<String>> {
        self.inner.shared.failure.subscribe()
    }

    /// Room for a message of `bytes` bytes on its way to the writer, if there is any now.
    ///
    /// # Errors
    ///
    /// [`SubmitError`].
    pub fn try_reserve(&self, bytes: usize) -> Result<Place, SubmitError> {
        self.inbox().ok_or(SubmitError::Closed)?.try_reserve(bytes)
    }

    /// As [`Engine::try_reserve`], waiting for room.
    ///
    /// # Errors
    ///
    /// [`SubmitError::Closed`].
    pub async fn reserve(&self, bytes: usize) -> Result<Place, SubmitError> {
        let inbox = self.inbox().ok_or(SubmitError::Closed)?;
        inbox.reserve(bytes).await
    }

    /// How much the writer has done since the start, and how much waits for it.
    pub fn load(&self) -> Load {
        let shared = self.shared();
        let (waiting, waiting_bytes) = self.inbox().map_or((0, 0), |inbox| inbox.waiting());
        Load {
            commits: shared.commits.load(Ordering::Relaxed),
            commit_time: Duration::from_nanos(shared.commit_nanos.load(Ordering::Relaxed)),
            waiting,
            waiting_bytes,
        }
    }

    fn inbox(&self) -> Option<Inbox> {
        self.inner.inbox.lock().clone()
    }

    /// Takes no more submissions, records and answers those already taken, and closes the log. Blocks until that is
    /// done. Queries go on working as long as a clone lives.
    pub fn shut_down(&self) {
        drop(self.inner.inbox.lock().take());
        let writer = self.inner.writer.lock().take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the writer thread panicked");
        }
    }

    /// Asks the state as the durable ledger has it; [`At::back_to`] asks of an earlier size.
    ///
    /// Holds a read lock meanwhile, so keep it short: one teacher, or a batch of a few hundred.
    pub fn query<T>(&self, ask: impl FnOnce(At<'_>) -> T) -> T {
        let state = self.inner.shared.state.read();
        let size = self.head().size;
        ask(state.at(size))
    }

    /// As [`Engine::query`], of the ledger of `size` entries, or of all durable ones if those are fewer.
    pub fn query_at<T>(&self, size: u64, ask: impl FnOnce(At<'_>) -> T) -> T {
        self.query(|at| ask(at.back_to(size)))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}
