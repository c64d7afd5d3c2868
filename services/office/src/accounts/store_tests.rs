use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::*;
use crate::access::{AccessError, Caller, Credential, Request, Secret};
use crate::accounts::{NewSession, Password, SESSION_PREFIX, SESSIONS_MAX};

const OFFICE: &str = "610729";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2022-09-01T08:00:00Z")
}

fn here() -> (IpAddr, &'static str) {
    ("10.1.2.3".parse().unwrap(), "Firefox")
}

fn clerk(school: &str) -> Role {
    Role::Clerk {
        school: school.into(),
        teacher_id: None,
    }
}

fn wanted(id: &str) -> NewAccount {
    NewAccount {
        id: Some(id.to_owned()),
        role: clerk("S1"),
        note: None,
    }
}

struct Office {
    dir: tempfile::TempDir,
    access: Access,
}

impl Office {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access.redb");
        let access = Access::open_or_create(&path).unwrap();
        let accounts = Accounts::open_or_create(&path).unwrap();
        Self {
            access: access.with_accounts(accounts.into()),
            dir,
        }
    }

    /// As another process, or this one after a restart, has it open.
    fn again(&self) -> Access {
        let path = self.dir.path().join("access.redb");
        let accounts = Accounts::open_or_create(&path).unwrap();
        Access::open(&path).unwrap().with_accounts(accounts.into())
    }

    fn accounts(&self) -> &Accounts {
        self.access.accounts().unwrap()
    }

    fn make(&self, id: &str) -> Made {
        let made = self
            .accounts()
            .create(&self.access, OFFICE, &[wanted(id)], ("admin", now()));
        made.unwrap().remove(0)
    }

    /// An account with a password, as it is kept. Hashing is tested elsewhere.
    fn make_active(&self, id: &str) -> Account {
        let made = self.make(id);
        let phc = Password::typed("correct horse").unwrap().hash().unwrap();
        self.accounts().set_password(&made.account, phc, now()).unwrap()
    }

    fn begin(&self, account: &Account, now: Timestamp) -> NewSession {
        self.accounts().begin(account, here(), now).unwrap()
    }
}

fn let_in(access: &Access, session: &NewSession, now: Timestamp) -> Result<Caller, AccessError> {
    access.authenticate(&format!("Bearer {}", session.secret.reveal()), now)
}

#[test]
fn one_who_signed_in_is_a_caller_with_the_id_and_the_rights_of_her_account() {
    let office = Office::new();
    let session = office.begin(&office.make_active("clerk-1"), now());
    let caller = let_in(&office.access, &session, now()).unwrap();
    assert_eq!(
        (caller.poster_id(), caller.office(), caller.role()),
        ("clerk-1", OFFICE, &clerk("S1"))
    );
    assert!(matches!(caller.credential(), Credential::Session(_)));
    assert_eq!(office.access.still(&caller, now()), Ok(()));
    assert!(session.secret.reveal().starts_with("kss_"));
    let guess = Secret::generate(SESSION_PREFIX).unwrap();
    for text in [guess.reveal(), "kss_", "kss_x"] {
        assert_eq!(
            office.access.authenticate(text, now()),
            Err(AccessError::SessionEnded),
            "{text}"
        );
    }
}

#[test]
fn the_files_are_private_and_hold_neither_code_nor_password_nor_secret() {
    let office = Office::new();
    let made = office.make("clerk-1");
    let session = office.begin(&office.make_active("clerk-2"), now());
    for file in ["accounts.redb", "sessions.redb", "signins/2022-09.jsonl"] {
        let path = office.dir.path().join(file);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file}"
        );
        let bytes = fs::read(path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("clerk-2"), "{file}");
        for secret in [
            &made.code.reveal(),
            &made.code.reveal().replace('-', ""),
            session.secret.reveal(),
            "correct horse",
        ] {
            assert!(!holds(secret), "{file}");
        }
    }
}

