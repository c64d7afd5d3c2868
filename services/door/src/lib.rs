//! The one door of every service: who calls, what she may do, until when and how much at once, and errors that say what
//! to do next. Shared by the write side and the read side, so that no right is decided in two places. Here, too, one signs in
//! ([`account`]).
#![deny(missing_docs)]

pub mod account;
mod answer;
mod body;
mod dress;
mod fault;
mod guard;
mod headers;
pub mod identity;
mod outgoing;
mod pace;
mod page;
mod peer;
mod refusals;
pub mod rights;
mod shares;
pub mod topics;
pub mod whose;

/// The path of the method that tells what is before the public: for whoever asks.
pub const LIST_PUBLICITY: &str = "/keshi.v1.ClaimService/ListPublicity";

pub use answer::AnswerRoom;
pub use dress::{Dressed, message_too_large, of_transport};
pub use fault::{About, DOMAIN, Fault, in_document, violation};
pub use guard::{
    ANSWER_BYTES_AT_ONCE, BODY_BYTES_AT_ONCE, CALLS_AT_ONCE, Call, Clock, Guard, Stranger, WATCHERS_AT_ONCE,
    system_clock,
};
pub use headers::lang_of;
pub use pace::Pace;
pub use page::{ANSWER_BYTES_MAX, PAGE_MAX, fitting, page_size, unread};
pub use peer::{PEER_HEADER, Peer};
pub use refusals::ClockJumped;
pub use shares::{Held, Limits, Shares};

/// Largest message that a service reads, in bytes (2 MiB): the largest submission, written as widely as it can be, with
/// hashes in hexadecimal.
pub const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The path of the method by which anybody has checkpoints and tiles of hashes.
pub const GET_TILE: &str = "/keshi.v1.TileService/GetTile";

/// The path of the method by which anybody checks a certificate.
pub const CHECK: &str = "/keshi.v1.CertificateRegisterService/GetCertificateCheck";
