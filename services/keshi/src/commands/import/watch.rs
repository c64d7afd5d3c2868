//! An import as it goes on, on the screen.

use indicatif::ProgressBar;
use keshi_core::lang::{Lang, Say};
use keshi_import::Watch;
use parking_lot::Mutex;

use crate::Ctx;
use crate::commands::shared::bar;

/// What is shown while an import goes on, and what is to be said of it after.
pub(super) struct Screen {
    is_terminal: bool,
    lang: Lang,
    bar: Mutex<ProgressBar>,
    notes: Mutex<Vec<Say>>,
}

impl Screen {
    pub(super) fn new(ctx: &Ctx<'_>) -> Self {
        Self {
            is_terminal: ctx.io.stderr_is_terminal,
            lang: ctx.lang,
            bar: Mutex::new(ProgressBar::hidden()),
            notes: Mutex::default(),
        }
    }

    /// Says what there is to say.
    pub(super) fn tell(&self, ctx: &mut Ctx<'_>) {
        self.notes.lock().drain(..).for_each(|note| ctx.note(&note));
    }
}

impl Watch for Screen {
    fn note(&self, what: Say) {
        self.notes.lock().push(what);
    }

    fn begins(&self, what: Say, steps: u64) {
        let bar = bar(self.is_terminal, what.pick(self.lang));
        bar.set_length(steps);
        *self.bar.lock() = bar;
    }

    fn reached(&self, steps: u64) {
        self.bar.lock().set_position(steps);
    }

    fn ended(&self) {
        self.bar.lock().finish_and_clear();
    }
}
