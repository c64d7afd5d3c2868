//! A role with its scope as one line of text.

use super::role::{Role, RoleName};
use super::scope::{RoleError, Scope};

impl Role {
    /// The role of this name (also `dev`) with its scope.
    ///
    /// # Errors
    ///
    /// As [`Role::new`].
    pub(super) fn named(name: &str, scope: Scope) -> Result<Self, RoleError> {
        let name = if name == RoleName::Dev.as_str() {
            RoleName::Dev
        } else {
            name.parse()?
        };
        Self::new(name, scope)
    }

    /// The role in `text`, if it is one.
    pub fn of_text(text: &str) -> Option<Self> {
        let (mut name, mut scope) = (None, Scope::default());
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = value.into_owned();
            match key.as_ref() {
                "role" => name = Some(value),
                "school" => scope.school = Some(value),
                "teacher" => scope.teacher_id = Some(value),
                "base" => scope.bases.push(value),
                "studio" => scope.studios.push(value),
                "subject" => scope.subjects.push(value),
                "group" => scope.groups.push(value),
                _ => return None,
            }
        }
        Self::named(&name?, scope).ok()
    }

    /// It as text, of ASCII alone: `role=clerk&school=S1`.
    pub fn as_text(&self) -> String {
        let scope = self.scope();
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("role", self.name().as_str());
        text.extend_pairs(scope.school.iter().map(|id| ("school", id)));
        text.extend_pairs(scope.teacher_id.iter().map(|id| ("teacher", id)));
        text.extend_pairs(scope.bases.iter().map(|id| ("base", id)));
        text.extend_pairs(scope.studios.iter().map(|id| ("studio", id)));
        text.extend_pairs(scope.subjects.iter().map(|name| ("subject", name)));
        text.extend_pairs(scope.groups.iter().map(|id| ("group", id)));
        text.finish()
    }
}
