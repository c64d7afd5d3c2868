//! What the ledger believes of the clocks that stamp submissions: one wrong clock must not decide the time for ever.
//!
//! `recorded_at` never falls, so a stamp taken from a clock of 2099 would make all that follows late, forbid every policy
//! before, and hide it from every question about a date. Such a submission is refused, and the ledger's time stays.

use crate::time::Millis;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// No clock that is right shows less: 2020-01-01T00:00:00Z.
const EARLIEST: Millis = Millis(1_577_836_800_000);

/// How far a stamp may lie ahead of the ledger's own time: ten years, so that no ledger is shut out by its silence. What
/// is nearer a person must see: `keshi up` asks about a clock that is a year ahead.
const AHEAD_MAX: i64 = 3_653 * DAY;

/// Latest first stamp of a ledger: 2070-01-01T00:00:00Z. An empty one has no time of its own to compare with.
const FIRST_LATEST: Millis = Millis(3_155_760_000_000);

/// Whether a stamp can be believed in a ledger whose last entry was recorded at `last`. An earlier one than that can: the
/// ledger's own time is taken instead.
pub(super) fn is_credible(last: Millis, stamp: Millis) -> bool {
    if last < EARLIEST {
        EARLIEST <= stamp && stamp <= FIRST_LATEST
    } else {
        stamp.0 <= last.0.saturating_add(AHEAD_MAX)
    }
}

/// When what is stamped so is recorded. What corrects the clock is recorded at its own time, though it be earlier.
pub(super) fn recorded_at(last: Millis, stamp: Millis, corrects: bool) -> Millis {
    if corrects && (EARLIEST..last).contains(&stamp) {
        stamp
    } else if is_credible(last, stamp) {
        last.max(stamp)
    } else {
        last
    }
}
