//! A witness's own files: the key that she cosigns with, and of each ledger the last checkpoint that she cosigned.
//!
//! ```text
//! <dir>/key                       her key, in one line
//! <dir>/<id of the ledger>.cosigned   the checkpoint, with her cosignature
//! ```
//!
//! A directory that was put back to an older copy would have her cosign twice; whoever loses it makes another key.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keshi_verify::Hash;
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::{NoKey, VerifierKey};
use keshi_verify::note::Note;
use keshi_verify::witness::{AddCheckpoint, Cosigner, Refusal, WitnessKey, judge};
use parking_lot::Mutex;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::files;

/// The file of the key.
const KEY: &str = "key";

/// Why a witness cannot begin, or cannot answer.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// The system refused something.
    #[error("{} cannot be read or written: check the disk and its mode", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The system gives no chance for a key.
    #[error("the system gives no random bytes for a key: try again")]
    NoChance,
    /// The key is none, or may not be named so.
    #[error("{}: {cause}", path.display())]
    Key {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: NoKey,
    },
    /// The key has another name than was asked for.
    #[error("the key in {} is named {found}: leave out --name, or begin in another directory", dir.display())]
    OtherName {
        /// The directory.
        dir: PathBuf,
        /// The key's name.
        found: String,
    },
    /// What was cosigned last cannot be read, so nothing may be cosigned of that ledger.
    #[error("{} is not what was cosigned: put it back from a copy, or begin with another key in another directory", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// A witness with her files. Asking her blocks on the disk.
#[derive(Debug)]
pub struct Witness {
    dir: PathBuf,
    cosigner: Cosigner,
    /// The ledgers' keys.
    ledgers: Vec<VerifierKey>,
    is_new: bool,
    /// Held from the look at what was cosigned last until the next is durable.
    turn: Mutex<()>,
}

impl Witness {
    /// Opens the witness in `dir` for the ledgers of these keys, or makes one named `name` there.
    ///
    /// # Errors
    ///
    /// [`WitnessError`], which says what to do.
    pub fn open_or_create(dir: &Path, name: Option<&str>, ledgers: Vec<VerifierKey>) -> Result<Self, WitnessError> {
        let path = dir.join(KEY);
        let failed = |cause| WitnessError::Io {
            path: path.clone(),
            cause,
        };
        let named = |cause| WitnessError::Key {
            path: path.clone(),
            cause,
        };
        files::create_private_dir(dir).map_err(failed)?;
        let (cosigner, is_new) = match fs::read_to_string(&path) {
            Ok(text) => (Cosigner::parse(text.trim_end()).map_err(named)?, false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = Zeroizing::new([0; 32]);
                OsRng.try_fill_bytes(&mut *secret).map_err(|_| WitnessError::NoChance)?;
                let made = Cosigner::of_secret(name.unwrap_or("keshi/witness"), &secret).map_err(named)?;
                let line = Zeroizing::new(format!("{}\n", made.reveal().as_str()));
                files::write_atomically(&path, line.as_bytes()).map_err(failed)?;
                (made, true)
            }
            Err(error) => return Err(failed(error)),
        };
        let found = cosigner.public().name();
        if name.is_some_and(|name| name != found) {
            let (dir, found) = (dir.to_path_buf(), found.to_owned());
            return Err(WitnessError::OtherName { dir, found });
        }
        let witness = Self {
            dir: dir.to_path_buf(),
            cosigner,
            ledgers,
            is_new,
            turn: Mutex::new(()),
        };
        // What is damaged is said at the start, not at the first question.
        for key in &witness.ledgers {
            witness.last(key.name())?;
        }
        Ok(witness)
    }

    /// What checks her cosignatures.
    pub fn public(&self) -> &WitnessKey {
        self.cosigner.public()
    }

