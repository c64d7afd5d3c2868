//! One identity, and what it must look like.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::lang::{Say, say};
use keshi_core::text::resident::{self, ResidentIdError};
use keshi_core::text::{compare_form, name_form};
use thiserror::Error;

use crate::is_ledger_id;

/// The type of the resident identity card, whose numbers have a check character.
pub const RESIDENT_ID_CARD: &str = "居民身份证";

const NAME_LEN_MAX: usize = 64;
const DOCUMENT_LEN_MAX: usize = 40;
const PHONE_LEN_MAX: usize = 24;

/// Who a `teacher_id` is. Held by the people register only; `Debug` shows the `teacher_id` and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The teacher record in the ledger.
    pub teacher_id: String,
    /// 姓名, as written by whoever gave it: 1 to 64 characters.
    pub name: String,
    /// Type and number of an identity document.
    pub id_document: Option<IdDocument>,
    /// Phone number: at most 24 of digits, `+ - ( )` and spaces.
    pub phone: Option<String>,
    /// Birth date.
    pub birth_date: Option<Date>,
    /// When this was last changed.
    pub updated_at: Timestamp,
}

/// Type (身份证件类型) and number (身份证件号码) of an identity document, checked. `Debug` hides the number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdDocument {
    kind: String,
    number: String,
}

/// Why an identity is not taken. Names the field, never its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Not an id as the ledger writes them.
    #[error("teacher_id must be 1 to 32 of A-Z a-z 0-9 . _ - and begin with a letter or digit")]
    TeacherId,
    /// Empty, too long, or with control characters.
    #[error("name must have 1 to {NAME_LEN_MAX} characters on one line, this one has {length}")]
    Name {
        /// Characters given.
        length: usize,
    },
    /// Something else than a phone number.
    #[error("phone must have at most {PHONE_LEN_MAX} digits, spaces and + - ( )")]
    Phone,
    /// The document is not one.
    #[error(transparent)]
    Document(#[from] IdDocumentError),
}

/// Why type and number are not an identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdDocumentError {
    /// Not a valid number of a resident identity card.
    #[error(transparent)]
    Resident(#[from] ResidentIdError),
    /// The type is empty or too long.
    #[error("the type of the ID document must have 1 to {DOCUMENT_LEN_MAX} characters, such as 居民身份证 or 护照")]
    Kind,
    /// The number is empty or too long.
    #[error("the number of the ID document must have 1 to {DOCUMENT_LEN_MAX} characters, this one has {length}")]
    Number {
        /// Characters given.
        length: usize,
    },
}

// === impl IdentityError and IdDocumentError ===

impl IdentityError {
    /// The same in both languages.
    pub fn said(self) -> Say {
        let zh = match self {
            Self::TeacherId => "教师编号应为 1 至 32 个字母、数字或 . _ -，以字母或数字开头".to_owned(),
            Self::Name { length } => format!("姓名应为一行 1 至 {NAME_LEN_MAX} 个字，现有 {length} 个"),
            Self::Phone => format!("电话号码至多 {PHONE_LEN_MAX} 位，只用数字、空格和 + - ( )"),
            Self::Document(why) => return why.said(),
        };
        say(zh, self.to_string())
    }
}

impl IdDocumentError {
    /// The same in both languages.
    pub fn said(self) -> Say {
        let zh = match self {
            Self::Resident(why) => return why.said(),
            Self::Kind => format!("身份证件类型应为 1 至 {DOCUMENT_LEN_MAX} 个字，如居民身份证、护照"),
            Self::Number { length } => format!("身份证件号码应为 1 至 {DOCUMENT_LEN_MAX} 个字，现有 {length} 个"),
        };
        say(zh, self.to_string())
    }
}

// === impl Identity ===

impl Identity {
    /// Checks every field.
    ///
    /// # Errors
    ///
    /// [`IdentityError`] for the first one that is wrong.
    pub fn check(&self) -> Result<(), IdentityError> {
        if !is_ledger_id(&self.teacher_id) {
            return Err(IdentityError::TeacherId);
        }
        let length = self.name.chars().count();
        if length > NAME_LEN_MAX || self.name.chars().any(char::is_control) || name_form(&self.name).is_empty() {
            return Err(IdentityError::Name { length });
        }
        match &self.phone {
            Some(phone) if !is_phone(phone) => Err(IdentityError::Phone),
            _ => Ok(()),
        }
    }
}

fn is_phone(phone: &str) -> bool {
    phone.len() <= PHONE_LEN_MAX
        && phone.bytes().any(|b| b.is_ascii_digit())
        && phone.bytes().all(|b| b.is_ascii_digit() || b" +-()".contains(&b))
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("teacher_id", &self.teacher_id)
            .finish_non_exhaustive()
    }
}

// === impl IdDocument ===

