//! What a caller is, and for whom.

use std::fmt;
use std::str::FromStr;

use super::scope::{RoleError, Scope};

/// A role without its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoleName {
    /// 教师
    Teacher,
    /// 学校管理员
    Clerk,
    /// 校长
    HeadTeacher,
    /// 基地负责人, 主持人
    Lead,
    /// 教研员
    Researcher,
    /// 县级审核员
    Reviewer,
    /// 审计
    Auditor,
    /// 证书核验人
    RegistryReader,
    /// 系统管理员
    Admin,
    /// The one caller of `--dev`; never among the tokens.
    Dev,
}

/// A role with its scope: what the holder is, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// 教师: sees herself.
    Teacher {
        /// Her record.
        teacher_id: String,
    },
    /// 学校管理员: posts for her own school, first review.
    Clerk {
        /// Her school.
        school: String,
        /// Her own record, if she has one: she reviews no claim about herself.
        teacher_id: Option<String>,
    },
    /// 校长: as the clerk.
    HeadTeacher {
        /// The school.
        school: String,
        /// His own record, if he has one.
        teacher_id: Option<String>,
    },
    /// 基地负责人 / 主持人: posts the sessions of the bases and studios named.
    Lead {
        /// Subject bases led.
        bases: Vec<String>,
        /// Studios led.
        studios: Vec<String>,
        /// The lead's own record.
        teacher_id: Option<String>,
    },
    /// 教研员: posts own visits, observed lessons, outreach and sessions; reads teachers of the subjects and groups named.
    Researcher {
        /// Her own record.
        teacher_id: String,
        /// Subjects whose teachers she may read.
        subjects: Vec<String>,
        /// District groups whose teachers she may read.
        groups: Vec<String>,
    },
    /// 县级审核员: reviews, publicity, certificates, the office's own postings.
    Reviewer {
        /// Her own record, if she has one: she reviews no claim about herself.
        teacher_id: Option<String>,
    },
    /// 审计: reads everything, closes and restates years, posts nothing else.
    Auditor,
    /// 证书核验人: checks one certificate number, nothing else.
    RegistryReader,
    /// 系统管理员: the office's own: tokens, registers, policies.
    Admin,
    /// The one caller of `--dev`: everything, without conflict of interest.
    Dev,
}

// === impl RoleName ===

impl RoleName {
    /// Every role that a token may have.
    pub const GRANTED: [Self; 9] = [
        Self::Teacher,
        Self::Clerk,
        Self::HeadTeacher,
        Self::Lead,
        Self::Researcher,
        Self::Reviewer,
        Self::Auditor,
        Self::RegistryReader,
        Self::Admin,
    ];

    /// The name in files and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Clerk => "clerk",
            Self::HeadTeacher => "head_teacher",
            Self::Lead => "lead",
            Self::Researcher => "researcher",
            Self::Reviewer => "reviewer",
            Self::Auditor => "auditor",
            Self::RegistryReader => "registry_reader",
            Self::Admin => "admin",
            Self::Dev => "dev",
        }
    }

    /// The name on screen, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::HeadTeacher => "head teacher",
            Self::Lead => "base or studio lead",
            Self::Reviewer => "county reviewer",
            Self::RegistryReader => "registry reader",
            other => other.as_str(),
        }
    }

    /// The name on screen, in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Teacher => "教师",
            Self::Clerk => "学校管理员",
            Self::HeadTeacher => "校长",
            Self::Lead => "基地负责人或主持人",
            Self::Researcher => "教研员",
            Self::Reviewer => "县级审核员",
            Self::Auditor => "审计",
            Self::RegistryReader => "证书核验人",
            Self::Admin => "系统管理员",
            Self::Dev => "试用者",
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RoleName {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::GRANTED
            .into_iter()
            .find(|role| role.as_str() == text.replace('-', "_"))
            .ok_or_else(|| RoleError::UnknownRole {
                found: text.chars().take(40).collect(),
            })
    }
}

// === impl Role ===

impl Role {
    /// Puts a role and its scope together.
    ///
    /// # Errors
    ///
    /// [`RoleError`] if the scope lacks a part the role needs, has one it does not know, or a part is malformed.
    pub fn new(name: RoleName, scope: Scope) -> Result<Self, RoleError> {
        scope.check_ids()?;
        scope.check_parts(name)?;
        let Scope {
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        } = scope;
        let needed = |value: Option<String>, part| value.ok_or(RoleError::Needs { role: name, part });
        Ok(match name {
            RoleName::Teacher => Self::Teacher {
                teacher_id: needed(teacher_id, "teacher_id")?,
            },
            RoleName::Clerk => Self::Clerk {
                school: needed(school, "school")?,
                teacher_id,
            },
            RoleName::HeadTeacher => Self::HeadTeacher {
                school: needed(school, "school")?,
                teacher_id,
            },
            RoleName::Lead if bases.is_empty() && studios.is_empty() => {
                return Err(RoleError::Needs {
                    role: name,
                    part: "bases or studios",
                });
            }
            RoleName::Lead => Self::Lead {
                bases,
                studios,
                teacher_id,
            },
            RoleName::Researcher => Self::Researcher {
                teacher_id: needed(teacher_id, "teacher_id")?,
                subjects,
                groups,
            },
            RoleName::Reviewer => Self::Reviewer { teacher_id },
            RoleName::Auditor => Self::Auditor,
            RoleName::RegistryReader => Self::RegistryReader,
            RoleName::Admin => Self::Admin,
            RoleName::Dev => Self::Dev,
        })
    }