#[test]
fn an_id_is_that_of_one_token_or_account_for_ever() {
    let office = Office::new();
    let token = |id: &str| Request {
        id: Some(id.to_owned()),
        office: OFFICE.to_owned(),
        role: Role::Admin,
        expires_on: None,
    };
    office.access.create(&token("a"), now()).unwrap();
    office.access.revoke("a", now()).unwrap();
    office.make("b");
    office.accounts().close(OFFICE, "b", ("admin", now())).unwrap();
    let rows = [
        wanted("a"),
        wanted("c"),
        wanted("b"),
        wanted("c"),
        wanted("local"),
        wanted("王芳"),
    ];
    let refused = office
        .accounts()
        .create(&office.access, OFFICE, &rows, ("admin", now()));
    let Err(AccountError::Rows(rows)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        rows.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [0, 2, 3, 4, 5]
    );
    assert!(office.accounts().get("c").is_none(), "all or none");
    // Also a program that knows nothing of accounts, such as `keshi token`.
    let alone = Access::open(office.dir.path().join("access.redb")).unwrap();
    for access in [&office.access, &alone] {
        assert!(access.create(&token("b"), now()).is_err());
    }
    alone.create(&token("c"), now()).unwrap();
}

#[test]
fn without_an_id_an_account_is_called_after_its_teacher() {
    let office = Office::new();
    let teacher = NewAccount {
        id: None,
        role: Role::Teacher {
            teacher_id: "LB_0001.a".into(),
        },
        note: Some("初中部".into()),
    };
    let admin = NewAccount {
        id: None,
        role: Role::Admin,
        note: None,
    };
    let made = office
        .accounts()
        .create(&office.access, OFFICE, &[teacher, admin], ("x", now()))
        .unwrap();
    assert_eq!(made[0].account.id, "lb-0001-a");
    assert!(made[1].account.id.starts_with("admin-"));
    let with_phone = NewAccount {
        note: Some("13800138000".into()),
        ..wanted("c")
    };
    let refused = office
        .accounts()
        .create(&office.access, OFFICE, &[with_phone], ("x", now()));
    assert!(matches!(refused, Err(AccountError::Rows(rows)) if matches!(rows[0].1, AccountError::Personal { .. })));
}

#[test]
fn a_code_is_good_once_and_for_fourteen_days() {
    let office = Office::new();
    let Made { account, code } = office.make("clerk-1");
    assert!(account.takes(&code, at("2022-09-15T07:59:59Z")));
    assert!(!account.takes(&code, at("2022-09-15T08:00:00Z")));
    let phc = Password::typed("correct horse").unwrap().hash().unwrap();
    let set = office.accounts().set_password(&account, phc.clone(), now()).unwrap();
    assert!(!set.takes(&code, now()));
    // Two who used the same code at once: one of them.
    let again = office.accounts().set_password(&account, phc, now());
    assert!(matches!(again, Err(AccountError::Key)), "{again:?}");
}

#[test]
fn the_first_account_is_an_admins_and_its_code_lies_in_a_private_file_until_it_is_used() {
    let office = Office::new();
    let (account, file) = office.accounts().first(&office.access, OFFICE, now()).unwrap().unwrap();
    assert_eq!((account.id.as_str(), &account.role), ("admin", &Role::Admin));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let (id, code) = text.trim_end().split_once('\n').unwrap();
    let code = Code::read(code).unwrap();
    assert!(id == "admin" && account.takes(&code, now()));
    assert!(
        office
            .accounts()
            .first(&office.access, OFFICE, now())
            .unwrap()
            .is_none()
    );
    // Another's password does not touch it.
    office.make_active("clerk-1");
    assert!(file.exists());
    office
        .accounts()
        .set_password(
            &account,
            Password::typed("correct horse").unwrap().hash().unwrap(),
            now(),
        )
        .unwrap();
    assert!(!file.exists());
}

