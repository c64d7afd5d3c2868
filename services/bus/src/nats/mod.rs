//! The bus on NATS JetStream: one stream per office.
//!
//! # What travels where
//!
//! | subject | carries | stored |
//! |---|---|---|
//! | `keshi.<office>.<kind>.<school>` | submissions, header `Nats-Msg-Id` = submission id | stream `KESHI_<office>` |
//! | `keshi-claim.<office>` | claims of primaries, see `duty.rs` | the same stream |
//! | `keshi-head.<office>` | size and root of the primary, see `heads.rs` | no |
//! | `keshi-inbox.<office>.<poster>.<token>` | publish acknowledgements, receipts, answers | no |
//! | `keshi-ask.<office>.<topic>` | questions to the primary | no |
//!
//! A poster process opens one wildcard inbox and tells replies apart by token. The token of the receipt travels in
//! the header `Keshi-Inbox`, because the reply subject of a publish belongs to its acknowledgement.
//!
//! # Duplicates
//!
//! The server drops a message whose id it has seen within its duplicate window, and says so in the acknowledgement.
//! That makes a retried publish cheap, but it would also swallow a submission sent again by a poster who still wants
//! its receipt: the first copy's receipt went to a call that is long over. So after an acknowledgement that says
//! *duplicate* the poster publishes the submission once more under a fresh id. The ledger sees it again, finds its
//! events known, and answers with `duplicate` verdicts. The ledger's permanent memory decides, never the broker's
//! window; the ledger needs no memory of receipts; and a second submission that wrongly carries a used id still
//! reaches the ledger.
//!
//! # Whoever promises looks first
//!
//! A poster publishes nothing before it has seen over the present connection that the stream keeps what it takes and
//! belongs to the right ledger, and calls nothing accepted before it has seen so once more, after the acknowledgement
//! (see `standing.rs`).
//!
//! # The stream is not the authority
//!
//! [`serve`] consumes from the ledger's own cursor + 1 and acknowledges nothing to the server. It stops with a
//! [`ServeError`] rather than guess when the stream cannot be the one the log was written from.

mod attach;
mod bind;
mod config;
mod diagnose;
mod duty;
mod feed;
mod given;
mod halt;
mod heads;
mod identity;
mod inbox;
mod inspect;
mod link;
mod monitor;
mod position;
mod poster;
mod questions;
mod receipts;
mod serve;
mod settings;
mod standing;
mod stream;

pub use bind::{AttachError, Moved, attach};
pub use config::{ConfigError, Credentials, NatsConfig};
pub use diagnose::{Finding, Level, diagnose, fine, warning, wrong};
pub use duty::{Duty, Role};
pub use halt::ServeError;
pub use inspect::{InspectError, StreamSummary, inspect};
pub use poster::Nats;
pub(crate) use receipts::Remote;
pub use serve::{Seat, serve};
pub use standing::PostsTo;
