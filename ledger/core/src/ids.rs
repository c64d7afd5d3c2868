//! Identifiers, each its own type, so that a school's cannot stand where a teacher's should.
//!
//! Text ids are short ASCII (1 to 32 of `A–Z a–z 0–9 . _ -`, the first a letter or digit), so that they
//! can be file names, subjects and URLs without escaping. They are `Copy` and hold no heap memory.

use std::fmt;

use arrayvec::ArrayString;
use thiserror::Error;
use uuid::Uuid;

/// Longest text id, in bytes.
pub const ID_LEN_MAX: usize = 32;

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("an id must not be empty")]
    Empty,
    /// Longer than [`ID_LEN_MAX`].
    #[error("an id has at most 32 characters, this one has {length}")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// A character that ids do not have.
    #[error("an id is made of A-Z a-z 0-9 . _ - and begins with a letter or digit; found {found:?}")]
    Character {
        /// The offending character.
        found: char,
    },
}

const fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Whether the byte may stand in an id: a table, for a replay parses millions.
#[expect(
    clippy::indexing_slicing,
    reason = "runs while compiling, where it cannot go unnoticed"
)]
const ID_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = is_id_byte(byte);
        byte += 1;
    }
    table
};

fn parse_id(text: &str) -> Result<ArrayString<ID_LEN_MAX>, IdError> {
    let allowed = |byte: u8| ID_BYTES.get(usize::from(byte)) == Some(&true);
    if text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) && text.bytes().all(allowed) {
        return ArrayString::from(text).map_err(|_| IdError::TooLong { length: text.len() });
    }
    let mut chars = text.chars();
    let first = chars.next().ok_or(IdError::Empty)?;
    let strange = |c: &char| !u8::try_from(*c).is_ok_and(is_id_byte);
    let found = match first {
        first if first.is_ascii_alphanumeric() => chars.find(strange).unwrap_or(first),
        first => first,
    };
    Err(IdError::Character { found })
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ArrayString<ID_LEN_MAX>);

        impl $name {
            /// Takes `text` as an id.
            ///
            /// # Errors
            ///
            /// [`IdError`] if it is empty, over 32 bytes, or has a character that ids do not have.
            pub fn new(text: &str) -> Result<Self, IdError> {
                parse_id(text).map(Self)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    )* };
}

text_ids! {
    /// An office: its GB/T 2260 division code, e.g. `610729`.
    OfficeCode;
    /// A person with a teacher record (教师).
    TeacherId;
    /// A school, kindergarten or teaching point (学校), or the office itself as a poster.
    SchoolId;
    /// A group of neighbouring schools (片区).
    GroupId;
    /// A subject base (学科基地).
    BaseId;
    /// A training project (培训项目).
    ProjectId;
    /// A held session (场次).
    SessionId;
    /// An outreach (送教送培).
    OutreachId;
    /// A competition (赛教).
    CompetitionId;
    /// A work or lesson that won (作品).
    WorkId;
    /// A research topic (课题).
    TopicId;
    /// A question of ordered research (教研需求).
    QuestionId;
    /// A teaching inspection (教学视导).
    InspectionId;
    /// Something that an inspection found (视导发现).
    FindingId;
    /// A figure noted by hand (手填数据).
    FigureId;
    /// A school calendar (校历).
    CalendarId;
    /// A policy (规则), without its version.
    PolicyId;
    /// A requirement within a policy, e.g. `R1`.
    RuleId;
    /// A historical load (历史补录).
    LoadId;
    /// A claim (申报).
    ClaimId;
    /// A batch of claims before the public (公示批次).
    BatchId;
    /// A semester, e.g. `2022-2023-1`.
    SemesterId;
    /// The poster: the id of a token. No personal data.
    PosterId;
}

/// An id of a few letters, which always fits.
fn short(text: &str) -> ArrayString<ID_LEN_MAX> {
    ArrayString::from(text).unwrap_or_default()
}

impl RuleId {
    /// What credits where no policy does.
    pub(crate) fn plain() -> Self {
        Self(short("plain"))
    }
}

impl PolicyId {
    /// In place of a policy where there is none.
    pub(crate) fn plain() -> Self {
        Self(short("plain"))
    }
}

impl PosterId {
    /// Whoever sent a message that cannot be read: `unknown`.
    pub fn unknown() -> Self {
        Self(short("unknown"))
    }
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The 16 bytes, most significant first.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )* };
}

uuid_ids! {
    /// One fact's permanent id (事件编号), given by the poster.
    EventId;
    /// One submission's id; the same when it is sent again.
    SubmissionId;
}

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::hex::show(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_ascii_that_begins_with_a_letter_or_digit() {
        assert_eq!(
            TeacherId::new("T-001.a_b").map(|id| id.to_string()),
            Ok("T-001.a_b".to_owned())
        );
        assert_eq!(TeacherId::new(""), Err(IdError::Empty));
        assert_eq!(TeacherId::new("-x"), Err(IdError::Character { found: '-' }));
        assert_eq!(TeacherId::new("张三"), Err(IdError::Character { found: '张' }));
        assert_eq!(TeacherId::new(&"x".repeat(33)), Err(IdError::TooLong { length: 33 }));
    }
}
