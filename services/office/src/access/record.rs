//! How a token lies on disk: JSON with the version of the form, under the token's id.
//!
//! Unknown keys are errors: what a later release wrote to limit a token must not be overlooked.

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::hex;
use serde::{Deserialize, Serialize};

use super::{Role, RoleName, Scope, Token, is_token_id};
use crate::layout::is_office_code;

/// The stored forms. A form once released is never changed; a new one is added and written from then on.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Record {
    #[serde(rename = "1")]
    V1(V1),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct V1 {
    office: String,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    teacher_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bases: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    studios: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    sha256: String,
    created_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

pub(super) fn encode(token: &Token) -> Result<Vec<u8>, serde_json::Error> {
    // Taken apart in full: a new field does not compile until it is stored.
    let Token {
        id: _,
        office,
        role,
        sha256,
        created_at,
        expires_on,
        revoked_at,
    } = token;
    let Scope {
        school,
        teacher_id,
        bases,
        studios,
        subjects,
        groups,
    } = role.scope();
    serde_json::to_vec(&Record::V1(V1 {
        office: office.clone(),
        role: role.name().to_string(),
        school,
        teacher_id,
        bases,
        studios,
        subjects,
        groups,
        sha256: hex::show(sha256),
        created_at: created_at.to_string(),
        expires_on: expires_on.map(|day| day.to_string()),
        revoked_at: revoked_at.map(|at| at.to_string()),
    }))
}

/// Reads a stored token. `None` if the bytes are not one that this release knows: it lets nobody in.
pub(super) fn decode(id: &str, bytes: &[u8]) -> Option<Token> {
    let Record::V1(V1 {
        office,
        role,
        school,
        teacher_id,
        bases,
        studios,
        subjects,
        groups,
        sha256,
        created_at,
        expires_on,
        revoked_at,
    }) = serde_json::from_slice(bytes).ok()?;
    let scope = Scope {
        school,
        teacher_id,
        bases,
        studios,
        subjects,
        groups,
    };
    if !is_token_id(id) || !is_office_code(&office) {
        return None;
    }
    Some(Token {
        id: id.to_owned(),
        office,
        role: Role::new(role.parse::<RoleName>().ok()?, scope).ok()?,
        sha256: hex::read(&sha256)?,
        created_at: created_at.parse::<Timestamp>().ok()?,
        expires_on: expires_on.map(|day| day.parse::<Date>()).transpose().ok()?,
        revoked_at: revoked_at.map(|at| at.parse::<Timestamp>()).transpose().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "abababababababababababababababababababababababababababababababab";

    fn stored(more: &str) -> String {
        format!(
            r#"{{"v":"1","office":"610729","role":"clerk","school":"S1","sha256":"{HASH}","created_at":"2022-09-01T00:00:00Z"{more}}}"#
        )
    }

    #[test]
    fn the_first_form_is_read_for_ever() {
        let text = stored(r#","expires_on":"2023-08-31","revoked_at":"2022-10-01T00:00:00Z""#);
        let token = decode("clerk-1", text.as_bytes()).unwrap();
        assert_eq!((token.role.school(), token.sha256), (Some("S1"), [0xab; 32]));
        assert_eq!(String::from_utf8(encode(&token).unwrap()).unwrap(), text);
    }

    #[test]
    fn what_is_not_known_or_makes_no_sense_is_no_token() {
        let whole = stored("");
        assert!(decode("clerk-1", whole.as_bytes()).is_some());
        for (from, to) in [
            (r#""v":"1""#, r#""v":"2""#),
            ("610729", "61072"),
            ("clerk", "clark"),
            ("clerk", "dev"),
            ("clerk", "admin"),
            ("S1", "S 1"),
            (HASH, "abc"),
            ("2022-09-01T00:00:00Z", "today"),
            (r#""school""#, r#""not_after":"2022","school""#),
        ] {
            assert!(decode("clerk-1", whole.replace(from, to).as_bytes()).is_none(), "{to}");
        }
        assert!(decode("clerk-1", stored(r#","revoked_at":"soon""#).as_bytes()).is_none());
        assert!(decode("13800138000", whole.as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            id in "[a-z][a-z-]{0,31}",
            school in "[A-Z][A-Za-z0-9._-]{0,31}",
            subjects in prop::collection::vec("[\\p{Han}]{1,40}", 0..3),
            sha256: [u8; 32],
            second in 0_i64..200_000_000_000,
            days in prop::option::of(0..60_000_i32),
            is_revoked: bool,
        ) {
            let scope = Scope { teacher_id: Some(school), subjects, ..Scope::default() };
            let at = Timestamp::from_second(second).unwrap();
            let token = Token {
                id: id.clone(),
                office: "610729".to_owned(),
                role: Role::new(RoleName::Researcher, scope).unwrap(),
                sha256,
                created_at: at,
                expires_on: days.map(|days| {
                    Date::constant(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap()
                }),
                revoked_at: is_revoked.then_some(at),
            };
            prop_assert_eq!(decode(&id, &encode(&token).unwrap()), Some(token));
        }
    }
}