    /// Whether her key was made now.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The line that cosigns what is asked at `time`, in seconds of POSIX. When it is given, it has been kept durably.
    ///
    /// # Errors
    ///
    /// [`WitnessError`]; within, [`Refusal`].
    pub fn cosign(&self, request: &AddCheckpoint, time: u64) -> Result<Result<String, Refusal>, WitnessError> {
        let _turn = self.turn.lock();
        let mut unread = None;
        let judged = judge(request, &self.ledgers, |origin| {
            let last = self.last(origin).map_err(|error| unread = Some(error)).ok().flatten();
            last.map(|last| (last.size, last.root))
        });
        if let Some(error) = unread {
            return Err(error);
        }
        let allowed = match judged {
            Ok(allowed) => allowed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let line = self.cosigner.cosign(&request.checkpoint, time);
        let mut kept = request.checkpoint.clone();
        if self.public().take(&line, &mut kept).is_none() {
            // So many signatures stand under it that hers has no room.
            return Ok(Err(Refusal::Form));
        }
        let path = self.file(&allowed.origin);
        files::write_atomically(&path, kept.to_string().as_bytes())
            .map_err(|cause| WitnessError::Io { path, cause })?;
        Ok(Ok(line))
    }

    /// What was cosigned last of a ledger.
    fn last(&self, origin: &str) -> Result<Option<Checkpoint>, WitnessError> {
        let path = self.file(origin);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(WitnessError::Io { path, cause }),
        };
        let note = Note::parse(&bytes).ok();
        let is_hers = |note: &Note| matches!(self.public().cosigned(note), Ok(Some(_)));
        let note = note
            .filter(is_hers)
            .and_then(|note| Checkpoint::parse(note.unverified_text()));
        let last = note.filter(|last| last.origin == origin);
        last.map(Some).ok_or(WitnessError::Damaged { path })
    }

