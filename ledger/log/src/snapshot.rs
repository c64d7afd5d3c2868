//! Clearing away a snapshot that sled was writing when the power was cut.
//!
//! While opening, sled writes what it recovered to `snap.<position>.generating`, syncs it and renames it. It means to
//! pass over unfinished ones when it looks for the latest, but looks for another suffix, takes the unfinished file for
//! the latest snapshot and refuses to open. Such a file is only a summary of what still stands in `db`: without it
//! sled starts from the snapshot before. A finished one is left alone, since the rename may be all that got lost.

use std::{fs, io, path::Path};

const UNFINISHED: &str = ".generating";
/// At the end of a snapshot: the length of the contents as u64 and their CRC-32, both little-endian.
const TRAILER_BYTES: usize = 12;

/// Removes unfinished snapshots from sled's directory. Call it before sled opens it.
pub(crate) fn remove_unfinished(blocks: &Path) -> io::Result<()> {
    for file in fs::read_dir(blocks)? {
        let file = file?;
        if file.file_name().to_string_lossy().ends_with(UNFINISHED) && !is_whole(&fs::read(file.path())?) {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some((contents, trailer)) = bytes
        .len()
        .checked_sub(TRAILER_BYTES)
        .and_then(|at| bytes.split_at_checked(at))
    else {
        return false;
    };
    // sled checks the contents only; an empty one would pass its checksum and then be refused as too short.
    !contents.is_empty() && trailer.ends_with(&crc32fast::hash(contents).to_le_bytes())
}
