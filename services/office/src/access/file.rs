//! The text of the access file.
//!
//! Times are RFC 3339, days `YYYY-MM-DD` in China Standard Time, lists TOML arrays. Unknown keys are errors: a mistyped
//! `revoked_at` must not leave a token alive.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Role, RoleError, RoleName, Scope, Token, is_token_id};
use crate::layout::is_office_code;

const VERSION: u32 = 1;

const HEADER: &str = "\
# Keshi 访问文件 / access file: who may call. It holds no token, only the SHA-256 of each.
# `keshi token create|list|revoke` rewrites it (comments are lost). Edited by hand, it is read again within a second;
# while it has a mistake the last good state stays in force, so look at the server's log after an edit.

";

/// What is wrong with the text of an access file.
#[derive(Debug, Error)]
pub enum FileError {
    /// Not TOML, or a key that is not known.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// Written by a later release.
    #[error("version {found} is not known to this release, which knows {VERSION}: upgrade keshi")]
    Version {
        /// The version of the file.
        found: u32,
    },
    /// One token is malformed.
    #[error("token `{id}`: {problem}")]
    Token {
        /// The token's id.
        id: String,
        /// What is wrong with it.
        problem: TokenProblem,
    },
}

/// What is wrong with one token of an access file.
#[derive(Debug, Error)]
pub enum TokenProblem {
    /// The id is not one.
    #[error("the id must be 1 to 32 of a-z 0-9 -, begin with a letter or digit, and hold no ID or phone number")]
    Id,
    /// Two tokens with one id.
    #[error("the id is there twice")]
    Twice,
    /// One hash under two ids.
    #[error("its sha256 is that of another token too")]
    SameHash,
    /// The office is not a code.
    #[error("office `{found}` is not a code of six digits")]
    Office {
        /// What stands there.
        found: String,
    },
    /// Role and scope do not go together.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// A field is not in its form.
    #[error("{field} `{found}` is not {wanted}")]
    Field {
        /// The key.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What should.
        wanted: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    token: Vec<RawToken>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawToken {
    id: String,
    office: String,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teacher_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bases: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    studios: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    sha256: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// Reads the text of an access file.
pub(super) fn parse(text: &str) -> Result<Vec<Token>, FileError> {
    let File { version, token } = toml::from_str(text)?;
    if version != VERSION {
        return Err(FileError::Version { found: version });
    }
    let (mut ids, mut hashes) = (HashSet::new(), HashSet::new());
    let mut tokens = Vec::with_capacity(token.len());
    for raw in token {
        let id = raw.id.clone();
        let checked = raw.into_token().and_then(|token| {
            if !ids.insert(token.id.clone()) {
                Err(TokenProblem::Twice)
            } else if hashes.insert(token.sha256) {
                Ok(token)
            } else {
                Err(TokenProblem::SameHash)
            }
        });
        tokens.push(checked.map_err(|problem| FileError::Token { id, problem })?);
    }
    Ok(tokens)
}

/// Writes the text of an access file.
pub(super) fn render(tokens: &[Token]) -> Result<String, toml::ser::Error> {
    let file = File {
        version: VERSION,
        token: tokens.iter().map(RawToken::from).collect(),
    };
    Ok(format!("{HEADER}{}", toml::to_string(&file)?))
}

impl RawToken {
    fn into_token(self) -> Result<Token, TokenProblem> {
        if !is_token_id(&self.id) {
            return Err(TokenProblem::Id);
        }
        if !is_office_code(&self.office) {
            return Err(TokenProblem::Office { found: self.office });
        }
        let Self {
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
            ..
        } = self;
        let scope = Scope {
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        };
        Ok(Token {
            id: self.id,
            office: self.office,
            role: Role::new(self.role.parse::<RoleName>()?, scope)?,
            sha256: from_hex(&self.sha256).ok_or(TokenProblem::Field {
                field: "sha256",
                found: self.sha256,
                wanted: "64 hexadecimal digits",
            })?,
            created_at: time("created_at", self.created_at)?,
            expires_on: self.expires_on.map(day).transpose()?,
            revoked_at: self.revoked_at.map(|text| time("revoked_at", text)).transpose()?,
        })
    }
}

impl From<&Token> for RawToken {
    fn from(token: &Token) -> Self {
        let Scope {
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
        } = token.role.scope();
        Self {
            id: token.id.clone(),
            office: token.office.clone(),
            role: token.role.name().to_string(),
            school,
            teacher_id,
            bases,
            studios,
            subjects,
            groups,
            sha256: to_hex(&token.sha256),
            created_at: token.created_at.to_string(),
            expires_on: token.expires_on.map(|day| day.to_string()),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
        }
    }
}

fn time(field: &'static str, text: String) -> Result<Timestamp, TokenProblem> {
    let wanted = "a time such as 2022-09-01T08:00:00Z";
    text.parse().map_err(|_| TokenProblem::Field {
        field,
        found: text,
        wanted,
    })
}

fn day(text: String) -> Result<Date, TokenProblem> {
    let wanted = "a day such as 2022-12-31";
    // A text with a time would be cut to its day without a word.
    text.parse()
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or(TokenProblem::Field {
            field: "expires_on",
            found: text,
            wanted,
        })
}

fn to_hex(bytes: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
