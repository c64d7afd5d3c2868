use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::people::made_up;
use crate::people::{Basis, IdDocument, IdentityError};
use crate::store::faults;

fn empty() -> (TempDir, Register) {
    let dir = tempfile::tempdir().unwrap();
    let register = Register::open_or_create(dir.path().join("people.redb"), &places()).unwrap();
    (dir, register)
}

/// A key for every register of a test.
fn places() -> KeyPlaces {
    KeyPlaces {
        given: Some("5e".repeat(32).into()),
        ..KeyPlaces::default()
    }
}

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn identity(teacher_id: &str, name: &str) -> Identity {
    Identity {
        teacher_id: teacher_id.into(),
        name: name.into(),
        id_document: None,
        phone: None,
        birth_date: None,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn card(n: u16) -> IdDocument {
    IdDocument::new("", &made_up(date(1980, 1, 1), n)).unwrap()
}

fn with_card(teacher_id: &str, name: &str, n: u16) -> Identity {
    Identity {
        id_document: Some(card(n)),
        ..identity(teacher_id, name)
    }
}

fn resolve(register: &Register, name: Option<&str>, id_document: Option<IdDocument>) -> (Vec<String>, Basis) {
    let lookup = Lookup {
        name: name.map(Into::into),
        id_document,
    };
    let Resolved { teacher_ids, basis } = register.resolve(&[lookup]).unwrap().remove(0).unwrap();
    (teacher_ids, basis)
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[test]
fn a_record_is_changed_as_a_whole_and_survives_a_restart() {
    let (dir, register) = empty();
    let full = Identity {
        phone: Some("+86 (0916) 000-0000".into()),
        birth_date: Some(date(1980, 1, 1)),
        updated_at: "2022-09-01T08:00:00.123456789Z".parse().unwrap(),
        ..with_card("T1", "试样 甲", 1)
    };
    assert_eq!(
        register.put(std::slice::from_ref(&full)).unwrap(),
        Put {
            added: 1,
            ..Put::default()
        }
    );
    drop(register);
    let register = Register::open_or_create(dir.path().join("people.redb"), &places()).unwrap();
    assert_eq!(register.get("T1").unwrap(), Some(full));
    assert_eq!(register.get("T2").unwrap(), None);
    let renamed = with_card("T1", "试样乙", 2);
    assert_eq!(
        register.put(std::slice::from_ref(&renamed)).unwrap(),
        Put {
            changed: 1,
            ..Put::default()
        }
    );
    let again = Identity {
        updated_at: Timestamp::now(),
        ..renamed.clone()
    };
    assert_eq!(
        register.put(&[again]).unwrap(),
        Put {
            unchanged: 1,
            ..Put::default()
        }
    );
    assert_eq!(register.get("T1").unwrap(), Some(renamed));
    assert_eq!(
        resolve(&register, Some("试样甲"), Some(card(1))),
        (vec![], Basis::Nobody)
    );
    assert_eq!(
        register.names(&["T2", "T1"]).unwrap(),
        [Ok(Called::Unknown), Ok(Called::Name("试样乙".to_owned()))]
    );
    assert_eq!(register.count().unwrap(), 1);
}

#[test]
fn the_file_is_private_and_opened_once() {
    let (dir, _register) = empty();
    let path = dir.path().join("people.redb");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(
        Register::open(&path, &places()),
        Err(OpenError::Store(StoreError::InUse { .. }))
    ));
}

#[test]
fn persons_are_found_by_document_first_and_never_surely_by_name_alone() {
    let (_dir, register) = empty();
    register
        .put(&[
            with_card("T1", "试样甲", 1),
            with_card("T2", "试样甲", 2),
            identity("T3", "试样·丙"),
            with_card("T4", "试样丁", 1),
        ])
        .unwrap();
    assert_eq!(
        resolve(&register, Some("试样\u{3000}甲"), Some(card(2))),
        (ids(&["T2"]), Basis::DocumentAndName)
    );
    assert_eq!(
        resolve(&register, Some("试样甲"), Some(card(1))),
        (ids(&["T1"]), Basis::DocumentAndName)
    );
    assert_eq!(
        resolve(&register, None, Some(card(1))),
        (ids(&["T1", "T4"]), Basis::Document)
    );
    assert_eq!(
        resolve(&register, Some("试样戊"), Some(card(2))),
        (ids(&["T2"]), Basis::DocumentUnderOtherName)
    );
    assert_eq!(
        resolve(&register, Some("试样甲"), Some(card(9))),
        (ids(&["T1", "T2"]), Basis::Name)
    );
    assert_eq!(resolve(&register, Some("试样丙"), None), (ids(&["T3"]), Basis::Name));
    assert_eq!(resolve(&register, Some("试样"), None), (vec![], Basis::Nobody));
    assert_eq!(resolve(&register, Some(" "), None), (vec![], Basis::Nobody));
    assert_eq!(resolve(&register, None, None), (vec![], Basis::Nobody));
}

#[test]
fn the_same_number_on_another_document_is_another_person() {
    let (_dir, register) = empty();
    let passport = IdDocument::new("护照", card(1).number()).unwrap();
    register
        .put(&[
            with_card("T1", "甲", 1),
            Identity {
                id_document: Some(passport.clone()),
                ..identity("T2", "乙")
            },
        ])
        .unwrap();
    assert_eq!(
        resolve(&register, None, Some(passport)),
        (ids(&["T2"]), Basis::Document)
    );
    assert_eq!(resolve(&register, None, Some(card(1))), (ids(&["T1"]), Basis::Document));
}

#[test]
fn one_document_with_two_teachers_is_reported() {
    let (_dir, register) = empty();
    register.put(&[with_card("T1", "甲", 1)]).unwrap();
    let put = register.put(&[with_card("T2", "乙", 1)]).unwrap();
    assert_eq!(put.shared_documents, [("T2".to_owned(), "T1".to_owned())]);
}

#[test]
fn a_document_that_may_be_that_of_a_damaged_record_is_not_given_to_another() {
    let (_dir, register) = with_a_damaged_record();
    let refused = register.put_unshared(&[with_card("T4", "试样丁", 2)]);
    assert!(
        matches!(&refused, Err(PutError::Register(RegisterError::Unreadable(found))) if found.teacher_ids == ["T2"]),
        "{refused:?}"
    );
    // Put again, the damaged one is whole, and then it is certain.
    register.put_unshared(&[with_card("T2", "试样乙", 2)]).unwrap();
    let refused = register.put_unshared(&[with_card("T4", "试样丁", 2)]);
    assert!(
        matches!(&refused, Err(PutError::Shared { teacher_id }) if teacher_id == "T4"),
        "{refused:?}"
    );
    register.put_unshared(&[with_card("T4", "试样丁", 4)]).unwrap();
}

#[test]
fn a_batch_with_one_mistake_changes_nothing() {
    let (_dir, register) = empty();
    let error = register
        .put(&[identity("T1", "甲"), identity("T 2", "乙")])
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("identity 2 of the batch (teacher T 2): teacher_id must be"),
        "{error}"
    );
    for (wrong, wanted) in [
        (identity("T2", " · "), IdentityError::Name { length: 3 }),
        (identity("T2", "甲\n乙"), IdentityError::Name { length: 3 }),
        (identity("T2", &"甲".repeat(65)), IdentityError::Name { length: 65 }),
        (
            Identity {
                phone: Some("ring twice".into()),
                ..identity("T2", "乙")
            },
            IdentityError::Phone,
        ),
    ] {
        let error = register.put(&[identity("T1", "甲"), wrong]).unwrap_err();
        assert!(
            matches!(error, PutError::Identity { position: 2, cause, .. } if cause == wanted),
            "{error}"
        );
    }
    let twice = register.put(&[identity("T1", "甲"), identity("T1", "甲")]);
    assert!(matches!(twice, Err(PutError::Twice { .. })));
    assert_eq!(register.count().unwrap(), 0);
}

#[test]
fn a_search_follows_the_names_and_ends_at_its_limit() {
    let (_dir, register) = empty();
    let many: Vec<_> = (0..300)
        .map(|i| identity(&format!("T{i}"), &format!("试样{i:03}")))
        .collect();
    register.put(&many).unwrap();
    register
        .put(&[identity("X", "试·样"), identity("Y", "式样"), identity("Z", "Ａli")])
        .unwrap();
    let names = |prefix: &str, limit| -> Vec<String> {
        register
            .search(prefix, limit)
            .unwrap()
            .into_iter()
            .map(|named| named.name)
            .collect()
    };
    assert_eq!(names("试样 ", 3), ["试·样", "试样000", "试样001"]);
    assert_eq!(names("试样29", 100).len(), 10);
    assert_eq!(names("试样", usize::MAX).len(), SEARCH_LIMIT_MAX);
    assert_eq!(names("aL", 5), ["Ａli"]);
    assert!(names("", 5).is_empty() && names("试", 0).is_empty() && names("\u{10FFFF}", 5).is_empty());
}

#[test]
fn an_erased_person_is_in_no_lookup_and_nowhere_in_the_file() {
    let (dir, register) = empty();
    let path = dir.path().join("people.redb");
    let gone = Identity {
        phone: Some("19900000000".into()),
        ..with_card("T-gone", "被删试样", 77)
    };
    let others: Vec<_> = (0..200)
        .map(|i| with_card(&format!("T{i}"), &format!("试样{i}"), i + 100))
        .collect();
    register.put(&others).unwrap();
    register.put(&[gone]).unwrap();
    register.put(&[with_card("T5", "改名试样", 105)]).unwrap();

    assert!(register.erase("T-gone", at()).unwrap());
    assert!(!register.erase("T-gone", at()).unwrap());

    assert_eq!(register.get("T-gone").unwrap(), None);
    assert_eq!(
        resolve(&register, Some("被删试样"), Some(card(77))),
        (vec![], Basis::Nobody)
    );
    assert!(register.search("被删", 5).unwrap().is_empty());
    assert_eq!(register.erased_at("T-gone").unwrap(), Some(at()));
    assert_eq!(register.names(&["T-gone"]).unwrap(), [Ok(Called::Erased(at()))]);
    let check_file = || {
        let bytes = fs::read(&path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds("被删试样") && !holds(card(77).number()) && !holds("19900000000") && !holds("T-gone"));
        assert!(
            !holds("改名试样") && !holds("试样199") && !holds(card(105).number()),
            "all is sealed"
        );
    };
    check_file();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // The register goes on in the new file.
    register.put(&[with_card("T-new", "新来试样", 78)]).unwrap();
    drop(register);
    check_file();
    let register = Register::open(&path, &places()).unwrap();
    assert_eq!(register.count().unwrap(), 201);
    assert_eq!(
        resolve(&register, Some("试样5"), Some(card(105))),
        (ids(&["T5"]), Basis::DocumentUnderOtherName)
    );
}

#[test]
fn what_a_crash_left_of_a_scrub_is_cleared_away() {
    let (dir, register) = empty();
    register.put(&[identity("T1", "甲")]).unwrap();
    drop(register);
    let left = dir.path().join("people.redb.new");
    fs::write(&left, "half a register").unwrap();
    let register = Register::open_or_create(dir.path().join("people.redb"), &places()).unwrap();
    assert!(!left.exists());
    assert_eq!(register.count().unwrap(), 1);
}

/// A closed register with three teachers, in which one byte of `T2`'s record is another.
fn with_a_damaged_record() -> (TempDir, Register) {
    let (dir, register) = empty();
    register
        .put(&[
            with_card("T1", "试样甲", 1),
            with_card("T2", "试样乙", 2),
            identity("T3", "试样丙"),
        ])
        .unwrap();
    drop(register);
    let path = dir.path().join("people.redb");
    let mut bytes = fs::read(&path).unwrap();
    // As a record begins: length of key, key, and that it is sealed. Old pages hold it too: those are not read.
    let record = [&[2], b"T2".as_slice(), &[1]].concat();
    let places: Vec<usize> = (0..bytes.len() - 18)
        .filter(|&at| bytes[at..].starts_with(&record))
        .collect();
    for at in places {
        bytes[at + 12] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    let register = Register::open(path, &self::places()).unwrap();
    (dir, register)
}

#[test]
fn a_damaged_record_is_an_error_that_names_the_teacher_and_fails_only_its_own_line() {
    let (_dir, register) = with_a_damaged_record();
    assert_eq!(register.unreadable().unwrap(), ["T2"]);
    let error = register.get("T2").unwrap_err();
    assert!(error.to_string().contains("record of T2 cannot be read"), "{error}");
    let names = register.names(&["T1", "T2", "T3"]).unwrap();
    assert_eq!(
        (names[0].clone(), names[2].clone()),
        (Ok(Called::Name("试样甲".into())), Ok(Called::Name("试样丙".into())))
    );
    assert!(names[1].is_err());
    let lookup = |name: &str, n: u16| Lookup {
        name: Some(name.into()),
        id_document: Some(card(n)),
    };
    // The first is certain. The others may mean the teacher whose record cannot be read.
    let found = register
        .resolve(&[lookup("试样甲", 1), lookup("试样乙", 2), lookup("试样丙", 3)])
        .unwrap();
    assert_eq!(found[0].as_ref().unwrap().teacher_ids, ["T1"]);
    for found in &found[1..] {
        assert_eq!(found.as_ref().unwrap_err().teacher_ids, ["T2"]);
    }
}

#[test]
fn a_damaged_record_heals_when_it_is_put_again_and_goes_when_it_is_erased() {
    let (dir, register) = with_a_damaged_record();
    let scrubbed = register.scrub();
    assert!(matches!(scrubbed, Err(RegisterError::Unreadable(_))), "{scrubbed:?}");
    let put = register.put(&[with_card("T2", "试样乙", 2)]).unwrap();
    assert_eq!(put.changed, 1);
    drop(register);
    let register = Register::open(dir.path().join("people.redb"), &places()).unwrap();
    assert!(register.unreadable().unwrap().is_empty());
    assert_eq!(register.get("T2").unwrap(), Some(with_card("T2", "试样乙", 2)));

    let (dir, register) = with_a_damaged_record();
    assert!(register.erase("T2", at()).unwrap());
    assert_eq!(register.get("T2").unwrap(), None);
    drop(register);
    let register = Register::open(dir.path().join("people.redb"), &places()).unwrap();
    assert_eq!((register.count().unwrap(), register.unreadable().unwrap()), (2, vec![]));
}

#[test]
fn the_register_comes_back_by_itself_after_each_access_that_fails_once() {
    let (_dir, register) = empty();
    register.put(&[with_card("T1", "试样甲", 1)]).unwrap();
    let mut struck = 0;
    for after in 0.. {
        let changed = with_card("T1", &format!("试样{after}"), 1);
        faults::arm(after);
        let put = register.put(std::slice::from_ref(&changed));
        if !faults::disarm() {
            put.unwrap();
            break;
        }
        struck += 1;
        // What was answered is so; what was not, is so or is as before, and can be asked for again.
        let known = register.get("T1").unwrap().unwrap();
        let is_new = known.name == changed.name;
        assert!(put.is_err() || is_new, "access {after}");
        register.put(std::slice::from_ref(&changed)).unwrap();
        assert_eq!(register.get("T1").unwrap(), Some(changed));
    }
    assert!(struck > 10, "{struck}");
}

#[test]
fn a_register_that_cannot_be_opened_again_is_an_error_until_it_can() {
    let (dir, register) = empty();
    register.put(&[identity("T1", "甲")]).unwrap();
    let (path, aside) = (dir.path().join("people.redb"), dir.path().join("aside"));
    fs::rename(&path, &aside).unwrap();
    assert!(matches!(register.check_in_place(), Err(StoreError::Removed { .. })));
    assert!(register.put(&[identity("T2", "乙")]).is_err());
    assert!(matches!(
        register.get("T1"),
        Err(RegisterError::Store(StoreError::Missing { .. }))
    ));
    fs::rename(&aside, &path).unwrap();
    assert_eq!(register.get("T1").unwrap(), Some(identity("T1", "甲")));
}

#[test]
fn readers_and_writers_go_on_while_others_are_erased() {
    let (_dir, register) = empty();
    let people: Vec<_> = (0..20)
        .map(|i| with_card(&format!("T{i}"), &format!("试样{i}"), i))
        .collect();
    register.put(&people).unwrap();
    thread::scope(|scope| {
        let register = &register;
        scope.spawn(move || (0..10).for_each(|i| assert!(register.erase(&format!("T{i}"), at()).unwrap())));
        for writer in 0..2 {
            scope.spawn(move || {
                for i in 0..10 {
                    register.put(&[identity(&format!("N{writer}-{i}"), "新人")]).unwrap();
                    assert!(register.get("T15").unwrap().is_some());
                }
            });
        }
    });
    assert_eq!(register.count().unwrap(), 30);
    assert_eq!(resolve(&register, Some("新人"), None).0.len(), 20);
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<(u8, u8, Option<u16>)>),
    Erase(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let one = (0..8_u8, 0..4_u8, prop::option::of(0..4_u16));
    prop_oneof![
        6 => prop::collection::vec(one, 1..4).prop_map(Step::Put),
        2 => (0..8_u8).prop_map(Step::Erase),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The register against one map: whatever is put, changed, erased and reopened, the lookups agree with the records.
    #[test]
    fn the_register_agrees_with_a_map(steps in prop::collection::vec(step(), 1..20)) {
        let (dir, mut register) = empty();
        let mut model: BTreeMap<String, Identity> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(people) => {
                    let people: BTreeMap<String, Identity> = people
                        .into_iter()
                        .map(|(id, name, n)| {
                            let id_document = n.map(card);
                            (format!("T{id}"), Identity { id_document, ..identity(&format!("T{id}"), &format!("试样{name}")) })
                        })
                        .collect();
                    for id in people.keys() {
                        register.readmit(id).unwrap();
                    }
                    register.put(&people.values().cloned().collect::<Vec<_>>()).unwrap();
                    model.extend(people);
                }
                Step::Erase(id) => {
                    let id = format!("T{id}");
                    prop_assert_eq!(register.erase(&id, at()).unwrap(), model.remove(&id).is_some());
                }
                Step::Reopen => {
                    drop(register);
                    register = Register::open_or_create(dir.path().join("people.redb"), &places()).unwrap();
                }
            }
            for i in 0..8 {
                let id = format!("T{i}");
                prop_assert_eq!(register.get(&id).unwrap(), model.get(&id).cloned());
            }
            for i in 0..4_u16 {
                let name = format!("试样{i}");
                let named: Vec<_> = model.values().filter(|p| p.name == name).map(|p| p.teacher_id.clone()).collect();
                prop_assert_eq!(resolve(&register, Some(&name), None).0, named);
                let holds = |p: &&Identity| p.id_document == Some(card(i));
                let holders: Vec<_> = model.values().filter(holds).map(|p| p.teacher_id.clone()).collect();
                prop_assert_eq!(resolve(&register, None, Some(card(i))).0, holders);
            }
        }
    }

    #[test]
    fn every_identity_reads_back(
        name in "[\\p{Han}A-Za-z·]{1,10}[\\p{Han}A-Za-z]",
        kind in "[\\p{Han}]{1,10}",
        number in "[A-Z0-9]{1,40}",
        days in prop::option::of(0..60_000_i32),
        second in 0_i64..200_000_000_000,
    ) {
        let (_dir, register) = empty();
        let person = Identity {
            id_document: IdDocument::new(&kind, &number).ok(),
            birth_date: days.map(|days| Date::constant(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap()),
            updated_at: Timestamp::from_second(second).unwrap(),
            ..identity("T1", &name)
        };
        register.put(std::slice::from_ref(&person)).unwrap();
        prop_assert_eq!(register.get("T1").unwrap(), Some(person));
    }
}

mod sealing {
    //! The keys: what opens a register, what does not, and what a crash leaves.

    use super::*;
    use crate::keyring::KeyError;
    use crate::people::{carry_keys, change_key, examine};
    use crate::store::Store;

    const GONE: &str = "被删试样";

    /// A register whose key lies in a file beside its directory.
    fn with_key_file() -> (TempDir, KeyPlaces) {
        let dir = tempfile::tempdir().unwrap();
        let places = KeyPlaces {
            dir: Some(dir.path().join("keys")),
            ..KeyPlaces::default()
        };
        let register = open(&dir, &places).unwrap();
        assert!(register.made_key().is_some_and(Path::exists));
        register
            .put(&[with_card("T1", "试样甲", 1), with_card("T2", "试样乙", 2)])
            .unwrap();
        (dir, places)
    }

    fn open(dir: &TempDir, places: &KeyPlaces) -> Result<Register, OpenError> {
        fs::create_dir_all(dir.path().join("data")).unwrap();
        Register::open_or_create(people(dir), places)
    }

    fn people(dir: &TempDir) -> PathBuf {
        dir.path().join("data/people.redb")
    }

    fn keys(dir: &TempDir) -> PathBuf {
        dir.path().join("data/people.keys")
    }

    fn key_file(dir: &TempDir) -> PathBuf {
        let mut files = fs::read_dir(dir.path().join("keys")).unwrap();
        let file = files.next().unwrap().unwrap().path();
        assert!(files.next().is_none());
        file
    }

    /// Every file below, for the bytes in it.
    fn holds(dir: &Path, text: &str) -> bool {
        fs::read_dir(dir).unwrap().map(Result::unwrap).any(|entry| {
            let bytes = fs::read(entry.path()).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }

    #[test]
    fn the_data_directory_alone_tells_no_names_and_its_key_is_private() {
        let (dir, places) = with_key_file();
        for text in ["试样甲", "试样乙", card(1).number(), card(2).number()] {
            assert!(!holds(&dir.path().join("data"), text), "{text}");
        }
        for file in [key_file(&dir), keys(&dir)] {
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let register = open(&dir, &places).unwrap();
        assert_eq!(register.get("T1").unwrap(), Some(with_card("T1", "试样甲", 1)));
        assert_eq!(register.made_key(), None);
    }

    #[test]
    fn a_lost_or_wrong_key_stops_the_opening_and_none_is_made_in_its_place() {
        let (dir, places) = with_key_file();
        let file = key_file(&dir);
        let aside = dir.path().join("aside");
        fs::rename(&file, &aside).unwrap();
        for _ in 0..2 {
            let lost = open(&dir, &places);
            assert!(
                matches!(&lost, Err(OpenError::Key(KeyError::Missing { looked, .. })) if looked.contains(&file)),
                "{lost:?}"
            );
            assert!(!file.exists(), "a key was made");
            assert!(matches!(
                examine(&people(&dir), &places),
                Err(OpenError::Key(KeyError::Missing { .. }))
            ));
        }
        fs::write(&file, format!("{}\n", "7a".repeat(32))).unwrap();
        let wrong = open(&dir, &places);
        assert!(
            matches!(wrong, Err(OpenError::Key(KeyError::Differs { .. }))),
            "{wrong:?}"
        );
        fs::write(&file, "no key\n").unwrap();
        let none = open(&dir, &places);
        assert!(
            matches!(none, Err(OpenError::Key(KeyError::Malformed { .. }))),
            "{none:?}"
        );
        // Named where it is, it is found there again without being named.
        fs::remove_file(&file).unwrap();
        let named = KeyPlaces {
            file: Some(aside.clone()),
            ..KeyPlaces::default()
        };
        drop(open(&dir, &named).unwrap());
        let register = open(&dir, &KeyPlaces::default()).unwrap();
        assert_eq!(
            (register.count().unwrap(), register.key_file()),
            (2, Some(aside.as_path()))
        );
    }

    #[test]
    fn keys_that_are_lost_or_damaged_are_an_error_and_not_begun_anew() {
        let (dir, places) = with_key_file();
        let whole = fs::read(keys(&dir)).unwrap();
        fs::remove_file(keys(&dir)).unwrap();
        for _ in 0..2 {
            let lost = open(&dir, &places);
            assert!(matches!(lost, Err(OpenError::KeysMissing { .. })), "{lost:?}");
            assert!(!keys(&dir).exists());
        }
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(keys(&dir), bytes).unwrap();
            let damaged = open(&dir, &places);
            assert!(
                matches!(damaged, Err(OpenError::KeysDamaged { .. })),
                "byte {at}: {damaged:?}"
            );
        }
        fs::write(keys(&dir), whole).unwrap();
        assert_eq!(open(&dir, &places).unwrap().count().unwrap(), 2);
    }

    #[test]
    fn the_key_is_changed_and_wherever_that_breaks_off_the_register_opens() {
        let (dir, places) = with_key_file();
        let (before, wrapped_before) = (fs::read(key_file(&dir)).unwrap(), fs::read(keys(&dir)).unwrap());
        let in_use = open(&dir, &places).unwrap();
        assert!(matches!(
            change_key(&people(&dir), &places),
            Err(OpenError::Store(StoreError::InUse { .. }))
        ));
        drop(in_use);
        let changed = change_key(&people(&dir), &places).unwrap();
        assert_eq!(changed.file, Some(key_file(&dir)));
        let after = fs::read(key_file(&dir)).unwrap();
        assert_ne!(after, before);
        assert_eq!(open(&dir, &places).unwrap().count().unwrap(), 2);
        // The old key opens it no more, and what the register needs is said.
        fs::write(key_file(&dir), &before).unwrap();
        let old = open(&dir, &places);
        assert!(
            matches!(&old, Err(OpenError::Key(KeyError::Differs { wanted, .. })) if *wanted == changed.key_id),
            "{old:?}"
        );
        // Broken off after the key's file: both keys in it, the people's keys as they were, or wrapped anew.
        let line = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .unwrap()
                .lines()
                .nth(1)
                .unwrap()
                .to_owned()
        };
        let both = format!("keshi people key 1\n{}\n{}\n", line(&after), line(&before));
        let wrapped_after = fs::read(keys(&dir)).unwrap();
        for wrapped in [wrapped_before, wrapped_after] {
            fs::write(key_file(&dir), &both).unwrap();
            fs::write(keys(&dir), &wrapped).unwrap();
            assert_eq!(open(&dir, &places).unwrap().count().unwrap(), 2);
            change_key(&people(&dir), &places).unwrap();
            assert_eq!(fs::read_to_string(key_file(&dir)).unwrap().lines().count(), 2);
            assert_eq!(open(&dir, &places).unwrap().count().unwrap(), 2);
        }
    }

    #[test]
    fn a_given_key_is_changed_by_giving_the_new_one_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let given = |text: &str| KeyPlaces {
            given: Some(text.to_owned().into()),
            ..KeyPlaces::default()
        };
        let (old, new) = ("1a".repeat(32), "2b".repeat(32));
        open(&dir, &given(&old)).unwrap().put(&[identity("T1", "甲")]).unwrap();
        assert!(matches!(
            change_key(&people(&dir), &given(&old)),
            Err(OpenError::Key(KeyError::Given { .. }))
        ));
        assert!(open(&dir, &given(&new)).is_err());
        change_key(&people(&dir), &given(&format!("{new},{old}"))).unwrap();
        assert_eq!(open(&dir, &given(&new)).unwrap().count().unwrap(), 1);
        assert!(open(&dir, &given(&old)).is_err());
    }

    #[test]
    fn who_is_erased_does_not_come_back_with_an_old_copy_of_the_register_nor_with_an_old_list() {
        let (dir, places) = with_key_file();
        let register = open(&dir, &places).unwrap();
        register.put(&[with_card("T-gone", GONE, 7)]).unwrap();
        drop(register);
        let old_copy = fs::read(people(&dir)).unwrap();
        let register = open(&dir, &places).unwrap();
        assert!(register.erase("T-gone", at()).unwrap());
        drop(register);
        fs::write(people(&dir), &old_copy).unwrap();
        assert_eq!(examine(&people(&dir), &places).unwrap().erased, ["T-gone"]);
        let register = open(&dir, &places).unwrap();
        assert_eq!(register.get("T-gone").unwrap(), None);
        assert_eq!(resolve(&register, Some(GONE), Some(card(7))), (vec![], Basis::Nobody));
        assert!(register.unreadable().unwrap().is_empty());
        assert!(
            !fs::read(people(&dir))
                .unwrap()
                .windows(6)
                .any(|window| window == b"T-gone")
        );
        let refused = register.put(&[with_card("T1", "试样甲", 1), with_card("T-gone", GONE, 7)]);
        assert!(
            matches!(&refused, Err(PutError::Erased { teacher_id }) if teacher_id == "T-gone"),
            "{refused:?}"
        );
        // Said on purpose, she is known again, and what was erased is not.
        assert!(register.readmit("T-gone").unwrap() && !register.readmit("T-gone").unwrap());
        register.put(&[identity("T-gone", "新名")]).unwrap();
        assert_eq!(register.get("T-gone").unwrap(), Some(identity("T-gone", "新名")));
        assert_eq!(register.erased_at("T-gone").unwrap(), None);
        drop(register);
        fs::write(people(&dir), &old_copy).unwrap();
        let register = open(&dir, &places).unwrap();
        assert_eq!(
            register.unreadable().unwrap(),
            ["T-gone"],
            "the new key does not open the old record"
        );
    }

    #[test]
    fn a_register_that_lay_open_is_sealed_wherever_a_crash_broke_that_off() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("office.key");
        let places = KeyPlaces {
            file: Some(file.clone()),
            ..KeyPlaces::default()
        };
        fs::create_dir_all(dir.path().join("data")).unwrap();
        store::create(&people(&dir)).unwrap();
        let (open_store, _) = Store::open(&people(&dir)).unwrap();
        let json = |name: &str| format!(r#"{{"v":"1","name":"{name}","updated_at":"2022-09-01T08:00:00Z"}}"#);
        let (one, two) = (json("试样甲"), json("试样乙"));
        open_store
            .write(&[("T1", Some(one.as_bytes())), ("T2", Some(two.as_bytes()))])
            .unwrap();
        drop(open_store);
        assert!(holds(&dir.path().join("data"), "试样甲"));
        let before = fs::read(people(&dir)).unwrap();
        assert!(examine(&people(&dir), &places).unwrap().lies_open);
        let check = || {
            let register = open(&dir, &places).unwrap();
            assert_eq!(register.get("T1").unwrap().unwrap().name, "试样甲");
            assert_eq!(register.count().unwrap(), 2);
            drop(register);
            assert!(
                !holds(&dir.path().join("data"), "试样"),
                "all is sealed and written over"
            );
            assert!(!examine(&people(&dir), &places).unwrap().lies_open);
        };
        check();
        // The keys were written, the records were not.
        fs::write(people(&dir), &before).unwrap();
        check();
        // The key was made, and nothing else.
        fs::write(people(&dir), &before).unwrap();
        fs::remove_file(keys(&dir)).unwrap();
        assert!(file.exists());
        check();
    }

    #[test]
    fn the_keys_are_carried_wrapped_and_damaged_ones_replace_no_copy() {
        let (dir, _) = with_key_file();
        let to = dir.path().join("backup/people.redb");
        assert_eq!(carry_keys(&people(&dir), &to).unwrap(), 2);
        let copy = fs::read(dir.path().join("backup/people.keys")).unwrap();
        assert_eq!(copy, fs::read(keys(&dir)).unwrap());
        fs::write(keys(&dir), "keshi people keys 1\n").unwrap();
        assert!(matches!(
            carry_keys(&people(&dir), &to),
            Err(OpenError::KeysDamaged { .. })
        ));
        assert_eq!(fs::read(dir.path().join("backup/people.keys")).unwrap(), copy);
    }
}
