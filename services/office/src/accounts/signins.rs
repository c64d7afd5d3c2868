//! The log of sign-ins: who signed in, and who failed to.
//!
//! ```text
//! <data>/<office>/signins/2022-09.jsonl     months in China Standard Time
//! {"at":"2022-09-01T08:00:00Z","what":"signed_in","account":"lb-0001","address":"10.1.2.3"}
//! {"at":"2022-09-01T08:00:00Z","what":"failed","account":"lb-0001","address":"10.1.2.3"}
//! {"at":"2022-09-01T09:00:00Z","what":"failed","count":99731}
//! ```
//!
//! Whoever guesses does not fill the disk: in an hour [`LINES_MAX`] failures have a line of their own. Those beyond, and all of
//! accounts that there are not, are counted, and their numbers written when the hour is over, or when keshi ends.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::monthly::{self, Monthly, Place};

/// Some lines of the log, and where to go on.
pub type Page = monthly::Page<Line>;

/// Failures of an hour that have a line of their own; as many accounts have a line with the number of theirs.
const LINES_MAX: usize = 100;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The log of sign-ins of one office.
#[derive(Debug)]
pub(super) struct Log {
    lines: Monthly,
    tally: Mutex<Tally>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// She signed in.
    SignedIn,
    /// Wrong password or code.
    Failed,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When, or at the end of which hour.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// Of which account; none: of several, or of accounts that there are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// From where; none: from several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// How often.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: u64,
}

/// Why the log of sign-ins cannot be used.
#[derive(Debug, Error)]
#[error("log of sign-ins {} cannot be used: check the directory's owner and the disk", .path.display())]
pub struct SignInLogError {
    /// The directory or file.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

/// What is counted in an hour, and not written yet.
#[derive(Debug, Default)]
struct Tally {
    since: Option<Timestamp>,
    lines: usize,
    accounts: BTreeMap<String, u64>,
    others: u64,
}

fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_one(count: &u64) -> bool {
    *count == 1
}

impl From<monthly::Failed> for SignInLogError {
    fn from(monthly::Failed { path, cause }: monthly::Failed) -> Self {
        Self { path, cause }
    }
}

// === impl Log ===

impl Log {
    pub(super) fn open(dir: PathBuf) -> Result<Self, SignInLogError> {
        Ok(Self {
            lines: Monthly::open("log of sign-ins", dir)?,
            tally: Mutex::default(),
        })
    }

    /// Writes down that the holder of `account` signed in. Without that she is not to be let in.
    pub(super) fn signed_in(&self, at: Timestamp, account: &str, address: IpAddr) -> Result<(), SignInLogError> {
        self.write(&Line {
            at,
            what: What::SignedIn,
            account: Some(account.to_owned()),
            address: Some(address),
            count: 1,
        })
    }

    /// Writes down, or counts, that somebody failed to sign in: to `account`, or to none that there is. A line that cannot be
    /// written is reported, and lets nobody in.
    pub(super) fn failed(&self, at: Timestamp, account: Option<&str>, address: IpAddr) -> Result<(), SignInLogError> {
        self.tend(at)?;
        let mut tally = self.tally.lock();
        tally.since.get_or_insert(at);
        match account {
            Some(account) if tally.lines < LINES_MAX => {
                tally.lines += 1;
                drop(tally);
                return self.write(&Line {
                    at,
                    what: What::Failed,
                    account: Some(account.to_owned()),
                    address: Some(address),
                    count: 1,
                });
            }
            Some(account) if tally.accounts.contains_key(account) || tally.accounts.len() < LINES_MAX => {
                *tally.accounts.entry(account.to_owned()).or_default() += 1;
            }
            Some(_) | None => tally.others += 1,
        }
        Ok(())
    }

