//! Stored bytes: events as posted, submissions on the bus, entries in the log.

mod entry;
mod event;
mod piece;
mod submission;

pub use self::entry::{ENTRY_FORMAT, EntryError, EntryHead, decode_entry, encode_entry};
pub use self::event::{decode_event, encode_event, event_to_wire, posted};
pub use self::submission::{ReadSubmission, decode_submission, encode_submission};
