//! Whose ledger it is.

use uuid::Uuid;

/// The longest office name, in bytes.
pub const MAX_OFFICE_BYTES: usize = 64;

/// Whose log this is. Fixed at creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Tells this log from every other, also from a restored or recreated one of the same office.
    pub ledger_id: Uuid,
    /// The office's code, 1 to [`MAX_OFFICE_BYTES`] bytes.
    pub office: String,
}
