//! A log whose entries are all there, while it is opened.

use std::{fs, path::Path};

use crate::{error::OpenError, place::Place, store::Store, survey::Survey, walk::Walk};

/// A log whose entries were all found, in one copy at least.
pub(crate) struct Whole<'a> {
    pub place: &'a Place,
    pub survey: &'a Survey,
    pub store: &'a Store,
    pub walk: &'a Walk,
}

/// Puts `blocks` in the place of sled's directory.
pub(crate) fn exchange(place: &Place, blocks: &Path) -> Result<(), OpenError> {
    let (now, old) = (place.blocks(), place.old_blocks());
    clear(place, &old)?;
    if now.exists() {
        fs::rename(&now, &old).map_err(|error| place.error("move", &now, error))?;
    }
    fs::rename(blocks, &now).map_err(|error| place.error("move", blocks, error))?;
    place.sync_dir(&place.dir)?;
    clear(place, &old)
}

/// Removes a directory of ours, if it is there.
pub(crate) fn clear(place: &Place, dir: &Path) -> Result<(), OpenError> {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(|error| place.error("clear", dir, error))?;
    }
    Ok(())
}
