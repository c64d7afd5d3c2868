//! Opening: one pass over all blocks that verifies, hashes and hands on.
//!
//! sled and the hashing run on a thread of their own, for two reasons: the caller's replay shares the pass without
//! waiting for them, and should a background thread of sled die over a damaged file, its caller would wait for ever.
//! That thread is then left behind, and the opening ends with an error all the same.

use std::{
    fs::{File, OpenOptions},
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use crate::{
    block::{Block, BlockBuilder},
    error::{BlockDefect, Damage, OpenError, StorageError},
    head::{HEAD_FORMAT, HeadFile, Slot, SlotRead, is_creation_mark},
    log::{Committed, TREE_EVERY},
    merkle::{Hash, MerkleStack, leaf_hash},
    place::Place,
    repair::drop_torn_commit,
    store::{Store, damaged, open_error},
};

/// Everything a [`crate::Log`] is made of.
pub(crate) struct Opened {
    pub lock: File,
    pub place: Place,
    pub store: Store,
    pub head: HeadFile,
    pub committed: Committed,
    pub tree: MerkleStack,
    pub trees: Vec<MerkleStack>,
    pub tail: BlockBuilder,
    pub highest_decide_version: u32,
}

/// What the scanning thread reports.
enum Report {
    /// sled has opened its files.
    Started,
    Verified(Vec<Block>),
    Ended(Box<Result<Scanned, OpenError>>),
}

/// The outcome of a whole scan.
struct Scanned {
    store: Store,
    committed: Committed,
    tree: MerkleStack,
    trees: Vec<MerkleStack>,
    tail: Option<Block>,
    highest_decide_version: u32,
}

/// The state of a scan under way.
struct Scanning<'a> {
    place: &'a Place,
    /// The last answered size and, one commit before it, the other slot's.
    answered: &'a Slot,
    before: Option<&'a Slot>,
    tree: MerkleStack,
    trees: Vec<MerkleStack>,
    root_before: Option<Hash>,
    /// The tree at the last answered size, once reached.
    at_answered: Option<MerkleStack>,
    /// The last end of a whole submission beyond it.
    beyond: Option<(MerkleStack, u64)>,
    /// Blocks that reach beyond what is known to consist of whole submissions.
    held: Vec<Block>,
    last: Option<Block>,
    highest_decide_version: u32,
}

/// Blocks per report: large enough to make the hand-over cheap, small enough to stay in the processor's cache.
const BATCH_BLOCKS: usize = 64;
/// Reports under way; with it at most 4 MiB of blocks wait for the caller.
const REPORTS: usize = 16;
/// The scan must report within this time, longer than any disk needs for a batch.
const STALL_LIMIT: Duration = Duration::from_secs(20);
/// sled opens its files in one call that reads some of them; allow for a slow disk.
const SLED_OPENS_BYTES_PER_SECOND: u64 = 4 * 1024 * 1024;

/// Opens and verifies the log at `place`.
pub(crate) fn open(place: &Place, on_block: &mut dyn FnMut(&Block)) -> Result<Opened, OpenError> {
    if !place.head().exists() && !place.blocks().exists() {
        return Err(OpenError::NotFound { dir: place.dir.clone() });
    }
    place.require_local()?;
    let lock = place.lock()?;
    let (head_file, [latest, before]) = read_head(place)?;
    let bytes = std::fs::metadata(place.db()).map_or(0, |metadata| metadata.len());
    let first_limit = STALL_LIMIT + Duration::from_secs(bytes / SLED_OPENS_BYTES_PER_SECOND);
    let reports = start(place.clone(), latest.clone(), before)?;
    let scanned = receive(place, &reports, first_limit, on_block)?;
    let tail = scanned.tail.as_ref().map(BlockBuilder::resume);
    Ok(Opened {
        lock,
        place: place.clone(),
        store: scanned.store,
        head: HeadFile::resume(head_file, latest),
        committed: scanned.committed,
        tree: scanned.tree,
        trees: scanned.trees,
        tail: tail.unwrap_or_else(|| BlockBuilder::new(0, 0, 0)),
        highest_decide_version: scanned.highest_decide_version,
    })
}

