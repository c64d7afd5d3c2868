//! How far into the stream the ledger was led within this run.

use bytes::Bytes;

/// What was handed to the ledger last.
///
/// The ledger's own cursor trails this, because it counts only what is durable. Within one run the feed goes on from
/// here; a new run starts from the ledger's cursor again.
#[derive(Debug)]
pub(crate) struct Position {
    /// The last sequence handed over; 0 before the first.
    handed: u64,
    /// What that message looked like, if it was handed over in this run.
    last: Option<Seen>,
}

/// Enough of a message to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its payload. Shared, not copied.
    pub(crate) payload: Bytes,
    /// When the server stored it, in nanoseconds since 1970.
    pub(crate) stored_at_ns: i128,
}

impl Position {
    /// Behind `cursor`, of which nothing was seen in this run.
    pub(crate) fn at(cursor: u64) -> Self {
        Self {
            handed: cursor,
            last: None,
        }
    }

    /// The last sequence handed over; 0 before the first.
    pub(crate) fn handed(&self) -> u64 {
        self.handed
    }

    /// The sequence that comes next.
    pub(crate) fn next(&self) -> u64 {
        self.handed + 1
    }

    /// What the message at [`handed`](Self::handed) looked like, if this run saw it.
    pub(crate) fn last(&self) -> Option<&Seen> {
        self.last.as_ref()
    }

    pub(crate) fn advance(&mut self, sequence: u64, seen: Seen) {
        debug_assert_eq!(sequence, self.next(), "the feed hands over without gaps");
        self.handed = sequence;
        self.last = Some(seen);
    }
}
