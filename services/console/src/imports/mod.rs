//! Imports on their way: kept between the pages that show them, for a while, so many of one visitor and so many in all.
//!
//! An import goes on when the tab is closed. What is kept here is gone with the process; then the file is chosen again, and
//! nothing counts twice.

mod held;
mod progress;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keshi_client::Client;
use keshi_core::lang::{Say, say};
use keshi_import::Job;
use keshi_sheets::read::Workbook;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub(crate) use self::held::{Held, State};
pub(crate) use self::progress::Progress;

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

/// What is imported.
pub(crate) enum Given {
    /// Files as they came.
    Files(Vec<File>),
    /// Rows of a form, and the form itself.
    Form(Box<Workbook>, Form),
}

/// A form that rows came from: where it is, and its fields as they were sent, so that it can be shown again.
#[derive(Clone)]
pub(crate) struct Form {
    pub(crate) from: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Given {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Files(files) => files.iter().map(|file| file.name.clone()).collect(),
            Self::Form(book, _) => vec![book.name.clone()],
        }
    }

    /// Bytes that it keeps.
    fn bytes(&self) -> usize {
        match self {
            Self::Files(files) => files.iter().map(|file| file.bytes.len()).sum(),
            Self::Form(_, form) => form.fields.iter().map(|(name, value)| name.len() + value.len()).sum(),
        }
    }
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
    /// Takes what is given, and begins to read and check it.
    ///
    /// # Errors
    ///
    /// What to say where there is no room.
    pub(crate) fn begin(&self, owner: String, given: Given, job: Job, client: Client) -> Result<Arc<Held>, Say> {
        let held = Arc::new(Held::new(owner, &given, job));
        self.keep(&held)?;
        held.begin(Arc::clone(&self.reading), given, client);
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
        found.look();
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

#[cfg(test)]
mod tests;
