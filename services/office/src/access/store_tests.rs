use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::super::is_token_id;
use super::super::token::Secret;
use super::*;
use crate::store::StoreError;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2022-09-01T08:00:00Z")
}

fn clerk(id: &str) -> Request {
    let role = Role::Clerk {
        school: "S1".into(),
        teacher_id: None,
    };
    Request {
        id: Some(id.into()),
        office: "610729".into(),
        role,
        expires_on: None,
    }
}

fn empty() -> (TempDir, Access) {
    let dir = tempfile::tempdir().unwrap();
    let access = Access::open_or_create(dir.path().join("access.redb")).unwrap();
    (dir, access)
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(
        Access::open(dir.path().join("none.redb")),
        Err(OpenError::Missing { .. })
    ));
}

#[test]
fn the_first_start_makes_one_admin_and_the_second_none() {
    let (dir, access) = empty();
    let new = access.first_token("610729", now()).unwrap().unwrap();
    let caller = access.authenticate(new.secret.reveal(), now()).unwrap();
    assert_eq!((caller.role(), caller.office()), (&Role::Admin, "610729"));
    assert_eq!(caller.poster_id(), new.token.id);
    assert!(new.token.id.starts_with("admin-") && is_token_id(&new.token.id));
    assert!(access.first_token("610729", now()).unwrap().is_none());
    let again = Access::open_or_create(dir.path().join("access.redb")).unwrap();
    assert!(again.first_token("610729", now()).unwrap().is_none());
    assert!(again.first_token("610728", now()).unwrap().is_some());
    assert!(again.authenticate(new.secret.reveal(), now()).is_ok());
    // The first one hears of the second's token at its next look.
    access.refresh();
    assert_eq!(access.list().len(), 2);
}

#[test]
fn the_file_is_private_and_does_not_hold_the_token() {
    let (dir, access) = empty();
    let new = access.create(&clerk("clerk-s1"), now()).unwrap();
    let path = dir.path().join("access.redb");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(path).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("clerk-s1") && !holds(new.secret.reveal()) && !holds(&new.secret.reveal()[3..20]));
    assert!(!format!("{new:?}").contains(new.secret.reveal()));
}

#[test]
fn each_reason_to_refuse_a_token_is_told_apart() {
    let (_dir, access) = empty();
    let expiring = Request {
        expires_on: Some("2022-12-31".parse().unwrap()),
        ..clerk("clerk-2")
    };
    let expiring = access.create(&expiring, now()).unwrap();
    let revoked = access.create(&clerk("clerk-3"), now()).unwrap();
    access.revoke("clerk-3", now()).unwrap();
    let unknown = Secret::generate(token::PREFIX).unwrap();
    let mut mistyped = unknown.reveal().to_owned();
    mistyped.replace_range(20..=20, if &mistyped[20..=20] == "a" { "b" } else { "a" });

    assert_eq!(access.authenticate(" ", now()), Err(AccessError::Missing));
    assert_eq!(access.authenticate("Bearer ", now()), Err(AccessError::Missing));
    assert_eq!(access.authenticate(&mistyped, now()), Err(AccessError::Malformed));
    assert_eq!(access.authenticate("Basic eDp5", now()), Err(AccessError::Malformed));
    assert_eq!(access.authenticate(unknown.reveal(), now()), Err(AccessError::Unknown));
    let error = access.authenticate(revoked.secret.reveal(), now()).unwrap_err();
    assert_eq!(
        error,
        AccessError::Revoked {
            id: "clerk-3".into(),
            revoked_at: now()
        }
    );

    let header = format!("bearer {}", expiring.secret.reveal());
    // The last day ends at midnight in China, 16:00 UTC.
    assert!(access.authenticate(&header, at("2022-12-31T15:59:59.999Z")).is_ok());
    let error = access.authenticate(&header, at("2022-12-31T16:00:00Z")).unwrap_err();
    assert_eq!(
        error,
        AccessError::Expired {
            id: "clerk-2".into(),
            expires_on: "2022-12-31".parse().unwrap()
        }
    );
}

