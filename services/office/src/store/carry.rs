//! Carrying a store elsewhere, also while a process changes it.

use std::fs::File;
use std::path::Path;

use super::{Loaded, StoreError, disk, of_io, read_bytes};
use crate::files;

/// How often to look again when what was read does not verify: it was being changed, or it is damaged.
const ATTEMPTS: usize = 8;

/// Copies the store `from`, the people register or the tokens, to `to` in a directory that is made if it is missing, and
/// says how many records it holds. What was read is examined before anything is written, and replaces what lay at `to`
/// whole or not at all. The copy is its owner's alone.
///
/// No lock is asked for: a running keshi holds the register's for as long as it runs. A change that was under way either
/// is in the copy or is not, since records that do not add up do not pass.
///
/// # Errors
///
/// [`StoreError`]: missing, of a later release, damaged (also in one record, so that no good copy is replaced by a worse
/// one), or the disk.
pub fn carry(from: &Path, to: &Path) -> Result<usize, StoreError> {
    let (bytes, records) = look(from)?;
    let failed = |cause| of_io(to, cause);
    files::create_private_dir(files::parent(to)).map_err(failed)?;
    // The name of one that was cut short is taken again: nothing personal is left lying about.
    files::replace(&files::beside(to, "new"), to, &bytes).map_err(failed)?;
    Ok(records)
}

fn look(from: &Path) -> Result<(Vec<u8>, usize), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let file = File::open(from).map_err(|cause| of_io(from, cause))?;
        let bytes = disk::read_whole(&file).map_err(|cause| of_io(from, cause))?;
        match read_bytes(from, bytes.clone()) {
            Err(StoreError::Damaged { .. }) if attempts < ATTEMPTS => {}
            Err(error) => return Err(error),
            Ok(Loaded { records, damaged }) if damaged.is_empty() => return Ok((bytes, records.len())),
            Ok(Loaded { damaged, .. }) => {
                let named: Vec<String> = damaged.into_iter().collect();
                return Err(StoreError::Damaged {
                    path: from.to_owned(),
                    what: format!("the records of {}", named.join(", ")),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::{Store, create, examine};
    use super::*;

    #[test]
    fn a_store_is_carried_while_it_is_open_for_changing() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("people.redb"), dir.path().join("backup/people.redb"));
        create(&from).unwrap();
        let (store, _) = Store::open(&from).unwrap();
        for (key, records) in [("a", 1), ("b", 2)] {
            store.write(&[(key, Some(b"payload".as_slice()))]).unwrap();
            // One that was cut short lies in the way.
            fs::create_dir_all(files::parent(&to)).unwrap();
            fs::write(files::beside(&to, "new"), "half").unwrap();
            assert_eq!(carry(&from, &to).unwrap(), records);
            assert_eq!(examine(&to).unwrap().records.len(), records);
            assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::read_dir(files::parent(&to)).unwrap().count(), 1);
        }
    }

    #[test]
    fn what_does_not_verify_replaces_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("people.redb"), dir.path().join("kept.redb"));
        create(&from).unwrap();
        let (store, _) = Store::open(&from).unwrap();
        store.write(&[("a", Some(b"a payload of its own".as_slice()))]).unwrap();
        drop(store);
        carry(&from, &to).unwrap();
        let good = fs::read(&to).unwrap();
        let mut bad = good.clone();
        let payload = b"a payload of its own";
        let places: Vec<usize> = (0..bad.len()).filter(|&at| bad[at..].starts_with(payload)).collect();
        assert!(!places.is_empty());
        for at in places {
            bad[at] ^= 1;
        }
        fs::write(&from, &bad).unwrap();
        let error = carry(&from, &to).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert_eq!(fs::read(&to).unwrap(), good);
        fs::remove_file(&from).unwrap();
        assert!(matches!(carry(&from, &to), Err(StoreError::Missing { .. })));
    }
}
