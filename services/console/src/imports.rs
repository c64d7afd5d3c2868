//! Imports on their way: kept between the pages that show them, for a while, so many of one visitor and so many in all.
//!
//! An import goes on when the tab is closed. What is kept here is gone with the process; then the file is chosen again, and
//! nothing counts twice.

use std::collections::HashSet;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use keshi_client::Client;
use keshi_core::lang::{Lang, Say, say};
use keshi_import::{Import, Job, Stopped, Watch, check, passed_over};
use keshi_sheets::plan::Rows;
use keshi_sheets::read::read;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// How long an import is kept that nobody looks at.
const KEPT_FOR: Duration = Duration::from_mins(45);

/// Imports of one visitor; the oldest makes room for a new one.
const OF_ONE_MAX: usize = 4;

/// Imports in all.
const ALL_MAX: usize = 48;

/// Bytes of the files of all imports.
const BYTES_MAX: usize = 256 << 20;

/// Bytes of the files of one visitor's imports: one of the largest, and room for others'.
const BYTES_OF_ONE_MAX: usize = 96 << 20;

/// How long an import is kept that nobody looks at, where others need its room.
const LEFT_ALONE_FOR: Duration = Duration::from_mins(5);

/// Uploads at once: each may hold the bytes of the largest file.
const RECEIVED_AT_ONCE: usize = 6;

/// Workbooks taken apart at once: each may need many times its size.
const READ_AT_ONCE: usize = 1;

/// A file as it came.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All imports that are kept.
pub(crate) struct Imports {
    held: Mutex<Vec<Arc<Held>>>,
    receiving: Arc<Mutex<HashSet<String>>>,
    reading: Arc<Semaphore>,
}

/// A place to send files, as long as this lives.
#[derive(Debug)]
pub(crate) struct Receiving {
    owner: String,
    of: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.of.lock().remove(&self.owner);
    }
}

/// One import.
pub(crate) struct Held {
    pub(crate) id: Uuid,
    owner: String,
    pub(crate) names: Vec<String>,
    bytes: usize,
    seen: Mutex<Instant>,
    pub(crate) progress: Progress,
    /// Once they are read.
    rows: OnceLock<Arc<Rows>>,
    job: Mutex<Job>,
    state: Mutex<State>,
}

/// How far it is.
pub(crate) enum State {
    /// Read, checked or sent.
    Working,
    /// Checked, and once sent, recorded.
    Done(Box<Import>),
    /// It could not go on; what there is to say.
    Stopped(Vec<Say>),
}

/// What is being done, and how much of it is.
#[derive(Default)]
pub(crate) struct Progress {
    what: Mutex<Option<Say>>,
    steps: AtomicU64,
    reached: AtomicU64,
    notes: Mutex<Vec<Say>>,
}

impl Default for Imports {
    fn default() -> Self {
        Self {
            held: Mutex::default(),
            receiving: Arc::default(),
            reading: Arc::new(Semaphore::new(READ_AT_ONCE)),
        }
    }
}

impl Imports {
    /// Takes files, and begins to read and check them.
    ///
    /// # Errors
    ///
    /// What to say where there is no room.
    pub(crate) fn begin(&self, owner: String, files: Vec<File>, job: Job, client: Client) -> Result<Arc<Held>, Say> {
        let held = Arc::new(Held::new(owner, &files, job));
        self.keep(&held)?;
        let (reading, work) = (Arc::clone(&self.reading), Arc::clone(&held));
        held.work(async move {
            match read_all(&reading, &work, files).await {
                Ok(rows) => work.checked(&client, rows).await,
                Err(says) => State::Stopped(says),
            }
        });
        Ok(held)
    }

    /// A place for this owner to send files, one at a time, while there are places: what is received lies in memory.
    ///
    /// # Errors
    ///
    /// What to say where there is none: whether it is for her own files or for others'.
    pub(crate) fn receive(&self, owner: &str) -> Result<Receiving, Say> {
        let mut senders = self.receiving.lock();
        if senders.contains(owner) {
            return Err(say(
                "您的另一个文件还在上传；请等它传完",
                "another file of yours is still being sent; wait until it is there",
            ));
        }
        if senders.len() >= RECEIVED_AT_ONCE {
            return Err(say(
                "此刻上传的人太多，请稍等片刻再传",
                "too many people are sending files; try again in a moment",
            ));
        }
        senders.insert(owner.to_owned());
        Ok(Receiving {
            owner: owner.to_owned(),
            of: Arc::clone(&self.receiving),
        })
    }