    /// Writes what was only counted, if its hour is over at `now`.
    pub(super) fn tend(&self, now: Timestamp) -> Result<(), SignInLogError> {
        let is_over = |since: Timestamp| now.duration_since(since).abs() >= HOUR;
        if self.tally.lock().since.is_some_and(is_over) {
            self.flush(now)?;
        }
        Ok(())
    }

    /// Writes what was only counted.
    pub(super) fn flush(&self, now: Timestamp) -> Result<(), SignInLogError> {
        let Tally { accounts, others, .. } = std::mem::take(&mut *self.tally.lock());
        let accounts = accounts.into_iter().map(|(account, count)| (Some(account), count));
        for (account, count) in accounts.chain((others > 0).then_some((None, others))) {
            self.write(&Line {
                at: now,
                what: What::Failed,
                account,
                address: None,
                count,
            })?;
        }
        Ok(())
    }

    pub(super) fn page(
        &self,
        from: Place,
        limits: (usize, usize),
        wanted: impl Fn(&Line) -> bool,
    ) -> Result<Page, SignInLogError> {
        let parse = |text: &[u8]| serde_json::from_slice(text).ok();
        Ok(self.lines.page(from, limits, parse, wanted)?)
    }

    fn write(&self, line: &Line) -> Result<(), SignInLogError> {
        let text = serde_json::to_string(line).map(|text| text + "\n");
        Ok(self.lines.record(line.at, text.map_err(io::Error::from))?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn here() -> IpAddr {
        "10.1.2.3".parse().unwrap()
    }

    fn log() -> (tempfile::TempDir, Log) {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path().join("signins")).unwrap();
        (dir, log)
    }

    #[test]
    fn the_lines_have_their_fixed_forms() {
        let (dir, log) = log();
        log.signed_in(at("2022-09-01T08:00:00Z"), "lb-0001", here()).unwrap();
        log.failed(at("2022-09-01T08:00:01Z"), Some("lb-0001"), here()).unwrap();
        log.failed(at("2022-09-01T08:00:02Z"), None, here()).unwrap();
        log.failed(at("2022-09-01T08:00:03Z"), None, here()).unwrap();
        log.tend(at("2022-09-01T08:59:00Z")).unwrap();
        log.tend(at("2022-09-01T09:00:01Z")).unwrap();
        let text = fs::read_to_string(dir.path().join("signins/2022-09.jsonl")).unwrap();
        let expected = [
            r#"{"at":"2022-09-01T08:00:00Z","what":"signed_in","account":"lb-0001","address":"10.1.2.3"}"#,
            r#"{"at":"2022-09-01T08:00:01Z","what":"failed","account":"lb-0001","address":"10.1.2.3"}"#,
            r#"{"at":"2022-09-01T09:00:01Z","what":"failed","count":2}"#,
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        let page = log.page(Place::default(), (9, 9), |_| true).unwrap();
        assert_eq!((page.lines.len(), page.broken.len()), (3, 0));
        assert_eq!(page.lines.iter().map(|line| line.count).sum::<u64>(), 4);
    }

    #[test]
    fn a_hundred_thousand_failures_take_some_hundred_lines_and_none_is_lost_from_the_count() {
        let (dir, log) = log();
        let start = at("2022-09-01T08:00:00Z");
        for i in 0..100_000_i64 {
            let at = start + SignedDuration::from_millis(i * 30);
            let known = format!("lb-{}", i % 300);
            log.failed(at, (i % 3 != 0).then_some(&known), here()).unwrap();
        }
        log.flush(start + HOUR).unwrap();
        let bytes = fs::metadata(dir.path().join("signins/2022-09.jsonl")).unwrap().len();
        assert!(bytes < 50_000, "{bytes}");
        let page = log.page(Place::default(), (10_000, 10_000), |_| true).unwrap();
        assert!(page.lines.len() <= 2 * LINES_MAX + 1, "{}", page.lines.len());
        assert_eq!(page.lines.iter().map(|line| line.count).sum::<u64>(), 100_000);
    }
}
