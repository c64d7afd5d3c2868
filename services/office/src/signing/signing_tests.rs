use std::convert::Infallible;
use std::fs;

use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::leaf_hash;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

struct Place {
    dir: TempDir,
    identity: Identity,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            identity: Identity {
                ledger_id: Uuid::from_u128(7),
                office: "610729".to_owned(),
            },
        }
    }

    fn signed(&self) -> PathBuf {
        self.dir.path().join("signed")
    }

    fn places(&self) -> KeyPlaces {
        KeyPlaces {
            dir: Some(self.dir.path().join("elsewhere/signing")),
            ..KeyPlaces::default()
        }
    }

    fn open_with(&self, places: &KeyPlaces, size: u64) -> Result<Signing, SigningError> {
        Signing::open_or_create(self.signed(), &self.identity, size, places)
    }

    fn open(&self) -> Result<Signing, SigningError> {
        self.open_with(&self.places(), 12)
    }
}

/// A ledger whose root tells its size.
#[expect(clippy::unnecessary_wraps, reason = "it is asked as a ledger is")]
fn root(size: u64) -> Result<Hash, Infallible> {
    Ok(leaf_hash(&size.to_be_bytes()))
}

fn signed(signing: &Signing, size: u64) -> Result<Note, SigningError> {
    let Ok(signed) = signing.sign((size, leaf_hash(&size.to_be_bytes()), None), size, root);
    signed
}

fn opened(signing: &Signing, note: &Note) -> Checkpoint {
    let keys: Vec<_> = signing.keys().iter().map(|key| key.key.clone()).collect();
    Checkpoint::open(note.to_string().as_bytes(), &keys).unwrap()
}

#[test]
fn a_key_is_made_once_kept_apart_and_signs_for_its_ledger() {
    let place = Place::new();
    assert_eq!(examine(&place.signed(), &place.places()).unwrap(), None);
    let first = place.open().unwrap();
    let file = first.made_key().unwrap().to_owned();
    assert!(file.starts_with(place.dir.path().join("elsewhere/signing")));
    let note = signed(&first, 40).unwrap();
    assert_eq!(opened(&first, &note).size, 40);
    assert_eq!(
        opened(&first, &note).origin,
        "keshi/610729/00000000000000000000000000000007"
    );
    let again = place.open().unwrap();
    assert_eq!((again.made_key(), again.keys()), (None, first.keys()));
    let examined = examine(&place.signed(), &place.places()).unwrap().unwrap();
    assert_eq!(
        (examined.keys, examined.key_file, examined.is_changing),
        (first.keys(), Some(file.clone()), false)
    );
    assert_eq!(examined.given.map(|(given, _)| given.size), Some(40));
    assert_eq!((again.keys()[0].from, again.keys()[0].until), (12, None));
    let text = fs::read_to_string(place.signed()).unwrap();
    let secret = fs::read_to_string(&file).unwrap();
    assert!(
        !text.contains(secret.lines().nth(1).unwrap()),
        "only the public key lies in the data directory"
    );
}

#[test]
fn a_key_that_is_gone_or_another_stops_and_none_is_made() {
    let place = Place::new();
    let file = place.open().unwrap().made_key().unwrap().to_owned();
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    for _ in 0..2 {
        let missing = place.open().unwrap_err();
        assert!(
            matches!(
                &missing,
                SigningError::Key(KeyError::Missing {
                    of: KeyOf::Checkpoints,
                    ..
                })
            ),
            "{missing}"
        );
        assert!(!file.exists());
    }
    fs::write(&file, format!("keshi signing key 1\n{}\n", "7a".repeat(32))).unwrap();
    let other = place.open().unwrap_err();
    assert!(matches!(&other, SigningError::Key(KeyError::Differs { .. })), "{other}");
    fs::rename(&aside, &file).unwrap();
    place.open().unwrap();
    let elsewhere = place.dir.path().join("moved.key");
    fs::rename(&file, &elsewhere).unwrap();
    let named = KeyPlaces {
        file: Some(elsewhere.clone()),
        ..place.places()
    };
    place.open_with(&named, 12).unwrap();
    assert_eq!(
        place.open().unwrap().key_file(),
        Some(elsewhere),
        "it is remembered where it was found"
    );
}

#[test]
fn a_list_that_is_damaged_or_of_another_ledger_stops() {
    let mut place = Place::new();
    place.open().unwrap();
    let text = fs::read(place.signed()).unwrap();
    for at in 0..text.len() {
        let mut bytes = text.clone();
        bytes[at] ^= 1;
        fs::write(place.signed(), bytes).unwrap();
        let damaged = place.open().unwrap_err();
        assert!(matches!(damaged, SigningError::Damaged { .. }), "byte {at}: {damaged}");
    }
    fs::write(place.signed(), &text).unwrap();
    let copy = place.dir.path().join("backup/signed");
    assert_eq!(carry(&place.signed(), &copy).unwrap(), 1);
    assert_eq!(fs::read(copy).unwrap(), fs::read(place.signed()).unwrap());
    place.identity.ledger_id = Uuid::from_u128(8);
    assert!(matches!(place.open().unwrap_err(), SigningError::OtherLedger { .. }));
    // One that has no entries yet was begun anew: it gets a key of its own, and what the one before was signed with stays.
    let anew = place.open_with(&place.places(), 0).unwrap();
    assert!(anew.made_key().is_some());
    let before = place.dir.path().join("signed.00000000000000000000000000000007");
    assert_eq!(fs::read(before).unwrap(), text);
}

