//! What a process did to its files, as recorded by `record.c`, and what a power cut would have left of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use rand::{Rng, rngs::StdRng};

/// Something that changed a file or a directory, or made a change durable.
#[derive(Clone, Debug)]
pub enum Event {
    Open {
        path: PathBuf,
        inode: u64,
        created: bool,
        truncated: bool,
    },
    Write {
        path: PathBuf,
        inode: u64,
        offset: usize,
        data: Vec<u8>,
    },
    Truncate {
        inode: u64,
        length: usize,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
    MakeDir {
        path: PathBuf,
    },
    Sync {
        path: PathBuf,
        inode: u64,
        data_only: bool,
    },
    /// Starts writing, promises nothing: neither the disk's own cache nor the file's length are covered.
    SyncRange,
}

/// A file system at one moment: what was done, and which of it is certain to survive.
#[derive(Default)]
pub struct Disk {
    files: Vec<FileHistory>,
    by_inode: HashMap<u64, usize>,
    dirs: BTreeSet<PathBuf>,
    names: Vec<NameChange>,
}

#[derive(Default)]
struct FileHistory {
    changes: Vec<FileChange>,
    /// How many of them were synced.
    durable: usize,
}

enum FileChange {
    Write { offset: usize, data: Vec<u8> },
    Truncate(usize),
}

struct NameChange {
    what: NameChangeKind,
    durable: bool,
}

enum NameChangeKind {
    Create(PathBuf, usize),
    MakeDir(PathBuf),
    Rename(PathBuf, PathBuf),
    Unlink(PathBuf),
}

/// What happens to changes that were not synced when the power is cut.
pub enum Unsynced<'a> {
    Lost,
    /// Each one by itself is lost, kept, or kept in some of its sectors of 512 bytes.
    Random(&'a mut StdRng),
}

const SECTOR_BYTES: usize = 512;

/// Has the recorder loaded into `command` and watching `dir`.
pub fn record(command: &mut Command, dir: &Path, trace: &Path, flags: &Path) {
    command.env("LD_PRELOAD", recorder()).env("KESHI_RECORD_DIR", dir);
    command
        .env("KESHI_RECORD_TRACE", trace)
        .env("KESHI_RECORD_FLAGS", flags);
}

/// Has one read of a file below `dir` fail: the `number`th, from 1 on.
pub fn fail_read(command: &mut Command, dir: &Path, number: u32) {
    command.env("LD_PRELOAD", recorder()).env("KESHI_RECORD_DIR", dir);
    command.env("KESHI_RECORD_EIO", number.to_string());
}

/// How one call that changes or syncs a file fails.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Which call, from 1 on, among those below the directory.
    pub number: u64,
    /// What the system says; `None` has the process killed before the call.
    pub errno: Option<rustix::io::Errno>,
    /// Whether all later ones fail, too; the first write is then cut short in the middle.
    pub stays: bool,
}

/// Has a change or sync below `dir` fail. Which call it was, is written to `flags` with the extension `fired`.
pub fn fail_change(command: &mut Command, dir: &Path, fault: Fault, flags: &Path) {
    command.env("LD_PRELOAD", recorder()).env("KESHI_RECORD_DIR", dir);
    command.env("KESHI_RECORD_FLAGS", flags);
    command.env("KESHI_RECORD_FAULT", fault.number.to_string());
    command.env(
        "KESHI_RECORD_ERRNO",
        fault.errno.map_or(0, rustix::io::Errno::raw_os_error).to_string(),
    );
    if fault.stays {
        command.env("KESHI_RECORD_STAYS", "1");
    }
}

/// The compiled recorder.
fn recorder() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/log/record.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("record-{}.so", std::process::id()));
        let mut cc = Command::new("cc");
        cc.args(["-Wall", "-Wextra", "-O1", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl");
        assert!(
            cc.status().expect("a C compiler is installed").success(),
            "the recorder compiles"
        );
        library
    })
}

/// Reads a trace back.
pub fn read(trace: &Path) -> Vec<Event> {
    let bytes = fs::read(trace).unwrap();
    let mut rest = &bytes[..];
    let mut events = Vec::new();
    while !rest.is_empty() {
        events.push(next_event(&mut rest));
    }
    events
}

