//! What every call passes on its way in and out: token, language, deadline, the number of calls at once, and errors
//! that say what to do next. Shared by the write and the read side.

mod body;
mod dress;
mod fault;
mod guard;
mod shares;

pub use dress::{Dressed, of_transport};
pub use fault::{DOMAIN, Fault, violation};
pub use guard::{BODY_BYTES_AT_ONCE, CALLS_AT_ONCE, Call, Clock, Guard, WATCHERS_AT_ONCE, system_clock};
pub use shares::{Held, Limits, Shares};

/// Largest message that a service reads, in bytes (1.25 MiB): the largest submission, written as widely as it can be.
pub const MESSAGE_BYTES_MAX: usize = 1_280 * 1024;