    /// The role without its scope.
    pub const fn name(&self) -> RoleName {
        match self {
            Self::Teacher { .. } => RoleName::Teacher,
            Self::Clerk { .. } => RoleName::Clerk,
            Self::HeadTeacher { .. } => RoleName::HeadTeacher,
            Self::Lead { .. } => RoleName::Lead,
            Self::Researcher { .. } => RoleName::Researcher,
            Self::Reviewer { .. } => RoleName::Reviewer,
            Self::Auditor => RoleName::Auditor,
            Self::RegistryReader => RoleName::RegistryReader,
            Self::Admin => RoleName::Admin,
            Self::Dev => RoleName::Dev,
        }
    }

    /// The scope, part by part; [`Role::new`] of it gives the role again.
    pub fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        match self.clone() {
            Self::Teacher { teacher_id } => scope.teacher_id = Some(teacher_id),
            Self::Clerk { school, teacher_id } | Self::HeadTeacher { school, teacher_id } => {
                (scope.school, scope.teacher_id) = (Some(school), teacher_id);
            }
            Self::Lead {
                bases,
                studios,
                teacher_id,
            } => {
                (scope.bases, scope.studios, scope.teacher_id) = (bases, studios, teacher_id);
            }
            Self::Researcher {
                teacher_id,
                subjects,
                groups,
            } => {
                (scope.teacher_id, scope.subjects, scope.groups) = (Some(teacher_id), subjects, groups);
            }
            Self::Reviewer { teacher_id } => scope.teacher_id = teacher_id,
            Self::Auditor | Self::RegistryReader | Self::Admin | Self::Dev => {}
        }
        scope
    }

    /// The holder's own teacher record, where she has one.
    pub fn teacher_id(&self) -> Option<&str> {
        match self {
            Self::Teacher { teacher_id } | Self::Researcher { teacher_id, .. } => Some(teacher_id),
            Self::Clerk { teacher_id, .. }
            | Self::HeadTeacher { teacher_id, .. }
            | Self::Lead { teacher_id, .. }
            | Self::Reviewer { teacher_id } => teacher_id.as_deref(),
            Self::Auditor | Self::RegistryReader | Self::Admin | Self::Dev => None,
        }
    }

    /// The one school the role is bound to.
    pub fn school(&self) -> Option<&str> {
        match self {
            Self::Clerk { school, .. } | Self::HeadTeacher { school, .. } => Some(school),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Scope {
        Scope {
            school: Some("S1".into()),
            teacher_id: Some("T1".into()),
            bases: vec!["B1".into()],
            studios: vec!["W1".into()],
            subjects: vec!["语文".into()],
            groups: vec!["G1".into()],
        }
    }

    #[test]
    fn every_role_reads_back_by_its_name() {
        for role in RoleName::GRANTED {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(role.as_str().replace('_', "-").parse(), Ok(role));
        }
        assert!(matches!("dev".parse::<RoleName>(), Err(RoleError::UnknownRole { .. })));
    }

    #[test]
    fn a_scope_that_would_not_limit_the_role_is_refused() {
        for role in RoleName::GRANTED {
            assert!(
                matches!(Role::new(role, full()), Err(RoleError::HasNo { .. })),
                "{role}"
            );
        }
    }

    #[test]
    fn a_role_without_its_scope_is_refused() {
        for (role, part) in [
            (RoleName::Teacher, "teacher_id"),
            (RoleName::Clerk, "school"),
            (RoleName::HeadTeacher, "school"),
            (RoleName::Lead, "bases or studios"),
            (RoleName::Researcher, "teacher_id"),
        ] {
            assert_eq!(Role::new(role, Scope::default()), Err(RoleError::Needs { role, part }));
        }
    }

    #[test]
    fn a_scope_of_more_than_anybody_is_responsible_for_is_refused() {
        let lead = |bases| {
            let scope = Scope {
                bases: vec!["B1".into(); bases],
                ..Scope::default()
            };
            Role::new(RoleName::Lead, scope)
        };
        assert!(lead(64).is_ok());
        assert_eq!(
            lead(65),
            Err(RoleError::TooMany {
                part: "bases",
                found: 65
            })
        );
    }

    #[test]
    fn a_malformed_id_in_a_scope_is_named() {
        let scope = Scope {
            school: Some("../x".into()),
            ..Scope::default()
        };
        assert!(matches!(
            Role::new(RoleName::Clerk, scope),
            Err(RoleError::NotAnId { part: "school", .. })
        ));
    }
}
