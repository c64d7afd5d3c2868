//! What the register is asked and answers.

use std::fmt;

use jiff::Timestamp;
use thiserror::Error;

use super::IdDocument;

/// What a batch of identities did to the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// Teachers that were not there before.
    pub added: usize,
    /// Teachers whose record is another now.
    pub changed: usize,
    /// Teachers whose record was the same but for `updated_at`; it is as it was.
    pub unchanged: usize,
    /// Teachers of the batch whose ID document another teacher has too: the same person twice, or a typing error.
    pub shared_documents: Vec<(String, String)>,
}

/// What is known of a person who is looked for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// 姓名
    pub name: Option<String>,
    /// Type and number of the ID document.
    pub id_document: Option<IdDocument>,
}

/// Whom a [`Lookup`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The teachers, ascending.
    pub teacher_ids: Vec<String>,
    /// What they were found by.
    pub basis: Basis,
}

/// What persons were found by, from the surest to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// ID document and name agree.
    DocumentAndName,
    /// The ID document alone was asked for and found.
    Document,
    /// The ID document was found under another name: changed, mistyped, or somebody else's number. To be confirmed.
    DocumentUnderOtherName,
    /// Only the name agrees. Never enough to post by: to be confirmed.
    Name,
    /// Nobody was found.
    Nobody,
}

/// Records of the people register that are damaged or of an unknown form, and on which an answer might rest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the people register's record of {} cannot be read: have the operator restore it, or put or erase it anew",
    .teacher_ids.join(", ")
)]
pub struct Unreadable {
    /// Whose, ascending.
    pub teacher_ids: Vec<String>,
}

/// What a teacher is called.
#[derive(Clone, PartialEq, Eq)]
pub enum Called {
    /// 姓名
    Name(String),
    /// Her identity was erased, then.
    Erased(Timestamp),
    /// The register never knew her, or knows her no more.
    Unknown,
}

/// A teacher and her name.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    /// The teacher record.
    pub teacher_id: String,
    /// 姓名
    pub name: String,
}

// === impl Lookup, Called, Named: no personal data in `Debug` ===

impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name(_) => "Name(..)",
            Self::Erased(_) => "Erased",
            Self::Unknown => "Unknown",
        })
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lookup(..)")
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named")
            .field("teacher_id", &self.teacher_id)
            .finish_non_exhaustive()
    }
}