#[test]
fn a_token_that_makes_no_sense_is_not_made() {
    let (_dir, access) = empty();
    access.create(&clerk("clerk-1"), now()).unwrap();
    access.revoke("clerk-1", now()).unwrap();
    let refused = |request: Request| access.create(&request, now()).unwrap_err();
    assert!(
        matches!(refused(clerk("clerk-1")), ChangeError::Taken { .. }),
        "a revoked id stays taken"
    );
    for id in ["", "王芳", "Clerk", "-a", "c_1", "13800138000", &"a".repeat(33)] {
        assert!(matches!(refused(clerk(id)), ChangeError::Id { .. }), "{id}");
    }
    assert!(matches!(
        refused(Request {
            office: "liuba".into(),
            ..clerk("a")
        }),
        ChangeError::Office { .. }
    ));
    assert!(matches!(
        refused(Request {
            role: Role::Dev,
            ..clerk("a")
        }),
        ChangeError::DevRole
    ));
    let yesterday = Some("2022-08-31".parse().unwrap());
    assert!(matches!(
        refused(Request {
            expires_on: yesterday,
            ..clerk("a")
        }),
        ChangeError::ExpiresInThePast { .. }
    ));
    assert!(matches!(
        access.revoke("nobody", now()),
        Err(ChangeError::NoSuchToken { .. })
    ));
    assert_eq!(access.list().len(), 1);
}

#[test]
fn revoking_twice_keeps_the_first_time() {
    let (_dir, access) = empty();
    access.create(&clerk("clerk-1"), now()).unwrap();
    access.revoke("clerk-1", now()).unwrap();
    assert_eq!(
        access.revoke("clerk-1", at("2023-01-01T00:00:00Z")).unwrap().revoked_at,
        Some(now())
    );
}

#[test]
fn a_change_by_another_process_is_followed_without_asking() {
    let (dir, access) = empty();
    let other = Access::open(dir.path().join("access.redb")).unwrap();
    let new = other.create(&clerk("clerk-1"), now()).unwrap();
    let limit = Instant::now() + Duration::from_secs(10);
    while access.authenticate(new.secret.reveal(), now()).is_err() {
        assert!(Instant::now() < limit, "the new token was not seen in 10 s");
        thread::yield_now();
    }
    other.revoke("clerk-1", now()).unwrap();
    while access.authenticate(new.secret.reveal(), now()).is_ok() {
        assert!(Instant::now() < limit, "the revocation was not seen in 10 s");
        thread::yield_now();
    }
}

/// Another store's file in place of this one's.
fn replace(path: &Path, by: &Path) {
    let beside = path.with_extension("new");
    fs::copy(by, &beside).unwrap();
    fs::rename(&beside, path).unwrap();
}

#[test]
fn a_caller_goes_on_until_her_token_ends_or_stands_for_something_else() {
    let (dir, access) = empty();
    let path = dir.path().join("access.redb");
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Access::open_or_create(elsewhere.path().join("other.redb")).unwrap();
    let of_other_school = Role::Clerk {
        school: "S2".into(),
        teacher_id: None,
    };
    let request = Request {
        role: of_other_school,
        ..clerk("clerk-1")
    };
    other.create(&request, now()).unwrap();

    let new = access.create(&clerk("clerk-1"), now()).unwrap();
    let caller = access.authenticate(new.secret.reveal(), now()).unwrap();
    assert_eq!(access.still(&caller, now()), Ok(()));
    let id = || "clerk-1".to_owned();
    replace(&path, &elsewhere.path().join("other.redb"));
    access.refresh();
    assert_eq!(access.still(&caller, now()), Err(AccessError::Changed { id: id() }));
    access.revoke("clerk-1", now()).unwrap();
    let revoked_at = now();
    assert_eq!(
        access.still(&caller, now()),
        Err(AccessError::Revoked { id: id(), revoked_at })
    );
    let (fresh_dir, _fresh) = empty();
    replace(&path, &fresh_dir.path().join("access.redb"));
    access.refresh();
    assert_eq!(access.still(&caller, now()), Err(AccessError::Unknown));
}