/// Reads `head` and sorts its slots: the one that counts, and the other if it is valid.
fn read_head(place: &Place) -> Result<(File, [Slot; 2]), OpenError> {
    let path = place.head();
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(without_head(place)),
        Err(error) => return Err(place.error("open", &path, error)),
    };
    let slots = HeadFile::read(&file).map_err(|error| place.error("read", &path, error))?;
    if let Some(found) = slots.iter().find_map(|slot| match slot {
        SlotRead::NewerFormat(found) => Some(*found),
        _ => None,
    }) {
        return Err(OpenError::NewerFormat {
            file: "head",
            found,
            known: HEAD_FORMAT,
        });
    }
    match slots {
        [SlotRead::Valid(a), SlotRead::Valid(b)] if a.sequence >= b.sequence => Ok((file, [a, b])),
        [SlotRead::Valid(a), SlotRead::Valid(b)] => Ok((file, [b, a])),
        [SlotRead::Valid(only), _] | [_, SlotRead::Valid(only)] => Ok((file, [only.clone(), only])),
        _ => Err(damaged(place, 0, Damage::Head)),
    }
}

/// What `head` says of the size, unverified; 0 if it says nothing.
pub(crate) fn size_hint(place: &Place) -> u64 {
    let slots = File::open(place.head()).and_then(|file| HeadFile::read(&file));
    let sizes = slots.into_iter().flatten().map(|slot| match slot {
        SlotRead::Valid(slot) => slot.size,
        SlotRead::NewerFormat(_) | SlotRead::Invalid => 0,
    });
    sizes.max().unwrap_or(0)
}

/// Tells a creation that was cut short from a log that lost its `head`.
fn without_head(place: &Place) -> OpenError {
    if is_creation_mark(place) || !place.blocks().exists() {
        OpenError::NotFound { dir: place.dir.clone() }
    } else {
        damaged(place, 0, Damage::Head)
    }
}

fn start(place: Place, answered: Slot, before: Slot) -> Result<Receiver<Report>, OpenError> {
    let (to, reports) = sync_channel(REPORTS);
    let dir = place.dir.clone();
    let scan = move || {
        let ended = scan(&place, &answered, &before, &to);
        // The receiver is gone only if it gave up on us.
        let _gave_up = to.send(Report::Ended(Box::new(ended)));
    };
    let spawned = thread::Builder::new().name("keshi-log-open".to_owned()).spawn(scan);
    spawned.map_err(|source| OpenError::Io {
        doing: "start a thread to open",
        path: dir,
        source,
    })?;
    Ok(reports)
}

fn receive(
    place: &Place,
    reports: &Receiver<Report>,
    first_limit: Duration,
    on_block: &mut dyn FnMut(&Block),
) -> Result<Scanned, OpenError> {
    let mut limit = first_limit;
    let mut next_index = 0;
    loop {
        match reports.recv_timeout(limit) {
            Ok(Report::Started) => limit = STALL_LIMIT,
            Ok(Report::Verified(blocks)) => {
                for block in &blocks {
                    on_block(block);
                    next_index = block.end_index();
                }
            }
            Ok(Report::Ended(scanned)) => return *scanned,
            Err(RecvTimeoutError::Timeout) => {
                return Err(damaged(place, next_index, Damage::Stalled { waited: limit }));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let message = "the opening thread ended early".to_owned();
                return Err(damaged(
                    place,
                    next_index,
                    Damage::Storage(StorageError::Panicked { message }),
                ));
            }
        }
    }
}

fn scan(place: &Place, answered: &Slot, before: &Slot, to: &SyncSender<Report>) -> Result<Scanned, OpenError> {
    let store = Store::open(place, false)?;
    store.sync_opened(place)?;
    let _gave_up = to.send(Report::Started);
    let mut scanning = Scanning::new(place, answered, before);
    let mut stored = store.all().map_err(|error| open_error(place, error))?;
    loop {
        let next_index = scanning.tree.size();
        let batch = stored
            .next_batch(BATCH_BLOCKS)
            .map_err(|error| damaged(place, next_index, Damage::Storage(error)))?;
        if batch.is_empty() {
            break;
        }
        let mut ready = Vec::with_capacity(batch.len());
        for (key, value) in batch {
            let Ok(key) = <[u8; 8]>::try_from(&*key) else {
                return Err(damaged(
                    place,
                    scanning.tree.size(),
                    Damage::StrayKey { bytes: key.len() },
                ));
            };
            scanning.take(u64::from_be_bytes(key), value, &mut ready)?;
        }
        if to.send(Report::Verified(ready)).is_err() {
            break;
        }
    }
    scanning.finish(store, to)
}

