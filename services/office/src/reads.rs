//! The read log: who read whose balance.
//!
//! ```text
//! <data>/<office>/reads/2022-09.jsonl     months in China Standard Time
//! {"at":"2022-09-01T08:00:00Z","caller":"clerk-7k2f9q","teacher_id":"T1","what":"balance","period":"2022","purpose":"年终核对"}
//! ```
//!
//! Append-only, one line and one `write` for each read, so that lines of several processes do not mix. A read never waits
//! for the disk: a power cut may lose the last seconds, a restart loses nothing. What cannot be written down is not to be
//! read: [`ReadLog::record`] says so, and tries anew the next time.

mod pages;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::{error, info, warn};

pub use self::pages::{Page, Place};
use crate::files::Spare;
use crate::{china, files};

/// Longest `what` and `purpose` written, in characters; the rest is cut off.
const TEXT_LEN_MAX: usize = 200;

/// The read log of one office. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub struct ReadLog {
    dir: PathBuf,
    /// The lock is held for one `write` into the page cache, so nobody waits long.
    open: Mutex<Open>,
    unwritten: AtomicU64,
}

#[derive(Debug)]
struct Open {
    month: Option<Month>,
    /// So that a new month, or a file that was put back, can be opened when the process has no handles left.
    spare: Spare,
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
    /// Of which period or day, where one was asked about.
    pub period: Option<&'a str>,
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
    /// Of which period or day.
    pub period: Option<String>,
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
    period: Option<std::borrow::Cow<'a, str>>,
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
                open: Mutex::new(Open {
                    month: None,
                    spare: Spare::new(&dir),
                }),
                dir,
                unwritten: AtomicU64::new(0),
            }),
            Err(cause) => Err(ReadLogError { path: dir, cause }),
        }
    }

    /// Writes down one read that happened at `at`. On return the line is with the operating system, not yet on disk.
    ///
    /// The first failure of a row is reported, and the first line that could be written again.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if the line could not be written. Then nothing is to be answered: the next call tries anew.
    pub fn record(&self, at: Timestamp, read: &ReadOf<'_>) -> Result<(), ReadLogError> {
        let name = at.to_zoned(china()).strftime("%Y-%m").to_string();
        let path = file_of(&self.dir, &name);
        match line(at, read).and_then(|line| self.append(name, &path, line.as_bytes())) {
            Ok(()) => {
                let refused = self.unwritten.swap(0, Ordering::Relaxed);
                if refused > 0 {
                    info!(dir = %self.dir.display(), refused, "read log written again");
                }
                Ok(())
            }
            Err(cause) => {
                if self.unwritten.fetch_add(1, Ordering::Relaxed) == 0 {
                    error!(%cause, path = %path.display(), "read log not written, reads of others are refused");
                }
                Err(ReadLogError { path, cause })
            }
        }
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
            let text = text.map_err(failed)?;
            match Line::parse(&text) {
                Some(line) => lines.lines.push(line),
                // Two who opened the file at once have both ended a line, or one that another was just writing.
                None if text.is_empty() => {}
                None => lines.broken.push(i + 1),
            }
        }
        Ok(lines)
    }

    /// Appends `line`, in one `write`.
    fn append(&self, name: String, path: &Path, line: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock();
        let Open { month, spare } = &mut *open;
        // A file that was removed or replaced would take lines that nobody ever finds.
        let goes_on = |month: &Month| month.name == name && files::is_in_place(path, &month.file);
        if !month.as_ref().is_some_and(goes_on) {
            // First closed: its handle may be the last one.
            *month = None;
        }
        // Kept only after it worked: after a failed write the file is opened, and its end looked at, anew.
        let mut writing = match month.take() {
            Some(month) => month,
            None => Month {
                file: spare.open(|| open_month(&self.dir, path))?,
                name,
            },
        };
        if writing.file.write(line)? != line.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        *month = Some(writing);
        Ok(())
    }
}

/// Opens the file of a month for appending, and ends a line that a power cut left without its end.
fn open_month(dir: &Path, path: &Path) -> io::Result<File> {
    let mut file = match files::open_private_append(path) {
        // Somebody removed the directory under us.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            warn!(dir = %dir.display(), "read log was removed while in use, it begins anew");
            files::create_private_dir(dir)?;
            files::open_private_append(path)?
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
        period: read.period.map(|period| cut(period).into()),
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
            period,
            purpose,
        } = serde_json::from_slice(text).ok()?;
        Some(Self {
            at: at.parse().ok()?,
            caller: caller.into_owned(),
            teacher_id: teacher_id.into_owned(),
            what: what.into_owned(),
            period: period.map(std::borrow::Cow::into_owned),
            purpose: purpose.map(std::borrow::Cow::into_owned),
        })
    }
}

#[cfg(test)]
#[path = "reads_tests.rs"]
mod tests;
