//! Whose a stream is, and where it begins: what its metadata says.

use async_nats::jetstream::stream::Info;
use keshi_core::hex;
use uuid::Uuid;

use crate::follows::StreamId;

/// Where the stream's metadata carries the ledger id.
pub(crate) const LEDGER_ID_KEY: &str = "keshi-ledger-id";

/// Where it carries what tells it from another stream of its name.
pub(crate) const STREAM_ID_KEY: &str = "keshi-stream-id";

/// Where it says at which size, root and cursor of the ledger its first message comes; absent for an empty ledger.
pub(crate) const BEGINS_KEY: &str = "keshi-begins";

/// What a stream says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: StreamId,
    pub(crate) begins: Begins,
}

/// The state of the ledger to which the stream's first message comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begins {
    pub(crate) size: u64,
    /// The root at that size; without meaning at size 0.
    pub(crate) root: [u8; 32],
    /// What is added to a sequence of this stream to give the ledger's cursor: the ledger's cursors only ever grow.
    pub(crate) cursor: u64,
}

impl Identity {
    /// A stream that is to be created for `ledger_id`.
    pub(crate) fn new(stream: String, ledger_id: Uuid, begins: Begins) -> Self {
        let id = StreamId {
            stream,
            stream_id: Uuid::new_v4(),
            ledger_id,
        };
        Self { id, begins }
    }

    /// Reads it; `None` if the stream was not made by keshi.
    pub(crate) fn of(info: &Info) -> Option<Self> {
        let metadata = &info.config.metadata;
        let id = |key: &str| metadata.get(key)?.parse().ok();
        let begins = match metadata.get(BEGINS_KEY) {
            Some(text) => Begins::read(text)?,
            None => Begins::default(),
        };
        Some(Self {
            id: StreamId {
                stream: info.config.name.clone(),
                stream_id: id(STREAM_ID_KEY)?,
                ledger_id: id(LEDGER_ID_KEY)?,
            },
            begins,
        })
    }

    /// As the stream's metadata.
    pub(crate) fn metadata(&self) -> Vec<(String, String)> {
        let mut metadata = vec![
            (LEDGER_ID_KEY.to_owned(), self.id.ledger_id.to_string()),
            (STREAM_ID_KEY.to_owned(), self.id.stream_id.to_string()),
        ];
        if self.begins.size > 0 {
            metadata.push((BEGINS_KEY.to_owned(), self.begins.written()));
        }
        metadata
    }
}

impl Begins {
    fn written(&self) -> String {
        format!("{} {} {}", self.size, hex::show(&self.root), self.cursor)
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let begins = Self {
            size: words.next()?.parse().ok()?,
            root: hex::read(words.next()?)?,
            cursor: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_stream_begins_is_read_as_it_was_written_and_nothing_else_is() {
        let begins = Begins {
            size: 1200,
            root: [0xab; 32],
            cursor: 77,
        };
        let written = begins.written();
        assert_eq!(Begins::read(&written), Some(begins));
        for bad in [
            "",
            "1200",
            &written[1..40],
            &format!("{written} 1"),
            &written.replace("ab", "ax"),
        ] {
            assert_eq!(Begins::read(bad), None, "{bad:?}");
        }
    }
}
