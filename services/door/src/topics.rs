//! What the ledger is asked about, over the bus; the messages are in `keshi/log/v1/ask.proto`.

/// What became of a submission.
pub const STATUS: &str = "status";
/// Whose entries these are.
pub const KNOWN: &str = "known";
/// A dry run.
pub const CHECK: &str = "check";
/// Adds and changes identities.
pub const PEOPLE_PUT: &str = "people-put";
/// Erases an identity.
pub const PEOPLE_ERASE: &str = "people-erase";
/// Lets an erased identity be put again.
pub const PEOPLE_READMIT: &str = "people-readmit";
/// A year's figures at a place.
pub const YEAR: &str = "year";
/// Finds teachers by name or document.
pub const PEOPLE_RESOLVE: &str = "people-resolve";