#[test]
fn a_ledger_that_lacks_what_was_given_out_is_told_and_signs_nothing() {
    let place = Place::new();
    let signing = place.open().unwrap();
    signed(&signing, 40).unwrap();
    signed(&signing, 30).unwrap();
    let again = place.open().unwrap();
    assert_eq!(again.given().unwrap().size, 40, "the largest is remembered");
    let file = again.key_file().unwrap().with_extension("key.given");
    let behind = Short::Behind {
        given: 40,
        size: 39,
        file: file.clone(),
    };
    assert_eq!(again.settle(39, root), Ok(Err(behind)));
    assert!(matches!(
        signed(&again, 39).unwrap_err(),
        SigningError::Short(Short::Behind { .. })
    ));
    // It went on from an older copy.
    let other = |size: u64| Ok::<_, Infallible>(leaf_hash(format!("other {size}").as_bytes()));
    let parted = Short::Parted {
        given: 40,
        file: file.clone(),
    };
    assert_eq!(again.settle(50, other), Ok(Err(parted)));
    let Ok(refused) = again.sign((50, Hash::EMPTY, None), 50, other);
    assert!(matches!(refused, Err(SigningError::Short(Short::Parted { .. }))));
    // A stream has brought the rest.
    assert_eq!(again.settle(40, root), Ok(Ok(())));
    signed(&again, 41).unwrap();
    fs::write(&file, "").unwrap();
    assert_eq!(place.open().unwrap().given(), None, "the way out on purpose");
    fs::write(&file, "something else\n").unwrap();
    assert!(matches!(place.open().unwrap_err(), SigningError::OtherGiven { .. }));
}

#[test]
fn a_changed_key_leaves_the_one_before_listed_and_what_it_signed_is_still_believed() {
    let place = Place::new();
    let signing = place.open().unwrap();
    let (before, note) = (signing.keys()[0].key.clone(), signed(&signing, 40).unwrap());
    let made = signing.rotate(45).unwrap();
    assert_eq!(made, signing.keys()[1].key);
    let listed: Vec<_> = signing.keys().iter().map(|key| (key.from, key.until)).collect();
    assert_eq!(listed, [(12, Some(45)), (45, None)]);
    assert_eq!((opened(&signing, &note).size, &signing.keys()[0].key), (40, &before));
    let next = signed(&signing, 46).unwrap();
    assert!(next.verify(&[before]).is_err());
    let again = place.open().unwrap();
    assert_eq!((again.keys(), again.given().unwrap().size), (signing.keys(), 46));
    let secret = fs::read_to_string(again.key_file().unwrap()).unwrap();
    assert_eq!(secret.lines().count(), 2, "the key before is forgotten");
}

#[test]
fn a_change_that_broke_off_at_any_step_leaves_a_ledger_that_opens_and_asking_again_ends_it() {
    let place = Place::new();
    let signing = place.open().unwrap();
    let (file, listed) = (signing.key_file().unwrap(), fs::read(place.signed()).unwrap());
    let before = fs::read_to_string(&file).unwrap();
    signing.rotate(20).unwrap();
    let after = fs::read_to_string(&file).unwrap();
    let both = format!("{after}{}\n", before.lines().nth(1).unwrap());
    // The new key was written, the list was not.
    fs::write(&file, &both).unwrap();
    fs::write(place.signed(), &listed).unwrap();
    assert!(examine(&place.signed(), &place.places()).unwrap().unwrap().is_changing);
    let half = place.open().unwrap();
    assert_eq!(half.keys().len(), 1);
    half.rotate(20).unwrap();
    assert_eq!(half.keys(), signing.keys(), "the key made then is taken up");
    // The list was written, the key before was not forgotten yet.
    fs::write(&file, &both).unwrap();
    assert_eq!(place.open().unwrap().keys(), signing.keys());
}

#[test]
fn a_key_given_in_a_variable_signs_and_is_changed_by_giving_both() {
    let place = Place::new();
    let given = |keys: &str| KeyPlaces {
        given: Some(keys.to_owned().into()),
        ..KeyPlaces::default()
    };
    let (old, new) = ("5e".repeat(32), "7c".repeat(32));
    let signing = place.open_with(&given(&old), 0).unwrap();
    assert_eq!((signing.made_key(), signing.key_file()), (None, None));
    signed(&signing, 9).unwrap();
    assert!(place.dir.path().join("signed.given").exists());
    let refused = signing.rotate(9).unwrap_err();
    assert!(
        matches!(refused, SigningError::Key(KeyError::Given { of: KeyOf::Checkpoints })),
        "{refused}"
    );
    let both = place.open_with(&given(&format!("{new},{old}")), 0).unwrap();
    both.rotate(9).unwrap();
    assert_eq!(both.keys().len(), 2);
    place.open_with(&given(&new), 0).unwrap();
    assert!(place.open_with(&given(&old), 0).is_err());
}
