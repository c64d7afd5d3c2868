//! What a data directory remembers of its bus, so that a ledger and its stream never part in silence.
//!
//! The file holds one line of JSON for each bus that was followed; the last one counts. It is only ever appended to, so
//! it also says what was followed before, and since which size of the ledger. A line that a power cut left unfinished
//! was not written; any other line that cannot be read stops whoever reads it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use keshi_core::lang::{Say, causes, say};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which bus a data directory follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "bus", rename_all = "lowercase")]
pub enum Followed {
    /// None but this process.
    Embedded,
    /// A stream of NATS JetStream.
    Stream(StreamId),
}

/// What tells one stream from every other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamId {
    /// Its name.
    pub stream: String,
    /// Made up when it was created: another one under its name has another.
    pub stream_id: Uuid,
    /// The ledger whose submissions it carries.
    pub ledger_id: Uuid,
}

/// How far a ledger is when it is asked what it follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogEnd {
    /// Its number of entries.
    pub size: u64,
    /// The stream position in it; 0 if nothing came from a stream.
    pub cursor: u64,
}

/// One line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    followed: Followed,
    /// The size of the ledger when it began to follow this bus.
    since_size: u64,
    /// When that was, in milliseconds since 1970, by this machine's clock; for people only.
    at_ms: u64,
}

/// The memory of one data directory.
#[derive(Debug)]
pub struct Follows {
    path: Option<PathBuf>,
    lines: Mutex<Vec<Line>>,
}

/// Why a bus is not followed.
#[derive(Debug, thiserror::Error)]
pub enum Parted {
    /// The ledger follows a stream, and was started without it.
    #[error(
        "the ledger follows {}: start it with --bus nats://…; only `keshi bus attach embedded` parts the two",
        stream.as_deref().map_or_else(|| "a stream".to_owned(), |stream| format!("stream {stream}"))
    )]
    FollowsStream {
        /// The stream's name, where it is remembered.
        stream: Option<String>,
    },
    /// The ledger was filled without a stream, and was started with one.
    #[error(
        "the ledger's {size} entries came from no stream: start it without --bus, or attach it with `keshi bus attach nats://…`"
    )]
    FollowsNone {
        /// Its number of entries.
        size: u64,
    },
    /// The ledger follows another stream of this name.
    #[error(
        "stream {stream} is not the one that the ledger follows ({found}, not {expected}): check the server's address; \
         `keshi bus attach nats://…` moves the ledger to this one"
    )]
    OtherStream {
        /// The stream's name.
        stream: String,
        /// The id of the one that is followed.
        expected: Uuid,
        /// The id found.
        found: Uuid,
    },
    /// This intake has posted for another ledger.
    #[error(
        "stream {stream} belongs to ledger {found}, but this data directory has posted for ledger {expected}: check the \
         server's address; for another ledger use another data directory"
    )]
    OtherLedger {
        /// The stream's name.
        stream: String,
        /// The ledger posted for so far.
        expected: Uuid,
        /// The ledger of this stream.
        found: Uuid,
    },
    /// The memory cannot be used.
    #[error(transparent)]
    Memory(#[from] FollowsError),
}

/// Why the memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FollowsError {
    /// The system refuses.
    #[error("{} cannot be used: check the disk and the directory's mode", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A line says nothing that is known.
    #[error(
        "{} cannot be read from line {line} on: restore it from a backup, or remove it and say with `keshi bus attach` \
         what the ledger follows",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
    },
}

impl Parted {
    /// What is wrong and what to do, in both languages.
    pub fn say(&self) -> Say {
        let zh = match self {
            Self::FollowsStream { stream } => format!(
                "台账跟随流{}：请加 --bus nats://… 启动；只有 keshi bus attach embedded 能让它不再跟随",
                stream.as_deref().map(|stream| format!(" {stream}")).unwrap_or_default()
            ),
            Self::FollowsNone { size } => {
                format!("台账的 {size} 条都不来自流：请不带 --bus 启动，或用 keshi bus attach nats://… 接到流上")
            }
            Self::OtherStream {
                stream,
                expected,
                found,
            } => format!(
                "流 {stream} 不是台账所跟随的那一条（是 {found}，应为 {expected}）：请核对 NATS 地址；keshi bus attach nats://… 可改接"
            ),
            Self::OtherLedger {
                stream,
                expected,
                found,
            } => format!(
                "流 {stream} 属于台账 {found}，本数据目录一直向台账 {expected} 提交：请核对 NATS 地址；另一台账请另用数据目录"
            ),
            Self::Memory(error) => return error.say(),
        };
        say(zh, causes(self))
    }
}