impl IdDocument {
    /// Takes type and number: full-width characters become half-width, letters upper-case, spaces go.
    /// An empty type or `身份证` means [`RESIDENT_ID_CARD`].
    ///
    /// # Errors
    ///
    /// [`IdDocumentError`]: of a resident identity card the number is checked in full, of others the length.
    pub fn new(kind: &str, number: &str) -> Result<Self, IdDocumentError> {
        let kind = match compare_form(kind).as_str() {
            "" | "身份证" | "居民身份证" | "中华人民共和国居民身份证" => {
                RESIDENT_ID_CARD.to_owned()
            }
            _ => kind.trim().to_owned(),
        };
        if kind.chars().count() > DOCUMENT_LEN_MAX || kind.chars().any(char::is_control) {
            return Err(IdDocumentError::Kind);
        }
        let number = compare_form(number).to_uppercase();
        if kind == RESIDENT_ID_CARD {
            resident::birth_date(&number)?;
        }
        let length = number.chars().count();
        if !(1..=DOCUMENT_LEN_MAX).contains(&length) {
            return Err(IdDocumentError::Number { length });
        }
        Ok(Self { kind, number })
    }

    /// One that was checked when it was put; a later, stricter check must not make it unreadable.
    pub(super) fn stored(kind: String, number: String) -> Self {
        Self { kind, number }
    }

    /// The type, e.g. `居民身份证`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The number, e.g. 18 digits.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The birth date in a resident identity number.
    pub fn birth_date(&self) -> Option<Date> {
        if self.kind == RESIDENT_ID_CARD {
            resident::birth_date(&self.number).ok()
        } else {
            None
        }
    }

    /// The type as it is compared.
    pub(super) fn kind_form(&self) -> String {
        compare_form(&self.kind)
    }
}

impl fmt::Debug for IdDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdDocument")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::people::made_up;

    #[test]
    fn a_card_number_is_read_however_it_is_typed() {
        let number = (0..1000)
            .map(|n| made_up(date(1970, 1, 1), n))
            .find(|id| id.ends_with('X'))
            .unwrap();
        let spaced = format!(" {} {} ", &number[..6], &number[6..]).to_lowercase();
        for kind in ["", "身份证", "居民身份证", " 居民身份证\u{3000}"] {
            let document = IdDocument::new(kind, &spaced).unwrap();
            assert_eq!(
                (document.kind(), document.number()),
                (RESIDENT_ID_CARD, number.as_str())
            );
            assert_eq!(document.birth_date(), Some(date(1970, 1, 1)));
        }
    }

    #[test]
    fn other_documents_are_taken_as_they_are() {
        let document = IdDocument::new("护照", "ｅ１２３４５６７８").unwrap();
        assert_eq!(
            (document.kind(), document.number(), document.birth_date()),
            ("护照", "E12345678", None)
        );
        assert_eq!(IdDocument::new("护照", " "), Err(IdDocumentError::Number { length: 0 }));
        assert_eq!(
            IdDocument::new("护照", &"1".repeat(41)),
            Err(IdDocumentError::Number { length: 41 })
        );
        assert_eq!(IdDocument::new(&"长".repeat(41), "1"), Err(IdDocumentError::Kind));
        assert!(matches!(
            IdDocument::new("身份证", "E12345678"),
            Err(IdDocumentError::Resident(_))
        ));
    }

    #[test]
    fn nothing_personal_is_printed() {
        let number = made_up(date(1970, 1, 1), 5);
        let identity = Identity {
            teacher_id: "T1".into(),
            name: "试样甲".into(),
            id_document: Some(IdDocument::new("", &number).unwrap()),
            phone: Some("19900000000".into()),
            birth_date: Some(date(1970, 1, 1)),
            updated_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(format!("{identity:?}"), "Identity { teacher_id: \"T1\", .. }");
        assert_eq!(
            format!("{:?}", identity.id_document),
            "Some(IdDocument { kind: \"居民身份证\", .. })"
        );
        let error = IdDocument::new("", &number.replace("1970", "1971")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("1971"));
    }

    #[test]
    fn what_is_wrong_with_an_identity_is_said_in_one_language_at_a_time() {
        let wrong = |kind: &str, number: &str| IdentityError::from(IdDocument::new(kind, number).unwrap_err());
        let card = made_up(date(1970, 1, 1), 1);
        let broken = |at: usize, with: &str| format!("{}{with}{}", &card[..at], &card[at + with.len()..]);
        let errors = [
            IdentityError::TeacherId,
            IdentityError::Name { length: 70 },
            IdentityError::Phone,
            wrong("", "123456789012345"),
            wrong("", "1"),
            wrong("", &broken(3, "?")),
            wrong("", &broken(10, "13")),
            wrong("", &broken(16, if &card[16..17] == "1" { "2" } else { "1" })),
            wrong("护照", ""),
            wrong(&"护".repeat(50), "1"),
        ];
        for error in errors {
            let said = error.said();
            let words = said.zh.split(|c: char| !c.is_ascii_lowercase());
            assert!(words.clone().all(|word| word.len() < 2), "{}", said.zh);
            let english = said.en.replace("居民身份证", "").replace("护照", "");
            assert!(english.is_ascii() && !said.zh.is_ascii(), "{said:?}");
        }
    }
}
