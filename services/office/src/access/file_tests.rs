use proptest::prelude::*;

use super::*;

fn problem(text: &str) -> String {
    let mut message = parse(text).unwrap_err().to_string();
    message.retain(|c| c != '\n');
    message
}

fn with(line: &str) -> String {
    let sha256 = "ab".repeat(32);
    let fields = [
        ("id", "id = \"clerk-1\""),
        ("office", "office = \"610729\""),
        ("role", "role = \"clerk\""),
        ("school", "school = \"S1\""),
        ("sha256", &format!("sha256 = \"{sha256}\"")),
        ("created_at", "created_at = \"2022-09-01T00:00:00Z\""),
    ];
    let replaced = line.split(' ').next().unwrap_or_default();
    let kept = fields.iter().filter(|(key, _)| *key != replaced).map(|(_, line)| *line);
    format!(
        "version = 1\n[[token]]\n{}\n",
        kept.chain([line]).collect::<Vec<_>>().join("\n")
    )
}

#[test]
fn the_text_is_fixed() {
    let tokens = parse(&with("expires_on = \"2023-08-31\"")).unwrap();
    let text = render(&tokens).unwrap();
    let expected = format!(
        "version = 1\n\n[[token]]\nid = \"clerk-1\"\noffice = \"610729\"\nrole = \"clerk\"\nschool = \"S1\"\n\
         sha256 = \"{}\"\ncreated_at = \"2022-09-01T00:00:00Z\"\nexpires_on = \"2023-08-31\"\n",
        "ab".repeat(32)
    );
    assert_eq!(text.strip_prefix(HEADER), Some(&*expected));
}

#[test]
fn each_mistake_is_named_with_its_token() {
    for (line, wanted) in [
        (
            "office = \"61072\"",
            "token `clerk-1`: office `61072` is not a code of six digits",
        ),
        ("role = \"clark\"", "token `clerk-1`: `clark` is no role"),
        ("role = \"dev\"", "token `clerk-1`: `dev` is no role"),
        (
            "role = \"admin\"",
            "token `clerk-1`: a admin has no `school`: leave it out",
        ),
        ("school = \"S 1\"", "token `clerk-1`: `school` is `S 1`, not an id"),
        (
            "sha256 = \"abc\"",
            "token `clerk-1`: sha256 `abc` is not 64 hexadecimal digits",
        ),
        (
            "created_at = \"today\"",
            "token `clerk-1`: created_at `today` is not a time such as",
        ),
        (
            "expires_on = \"2023-02-30\"",
            "token `clerk-1`: expires_on `2023-02-30` is not a day such as",
        ),
        (
            "revoked_at = \"2023-01-01\"",
            "token `clerk-1`: revoked_at `2023-01-01` is not a time such as",
        ),
        ("id = \"Wang Fang\"", "token `Wang Fang`: the id must be"),
        ("revoked = true", "unknown field `revoked`"),
    ] {
        let found = problem(&with(line));
        assert!(found.contains(wanted), "{line}: {found}");
    }
    assert!(problem("version = 2").contains("version 2 is not known"));
    assert!(problem("not toml").contains("expected"));
}

#[test]
fn an_id_or_a_hash_used_twice_is_refused() {
    let one = with("school = \"S1\"");
    let block = one.strip_prefix("version = 1\n").unwrap();
    assert!(problem(&format!("{one}{block}")).contains("the id is there twice"));
    let renamed = block.replace("clerk-1", "clerk-2");
    assert!(problem(&format!("{one}{renamed}")).contains("token `clerk-2`: its sha256 is that of another token too"));
}

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9][A-Za-z0-9._-]{0,31}"
}

fn role() -> impl Strategy<Value = Role> {
    let ids = || prop::collection::vec(id(), 0..3);
    let own = || prop::option::of(id());
    prop_oneof![
        id().prop_map(|teacher_id| Role::Teacher { teacher_id }),
        (id(), own()).prop_map(|(school, teacher_id)| Role::Clerk { school, teacher_id }),
        (id(), own()).prop_map(|(school, teacher_id)| Role::HeadTeacher { school, teacher_id }),
        (id(), ids(), own()).prop_map(|(base, studios, teacher_id)| Role::Lead {
            bases: vec![base],
            studios,
            teacher_id
        }),
        (id(), prop::collection::vec("[语数英\"\\\\a]{1,5}", 0..3), ids()).prop_map(
            |(teacher_id, subjects, groups)| Role::Researcher {
                teacher_id,
                subjects,
                groups
            }
        ),
        own().prop_map(|teacher_id| Role::Reviewer { teacher_id }),
        Just(Role::Auditor),
        Just(Role::RegistryReader),
        Just(Role::Admin),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        roles in prop::collection::vec((role(), any::<[u8; 32]>(), 0_i64..4_000_000_000, 0..1_000_000_000_i32), 0..6),
        revoked: bool,
        day in prop::option::of((1..=9999_i16, 1..=12_i8, 1..=28_i8)),
    ) {
        let tokens: Vec<Token> = roles
            .into_iter()
            .enumerate()
            .map(|(i, (role, mut sha256, second, nanosecond))| {
                sha256[0] = u8::try_from(i).unwrap();
                let created_at = Timestamp::new(second, nanosecond).unwrap();
                Token {
                    id: format!("t-{i}"),
                    office: "610729".into(),
                    role,
                    sha256,
                    created_at,
                    expires_on: day.map(|(y, m, d)| Date::new(y, m, d).unwrap()),
                    revoked_at: revoked.then_some(created_at),
                }
            })
            .collect();
        prop_assert_eq!(parse(&render(&tokens).unwrap()).unwrap(), tokens);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }
}