    /// By the hash of the origin: it may have any characters.
    fn file(&self, origin: &str) -> PathBuf {
        let id: Hash = keshi_verify::leaf_hash(origin.as_bytes());
        self.dir.join(format!("{id}.cosigned"))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use keshi_verify::key::SigningKey;
    use keshi_verify::proof::consistency;
    use keshi_verify::tiled::{OverTiles, Upper};
    use keshi_verify::{MerkleStack, leaf_hash};
    use tempfile::tempdir;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn office() -> SigningKey {
        SigningKey::of_secret("keshi/610729/1", &[7; 32]).unwrap()
    }

    /// A ledger of so many entries; from `parted` on another one's.
    struct Ledger {
        leaves: Vec<Hash>,
    }

    impl Ledger {
        fn of(size: u8, parted: u8) -> Self {
            let leaf = |index| leaf_hash(&[index, u8::from(index >= parted)]);
            Self {
                leaves: (0..size).map(leaf).collect(),
            }
        }

        /// What a witness is asked who cosigned `old` entries last.
        fn asks(&self, old: u64, key: &SigningKey) -> AddCheckpoint {
            let size = self.leaves.len() as u64;
            let mut tree = MerkleStack::new();
            self.leaves.iter().for_each(|leaf| tree.push(*leaf));
            let upper = Upper::default();
            let leaves = |range: std::ops::Range<u64>| {
                let (from, to) = (
                    usize::try_from(range.start).unwrap(),
                    usize::try_from(range.end).unwrap(),
                );
                Ok::<_, Infallible>(self.leaves[from..to].to_vec())
            };
            let mut tiles = OverTiles::new(&upper, size, leaves);
            let proves = old > 0 && old < size;
            let hashes = proves.then(|| consistency(&mut tiles, old, size).unwrap());
            let checkpoint = Checkpoint {
                people: None,
                origin: key.public().name().to_owned(),
                size,
                root: tree.root(),
            };
            AddCheckpoint {
                old,
                hashes: hashes.unwrap_or_default(),
                checkpoint: checkpoint.sign([key]),
            }
        }
    }

    fn witness(dir: &Path) -> Witness {
        Witness::open_or_create(dir, None, vec![office().public().clone()]).unwrap()
    }

    #[test]
    fn a_ledger_that_goes_on_is_cosigned_and_the_cosignature_is_of_its_time_and_checkpoint_alone() {
        let dir = tempdir().unwrap();
        let mut old = 0;
        for size in [0, 5, 5, 9, 200] {
            // Anew each time: what was cosigned is on the disk.
            let witness = witness(dir.path());
            let request = Ledger::of(size, 255).asks(old, &office());
            let sent = AddCheckpoint::parse(request.to_string().as_bytes()).unwrap();
            assert_eq!(sent, request);
            let line = witness.cosign(&sent, NOW).unwrap().unwrap();
            let mut note = request.checkpoint.clone();
            let key = WitnessKey::parse(&witness.public().to_string()).unwrap();
            assert_eq!(key.take(&line, &mut note), Some(NOW));
            assert_eq!(
                key.cosigned(&Note::parse(note.to_string().as_bytes()).unwrap()),
                Ok(Some(NOW))
            );
            let mut other = Ledger::of(size + 1, 255).asks(0, &office()).checkpoint;
            assert_eq!(key.take(&line, &mut other), None);
            assert_eq!(key.cosigned(&request.checkpoint), Ok(None));
            assert!(
                VerifierKey::parse(&key.to_string()).is_err(),
                "a witness's key is no ledger's"
            );
            old = u64::from(size);
        }
    }

    #[test]
    fn a_ledger_that_was_put_back_or_went_another_way_or_is_unknown_is_refused_and_changes_nothing() {
        let dir = tempdir().unwrap();
        let witness = witness(dir.path());
        let ask = |request: &AddCheckpoint| witness.cosign(request, NOW).unwrap().map(drop);
        ask(&Ledger::of(9, 255).asks(0, &office())).unwrap();
        assert_eq!(
            ask(&Ledger::of(7, 255).asks(0, &office())),
            Err(Refusal::OtherSize { size: 9 })
        );
        assert_eq!(
            ask(&Ledger::of(7, 255).asks(9, &office())),
            Err(Refusal::Form),
            "backwards"
        );
        assert_eq!(
            ask(&Ledger::of(9, 4).asks(9, &office())),
            Err(Refusal::OtherRoot { size: 9 })
        );
        assert_eq!(ask(&Ledger::of(12, 4).asks(9, &office())), Err(Refusal::NotConsistent));
        let mut without = Ledger::of(12, 255).asks(9, &office());
        without.hashes.clear();
        assert_eq!(ask(&without), Err(Refusal::NotConsistent));
        let other = SigningKey::of_secret("keshi/610729/1", &[8; 32]).unwrap();
        assert_eq!(ask(&Ledger::of(12, 255).asks(9, &other)), Err(Refusal::NotSigned));
        let unknown = SigningKey::of_secret("keshi/110101/1", &[8; 32]).unwrap();
        assert_eq!(ask(&Ledger::of(12, 255).asks(9, &unknown)), Err(Refusal::UnknownLedger));
        ask(&Ledger::of(12, 255).asks(9, &office())).unwrap();
    }

    #[test]
    fn a_witness_whose_last_checkpoint_is_damaged_does_not_begin_and_one_by_another_name_neither() {
        let dir = tempdir().unwrap();
        let ledgers = || vec![office().public().clone()];
        let named = Witness::open_or_create(dir.path(), Some("city/one"), ledgers()).unwrap();
        assert!(named.is_new() && named.public().name() == "city/one");
        named
            .cosign(&Ledger::of(9, 255).asks(0, &office()), NOW)
            .unwrap()
            .unwrap();
        let file = named.file("keshi/610729/1");
        drop(named);
        let other = Witness::open_or_create(dir.path(), Some("city/two"), ledgers());
        assert!(matches!(other, Err(WitnessError::OtherName { .. })));
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("\n9\n", "\n4\n")).unwrap();
        let damaged = Witness::open_or_create(dir.path(), None, ledgers());
        assert!(matches!(damaged, Err(WitnessError::Damaged { .. })));
    }

    #[test]
    fn what_is_no_request_is_none() {
        let good = Ledger::of(9, 255).asks(5, &office()).to_string();
        assert!(AddCheckpoint::parse(good.as_bytes()).is_some());
        let many = format!("old 5\n{}", format!("{}\n", "A".repeat(43) + "=").repeat(64));
        for bad in [
            "",
            "old 5",
            &good.replace("old 5", "old 05"),
            &good.replace("old 5", "old -5"),
            &good.replace("\n\n", "\n"),
            &good.replacen("old 5\n", &many, 1),
        ] {
            assert_eq!(AddCheckpoint::parse(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
