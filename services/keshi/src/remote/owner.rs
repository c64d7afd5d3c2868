//! Whose the files of a data directory are. What root makes in the directory of another user would shut that user's
//! service out of its own ledger, so it is given to her.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::{Path, PathBuf};

use keshi_office::layout::DataDir;

use super::place::Place;
use crate::Ctx;
use crate::exit::say;

/// Gives what this command has made in the data directory to the directory's owner, if root ran it.
pub(crate) fn keep_owner(ctx: &mut Ctx<'_>) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let Ok(place) = Place::of(ctx) else { return };
    let root = &place.data.root;
    let Ok(owner) = fs::metadata(root) else { return };
    if owner.uid() == 0 {
        return;
    }
    let give = |path: &Path, found: &Metadata| {
        // Another name of the file may lie anywhere, and is not ours to give away.
        let is_ours = found.uid() == 0 && (found.is_dir() || found.nlink() == 1);
        if is_ours {
            lchown(path, Some(owner.uid()), Some(owner.gid()))
        } else {
            Ok(())
        }
    };
    for office in offices(&place.data) {
        if let Err(error) = walk(&office, &mut |path, found| give(path, found)) {
            let shown = office.display();
            let what = say(
                format!(
                    "{shown} 中有属于 root 的文件，未能改回属主；请运行 chown -R --reference={} {shown}",
                    root.display()
                ),
                format!(
                    "files in {shown} are root's and could not be given to its owner: run chown -R --reference={} {shown}",
                    root.display()
                ),
            );
            ctx.note(&what.because(&error));
        }
    }
}

/// The first file below an office's directory that is not the owner's of the data directory.
pub(crate) fn foreign(data: &DataDir) -> io::Result<Option<PathBuf>> {
    let owner = fs::metadata(&data.root)?.uid();
    let mut foreign = None;
    for office in offices(data) {
        walk(&office, &mut |path, found| {
            if found.uid() != owner {
                foreign.get_or_insert_with(|| path.to_owned());
            }
            Ok(())
        })?;
    }
    Ok(foreign)
}

fn offices(data: &DataDir) -> Vec<PathBuf> {
    let codes = data.offices().unwrap_or_default();
    codes.iter().map(|code| data.root.join(code)).collect()
}

/// A directory and all below it, without following links. What goes meanwhile is passed over.
fn walk(path: &Path, each: &mut dyn FnMut(&Path, &Metadata) -> io::Result<()>) -> io::Result<()> {
    let passed_over = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    };
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) => return passed_over(error),
    };
    each(path, &found).or_else(passed_over)?;
    if !found.is_dir() {
        return Ok(());
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return passed_over(error),
    };
    for entry in entries {
        walk(&entry?.path(), each)?;
    }
    Ok(())
}
