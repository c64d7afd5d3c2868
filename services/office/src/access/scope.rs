//! The parts of a scope, and which role has which.

use thiserror::Error;

use super::RoleName;
use crate::is_ledger_id;

/// Most entries of one part of a scope.
const PART_MAX: usize = 64;

/// The scope of a role with all its parts, as tokens and the command line name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// One school.
    pub school: Option<String>,
    /// The holder's own teacher record.
    pub teacher_id: Option<String>,
    /// Subject bases.
    pub bases: Vec<String>,
    /// Studios.
    pub studios: Vec<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// District groups.
    pub groups: Vec<String>,
}

/// Why a role and a scope do not go together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoleError {
    /// No role of that name.
    #[error(
        "`{found}` is no role: use one of teacher, clerk, head_teacher, lead, researcher, reviewer, auditor, registry_reader, admin"
    )]
    UnknownRole {
        /// What was given.
        found: String,
    },
    /// Something the role cannot do without.
    #[error("a {role} needs `{part}`: name it")]
    Needs {
        /// The role.
        role: RoleName,
        /// The part of the scope.
        part: &'static str,
    },
    /// Something that has no meaning for the role, and would be believed to limit it.
    #[error("a {role} has no `{part}`: leave it out")]
    HasNo {
        /// The role.
        role: RoleName,
        /// The part of the scope.
        part: &'static str,
    },
    /// Not an id as the ledger writes them.
    #[error("`{part}` is `{found}`, not an id: use 1 to 32 of A-Z a-z 0-9 . _ - and begin with a letter or digit")]
    NotAnId {
        /// The part of the scope.
        part: &'static str,
        /// What was given.
        found: String,
    },
    /// More than anybody is responsible for.
    #[error("`{part}` has {found} entries: at most 64 are taken")]
    TooMany {
        /// The part of the scope.
        part: &'static str,
        /// How many were given.
        found: usize,
    },
    /// A subject that is empty or longer than 40 characters.
    #[error("subject `{found}` must have 1 to 40 characters")]
    Subject {
        /// What was given.
        found: String,
    },
}

// === impl Scope ===

impl Scope {
    pub(super) fn check_ids(&self) -> Result<(), RoleError> {
        let one = |part, ids: &Option<String>| (part, ids.clone().into_iter().collect());
        let parts: [(&'static str, Vec<String>); 5] = [
            one("school", &self.school),
            one("teacher_id", &self.teacher_id),
            ("bases", self.bases.clone()),
            ("studios", self.studios.clone()),
            ("groups", self.groups.clone()),
        ];
        for (part, ids) in parts {
            if let Some(found) = ids.into_iter().find(|id| !is_ledger_id(id)) {
                return Err(RoleError::NotAnId { part, found });
            }
        }
        let long = [
            ("bases", self.bases.len()),
            ("studios", self.studios.len()),
            ("subjects", self.subjects.len()),
            ("groups", self.groups.len()),
        ];
        if let Some((part, found)) = long.into_iter().find(|(_, entries)| *entries > PART_MAX) {
            return Err(RoleError::TooMany { part, found });
        }
        match self
            .subjects
            .iter()
            .find(|subject| subject.trim().is_empty() || subject.chars().count() > 40)
        {
            Some(found) => Err(RoleError::Subject { found: found.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn check_parts(&self, role: RoleName) -> Result<(), RoleError> {
        use RoleName::{Clerk, HeadTeacher, Lead, Researcher, Reviewer, Teacher};
        let parts = [
            ("school", self.school.is_some(), &[Clerk, HeadTeacher] as &[RoleName]),
            (
                "teacher_id",
                self.teacher_id.is_some(),
                &[Teacher, Clerk, HeadTeacher, Lead, Researcher, Reviewer],
            ),
            ("bases", !self.bases.is_empty(), &[Lead]),
            ("studios", !self.studios.is_empty(), &[Lead]),
            ("subjects", !self.subjects.is_empty(), &[Researcher]),
            ("groups", !self.groups.is_empty(), &[Researcher]),
        ];
        match parts
            .into_iter()
            .find(|(_, given, roles)| *given && !roles.contains(&role))
        {
            Some((part, ..)) => Err(RoleError::HasNo { role, part }),
            None => Ok(()),
        }
    }
}
