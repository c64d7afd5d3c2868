//! How large a policy may be. What a question costs grows with its policies, so a document beyond these limits is refused
//! when it is checked, compared or adopted, and never reaches the ledger.
//!
//! The largest policy released so far has 3.5 KB, 6 requirements, 8 conversions and 3 caps.

/// Most bytes of a policy's document: eighteen times the largest one released.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;

/// Most requirements of a policy: each is computed in each of its periods.
pub const REQUIREMENTS_MAX: usize = 64;

/// Most requirements of a policy whose surplus goes on (结转): each looks through all its periods since the policy began.
pub const CARRIES_MAX: usize = 16;

/// Most conversions of a policy: each is held against every entry of a teacher.
pub const CONVERSIONS_MAX: usize = 256;

/// Most caps of a policy: each is held against every credit.
pub const CAPS_MAX: usize = 64;

/// Most substitutions of a policy: each looks through all periods of two requirements.
pub const SUBSTITUTIONS_MAX: usize = 64;

/// Most choices (择一) of a policy, for the same reason.
pub const ONE_OF_MAX: usize = 32;

/// Most steps of a ladder: every class at every level that has titles, and as many again.
pub const STEPS_MAX: usize = 32;

/// Most least times of posts: each nature has one.
pub const ASSIGNMENT_TERMS_MAX: usize = 16;

/// Most amounts that one step asks for: each is counted over the years that it names.
pub const COUNTS_MAX: usize = 8;

/// Least days of a cycle: one season. Cycles are of one to five years; what is due oftener is due by the month or semester.
/// The cycles of one day of a long question would be tens of thousands.
pub const CYCLE_DAYS_MIN: u32 = 90;
