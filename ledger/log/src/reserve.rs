//! Zeros ahead of what sled writes, so that a small commit overwrites instead of appending.
//!
//! Syncing an append has to write the file's new length and blocks besides the data, and costs nearly twice as much as
//! syncing an overwrite. So the file is kept a few segments longer than sled's own end. To sled, segments of zeros are
//! free ones, such as it makes itself: it fills them in ascending order, and cuts off what is left when it opens.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::store::SEGMENT_BYTES;

/// How far sled's file is known to reach ahead.
///
/// Used by the writer only, and only between a flush and its sync, when sled has no write under way.
#[derive(Debug, Default)]
pub(crate) struct Reserve {
    /// The start of the last segment of zeros; once sled has written its header there, the reserve runs short.
    probe: AtomicU64,
}

const SEGMENT: u64 = SEGMENT_BYTES as u64;
/// Segments per extension: 4 MiB last for over a thousand commits and are written in a few milliseconds.
const SEGMENTS: u64 = 2;
const HEADER_BYTES: usize = 20;

// === impl Reserve ===

impl Reserve {
    /// Extends the file with zeros if sled has come close to its end.
    ///
    /// # Errors
    ///
    /// What the system says. Nothing is lost then but the time saved: sled extends the file itself.
    pub fn replenish(&self, file: &File) -> io::Result<()> {
        let probe = self.probe.load(Ordering::Relaxed);
        let mut header = [0; HEADER_BYTES];
        if probe > 0 && file.read_exact_at(&mut header, probe).is_ok() && header == [0; HEADER_BYTES] {
            return Ok(());
        }
        let from = file.metadata()?.len();
        let to = from.next_multiple_of(SEGMENT) + SEGMENTS * SEGMENT;
        // Also when this fails half-way: try again only when sled gets there.
        self.probe.store(to - SEGMENT, Ordering::Relaxed);
        let zeros = vec![0; usize::try_from(to - from).map_err(io::Error::other)?];
        file.write_all_at(&zeros, from)
    }
}