#[test]
fn sessions_outlive_a_restart_and_end_when_idle_and_after_a_working_day() {
    let office = Office::new();
    let account = office.make_active("clerk-1");
    let (idle, busy) = (office.begin(&account, now()), office.begin(&account, now()));
    let mut time = now();
    // Asked every hour, also of a process that was started anew in between.
    for _ in 0..11 {
        time += SignedDuration::from_hours(1);
        let access = office.again();
        let_in(&access, &busy, time).unwrap();
        access.accounts().unwrap().tend(time, true).unwrap();
    }
    assert_eq!(let_in(&office.again(), &idle, time), Err(AccessError::SessionEnded));
    let end = at("2022-09-01T20:00:00Z");
    assert_eq!(busy.session.ends_at(), end);
    let access = office.again();
    let_in(&access, &busy, end - SignedDuration::from_secs(1)).unwrap();
    assert_eq!(let_in(&access, &busy, end), Err(AccessError::SessionEnded));
    // What has ended is not kept.
    access.accounts().unwrap().tend(end, false).unwrap();
    let stored = office.accounts();
    stored.refresh();
    assert!(stored.sessions.read().find(&busy.session.sha256).is_none());
    assert!(stored.sessions.read().find(&idle.session.sha256).is_none());
}

#[test]
fn asking_in_a_session_costs_no_write() {
    let office = Office::new();
    let session = office.begin(&office.make_active("clerk-1"), now());
    let before = fs::read(office.dir.path().join("sessions.redb")).unwrap();
    for second in 0..7_000 {
        let_in(&office.access, &session, now() + SignedDuration::from_secs(second)).unwrap();
    }
    assert!(fs::read(office.dir.path().join("sessions.redb")).unwrap() == before);
}

#[test]
fn the_oldest_session_makes_room_for_the_seventeenth() {
    let office = Office::new();
    let account = office.make_active("clerk-1");
    let begin = |n: usize| office.begin(&account, now() + SignedDuration::from_secs(i64::try_from(n).unwrap()));
    let sessions: Vec<_> = (0..=SESSIONS_MAX).map(begin).collect();
    let later = now() + SignedDuration::from_mins(1);
    assert_eq!(
        let_in(&office.access, &sessions[0], later),
        Err(AccessError::SessionEnded)
    );
    assert!(
        sessions[1..]
            .iter()
            .all(|session| let_in(&office.access, session, later).is_ok())
    );
    let listed = office.accounts().sessions_of("clerk-1", later);
    assert_eq!(listed.len(), SESSIONS_MAX);
    assert_eq!(listed.last().unwrap().name(), sessions[SESSIONS_MAX].session.name());
    office.accounts().end(&listed[3]).unwrap();
    assert_eq!(office.accounts().sessions_of("clerk-1", later).len(), SESSIONS_MAX - 1);
}

#[test]
fn a_new_password_a_reset_and_a_closed_account_end_every_session_and_changed_rights_none() {
    let office = Office::new();
    // What has admins keeps one.
    office.accounts().first(&office.access, OFFICE, now()).unwrap();
    let account = office.make_active("clerk-1");
    let session = office.begin(&account, now());
    let caller = let_in(&office.access, &session, now()).unwrap();
    office
        .accounts()
        .change_rights(OFFICE, "clerk-1", &clerk("S2"), ("admin", now()))
        .unwrap();
    let id = "clerk-1".to_owned();
    assert_eq!(
        office.access.still(&caller, now()),
        Err(AccessError::Changed { id: id.clone() })
    );
    let caller = let_in(&office.access, &session, now()).unwrap();
    assert_eq!(caller.role(), &clerk("S2"));

    let seen = office.accounts().get("clerk-1").unwrap();
    let phc = Password::typed("another horse").unwrap().hash().unwrap();
    let account = office.accounts().set_password(&seen, phc, now()).unwrap();
    assert_eq!(let_in(&office.access, &session, now()), Err(AccessError::SessionEnded));
    let session = office.begin(&account, now());
    let caller = let_in(&office.access, &session, now()).unwrap();
    let made = office.accounts().reset(OFFICE, "clerk-1", ("admin", now())).unwrap();
    assert_eq!(office.access.still(&caller, now()), Err(AccessError::SessionEnded));
    assert!(made.account.takes(&made.code, now()));

    let phc = Password::typed("a third horse").unwrap().hash().unwrap();
    let account = office.accounts().set_password(&made.account, phc, now()).unwrap();
    let session = office.begin(&account, now());
    let caller = let_in(&office.access, &session, now()).unwrap();
    office.accounts().close(OFFICE, "clerk-1", ("admin", now())).unwrap();
    assert_eq!(
        office.access.still(&caller, now()),
        Err(AccessError::Closed { id: id.clone() })
    );
    assert_eq!(
        let_in(&office.again(), &session, now()),
        Err(AccessError::Closed { id: id.clone() })
    );
    let reset = office.accounts().reset(OFFICE, "clerk-1", ("admin", now()));
    assert!(matches!(reset, Err(AccountError::Closed { .. })));

    let what = office.accounts().changes(OFFICE, Some("clerk-1"), 0, 99);
    let what: Vec<_> = what
        .iter()
        .map(|change| (change.what.as_str(), change.by.as_str()))
        .collect();
    assert_eq!(
        what,
        [
            ("created", "admin"),
            ("password_set", "clerk-1"),
            ("rights_changed", "admin"),
            ("password_set", "clerk-1"),
            ("reset", "admin"),
            ("password_set", "clerk-1"),
            ("closed", "admin"),
        ]
    );
}

