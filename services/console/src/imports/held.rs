//! One import: read, checked, and recorded when that is wanted, whatever becomes of the visitor.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use keshi_client::Client;
use keshi_core::lang::{Lang, Say, say};
use keshi_import::{Import, Job, Stopped, Watch as _, check, passed_over};
use keshi_sheets::plan::Rows;
use keshi_sheets::read::read;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::progress::Progress;
use super::{File, Form, Given};

/// One import.
pub(crate) struct Held {
    pub(crate) id: Uuid,
    pub(super) owner: String,
    pub(crate) names: Vec<String>,
    /// The form whose rows they are, if they are of no file.
    pub(crate) form: Option<Form>,
    pub(super) bytes: usize,
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

impl Held {
    pub(super) fn new(owner: String, given: &Given, job: Job) -> Self {
        Self {
            id: Uuid::new_v4(),
            names: given.names(),
            form: match given {
                Given::Files(_) => None,
                Given::Form(_, form) => Some(form.clone()),
            },
            bytes: given.bytes(),
            seen: Mutex::new(Instant::now()),
            progress: Progress::default(),
            rows: OnceLock::new(),
            job: Mutex::new(job),
            state: Mutex::new(State::Working),
            owner,
        }
    }

    /// Somebody looks at it.
    pub(super) fn look(&self) {
        *self.seen.lock() = Instant::now();
    }

    /// Begins to read and check it, files when `reading` has a place.
    pub(super) fn begin(self: &Arc<Self>, reading: Arc<Semaphore>, given: Given, client: Client) {
        let work = Arc::clone(self);
        self.work(async move {
            let rows = match given {
                Given::Files(files) => read_all(&reading, &work, files).await,
                Given::Form(book, _) => Ok(Arc::new(Rows::new(vec![*book]))),
            };
            match rows {
                Ok(rows) => work.checked(&client, rows).await,
                Err(says) => State::Stopped(says),
            }
        });
    }

    /// The address of the form as it was sent, if it is of one.
    pub(crate) fn form_again(&self) -> Option<String> {
        let form = self.form.as_ref()?;
        let between = if form.from.contains('?') { '&' } else { '?' };
        Some(format!("{}{between}again={}", form.from, self.id))
    }

    /// Whether it stops at the next part.
    pub(crate) fn is_stopping(&self) -> bool {
        self.progress.is_stopped()
    }

    /// Has it stop at the next part: what was sent by then stays recorded. Nothing happens to one that does not work.
    pub(crate) fn stop(&self) {
        if self.is_working() {
            self.progress.stop(true);
        }
    }

    /// How far it is. Held for a moment only.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(super) fn unseen_for(&self, now: Instant) -> Duration {
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
        self.progress.stop(false);
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
        self.progress.stop(false);
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
