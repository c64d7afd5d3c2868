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
    let register = Register::open_or_create(dir.path().join("people.redb")).unwrap();
    (dir, register)
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
    let register = Register::open_or_create(dir.path().join("people.redb")).unwrap();
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
        [Ok(None), Ok(Some("试样乙".to_owned()))]
    );
    assert_eq!(register.count().unwrap(), 1);
}

#[test]
fn the_file_is_private_and_opened_once() {
    let (dir, _register) = empty();
    let path = dir.path().join("people.redb");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Register::open(&path), Err(StoreError::InUse { .. })));
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

    assert!(register.erase("T-gone").unwrap());
    assert!(!register.erase("T-gone").unwrap());

    assert_eq!(register.get("T-gone").unwrap(), None);
    assert_eq!(
        resolve(&register, Some("被删试样"), Some(card(77))),
        (vec![], Basis::Nobody)
    );
    assert!(register.search("被删", 5).unwrap().is_empty());
    let check_file = || {
        let bytes = fs::read(&path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds("被删试样") && !holds(card(77).number()) && !holds("19900000000") && !holds("T-gone"));
        assert!(holds("改名试样") && holds("试样199"));
    };
    check_file();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // The register goes on in the new file.
    register.put(&[with_card("T-new", "新来试样", 78)]).unwrap();
    drop(register);
    check_file();
    let register = Register::open(&path).unwrap();
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
    let register = Register::open_or_create(dir.path().join("people.redb")).unwrap();
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
    let number = card(2).number().to_owned();
    // Old pages hold it too: those are not read.
    let places: Vec<usize> = (0..bytes.len() - 18)
        .filter(|&at| bytes[at..].starts_with(number.as_bytes()))
        .collect();
    for at in places {
        bytes[at + 5] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    let register = Register::open(path).unwrap();
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
        (Ok(Some("试样甲".into())), Ok(Some("试样丙".into())))
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
    let register = Register::open(dir.path().join("people.redb")).unwrap();
    assert!(register.unreadable().unwrap().is_empty());
    assert_eq!(register.get("T2").unwrap(), Some(with_card("T2", "试样乙", 2)));

    let (dir, register) = with_a_damaged_record();
    assert!(register.erase("T2").unwrap());
    assert_eq!(register.get("T2").unwrap(), None);
    drop(register);
    let register = Register::open(dir.path().join("people.redb")).unwrap();
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
        scope.spawn(move || (0..10).for_each(|i| assert!(register.erase(&format!("T{i}")).unwrap())));
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
                    register.put(&people.values().cloned().collect::<Vec<_>>()).unwrap();
                    model.extend(people);
                }
                Step::Erase(id) => {
                    let id = format!("T{id}");
                    prop_assert_eq!(register.erase(&id).unwrap(), model.remove(&id).is_some());
                }
                Step::Reopen => {
                    drop(register);
                    register = Register::open_or_create(dir.path().join("people.redb")).unwrap();
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