#[test]
fn an_office_keeps_an_admin_and_another_office_touches_none_of_its_accounts() {
    let office = Office::new();
    office.accounts().first(&office.access, OFFICE, now()).unwrap();
    let by = ("admin", now());
    let closed = office.accounts().close(OFFICE, "admin", by);
    assert!(matches!(closed, Err(AccountError::LastAdmin { .. })));
    let demoted = office.accounts().change_rights(OFFICE, "admin", &Role::Auditor, by);
    assert!(matches!(demoted, Err(AccountError::LastAdmin { .. })));
    let elsewhere = office.accounts().close("610730", "admin", by);
    assert!(matches!(elsewhere, Err(AccountError::NoSuchAccount { .. })));
    assert!(office.accounts().list("610730", "", 9).is_empty());
    let second = NewAccount {
        role: Role::Admin,
        ..wanted("admin-2")
    };
    office.accounts().create(&office.access, OFFICE, &[second], by).unwrap();
    office.accounts().close(OFFICE, "admin", by).unwrap();
}

#[test]
fn the_holder_sets_no_more_passwords_a_day_than_are_kept_for_ever_gladly() {
    let office = Office::new();
    let mut account = office.make("clerk-1").account;
    let phc = Password::typed("correct horse").unwrap().hash().unwrap();
    for _ in 0..10 {
        account = office.accounts().set_password(&account, phc.clone(), now()).unwrap();
    }
    let eleventh = office.accounts().set_password(&account, phc.clone(), now());
    assert!(
        matches!(eleventh, Err(AccountError::TooMany { max: 10, .. })),
        "{eleventh:?}"
    );
    let tomorrow = now() + SignedDuration::from_hours(24);
    office.accounts().set_password(&account, phc, tomorrow).unwrap();
}

#[test]
fn from_where_somebody_signed_in_is_known_also_after_a_restart() {
    let office = Office::new();
    let account = office.make_active("clerk-1");
    let address = |n: u8| IpAddr::from([10, 0, 0, n]);
    for n in 0..10 {
        office.accounts().begin(&account, (address(n), ""), now()).unwrap();
    }
    let again = office.again();
    let known = |n| again.accounts().unwrap().is_known("clerk-1", address(n));
    assert!(!known(0) && !known(1) && (2..10).all(known) && !known(10));
    assert!(!again.accounts().unwrap().is_known("clerk-2", address(9)));
}

#[test]
fn a_damaged_record_lets_nobody_in_keeps_its_id_and_spoils_no_other() {
    let office = Office::new();
    let (one, other) = (office.make_active("clerk-1"), office.make_active("clerk-2"));
    let (hers, others) = (office.begin(&one, now()), office.begin(&other, now()));
    let path = office.dir.path().join("accounts.redb");
    let Key::Password { phc, .. } = &one.key else {
        panic!("{one:?}")
    };
    let mut bytes = fs::read(&path).unwrap();
    let places: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at..].starts_with(phc.as_bytes()))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + phc.len() - 1] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    office.accounts().refresh();
    for access in [&office.access, &office.again()] {
        assert_eq!(access.accounts().unwrap().unreadable(), ["a/clerk-1"]);
        assert_eq!(let_in(access, &hers, now()), Err(AccessError::SessionEnded));
        let_in(access, &others, now()).unwrap();
        let accounts = access.accounts().unwrap();
        let again = accounts.create(access, OFFICE, &[wanted("clerk-1")], ("admin", now()));
        assert!(matches!(again, Err(AccountError::Rows(_))));
        let reset = accounts.reset(OFFICE, "clerk-1", ("admin", now()));
        assert!(matches!(reset, Err(AccountError::Unreadable { .. })));
    }
}

