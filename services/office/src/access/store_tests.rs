use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;

use tempfile::TempDir;

use super::*;

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
    let access = Access::open_or_create(dir.path().join("access.toml")).unwrap();
    (dir, access)
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(
        Access::open(dir.path().join("none.toml")),
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
    let again = Access::open_or_create(dir.path().join("access.toml")).unwrap();
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
    let path = dir.path().join("access.toml");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(path).unwrap();
    assert!(!text.contains(new.secret.reveal()) && !text.contains(&new.secret.reveal()[3..20]));
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
    let unknown = Secret::generate().unwrap();
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
    let other = Access::open(dir.path().join("access.toml")).unwrap();
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

#[test]
fn an_edit_in_place_of_the_same_length_is_seen() {
    let (dir, access) = empty();
    let new = access.create(&clerk("clerk-1"), now()).unwrap();
    access.refresh();
    let path = dir.path().join("access.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("S1", "S2")).unwrap();
    access.refresh();
    let caller = access.authenticate(new.secret.reveal(), now()).unwrap();
    assert_eq!(caller.role().school(), Some("S2"));
}

#[test]
fn a_broken_edit_keeps_the_last_good_state_and_is_not_overwritten() {
    let (dir, access) = empty();
    let new = access.create(&clerk("clerk-1"), now()).unwrap();
    let path = dir.path().join("access.toml");
    let good = fs::read_to_string(&path).unwrap();
    for broken in [good.replace("clerk\"", "clark\""), String::new(), "[[token".to_owned()] {
        fs::write(&path, &broken).unwrap();
        access.refresh();
        assert!(access.authenticate(new.secret.reveal(), now()).is_ok());
        let refused = access.create(&clerk("clerk-2"), now());
        assert!(
            matches!(refused, Err(ChangeError::Open(OpenError::Broken { .. }))),
            "{refused:?}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
    fs::remove_file(&path).unwrap();
    access.refresh();
    assert!(access.authenticate(new.secret.reveal(), now()).is_ok());
    fs::write(
        &path,
        good.replace("[[token]]", "[[token]]\nrevoked_at = \"2022-09-02T00:00:00Z\""),
    )
    .unwrap();
    access.refresh();
    assert!(matches!(
        access.authenticate(new.secret.reveal(), now()),
        Err(AccessError::Revoked { .. })
    ));
}

#[test]
fn changes_made_at_the_same_time_are_all_kept() {
    let (dir, access) = empty();
    let path = dir.path().join("access.toml");
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