fn next_event(rest: &mut &[u8]) -> Event {
    let [operation, path_length, second_length, flag] =
        [(); 4].map(|()| u32::from_ne_bytes(take(rest, 4).try_into().unwrap()));
    let [inode, offset, data_length] = [(); 3].map(|()| u64::from_ne_bytes(take(rest, 8).try_into().unwrap()));
    let path = PathBuf::from(String::from_utf8(take(rest, path_length as usize).to_vec()).unwrap());
    let second = PathBuf::from(String::from_utf8(take(rest, second_length as usize).to_vec()).unwrap());
    let offset = offset as usize;
    match operation {
        1 => Event::Open {
            path,
            inode,
            created: flag & 1 != 0,
            truncated: flag & 2 != 0,
        },
        2 => Event::Write {
            path,
            inode,
            offset,
            data: take(rest, data_length as usize).to_vec(),
        },
        3 => Event::Truncate { inode, length: offset },
        4 => Event::Rename { from: path, to: second },
        5 => Event::Unlink { path },
        6 => Event::MakeDir { path },
        7 | 8 => Event::Sync {
            path,
            inode,
            data_only: operation == 8,
        },
        9 => Event::SyncRange,
        other => panic!("no operation {other}"),
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at(length);
    *rest = after;
    taken
}

// === impl Disk ===

impl Disk {
    /// The disk below the existing directory `root` after `events`.
    pub fn after<'a>(root: &Path, events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut disk = Self::default();
        disk.dirs.insert(root.to_path_buf());
        events.into_iter().for_each(|event| disk.apply(event));
        disk
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Open {
                path,
                inode,
                created,
                truncated,
            } => {
                if *created {
                    self.by_inode.insert(*inode, self.files.len());
                    self.name(NameChangeKind::Create(path.clone(), self.files.len()));
                    self.files.push(FileHistory::default());
                } else if *truncated {
                    self.file(*inode).changes.push(FileChange::Truncate(0));
                }
            }
            Event::Write {
                inode, offset, data, ..
            } => {
                self.file(*inode).changes.push(FileChange::Write {
                    offset: *offset,
                    data: data.clone(),
                });
            }
            Event::Truncate { inode, length } => self.file(*inode).changes.push(FileChange::Truncate(*length)),
            Event::Rename { from, to } => {
                let dirs = std::mem::take(&mut self.dirs);
                self.dirs = dirs.into_iter().map(|path| moved(path, from, to)).collect();
                self.name(NameChangeKind::Rename(from.clone(), to.clone()));
            }
            Event::Unlink { path } => self.name(NameChangeKind::Unlink(path.clone())),
            Event::MakeDir { path } => {
                self.dirs.insert(path.clone());
                self.name(NameChangeKind::MakeDir(path.clone()));
            }
            Event::Sync { path, .. } if self.dirs.contains(path) => {
                for change in self.names.iter_mut().filter(|change| change.what.concerns(path)) {
                    change.durable = true;
                }
            }
            Event::Sync { inode, .. } => {
                let synced = self.by_inode[inode];
                self.files[synced].durable = self.files[synced].changes.len();
                for change in &mut self.names {
                    change.durable |= matches!(change.what, NameChangeKind::Create(_, file) if file == synced);
                }
            }
            Event::SyncRange => {}
        }
    }

    fn file(&mut self, inode: u64) -> &mut FileHistory {
        &mut self.files[self.by_inode[&inode]]
    }

    fn name(&mut self, what: NameChangeKind) {
        self.names.push(NameChange { what, durable: false });
    }

    /// Writes into `to` what is left below `root`.
    pub fn cut_power(&self, root: &Path, to: &Path, mut unsynced: Unsynced<'_>) {
        let mut names: BTreeMap<PathBuf, usize> = BTreeMap::new();
        let mut dirs = BTreeSet::from([root.to_path_buf()]);
        for change in self.names.iter().filter(|change| change.durable || unsynced.keeps()) {
            match &change.what {
                NameChangeKind::Create(path, file) => drop(names.insert(path.clone(), *file)),
                NameChangeKind::MakeDir(path) => drop(dirs.insert(path.clone())),
                NameChangeKind::Unlink(path) => drop(names.remove(path)),
                NameChangeKind::Rename(from, to) => {
                    let moved = |path| moved(path, from, to);
                    names = names.into_iter().map(|(path, file)| (moved(path), file)).collect();
                    dirs = dirs.into_iter().map(moved).collect();
                }
            }
        }
        let place = |path: &Path| to.join(path.strip_prefix(root).unwrap());
        // In order of their paths, so a directory comes before what is in it. Without its directory nothing is left.
        for dir in &dirs {
            _ = fs::create_dir(place(dir));
        }
        for (path, file) in names {
            if dirs.contains(path.parent().unwrap()) && place(&path).parent().unwrap().exists() {
                fs::write(place(&path), self.files[file].contents(&mut unsynced)).unwrap();
            }
        }
    }
}

// === impl NameChangeKind ===

impl NameChangeKind {
    /// Whether syncing the directory `dir` makes this durable.
    fn concerns(&self, dir: &Path) -> bool {
        match self {
            Self::MakeDir(path) => path == dir || path.parent() == Some(dir),
            Self::Create(path, _) | Self::Unlink(path) | Self::Rename(path, _) => path.parent() == Some(dir),
        }
    }
}

// === impl FileHistory ===

impl FileHistory {
    fn contents(&self, unsynced: &mut Unsynced<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (position, change) in self.changes.iter().enumerate() {
            let durable = position < self.durable;
            if !durable && !unsynced.keeps() {
                continue;
            }
            match change {
                FileChange::Truncate(length) => bytes.resize(*length, 0),
                FileChange::Write { offset, data } if durable => write(&mut bytes, *offset, data),
                FileChange::Write { offset, data } => {
                    let torn = unsynced.keeps();
                    // Sectors of the file, not of the write.
                    let first = (SECTOR_BYTES - offset % SECTOR_BYTES).min(data.len());
                    let mut at = 0;
                    while at < data.len() {
                        let end = if at == 0 {
                            first
                        } else {
                            (at + SECTOR_BYTES).min(data.len())
                        };
                        if !torn || unsynced.keeps() {
                            write(&mut bytes, offset + at, &data[at..end]);
                        }
                        at = end;
                    }
                }
            }
        }
        bytes
    }
}

/// Where a path is after a rename. A directory takes along what is in it.
fn moved(path: PathBuf, from: &Path, to: &Path) -> PathBuf {
    match path.strip_prefix(from) {
        Ok(rest) if rest.as_os_str().is_empty() => to.to_path_buf(),
        Ok(rest) => to.join(rest),
        Err(_) => path,
    }
}

fn write(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    bytes.resize(bytes.len().max(offset + data.len()), 0);
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

// === impl Unsynced ===

impl Unsynced<'_> {
    fn keeps(&mut self) -> bool {
        match self {
            Self::Lost => false,
            Self::Random(random) => random.random(),
        }
    }
}
