//! The people register: who a `teacher_id` is.
//!
//! Names, ID documents, phones and birth dates of an office, one record per teacher, changeable and erasable. It lies
//! beside the ledger, which knows teachers by `teacher_id` only, so that a person can be forgotten while the figures
//! stay.
//!
//! The file `people.redb` has one checksummed record for each teacher, JSON with the version of its form, sealed with a key of
//! her own. All of it is read and verified when the register is opened and held in memory with the lookups by name and ID
//! document; the file is touched again by changes only. A record that is damaged is an error that names the teacher.
//!
//! The keys of the persons lie in `people.keys`, wrapped under the office's, which lies elsewhere ([`crate::keyring`]). Erasing a
//! person destroys her key, and with it what every copy of the register holds of her.

mod answer;
mod error;
mod identity;
mod index;
mod keys;
mod record;
mod register;

pub use self::answer::{Basis, Called, Lookup, Named, Put, Resolved, Unreadable};
pub use self::error::{OpenError, PutError, RegisterError};
pub use self::identity::{IdDocument, IdDocumentError, Identity, IdentityError, RESIDENT_ID_CARD};
pub use self::register::{Changed, Examined, Register, carry_keys, change_key, examine};

/// A made-up number of a region that does not exist (999999), so that no test names a real person.
#[cfg(test)]
pub(crate) fn made_up(birth_date: jiff::civil::Date, sequence: u16) -> String {
    let first = format!("999999{}{:03}", birth_date.strftime("%Y%m%d"), sequence % 1000);
    format!("{first}{}", keshi_core::text::resident::check_character(&first))
}