impl FollowsError {
    /// What is wrong and what to do, in both languages.
    pub fn say(&self) -> Say {
        let zh = match self {
            Self::Io { path, cause } => {
                format!("{} 无法使用（{cause}）：请检查目录属主和磁盘", path.display())
            }
            Self::Damaged { path, line } => format!(
                "{} 自第 {line} 行起无法解读：请从备份恢复；或删去它，再用 keshi bus attach 写明台账跟随哪条总线",
                path.display()
            ),
        };
        say(zh, causes(self))
    }
}

impl Follows {
    /// Reads the memory at `path`; one that is not there is empty.
    ///
    /// # Errors
    ///
    /// [`FollowsError`] if it cannot be read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FollowsError> {
        let path = path.into();
        let lines = match std::fs::read_to_string(&path) {
            Ok(text) => read(&path, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(FollowsError::Io { path, cause }),
        };
        Ok(Self {
            path: Some(path),
            lines: Mutex::new(lines),
        })
    }

    /// A memory that lasts as long as the value.
    pub fn forgetful() -> Self {
        Self {
            path: None,
            lines: Mutex::default(),
        }
    }

    /// What is followed now; `None` if nothing ever was.
    pub fn current(&self) -> Option<Followed> {
        self.lines().last().map(|line| line.followed.clone())
    }

    /// Lets a ledger at `end` run without a stream, if it follows none.
    ///
    /// # Errors
    ///
    /// [`Parted::FollowsStream`] if it does.
    pub fn admit_embedded(&self, end: LogEnd) -> Result<(), Parted> {
        match self.current() {
            Some(Followed::Embedded) => Ok(()),
            Some(Followed::Stream(id)) => Err(Parted::FollowsStream {
                stream: Some(id.stream),
            }),
            None if end.cursor > 0 => Err(Parted::FollowsStream { stream: None }),
            None => Ok(self.follow(Followed::Embedded, end.size)?),
        }
    }

    /// Lets a ledger at `end` follow this stream, if it follows it already, or nothing yet.
    ///
    /// # Errors
    ///
    /// [`Parted`] if it follows something else.
    pub fn admit(&self, stream: &StreamId, end: LogEnd) -> Result<(), Parted> {
        match self.current() {
            Some(Followed::Stream(id)) if id == *stream => Ok(()),
            Some(Followed::Stream(id)) => Err(Parted::OtherStream {
                stream: id.stream,
                expected: id.stream_id,
                found: stream.stream_id,
            }),
            Some(Followed::Embedded) if end.size > 0 => Err(Parted::FollowsNone { size: end.size }),
            None if end.size > 0 && end.cursor == 0 => Err(Parted::FollowsNone { size: end.size }),
            Some(Followed::Embedded) | None => Ok(self.follow(Followed::Stream(stream.clone()), end.size)?),
        }
    }

    /// Lets a process without a ledger post to this stream, if it posted for this ledger before, or for none yet. A
    /// new stream of the same ledger is one that somebody attached it to.
    ///
    /// # Errors
    ///
    /// [`Parted::OtherLedger`] if it posted for another.
    pub fn admit_poster(&self, stream: &StreamId) -> Result<(), Parted> {
        match self.current() {
            Some(Followed::Stream(id)) if id == *stream => Ok(()),
            Some(Followed::Stream(id)) if id.ledger_id != stream.ledger_id => Err(Parted::OtherLedger {
                stream: id.stream,
                expected: id.ledger_id,
                found: stream.ledger_id,
            }),
            Some(Followed::Stream(_) | Followed::Embedded) | None => {
                Ok(self.follow(Followed::Stream(stream.clone()), 0)?)
            }
        }
    }

    /// From now on, at this size of the ledger, `followed` is what is followed. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`FollowsError::Io`] if it cannot be written; then nothing has changed.
    pub fn follow(&self, followed: Followed, since_size: u64) -> Result<(), FollowsError> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let line = Line {
            followed,
            since_size,
            at_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        };
        let mut lines = self.lines();
        if let Some(path) = &self.path {
            append(path, &line).map_err(|cause| FollowsError::Io {
                path: path.clone(),
                cause,
            })?;
        }
        lines.push(line);
        Ok(())
    }

    /// Whether nothing was recorded since this stream was left, so that it may be followed again at `size`.
    pub fn may_return_to(&self, stream: &StreamId, size: u64) -> bool {
        let lines = self.lines();
        let is_it = |line: &Line| matches!(&line.followed, Followed::Stream(id) if id == stream);
        let left = lines.iter().rposition(is_it).and_then(|at| lines.get(at + 1));
        left.is_some_and(|left| left.since_size == size)
    }

    /// No code panics while it holds the lock.
    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path, text: &str) -> Result<Vec<Line>, FollowsError> {
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or(""));
    let lines = whole.lines().enumerate().map(|(at, line)| {
        serde_json::from_str(line).map_err(|_| FollowsError::Damaged {
            path: path.to_owned(),
            line: at + 1,
        })
    });
    lines.collect()
}

