//! A disk that fails once, for tests.

use std::cell::Cell;
use std::io;

thread_local! {
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Lets the access after `after` others of this thread fail.
pub(crate) fn arm(after: u32) {
    LEFT.set(Some(after));
}

/// Takes the fault back; whether it has struck.
pub(crate) fn disarm() -> bool {
    LEFT.replace(None).is_none()
}

pub(super) fn strike() -> io::Result<()> {
    match LEFT.get() {
        Some(0) => {
            LEFT.set(None);
            Err(io::Error::other("input/output error, asked for by the test"))
        }
        left => {
            LEFT.set(left.map(|left| left - 1));
            Ok(())
        }
    }
}