#[test]
fn whoever_cannot_be_noted_does_not_sign_in() {
    let office = Office::new();
    let account = office.make_active("clerk-1");
    let dir = office.dir.path().join("signins");
    fs::remove_dir_all(&dir).unwrap();
    fs::write(&dir, "in the way").unwrap();
    let refused = office.accounts().begin(&account, here(), now());
    assert!(matches!(refused, Err(AccountError::Log(_))), "{refused:?}");
    assert!(office.accounts().sessions_of("clerk-1", now()).is_empty());
    fs::remove_file(&dir).unwrap();
    office.begin(&account, now());
}

#[test]
fn no_flipped_byte_lets_anybody_in_who_was_not_or_gives_other_rights() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let office = Office::new();
    let account = office.make_active("clerk-1");
    let session = office.begin(&account, now());
    let closed = office.make_active("clerk-2");
    let ended = office.begin(&closed, now());
    office.accounts().close(OFFICE, "clerk-2", ("admin", now())).unwrap();
    let (mut refused, mut unreadable, mut harmless) = (0, 0, 0);
    for flip in 0..200 {
        let file = ["accounts.redb", "sessions.redb"][flip % 2];
        let path = office.dir.path().join(file);
        let whole = fs::read(&path).unwrap();
        // Half of them near where an account is named: in its record, or one that was.
        let is_near = |at: usize| {
            whole[at.saturating_sub(400)..at]
                .windows(6)
                .any(|word| word == b"clerk-")
        };
        let used: Vec<usize> = (0..whole.len())
            .filter(|&at| whole[at] != 0 && (flip % 4 < 2 || is_near(at)))
            .collect();
        let at = used[random.random_range(0..used.len())];
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << random.random_range(0..8);
        fs::write(&path, &bytes).unwrap();
        let access = office.dir.path().join("access.redb");
        match Accounts::open_or_create(&access) {
            Err(AccountError::Store(_) | AccountError::Sessions { .. }) => refused += 1,
            Err(error) => panic!("byte {at} of {file}: {error}"),
            Ok(accounts) => {
                let is_named = !accounts.unreadable().is_empty();
                unreadable += usize::from(is_named);
                let access = Access::open(&access).unwrap().with_accounts(accounts.into());
                match let_in(&access, &session, now()) {
                    Ok(caller) => {
                        harmless += 1;
                        assert_eq!(
                            (caller.poster_id(), caller.role()),
                            ("clerk-1", &clerk("S1")),
                            "byte {at} of {file}"
                        );
                    }
                    Err(_) => assert!(is_named, "byte {at} of {file}: it is not said what is wrong"),
                }
                assert!(let_in(&access, &ended, now()).is_err(), "byte {at} of {file}");
            }
        }
        fs::write(&path, &whole).unwrap();
    }
    println!("{refused} refused, {unreadable} named, {harmless} let her in as before");
    assert!(refused + unreadable > 0 && harmless > 0);
    let_in(&office.again(), &session, now()).unwrap();
}

#[test]
fn sessions_that_are_cut_off_say_that_nothing_is_lost_with_them() {
    let office = Office::new();
    let account = office.make_active("clerk-1");
    office.begin(&account, now());
    let path = office.dir.path().join("sessions.redb");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 3]).unwrap();
    let access = office.dir.path().join("access.redb");
    let error = Accounts::open_or_create(&access).unwrap_err();
    assert!(
        matches!(error, AccountError::Sessions { .. }) && error.to_string().contains("remove it"),
        "{error}"
    );
    fs::remove_file(&path).unwrap();
    let accounts = Accounts::open_or_create(&access).unwrap();
    accounts.begin(&account, here(), now()).unwrap();
}