#[test]
fn a_file_that_is_damaged_or_gone_keeps_the_last_good_state_and_is_not_written_over() {
    let (dir, access) = empty();
    let new = access.create(&clerk("clerk-1"), now()).unwrap();
    let path = dir.path().join("access.redb");
    let good = fs::read(&path).unwrap();
    for broken in [Vec::new(), good[..good.len() / 2].to_vec(), b"[[token]]".to_vec()] {
        fs::write(&path, &broken).unwrap();
        access.refresh();
        assert!(access.authenticate(new.secret.reveal(), now()).is_ok());
        let refused = access.create(&clerk("clerk-2"), now());
        assert!(
            matches!(
                refused,
                Err(ChangeError::Open(OpenError::Store(StoreError::Damaged { .. })))
            ),
            "{refused:?}"
        );
        assert!(fs::read(&path).unwrap() == broken);
    }
    fs::remove_file(&path).unwrap();
    access.refresh();
    assert!(access.authenticate(new.secret.reveal(), now()).is_ok());
    let refused = access.create(&clerk("clerk-2"), now());
    assert!(
        matches!(refused, Err(ChangeError::Open(OpenError::Missing { .. }))),
        "{refused:?}"
    );
    fs::write(&path, good).unwrap();
    Access::open(&path).unwrap().revoke("clerk-1", now()).unwrap();
    access.refresh();
    assert!(matches!(
        access.authenticate(new.secret.reveal(), now()),
        Err(AccessError::Revoked { .. })
    ));
}

#[test]
fn a_damaged_record_lets_nobody_in_keeps_its_id_and_spoils_no_other() {
    let (dir, access) = empty();
    let first = access.create(&clerk("clerk-1"), now()).unwrap();
    let second = access.create(&clerk("clerk-2"), now()).unwrap();
    let path = dir.path().join("access.redb");
    let mut bytes = fs::read(&path).unwrap();
    // Within the record of the first: its hash.
    let hash = keshi_core::ids::Sha256(first.token.sha256).to_string();
    let places: Vec<usize> = (0..bytes.len() - 64)
        .filter(|&at| bytes[at..].starts_with(hash.as_bytes()))
        .collect();
    for at in places {
        bytes[at + 5] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    for access in [&access, &Access::open(&path).unwrap()] {
        access.refresh();
        assert_eq!(access.unreadable(), ["clerk-1"]);
        assert_eq!(
            access.authenticate(first.secret.reveal(), now()),
            Err(AccessError::Unknown)
        );
        assert!(access.authenticate(second.secret.reveal(), now()).is_ok());
        assert!(matches!(
            access.create(&clerk("clerk-1"), now()),
            Err(ChangeError::Taken { .. })
        ));
        assert!(matches!(
            access.revoke("clerk-1", now()),
            Err(ChangeError::Unreadable { .. })
        ));
        assert!(access.first_token("610730", now()).unwrap().is_none());
    }
}

#[test]
fn a_change_under_way_in_another_process_is_waited_for_by_no_reader() {
    let (dir, access) = empty();
    let new = access.create(&clerk("clerk-1"), now()).unwrap();
    let alone = fs::File::open(dir.path().join("access.redb")).unwrap();
    alone.lock().unwrap();
    access.refresh();
    assert!(access.authenticate(new.secret.reveal(), now()).is_ok());
    alone.unlock().unwrap();
    access.refresh();
    assert_eq!(access.list().len(), 1);
}

#[test]
fn changes_made_at_the_same_time_are_all_kept() {
    let (dir, access) = empty();
    let path = dir.path().join("access.redb");
    let access = Arc::new(access);
    thread::scope(|scope| {
        for writer in 0..4 {
            // Half of them share one handle, half come as other processes do.
            let other = (writer % 2 == 0).then(|| Access::open(&path).unwrap());
            let access = &access;
            scope.spawn(move || {
                let access = other.as_ref().unwrap_or(access);
                for i in 0..10 {
                    access.create(&clerk(&format!("clerk-{writer}-{i}")), now()).unwrap();
                }
            });
        }
    });
    assert_eq!(Access::open(&path).unwrap().list().len(), 40);
}
