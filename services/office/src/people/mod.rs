//! The people register: who a `teacher_id` is.
//!
//! Names, ID documents, phones and birth dates of an office, one record per teacher, changeable and erasable. It lies
//! beside the ledger, which knows teachers by `teacher_id` only, so that a person can be forgotten while the figures
//! stay.
//!
//! The file `people.redb` has one checksummed record for each teacher, JSON with the version of its form. All of it is
//! read and verified when the register is opened and held in memory with the lookups by name and ID document; the file
//! is touched again by changes only. A record that is damaged is an error that names the teacher.

mod answer;
mod error;
mod identity;
mod index;
mod record;
mod register;
pub(crate) mod resident_id;

pub use self::answer::{Basis, Lookup, Named, Put, Resolved, Unreadable};
pub use self::error::{PutError, RegisterError};
pub use self::identity::{IdDocument, IdDocumentError, Identity, IdentityError, RESIDENT_ID_CARD};
pub use self::register::{Examined, Register, examine};
pub use self::resident_id::ResidentIdError;
pub(crate) use self::resident_id::birth_date as resident_birth_date;
