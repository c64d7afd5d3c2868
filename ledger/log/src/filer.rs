//! Filing: what was committed goes into sled's blocks, off the path of an answer.
//!
//! The filer packs committed entries into full blocks, hands them to sled, syncs in batches and then moves `head`. What
//! does not fill a block yet stays in the journal and in memory. Commits are gathered before the thread is woken: a wake-up a
//! commit would cost a small one a good part of its time. The thread also seals closed segments of the journal, removes
//! those that are sealed and filed, and makes the next one ahead. Should any of it fail, the log takes no more.

use std::{
    fs, io, mem,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    block::{Block, BlockBuilder},
    head::HeadFile,
    journal::{
        self,
        record::Batch,
        sealed,
        segment::{self, HEADER_BYTES, SegmentRead},
    },
    shared::{Committed, Shared},
    store::{SYNC_EVERY_BYTES, Store, SyncError},
};

/// After so long without a commit what is gathered is filed; after as long again `head` is moved to the end, and from then
/// on it witnesses every entry.
const IDLE: Duration = Duration::from_millis(200);

/// The thread is woken for so many bytes; fewer it finds itself, each time it has waited [`IDLE`].
const WAKE_BYTES: usize = 256 * 1024;

/// What the writer hands over.
#[derive(Debug)]
enum Task {
    /// Something is gathered.
    File,
    Seal {
        path: PathBuf,
        end: u64,
    },
    Spare,
}

/// The writer's handle. Dropping it files what is left and ends the thread.
#[derive(Debug)]
pub(crate) struct Filer {
    gathered: Arc<Gathered>,
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

/// Committed batches that the thread has not looked at.
#[derive(Debug, Default)]
struct Gathered(Mutex<Unfiled>);

#[derive(Debug, Default)]
struct Unfiled {
    batches: Vec<Batch>,
    bytes: usize,
    /// Where the log stands after them.
    committed: Option<Committed>,
}

impl Gathered {
    fn lock(&self) -> MutexGuard<'_, Unfiled> {
        // Nothing that can panic happens under it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's own.
struct Filing {
    gathered: Arc<Gathered>,
    shared: Arc<Shared>,
    head: HeadFile,
    packer: Packer,
    /// Where the log stands, as far as was handed over.
    committed: Committed,
    /// Sealed segments whose entries are not all filed yet: path and end.
    sealed: Vec<(PathBuf, u64)>,
}

/// Packs entries into blocks and hands the full ones to sled.
pub(crate) struct Packer {
    tail: BlockBuilder,
    unsynced_bytes: usize,
    /// Whether a sync came due since the last checkpoint.
    synced: bool,
}

// === impl Filer ===

impl Filer {
    /// Starts filing after the `filed` entries that sled holds.
    pub fn start(shared: Arc<Shared>, head: HeadFile, filed: u64, committed: Committed) -> io::Result<Self> {
        let (tasks, received) = channel();
        let gathered = Arc::<Gathered>::default();
        let filing = Filing {
            gathered: Arc::clone(&gathered),
            shared,
            head,
            packer: Packer::new(filed),
            committed,
            sealed: Vec::new(),
        };
        let thread = thread::Builder::new()
            .name("keshi-filer".to_owned())
            .spawn(move || filing.run(&received))?;
        Ok(Self {
            gathered,
            tasks: Some(tasks),
            thread: Some(thread),
        })
    }

    /// Files a committed batch, which readers see already.
    pub fn file(&self, batch: Batch, committed: Committed) {
        let mut gathered = self.gathered.lock();
        let before = gathered.bytes;
        gathered.bytes += batch.entries.len();
        gathered.batches.push(batch);
        gathered.committed = Some(committed);
        let is_enough = before < WAKE_BYTES && gathered.bytes >= WAKE_BYTES;
        drop(gathered);
        if is_enough {
            self.send(Task::File);
        }
    }

    /// Seals a closed segment, which ends before the index `end`.
    pub fn seal(&self, path: PathBuf, end: u64) {
        self.send(Task::Seal { path, end });
    }

    /// Makes the next segment ahead.
    pub fn make_spare(&self) {
        self.send(Task::Spare);
    }

    fn send(&self, task: Task) {
        if let Some(tasks) = &self.tasks {
            // The thread is gone only after a failure, which the writer is told of.
            let _gone = tasks.send(task);
        }
    }
}

impl Drop for Filer {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            // Its panic has been printed; without a stamp the next opening looks at everything.
        }
    }
}

// === impl Filing ===

impl Filing {
    fn run(mut self, tasks: &Receiver<Task>) {
        let shared = Arc::clone(&self.shared);
        if let Err(cause) = self.work(tasks) {
            shared.recent.fail(cause);
        }
    }

