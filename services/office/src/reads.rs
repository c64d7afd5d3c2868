//! The read log: who read whose balance.
//!
//! ```text
//! <data>/<office>/reads/2022-09.jsonl     months in China Standard Time
//! {"at":"2022-09-01T08:00:00Z","caller":"clerk-7k2f9q","teacher_id":"T1","what":"balance","period":"2022","purpose":"年终核对"}
//! ```
//!
//! Append-only; a read never waits for the disk: a power cut may lose the last seconds, a restart loses nothing. What cannot
//! be written down is not to be read: [`ReadLog::record`] says so, and tries anew the next time.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use crate::monthly::Place;
use crate::monthly::{self, Monthly};

/// Some lines of the log, and where to go on.
pub type Page = monthly::Page<Line>;

/// Longest `what` and `purpose` written, in characters; the rest is cut off.
const TEXT_LEN_MAX: usize = 200;

/// The read log of one office. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub struct ReadLog(Monthly);

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

impl From<monthly::Failed> for ReadLogError {
    fn from(monthly::Failed { path, cause }: monthly::Failed) -> Self {
        Self { path, cause }
    }
}

// === impl ReadLog ===

impl ReadLog {
    /// Opens the read log in `dir`, and makes the directory (mode 0700) if there is none.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if the directory cannot be made.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, ReadLogError> {
        Ok(Self(Monthly::open("read log", dir.into())?))
    }

    /// Writes down one read that happened at `at`. On return the line is with the operating system, not yet on disk.
    ///
    /// The first failure of a row is reported, and the first line that could be written again.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if the line could not be written. Then nothing is to be answered: the next call tries anew.
    pub fn record(&self, at: Timestamp, read: &ReadOf<'_>) -> Result<(), ReadLogError> {
        Ok(self.0.record(at, line(at, read))?)
    }

    /// Up to `limit` lines that are `wanted`, from `from` on, after looking at up to `looked_at_max`.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if a file of the log cannot be read. A line that cannot is told of, not skipped.
    pub fn page(
        &self,
        from: Place,
        limits: (usize, usize),
        wanted: impl Fn(&Line) -> bool,
    ) -> Result<Page, ReadLogError> {
        Ok(self.0.page(from, limits, Line::parse, wanted)?)
    }

    /// The lines of the month that holds `day`, for whoever audits the reading. A month without reads has none.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if the month's file cannot be read. A line that cannot is listed, not skipped.
    pub fn month(&self, day: Date) -> Result<Lines, ReadLogError> {
        let path = self.0.file_of_day(day);
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
#[path = "reads/pages_tests.rs"]
mod pages_tests;
#[cfg(test)]
#[path = "reads_tests.rs"]
mod tests;
