//! How far an import is, for the page that shows it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keshi_core::lang::{Lang, Say};
use keshi_import::Watch;
use parking_lot::Mutex;

/// What is being done, and how much of it is.
#[derive(Default)]
pub(crate) struct Progress {
    what: Mutex<Option<Say>>,
    steps: AtomicU64,
    reached: AtomicU64,
    notes: Mutex<Vec<Say>>,
    is_stopped: AtomicBool,
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

    /// It is to stop at the next part, or may go on again.
    pub(crate) fn stop(&self, is_stopped: bool) {
        self.is_stopped.store(is_stopped, Ordering::Relaxed);
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

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}
