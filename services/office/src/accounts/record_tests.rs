use proptest::prelude::*;

use super::*;

const HASH: &str = "abababababababababababababababababababababababababababababababab";
const PHC: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const SECOND: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn stored(key: &str) -> String {
    format!(
        r#"{{"v":"1","office":"610729","rights":{{"role":"clerk","school":"S1"}},"note":"教务处","key":{key},"generation":3,"created_at":"2022-09-01T00:00:00Z","created_by":"admin"}}"#
    )
}

#[test]
fn the_first_forms_of_an_account_are_read_for_ever() {
    let code = format!(r#"{{"code":{{"sha256":"{HASH}","expires_at":"2022-09-15T00:00:00Z"}}}}"#);
    let password = format!(r#"{{"password":{{"phc":"{PHC}","set_at":"2022-09-02T00:00:00Z"}}}}"#);
    let asked = format!(r#"{{"password":{{"phc":"{PHC}","set_at":"2022-09-02T00:00:00Z","second":"{SECOND}"}}}}"#);
    let closed = r#"{"closed":{"at":"2022-10-01T00:00:00Z"}}"#.to_owned();
    let keys = [
        Key::Code {
            sha256: [0xab; 32],
            expires_at: at("2022-09-15T00:00:00Z"),
        },
        Key::Password {
            phc: PHC.to_owned(),
            set_at: at("2022-09-02T00:00:00Z"),
            second: None,
        },
        Key::Password {
            phc: PHC.to_owned(),
            set_at: at("2022-09-02T00:00:00Z"),
            second: SecondFactor::read(SECOND),
        },
        Key::Closed {
            at: at("2022-10-01T00:00:00Z"),
        },
    ];
    for (key, text) in keys.into_iter().zip([code, password, asked, closed]) {
        let text = stored(&text);
        let read = account("clerk-s1", text.as_bytes()).unwrap();
        assert_eq!((read.role.school(), &read.key, read.generation), (Some("S1"), &key, 3));
        assert_eq!(
            (read.note.as_deref(), read.created_by.as_str()),
            (Some("教务处"), "admin")
        );
        assert_eq!(String::from_utf8(of_account(&read).unwrap()).unwrap(), text);
    }
}

#[test]
fn the_first_forms_of_changes_and_sessions_are_read_for_ever() {
    let head = r#"{"v":"1","at":"2022-09-01T00:00:00Z","by":"admin","account":"clerk-s1","office":"610729","what":"#;
    let (one, other) = (r#"{"role":"clerk","school":"S1"}"#, r#"{"role":"clerk","school":"S2"}"#);
    for rest in [
        format!(r#""created","after":{one}}}"#),
        format!(r#""rights_changed","before":{one},"after":{other}}}"#),
        r#""reset"}"#.to_owned(),
        r#""password_set"}"#.to_owned(),
        r#""second_factor_set"}"#.to_owned(),
        r#""second_factor_removed"}"#.to_owned(),
        r#""closed"}"#.to_owned(),
    ] {
        let text = format!("{head}{rest}");
        let read = change(7, text.as_bytes()).unwrap();
        assert_eq!((read.number, read.account.as_str()), (7, "clerk-s1"));
        assert_eq!(String::from_utf8(of_change(&read).unwrap()).unwrap(), text);
    }
    let text = r#"{"v":"1","account":"clerk-s1","generation":3,"begun_at":"2022-09-01T00:00:00Z","seen_at":"2022-09-01T00:30:00Z","address":"10.1.2.3","device":"Firefox"}"#;
    let read = session([1; 32], text.as_bytes()).unwrap();
    assert_eq!(read.address.to_string(), "10.1.2.3");
    assert_eq!(String::from_utf8(of_session(&read).unwrap()).unwrap(), text);
    let text = r#"{"v":"1","addresses":["10.1.2.3","2408:1:2:3::"]}"#;
    assert_eq!(
        String::from_utf8(of_known(&known(text.as_bytes()).unwrap()).unwrap()).unwrap(),
        text
    );
}

#[test]
fn what_is_not_known_or_makes_no_sense_is_no_account() {
    let whole = stored(&format!(
        r#"{{"password":{{"phc":"{PHC}","set_at":"2022-09-02T00:00:00Z"}}}}"#
    ));
    assert!(account("clerk-1", whole.as_bytes()).is_some());
    for (from, to) in [
        (r#""v":"1""#, r#""v":"2""#),
        ("610729", "61072"),
        ("clerk", "clark"),
        ("clerk", "dev"),
        ("clerk", "admin"),
        ("S1", "S 1"),
        ("argon2id", "md5"),
        (PHC, "secret"),
        ("2022-09-02T00:00:00Z", "today"),
        (r#""generation":3"#, r#""generation":-3"#),
        (r#""note""#, r#""not_after":"2022","note""#),
        (r#""school""#, r#""grade":"7","school""#),
        (r#""set_at""#, r#""second":"x","set_at""#),
    ] {
        assert!(account("clerk-1", whole.replace(from, to).as_bytes()).is_none(), "{to}");
    }
    assert!(account("13800138000", whole.as_bytes()).is_none());
}

#[test]
fn an_account_whose_second_factor_cannot_be_read_lets_nobody_in() {
    let key = format!(r#"{{"password":{{"phc":"{PHC}","set_at":"2022-09-02T00:00:00Z","second":"GEZDG"}}}}"#);
    assert_eq!(account("clerk-s1", stored(&key).as_bytes()), None);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        id in "[a-z][a-z-]{0,31}",
        school in "[A-Z][A-Za-z0-9._-]{0,31}",
        subjects in prop::collection::vec("[\\p{Han}]{1,40}", 0..3),
        note in prop::option::of("\\PC{1,40}"),
        sha256: [u8; 32],
        generation: u64,
        second in 0_i64..200_000_000_000,
        key in 0..4,
    ) {
        let scope = Scope { teacher_id: Some(school), subjects, ..Scope::default() };
        let at = Timestamp::from_second(second).unwrap();
        let account = Account {
            id: id.clone(),
            office: "610729".to_owned(),
            role: Role::new(RoleName::Researcher, scope).unwrap(),
            note,
            key: match key {
                0 => Key::Code { sha256, expires_at: at },
                1 => Key::Password { phc: PHC.to_owned(), set_at: at, second: None },
                2 => Key::Password { phc: PHC.to_owned(), set_at: at, second: SecondFactor::read(SECOND) },
                _ => Key::Closed { at },
            },
            generation,
            created_at: at,
            created_by: "admin".to_owned(),
        };
        prop_assert_eq!(super::account(&id, &of_account(&account).unwrap()), Some(account));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
        prop_assert_eq!(account("a", &bytes), None);
        prop_assert_eq!(session([0; 32], &bytes), None);
        prop_assert_eq!(change(1, &bytes), None);
    }
}