    /// The import of this id, if it is this owner's.
    pub(crate) fn find(&self, owner: &str, id: Uuid) -> Option<Arc<Held>> {
        let held = self.held.lock();
        let found = held.iter().find(|held| held.id == id && held.owner == owner)?;
        *found.seen.lock() = Instant::now();
        Some(Arc::clone(found))
    }

    /// The imports of this owner, the newest first.
    pub(crate) fn of(&self, owner: &str) -> Vec<Arc<Held>> {
        let held = self.held.lock();
        held.iter().rev().filter(|held| held.owner == owner).cloned().collect()
    }

    fn keep(&self, new: &Arc<Held>) -> Result<(), Say> {
        self.keep_at(new, Instant::now())
    }

    fn keep_at(&self, new: &Arc<Held>, now: Instant) -> Result<(), Say> {
        let mut held = self.held.lock();
        held.retain(|held| held.is_working() || held.unseen_for(now) < KEPT_FOR);
        loop {
            let hers = held.iter().filter(|held| held.owner == new.owner);
            let (number, bytes) = hers.fold((0, 0), |(number, bytes), held| (number + 1, bytes + held.bytes));
            if number < OF_ONE_MAX && (number == 0 || bytes + new.bytes <= BYTES_OF_ONE_MAX) {
                break;
            }
            let oldest = held
                .iter()
                .position(|held| held.owner == new.owner && !held.is_working());
            let Some(oldest) = oldest else {
                return Err(say(
                    "您有几个导入还在进行；请等其中一个完成",
                    "several of your imports are still under way; wait until one is done",
                ));
            };
            held.remove(oldest);
        }
        while held.len() >= ALL_MAX || held.iter().map(|held| held.bytes).sum::<usize>() + new.bytes > BYTES_MAX {
            let left_alone = held
                .iter()
                .enumerate()
                .filter(|(_, held)| !held.is_working() && held.unseen_for(now) >= LEFT_ALONE_FOR)
                .max_by_key(|(_, held)| held.unseen_for(now));
            if let Some((place, _)) = left_alone {
                held.remove(place);
                continue;
            }
            return Err(say(
                "此刻导入的人太多，请过几分钟再试；已入账的不受影响",
                "too many imports are under way; try again in a few minutes. What is recorded stays",
            ));
        }
        held.push(Arc::clone(new));
        Ok(())
    }
}

impl Held {
    fn new(owner: String, files: &[File], job: Job) -> Self {
        Self {
            id: Uuid::new_v4(),
            names: files.iter().map(|file| file.name.clone()).collect(),
            bytes: files.iter().map(|file| file.bytes.len()).sum(),
            seen: Mutex::new(Instant::now()),
            progress: Progress::default(),
            rows: OnceLock::new(),
            job: Mutex::new(job),
            state: Mutex::new(State::Working),
            owner,
        }
    }

