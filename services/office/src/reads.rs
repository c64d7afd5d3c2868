//! The read log: who read whose balance.
//!
//! ```text
//! <data>/<office>/reads/2022-09.jsonl     months in China Standard Time
//! {"at":"2022-09-01T08:00:00Z","caller":"clerk-7k2f9q","teacher_id":"T1","what":"balance","purpose":"年终核对"}
//! ```
//!
//! Append-only, one line and one `write` for each read, so that lines of several processes do not mix. A read never waits
//! for the disk: a power cut may lose the last seconds, a restart loses nothing.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::{error, info};

use crate::{china, files};

/// Longest `what` and `purpose` written, in characters; the rest is cut off.
const TEXT_LEN_MAX: usize = 200;

/// The read log of one office. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub struct ReadLog {
    dir: PathBuf,
    /// The lock is held for one `write` into the page cache, so nobody waits long.
    open: Mutex<Option<Month>>,
    lost: AtomicU64,
}

/// One read of another person's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOf<'a> {
    /// The id of the reader's token.
    pub caller: &'a str,
    /// Whose data was read.
    pub teacher_id: &'a str,
    /// What was read, such as `balance` or `tier`.
    pub what: &'a str,
    /// What for, as the reader said.
    pub purpose: Option<&'a str>,
}

/// One line of the read log, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The id of the reader's token.
    pub caller: String,
    /// Whose data was read.
    pub teacher_id: String,
    /// What was read.
    pub what: String,
    /// What for.
    pub purpose: Option<String>,
}

/// The lines of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The lines that can be read, in the order written.
    pub lines: Vec<Line>,
    /// Line numbers, from 1, of those that cannot: cut off by a power cut, or edited.
    pub broken: Vec<usize>,
}

/// Why the read log cannot be used.
#[derive(Debug, Error)]
#[error("read log {} cannot be used: check the directory's owner and the disk", .path.display())]
pub struct ReadLogError {
    /// The directory or file.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

#[derive(Debug)]
struct Month {
    name: String,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Json<'a> {
    at: String,
    caller: std::borrow::Cow<'a, str>,
    teacher_id: std::borrow::Cow<'a, str>,
    what: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<std::borrow::Cow<'a, str>>,
}

// === impl ReadLog ===

impl ReadLog {
    /// Opens the read log in `dir`, and makes the directory (mode 0700) if there is none.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if the directory cannot be made.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, ReadLogError> {
        let dir = dir.into();
        match files::create_private_dir(&dir) {
            Ok(()) => Ok(Self {
                dir,
                open: Mutex::new(None),
                lost: AtomicU64::new(0),
            }),
            Err(cause) => Err(ReadLogError { path: dir, cause }),
        }
    }

    /// Writes down one read that happened at `at`. On return the line is with the operating system, not yet on disk.
    ///
    /// Never fails the request: a line that cannot be written is counted in [`ReadLog::lost`]. The first of a row of such
    /// is reported, and the first that succeeds again.
    pub fn record(&self, at: Timestamp, read: &ReadOf<'_>) {
        let name = at.to_zoned(china()).strftime("%Y-%m").to_string();
        let written = line(at, read).and_then(|line| self.append(name, line.as_bytes()));
        match written {
            Ok(lost_before) => {
                if lost_before > 0 {
                    info!(dir = %self.dir.display(), lost = lost_before, "read log written again");
                }
            }
            Err(cause) => {
                let cause: &dyn std::error::Error = &cause;
                if self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
                    error!(cause, dir = %self.dir.display(), "read log not written, reads go unrecorded");
                }
            }
        }
    }

    /// How many lines could not be written since the last that could.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// The lines of the month that holds `day`, for whoever audits the reading. A month without reads has none.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if the month's file cannot be read. A line that cannot is listed, not skipped.
    pub fn month(&self, day: Date) -> Result<Lines, ReadLogError> {
        let path = file_of(&self.dir, &day.strftime("%Y-%m").to_string());
        let failed = |cause| ReadLogError {
            path: path.clone(),
            cause,
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lines::default()),
            Err(cause) => return Err(failed(cause)),
        };
        let mut lines = Lines::default();
        for (i, text) in BufReader::new(file).split(b'\n').enumerate() {
            match Line::parse(&text.map_err(failed)?) {
                Some(line) => lines.lines.push(line),
                None => lines.broken.push(i + 1),
            }
        }
        Ok(lines)
    }

    /// Appends `line`, in one `write`; returns how many were lost right before it.
    fn append(&self, name: String, line: &[u8]) -> io::Result<u64> {
        let mut open = self.open.lock();
        let month = match open.take() {
            Some(month) if month.name == name => month,
            _ => Month {
                file: open_month(&self.dir, &name)?,
                name,
            },
        };
        // Kept only after it worked: after a failed write the file is opened, and its end looked at, anew.
        let month = open.insert(month);
        let written = match month.file.write(line) {
            Ok(count) if count == line.len() => Ok(self.lost.swap(0, Ordering::Relaxed)),
            Ok(_) => Err(io::Error::from(io::ErrorKind::WriteZero)),
            Err(error) => Err(error),
        };
        if written.is_err() {
            *open = None;
        }
        written
    }
}

/// Opens the file of a month for appending, and ends a line that a power cut left without its end.
fn open_month(dir: &Path, name: &str) -> io::Result<File> {
    let path = file_of(dir, name);
    let mut file = match files::open_private_append(&path) {
        // Somebody removed the directory under us; the next month would find it anew as well.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir)?;
            files::open_private_append(&path)?
        }
        opened => opened?,
    };
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

fn file_of(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.jsonl"))
}

fn line(at: Timestamp, read: &ReadOf<'_>) -> io::Result<String> {
    let json = Json {
        at: at.to_string(),
        caller: cut(read.caller).into(),
        teacher_id: cut(read.teacher_id).into(),
        what: cut(read.what).into(),
        purpose: read.purpose.map(|purpose| cut(purpose).into()),
    };
    Ok(serde_json::to_string(&json)? + "\n")
}

fn cut(text: &str) -> &str {
    text.char_indices()
        .nth(TEXT_LEN_MAX)
        .map_or(text, |(end, _)| &text[..end])
}

// === impl Line ===

impl Line {
    fn parse(text: &[u8]) -> Option<Self> {
        let Json {
            at,
            caller,
            teacher_id,
            what,
            purpose,
        } = serde_json::from_slice(text).ok()?;
        Some(Self {
            at: at.parse().ok()?,
            caller: caller.into_owned(),
            teacher_id: teacher_id.into_owned(),
            what: what.into_owned(),
            purpose: purpose.map(std::borrow::Cow::into_owned),
        })
    }
}

#[cfg(test)]
#[path = "reads_tests.rs"]
mod tests;
