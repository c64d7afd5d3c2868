//! A role chosen for trying out: what takes a token's place with `--dev`.

use super::role::Role;
use super::scope::{RoleError, Scope};

/// The scheme of an `authorization` header that names a role instead of a token.
const SCHEME: &str = "Dev ";

/// A role with its scope, as one line of text: `role=clerk&school=S1`. A server without `--dev` takes none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevRole(pub Role);

impl Default for DevRole {
    fn default() -> Self {
        Self(Role::Dev)
    }
}

impl DevRole {
    /// The role of this name (also `dev`) with its scope.
    ///
    /// # Errors
    ///
    /// As [`Role::new`].
    pub fn new(name: &str, scope: Scope) -> Result<Self, RoleError> {
        Role::named(name, scope).map(Self)
    }

    /// The role in `text`, if it is one.
    pub fn read(text: &str) -> Option<Self> {
        Role::of_text(text).map(Self)
    }

    /// It as text, of ASCII alone.
    pub fn text(&self) -> String {
        self.0.as_text()
    }

    /// It as the value of an `authorization` header.
    pub fn header(&self) -> String {
        format!("{SCHEME}{}", self.text())
    }

    /// The role in an `authorization` header's value, if that names one.
    pub fn of_header(value: &str) -> Option<Self> {
        Self::read(value.strip_prefix(SCHEME)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_header() {
        let scope = Scope {
            teacher_id: Some("T1".into()),
            subjects: vec!["初中数学".into(), "a&b=c".into()],
            groups: vec!["G1".into()],
            ..Scope::default()
        };
        let clerk = Scope {
            school: Some("S1".into()),
            ..Scope::default()
        };
        for role in [
            DevRole::default(),
            DevRole::new("researcher", scope).unwrap(),
            DevRole::new("clerk", clerk).unwrap(),
        ] {
            assert!(role.header().is_ascii());
            assert_eq!(DevRole::of_header(&role.header()), Some(role));
        }
    }

    #[test]
    fn what_is_no_role_is_none() {
        for text in [
            "",
            "Dev ",
            "Dev role=clerk",
            "Dev role=king",
            "Bearer x",
            "Dev role=dev&more=1",
        ] {
            assert_eq!(DevRole::of_header(text), None, "{text}");
        }
    }
}