    /// How far it is. Held for a moment only.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn unseen_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.seen.lock())
    }

    pub(crate) fn is_working(&self) -> bool {
        matches!(*self.state.lock(), State::Working)
    }

    /// Records what was checked. Nothing happens if it was sent before, or is on its way: a form may be sent twice.
    pub(crate) fn send(self: &Arc<Self>, client: Client) {
        let mut state = self.state.lock();
        if !matches!(&*state, State::Done(import) if !import.is_sent) {
            return;
        }
        let State::Done(mut import) = std::mem::replace(&mut *state, State::Working) else {
            return;
        };
        drop(state);
        let work = Arc::clone(self);
        self.work(async move {
            match import.send(&client, &work.progress).await {
                Ok(()) => State::Done(import),
                Err(stopped) => State::Stopped(told(stopped)),
            }
        });
    }

    /// Checks the same rows anew, in another way; `false` if they could not be read, or it is under way.
    pub(crate) fn check_again(self: &Arc<Self>, client: Client, change: impl FnOnce(&mut Job)) -> bool {
        let Some(rows) = self.rows.get().cloned() else {
            return false;
        };
        let mut state = self.state.lock();
        if matches!(*state, State::Working) {
            return false;
        }
        *state = State::Working;
        drop(state);
        change(&mut self.job.lock());
        let work = Arc::clone(self);
        self.work(async move { work.checked(&client, rows).await });
        true
    }

    /// Whether its files were read, so that they can be checked again.
    pub(crate) fn is_read(&self) -> bool {
        self.rows.get().is_some()
    }

    async fn checked(&self, client: &Client, rows: Arc<Rows>) -> State {
        let rows = Arc::clone(self.rows.get_or_init(|| rows));
        let job = self.job.lock().clone();
        self.progress.begins(say("核对", "checking"), 0);
        match check(client, &self.progress, &job, rows).await {
            Ok(import) => State::Done(Box::new(import)),
            Err(stopped) => State::Stopped(told(stopped)),
        }
    }

    /// Works on until there is another state, whatever becomes of the visitor.
    fn work(self: &Arc<Self>, going: impl Future<Output = State> + Send + 'static) {
        let held = Arc::clone(self);
        tokio::spawn(async move {
            let done = tokio::spawn(going).await;
            *held.state.lock() = done.unwrap_or_else(|_| State::Stopped(vec![broke_off()]));
        });
    }
}

fn broke_off() -> Say {
    say(
        "程序出错，没有完成；再次导入同一文件是安全的",
        "the program broke off; to import the same file again is safe",
    )
}

/// Takes the files apart, one import after the other; all that cannot be read are named together.
async fn read_all(reading: &Semaphore, held: &Arc<Held>, files: Vec<File>) -> Result<Arc<Rows>, Vec<Say>> {
    held.progress
        .begins(say("读取文件", "reading the files"), files.len() as u64);
    let broken = || vec![broke_off()];
    let _place = reading.acquire().await.map_err(|_| broken())?;
    let work = Arc::clone(held);
    let read_them = move || {
        let (mut books, mut problems) = (Vec::new(), Vec::new());
        for (done, file) in (1..).zip(files) {
            match read(&file.name, &file.bytes) {
                Ok(book) => books.push(book),
                Err(error) => problems.push(say(error.text(Lang::Zh), error.text(Lang::En))),
            }
            work.progress.reached(done);
        }
        if problems.is_empty() { Ok(books) } else { Err(problems) }
    };
    let books = spawn_blocking(read_them).await.map_err(|_| broken())??;
    for note in books.iter().flat_map(passed_over) {
        held.progress.note(note);
    }
    Ok(Arc::new(Rows::new(books)))
}

fn told(stopped: Stopped) -> Vec<Say> {
    let status = stopped.status.map(|status| Say::same(status.message()));
    status.into_iter().chain(stopped.says).collect()
}

impl Progress {
    /// What is being done, in so many steps, and how many of them are done.
    pub(crate) fn now(&self, lang: Lang) -> (String, u64, u64) {
        let what = self.what.lock().as_ref().map(|what| what.pick(lang).to_owned());
        (
            what.unwrap_or_default(),
            self.steps.load(Ordering::Relaxed),
            self.reached.load(Ordering::Relaxed),
        )
    }

    /// What is to be known besides the verdicts.
    pub(crate) fn notes(&self) -> Vec<Say> {
        self.notes.lock().clone()
    }
}

impl Watch for Progress {
    fn note(&self, what: Say) {
        let mut notes = self.notes.lock();
        // Checked again, the same is said again.
        if !notes.contains(&what) {
            notes.push(what);
        }
    }

    fn begins(&self, what: Say, steps: u64) {
        *self.what.lock() = Some(what);
        self.reached.store(0, Ordering::Relaxed);
        self.steps.store(steps, Ordering::Relaxed);
    }

    fn reached(&self, steps: u64) {
        self.reached.store(steps, Ordering::Relaxed);
    }

    fn ended(&self) {}
}

#[cfg(test)]
#[path = "imports_tests.rs"]
mod tests;
