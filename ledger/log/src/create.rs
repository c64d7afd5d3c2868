//! Creating a log.

use std::fs::{self, File};

use keshi_verify::{Hash, Identity, MAX_OFFICE_BYTES};

use crate::{
    error::{Damage, OpenError},
    head::{self, HeadFile},
    journal::{Journal, Start},
    place::Place,
    stamp,
    store::{Store, damaged},
};

/// Makes an empty log. When this returns, it survives a power cut.
pub(crate) fn create(place: &Place, identity: &Identity) -> Result<(), OpenError> {
    let office = identity.office.clone();
    if office.is_empty() || office.len() > MAX_OFFICE_BYTES {
        return Err(OpenError::BadOffice {
            office,
            max: MAX_OFFICE_BYTES,
        });
    }
    fs::create_dir_all(&place.dir).map_err(|error| place.error("create", &place.dir, error))?;
    place.require_local()?;
    let lock = place.lock()?;
    begin_creation(place, identity)?;
    let store = Store::open(place, &place.blocks(), true)?;
    store.sync_opened(place, &place.blocks())?;
    drop(store);
    let start = Start {
        index: 0,
        cursor: 0,
        root: Hash::EMPTY,
    };
    Journal::begin(place, identity, start).map_err(|error| place.error("begin", &place.journal(), error))?;
    stamp::write(place).map_err(|error| place.error("write", &place.stamp(), error))?;
    end_creation(place)?;
    drop(lock);
    Ok(())
}

/// What an unfinished creation may leave behind.
const CREATED: [&str; 7] = ["lock", "blocks", "head.new", "journal", "sealed", "stamp", "stamp.new"];

/// Leaves a mark that a creation is under way, and clears away what an earlier one that was cut short left behind.
///
/// The mark is the new `head` under another name. It is durable before anything else is made and renamed last: where
/// there is a `head`, there is a log.
fn begin_creation(place: &Place, identity: &Identity) -> Result<(), OpenError> {
    let list = fs::read_dir(&place.dir).map_err(|error| place.error("list", &place.dir, error))?;
    for file in list {
        let name = file
            .map_err(|error| place.error("list", &place.dir, error))?
            .file_name();
        if !CREATED.iter().any(|leftover| name == *leftover) {
            return Err(OpenError::AlreadyExists { dir: place.dir.clone() });
        }
    }
    let new_head = place.new_head();
    if (place.blocks().exists() || place.journal().exists()) && !head::is_creation_mark(place) {
        return Err(damaged(place, 0, Damage::Head));
    }
    for dir in [place.blocks(), place.journal(), place.sealed_dir()] {
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(|error| place.error("clear", &dir, error))?;
        }
    }
    fs::write(&new_head, HeadFile::initial(identity))
        .and_then(|()| File::open(&new_head)?.sync_all())
        .map_err(|error| place.error("write", &new_head, error))?;
    place.sync_dir(&place.dir)?;
    for dir in [place.journal(), place.sealed_dir()] {
        fs::create_dir(&dir).map_err(|error| place.error("create", &dir, error))?;
    }
    place.sync_dir(&place.dir)?;
    place.sync_parent()
}

fn end_creation(place: &Place) -> Result<(), OpenError> {
    let head = place.head();
    fs::rename(place.new_head(), &head).map_err(|error| place.error("rename", &head, error))?;
    place.sync_dir(&place.dir)
}
