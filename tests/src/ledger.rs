//! A ledger directory that no process has open, read with the engine itself.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keshi_core::entry::Verdict;
use keshi_core::event::Event;
use keshi_core::ids::Sha256;
use keshi_core::submission::Taking;
use keshi_engine::{Engine, OpenOptions, StoredEntry};
use uuid::Uuid;

use crate::county;

/// What a ledger comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: [u8; 32],
    /// Digest of all balances and titles. Other than the root, it does not depend on the order of arrival.
    pub digest: Sha256,
}

/// The ledger's directory in the data directory of a `keshi up`.
pub fn dir(data: &Path) -> PathBuf {
    data.join(county::office().as_str()).join("ledger")
}

/// Opens the ledger in the data directory of a `keshi up` that has ended.
///
/// # Panics
///
/// If it does not open.
pub fn open(data: &Path) -> Engine {
    let options = OpenOptions {
        office: county::office(),
        new_ledger_id: Uuid::from_u128(1),
    };
    Engine::open(dir(data), &options, |_| ()).expect("the ledger opens")
}

/// The same, only to see what it comes to. Also checks that no event stands in it twice.
///
/// # Panics
///
/// If it does not open, replays otherwise than it serves, or holds an event twice.
pub fn facts(data: &Path) -> Facts {
    let engine = open(data);
    let facts = facts_of(&engine);
    let replayed = engine.replay(0, |_, _| ControlFlow::Continue(())).expect("it replays");
    assert!(replayed.expect("nobody ended it").agrees());
    engine.shut_down();
    facts
}

/// What an open ledger comes to.
///
/// # Panics
///
/// If an entry cannot be read, or an event counts twice.
pub fn facts_of(engine: &Engine) -> Facts {
    let head = engine.head();
    let mut seen = BTreeSet::new();
    for stored in entries(engine) {
        let counts = matches!(stored.entry.verdict, Verdict::Recorded | Verdict::Waiting);
        let id = stored.entry.posted.event_id();
        assert!(!counts || seen.insert(id), "{id:?} stands twice");
    }
    Facts {
        size: head.size,
        root: head.root,
        digest: engine.digest(head.size),
    }
}

/// All entries of a ledger that nobody has open. On return its directory is at rest.
///
/// # Panics
///
/// As [`open`] and [`entries`].
pub fn entries_in(data: &Path) -> Vec<StoredEntry> {
    let engine = open(data);
    let entries = entries(&engine);
    // Only dropped, it would go on writing for a moment.
    engine.shut_down();
    entries
}

/// All entries.
///
/// # Panics
///
/// If one cannot be read.
pub fn entries(engine: &Engine) -> Vec<StoredEntry> {
    let size = usize::try_from(engine.head().size).expect("small");
    let entries = engine.entries(0, size).expect("they can be read");
    assert_eq!(entries.len(), size);
    entries
}

/// What an undisturbed ledger comes to that takes `events` in this order, in this process.
///
/// # Panics
///
/// If the ledger does not take them.
pub fn undisturbed(events: &[Event]) -> Facts {
    let data = tempfile::tempdir().expect("a directory");
    let engine = open(data.path());
    for (number, events) in (0..).zip(events.chunks(500)) {
        let (answer, answered) = std::sync::mpsc::channel();
        let bytes = county::message(number, Taking::Each, events);
        let done = Box::new(move |receipt| drop(answer.send(receipt)));
        let place = engine.try_reserve(bytes.len()).expect("room");
        place.submit(&bytes, None, done);
        answered.recv().expect("an answer");
    }
    facts_of(&engine)
}
