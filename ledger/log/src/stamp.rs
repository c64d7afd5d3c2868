//! What sled's files were when it closed them: their lengths and SHA-256.
//!
//! sled repairs what it opens, and takes damage for a torn tail: a directory with one flipped byte may be cut short by
//! the opening alone. So sled opens its directory in place only if every byte is as it left it. The stamp is removed
//! before that, and written again when sled has closed: after a crash there is none.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read, Write as _},
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::{place::Place, store::await_closed};

/// Stamps sled's directory once sled has let go of it.
pub(crate) fn write(place: &Place) -> io::Result<()> {
    await_closed(place).map_err(io::Error::other)?;
    let stamp = of(&place.blocks())?;
    let making = place.stamp().with_extension("new");
    let mut file = File::create(&making)?;
    file.write_all(stamp.as_bytes())?;
    file.sync_all()?;
    fs::rename(making, place.stamp())?;
    File::open(&place.dir)?.sync_all()
}

/// Whether sled's files are byte for byte what sled left.
pub(crate) fn matches(place: &Place) -> io::Result<bool> {
    let stamp = match fs::read_to_string(place.stamp()) {
        Ok(stamp) => stamp,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(place.db().exists() && of(&place.blocks())? == stamp)
}

/// Takes the stamp away, durably: from now on sled changes its files.
pub(crate) fn remove(place: &Place) -> io::Result<()> {
    fs::remove_file(place.stamp())?;
    File::open(&place.dir)?.sync_all()
}

fn of(blocks: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for file in fs::read_dir(blocks)? {
        let file = file?;
        if file.file_type()?.is_file() {
            files.push(file.path());
        }
    }
    files.sort();
    let mut stamp = String::new();
    for path in files {
        let mut file = File::open(&path)?;
        let (mut hasher, mut buffer, mut length) = (Sha256::new(), vec![0; 1 << 20], 0_u64);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(buffer.get(..read).unwrap_or_default());
            length += read as u64;
        }
        hasher.finalize().iter().for_each(|byte| {
            // Writing to a string does not fail.
            let _written = write!(stamp, "{byte:02x}");
        });
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let _written = writeln!(stamp, " {length} {name}");
    }
    Ok(stamp)
}