// === impl Scanning ===

impl<'a> Scanning<'a> {
    fn new(place: &'a Place, answered: &'a Slot, before: &'a Slot) -> Self {
        let mut scanning = Self {
            place,
            answered,
            before: (before.size < answered.size).then_some(before),
            tree: MerkleStack::new(),
            trees: Vec::new(),
            root_before: None,
            at_answered: None,
            beyond: None,
            held: Vec::new(),
            last: None,
            highest_decide_version: 0,
        };
        scanning.note_sizes(0);
        scanning
    }

    /// Verifies one stored block and moves what is certain to `ready`.
    fn take(&mut self, first_index: u64, value: sled::IVec, ready: &mut Vec<Block>) -> Result<(), OpenError> {
        let expected = self.tree.size();
        if first_index != expected {
            return Err(damaged(
                self.place,
                expected,
                Damage::Gap {
                    expected,
                    found: first_index,
                },
            ));
        }
        let block = Block::decode(first_index, value).map_err(|defect| match defect {
            BlockDefect::NewerFormat { found, known } => OpenError::NewerFormat {
                file: "a block",
                found,
                known,
            },
            defect => damaged(self.place, expected, Damage::Block { first_index, defect }),
        })?;
        self.highest_decide_version = self.highest_decide_version.max(block.decide_version());
        self.hash(&block);
        let certain = self.beyond.as_ref().map_or(self.answered.size, |(tree, _)| tree.size());
        self.held.push(block);
        let still_held = self
            .held
            .iter()
            .position(|block| block.end_index() > certain)
            .unwrap_or(self.held.len());
        ready.extend(self.held.drain(..still_held));
        if let Some(block) = ready.last() {
            self.last = Some(block.clone());
        }
        Ok(())
    }

    fn hash(&mut self, block: &Block) {
        let header = block.header();
        let complete_size = block.first_index() + u64::from(header.complete_count);
        let ends_submission = header.complete_count > 0 && complete_size > self.answered.size;
        for (_, entry) in block.entries() {
            self.tree.push(leaf_hash(entry));
            self.note_sizes(self.tree.size());
            if ends_submission && self.tree.size() == complete_size {
                self.beyond = Some((self.tree.clone(), header.cursor));
            }
        }
    }

    /// Remembers the tree at the sizes that matter.
    fn note_sizes(&mut self, size: u64) {
        if size == self.answered.size {
            self.at_answered = Some(self.tree.clone());
        }
        if self.before.is_some_and(|before| before.size == size) {
            self.root_before = Some(self.tree.root());
        }
        if size > 0 && size.is_multiple_of(TREE_EVERY) {
            self.trees.push(self.tree.clone());
        }
    }

    fn finish(mut self, store: Store, to: &SyncSender<Report>) -> Result<Scanned, OpenError> {
        let Some(at_answered) = self.at_answered.take() else {
            let (expected, found) = (self.answered.size, self.tree.size());
            return Err(damaged(self.place, found, Damage::Shorter { expected, found }));
        };
        self.compare_root(at_answered.root())?;
        let (tree, cursor) = self.beyond.take().unwrap_or((at_answered, self.answered.cursor));
        let size = tree.size();
        if size < self.tree.size() {
            drop_torn_commit(self.place, &store, size, &self.held)?;
        }
        for mut block in self.held.drain(..) {
            block.narrow(0, size);
            if !block.is_empty() {
                self.last = Some(block.clone());
                let _gave_up = to.send(Report::Verified(vec![block]));
            }
        }
        self.trees.retain(|kept| kept.size() <= size);
        Ok(Scanned {
            store,
            committed: Committed {
                size,
                root: tree.root(),
                cursor,
            },
            tree,
            trees: self.trees,
            tail: self.last,
            highest_decide_version: self.highest_decide_version,
        })
    }

    fn compare_root(&self, found: Hash) -> Result<(), OpenError> {
        if found == self.answered.root {
            return Ok(());
        }
        // Below the size before the last commit all is well if that root is right.
        let verified = self.before.filter(|before| self.root_before == Some(before.root));
        let first_missing_index = verified.map_or(0, |before| before.size);
        let (size, expected) = (self.answered.size, self.answered.root);
        Err(damaged(
            self.place,
            first_missing_index,
            Damage::OtherRoot { size, expected, found },
        ))
    }
}