    fn work(&mut self, tasks: &Receiver<Task>) -> Result<(), String> {
        loop {
            match tasks.recv_timeout(IDLE) {
                Ok(Task::File) => {
                    self.file()?;
                }
                Ok(Task::Seal { path, end }) => self.seal(path, end)?,
                Ok(Task::Spare) => journal::make_spare(&self.shared.place)
                    .map_err(|error| format!("the next segment of the journal could not be made ahead: {error}"))?,
                Err(RecvTimeoutError::Timeout) => {
                    if !self.file()? {
                        self.checkpoint()?;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.file()?;
                    return self.checkpoint();
                }
            }
        }
    }

    /// Files what is gathered; says whether there was anything.
    fn file(&mut self) -> Result<bool, String> {
        let Unfiled { batches, committed, .. } = mem::take(&mut *self.gathered.lock());
        let Some(committed) = committed else {
            return Ok(false);
        };
        self.committed = committed;
        for batch in &batches {
            let block = Block::of(batch);
            // The first batch after an opening may be filed in part.
            let already = self.packer.next_index();
            for (_, entry) in block.entries().filter(|(index, _)| *index >= already) {
                self.packer.push(&self.shared.store, entry, block.decide_version())?;
            }
        }
        if self.packer.synced {
            self.checkpoint()?;
        }
        Ok(true)
    }

    /// Makes the filed blocks durable, then moves `head`, then lets go of what is not needed any more.
    fn checkpoint(&mut self) -> Result<(), String> {
        let latest = self.head.latest();
        let filed = self.packer.filed();
        if latest.size == self.committed.size && latest.cursor == self.committed.cursor && latest.filed == filed {
            return Ok(());
        }
        if latest.filed != filed {
            self.packer.sync(&self.shared.store)?;
        }
        self.packer.synced = false;
        self.head
            .advance(self.committed, filed)
            .map_err(|error| format!("head could not be moved: {error}"))?;
        self.shared.recent.advance(filed);
        for (path, _) in self.sealed.extract_if(.., |(_, end)| *end <= filed) {
            fs::remove_file(&path).map_err(|error| format!("{} could not be removed: {error}", path.display()))?;
        }
        Ok(())
    }

    fn seal(&mut self, path: PathBuf, end: u64) -> Result<(), String> {
        seal_segment(&self.shared, &path, end)
            .map_err(|error| format!("{} could not be sealed: {error}", path.display()))?;
        self.sealed.push((path, end));
        Ok(())
    }
}

fn seal_segment(shared: &Shared, path: &Path, end: u64) -> io::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let first_index = segment::index_in_name(name).unwrap_or(end);
    if shared.place.sealed(first_index, end).exists() {
        return Ok(());
    }
    let SegmentRead::Segment(segment) = segment::read_segment(first_index, path.to_path_buf())? else {
        return Err(io::Error::other("it has another format"));
    };
    let (true, Some(header)) = (segment.is_whole() && segment.end() == end, &segment.header) else {
        return Err(io::Error::other("it is not what was written"));
    };
    let bytes = fs::read(path)?;
    let records = bytes.get(HEADER_BYTES..segment.records.end).unwrap_or_default();
    sealed::seal(&shared.place.sealed_dir(), header, end, records)
}

// === impl Packer ===

impl Packer {
    /// Packs what comes after the first `filed` entries.
    pub fn new(filed: u64) -> Self {
        Self {
            tail: BlockBuilder::new(filed, 0),
            unsynced_bytes: 0,
            synced: false,
        }
    }

    /// Adds the next entry. A block never mixes two decide versions.
    pub fn push(&mut self, store: &Store, entry: &[u8], decide_version: u32) -> Result<(), String> {
        let other_version = self.tail.header.decide_version != decide_version && !self.tail.is_empty();
        if other_version || !self.tail.takes(entry.len()) {
            self.flush(store)?;
            if self.unsynced_bytes >= SYNC_EVERY_BYTES {
                self.sync(store)?;
            }
        }
        self.tail.header.decide_version = decide_version;
        self.tail.push(entry);
        Ok(())
    }

    /// Hands the block that is being filled to sled as it is.
    pub fn flush(&mut self, store: &Store) -> Result<(), String> {
        if !self.tail.is_empty() {
            let first_index = self.tail.first_index;
            let value = self.tail.encode();
            let inserted = store.insert(first_index, value);
            inserted.map_err(|error| format!("a block could not be filed: {error}"))?;
            self.unsynced_bytes += value.len();
            self.tail = BlockBuilder::new(self.tail.end_index(), self.tail.header.decide_version);
        }
        Ok(())
    }

    /// Makes durable what was handed to sled.
    pub fn sync(&mut self, store: &Store) -> Result<(), String> {
        store.sync().map_err(|error| match error {
            SyncError::Flush(error) => format!("the blocks could not be flushed: {error}"),
            SyncError::Sync(error) => format!("blocks/db could not be synced: {error}"),
        })?;
        (self.unsynced_bytes, self.synced) = (0, true);
        match store.blobs() {
            0 => Ok(()),
            count => Err(format!("{count} files stand in blocks/blobs, expected none")),
        }
    }

    /// The index that the next entry has.
    pub fn next_index(&self) -> u64 {
        self.tail.end_index()
    }

    /// Number of entries handed to sled, with those before.
    pub fn filed(&self) -> u64 {
        self.tail.first_index
    }
}
