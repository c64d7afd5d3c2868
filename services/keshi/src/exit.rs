//! How a command ends: its exit code, and what it says when it could not do what was asked.

use std::io;
use std::process::ExitCode;

use keshi_core::lang::Lang;
pub(crate) use keshi_core::lang::{Say, causes, say};

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused or failed.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The server is not reachable.
    Unreachable = 3,
    /// The ledger or a proof does not verify.
    NotVerified = 4,
    /// Kept by the bus, and not yet in the ledger: nobody knows yet what becomes of it.
    Accepted = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do what was asked, and what to do next.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Empty when everything has been said already.
    pub(crate) lines: Vec<Say>,
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

// === impl Failure ===

impl Failure {
    fn new(exit: Exit, text: Say) -> Self {
        Self {
            exit,
            lines: vec![text],
        }
    }

    /// Refused or failed.
    pub(crate) fn failed(text: Say) -> Self {
        Self::new(Exit::Failed, text)
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(text: Say) -> Self {
        Self::new(Exit::Usage, text)
    }

    /// The server is not reachable.
    pub(crate) fn unreachable(text: Say) -> Self {
        Self::new(Exit::Unreachable, text)
    }

    /// The ledger or a proof does not verify.
    pub(crate) fn not_verified(text: Say) -> Self {
        Self::new(Exit::NotVerified, text)
    }

    /// Everything has been said; only the exit code remains.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self {
            exit,
            lines: Vec::new(),
        }
    }

    /// One more line, such as what to do next.
    pub(crate) fn and(mut self, text: Say) -> Self {
        self.lines.push(text);
        self
    }

    /// All lines as one text.
    pub(crate) fn say(&self) -> Say {
        let lines = self.lines.iter().cloned();
        lines.reduce(|a, b| a.then(&b)).unwrap_or_else(|| Say::same(""))
    }

    /// All lines in one language; the first begins with "error".
    pub(crate) fn text(&self, lang: Lang) -> String {
        let lines: Vec<_> = self.lines.iter().map(|line| line.pick(lang)).collect();
        if lines.is_empty() {
            return String::new();
        }
        format!("{}{}\n", lang.pick("错误：", "error: "), lines.join("\n  "))
    }
}

impl From<io::Error> for Failure {
    /// What goes wrong when writing to stdout. A reader that has seen enough (`| head`) is no error.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent(Exit::Done);
        }
        Self::failed(say("无法写出结果", "the result could not be written").because(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_seen_enough_is_no_error() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((closed.exit, closed.text(Lang::En)), (Exit::Done, String::new()));
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.exit, Exit::Failed);
    }

    #[test]
    fn a_failure_speaks_the_language_asked_for_and_says_what_to_do_on_a_line_of_its_own() {
        let failure = Failure::unreachable(say("连不上", "not reachable")).and(say("先启动", "start it"));
        assert_eq!(failure.text(Lang::En), "error: not reachable\n  start it\n");
        assert_eq!(failure.text(Lang::Zh), "错误：连不上\n  先启动\n");
    }
}
