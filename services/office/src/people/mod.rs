//! The people register: who a `teacher_id` is.
//!
//! Names, ID documents, phones and birth dates of an office, one record per teacher, changeable and erasable. It lies
//! beside the ledger, which knows teachers by `teacher_id` only, so that a person can be forgotten while the figures
//! stay.
//!
//! ```text
//! people.redb
//!   people     teacher_id                        -> record (JSON with the version of its form)
//!   by_name    (compared form of name, teacher_id) -> ()
//!   by_number  (number of ID document, teacher_id) -> compared form of its type
//!   about      "format"                          -> 1
//! ```

mod answer;
mod error;
mod identity;
mod record;
mod register;
pub(crate) mod resident_id;
mod tables;

pub use self::answer::{Basis, Lookup, Named, Put, Resolved};
pub use self::error::{PutError, RegisterError};
pub use self::identity::{IdDocument, IdDocumentError, Identity, IdentityError, RESIDENT_ID_CARD};
pub use self::register::Register;
pub use self::resident_id::ResidentIdError;
pub(crate) use self::resident_id::birth_date as resident_birth_date;