fn append(path: &Path, line: &Line) -> io::Result<()> {
    let mut text = match std::fs::read_to_string(path) {
        // What a power cut left unfinished is finished as a line of its own nowhere: it is dropped here.
        Ok(text) => text
            .rfind('\n')
            .and_then(|end| text.get(..=end))
            .unwrap_or("")
            .to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    text.push_str(&serde_json::to_string(line)?);
    text.push('\n');
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(ledger_id: u128, stream_id: u128) -> StreamId {
        StreamId {
            stream: "KESHI_610729".into(),
            stream_id: Uuid::from_u128(stream_id),
            ledger_id: Uuid::from_u128(ledger_id),
        }
    }

    const fn end(size: u64, cursor: u64) -> LogEnd {
        LogEnd { size, cursor }
    }

    #[test]
    fn what_was_followed_first_is_followed_ever_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        Follows::open(&path).unwrap().admit(&stream(1, 1), end(0, 0)).unwrap();
        let again = Follows::open(&path).unwrap();
        again.admit(&stream(1, 1), end(9, 9)).unwrap();
        let error = again.admit_embedded(end(9, 9)).unwrap_err();
        assert!(error.to_string().contains("KESHI_610729"), "{error}");
        let error = again.admit(&stream(1, 2), end(9, 9)).unwrap_err();
        assert!(matches!(error, Parted::OtherStream { .. }), "{error}");
    }

    #[test]
    fn a_ledger_without_its_memory_is_still_not_parted() {
        let follows = Follows::forgetful;
        let error = follows().admit_embedded(end(9, 9)).unwrap_err();
        assert!(matches!(error, Parted::FollowsStream { stream: None }), "{error}");
        let error = follows().admit(&stream(1, 1), end(9, 0)).unwrap_err();
        assert!(matches!(error, Parted::FollowsNone { size: 9 }), "{error}");
        follows().admit(&stream(1, 1), end(9, 9)).unwrap();
    }

    #[test]
    fn an_empty_ledger_may_still_choose() {
        let follows = Follows::forgetful();
        follows.admit_embedded(end(0, 0)).unwrap();
        follows.admit(&stream(1, 1), end(0, 0)).unwrap();
        assert!(follows.admit_embedded(end(0, 0)).is_err());
    }

    #[test]
    fn an_intake_posts_for_one_ledger_on_whatever_stream_it_has() {
        let follows = Follows::forgetful();
        follows.admit_poster(&stream(1, 1)).unwrap();
        follows.admit_poster(&stream(1, 2)).unwrap();
        let error = follows.admit_poster(&stream(2, 3)).unwrap_err();
        assert!(matches!(error, Parted::OtherLedger { .. }), "{error}");
    }

    #[test]
    fn a_stream_that_was_left_is_followed_again_only_if_nothing_came_meanwhile() {
        let follows = Follows::forgetful();
        follows.admit(&stream(1, 1), end(0, 0)).unwrap();
        follows.follow(Followed::Embedded, 7).unwrap();
        assert!(follows.may_return_to(&stream(1, 1), 7));
        assert!(!follows.may_return_to(&stream(1, 1), 8));
        assert!(!follows.may_return_to(&stream(1, 2), 7));
    }

    #[test]
    fn an_unfinished_line_was_not_written_and_any_other_damage_stops() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        Follows::open(&path).unwrap().admit(&stream(1, 1), end(0, 0)).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"bus\":\"embed")).unwrap();
        let torn = Follows::open(&path).unwrap();
        assert_eq!(torn.current(), Some(Followed::Stream(stream(1, 1))));
        torn.follow(Followed::Embedded, 3).unwrap();
        assert_eq!(Follows::open(&path).unwrap().current(), Some(Followed::Embedded));
        std::fs::write(&path, whole.replace("stream_id", "stream-id")).unwrap();
        let error = Follows::open(&path).unwrap_err();
        assert!(matches!(error, FollowsError::Damaged { line: 1, .. }), "{error}");
    }
}
