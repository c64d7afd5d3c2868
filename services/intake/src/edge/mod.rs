//! What every call passes on its way in and out: token, language, deadline, the number of calls at once, and errors
//! that say what to do next. Shared by the write and the read side.

mod dress;
mod fault;
mod guard;

pub use dress::{Dressed, of_transport};
pub use fault::{DOMAIN, Fault, violation};
pub use guard::{CALLS_AT_ONCE_MAX, Call, Clock, Guard, system_clock};

/// Largest message that a service reads, in bytes (4 MiB): some four of the largest submissions.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
