//! Making a token: what may be asked for, and the text that is shown once.

use jiff::Timestamp;
use jiff::civil::Date;

use super::error::ChangeError;
use super::token::{self, Secret};
use super::{Role, Token, is_token_id};
use crate::{china, layout};

/// A token as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The id; without one, a new one is made from the role and six random characters.
    pub id: Option<String>,
    /// The office code.
    pub office: String,
    /// The role with its scope.
    pub role: Role,
    /// The last day (China Standard Time) on which it is good.
    pub expires_on: Option<Date>,
}

/// A token just made. The only moment at which its text is known.
#[derive(Debug)]
pub struct NewToken {
    /// What is kept of it.
    pub token: Token,
    /// The text to hand to its holder.
    pub secret: Secret,
}

/// Makes a token, whose id must not be taken; the caller keeps it.
pub(super) fn issue(
    request: &Request,
    is_taken: impl Fn(&str) -> Result<bool, ChangeError>,
    now: Timestamp,
) -> Result<NewToken, ChangeError> {
    let Request {
        id,
        office,
        role,
        expires_on,
    } = request.clone();
    if !layout::is_office_code(&office) {
        return Err(ChangeError::Office {
            office: office.chars().take(40).collect(),
        });
    }
    if role == Role::Dev {
        return Err(ChangeError::DevRole);
    }
    let today = now.to_zoned(china()).date();
    if let Some(expires_on) = expires_on.filter(|day| *day < today) {
        return Err(ChangeError::ExpiresInThePast { expires_on, today });
    }
    let id = match id {
        Some(id) if !is_token_id(&id) => {
            return Err(ChangeError::Id {
                id: id.chars().take(40).collect(),
            });
        }
        Some(id) => id,
        None => {
            let word = token::random_word(6).map_err(ChangeError::Random)?;
            format!("{}-{word}", role.name().as_str().replace('_', "-"))
        }
    };
    if is_taken(&id)? {
        return Err(ChangeError::Taken { id });
    }
    let secret = Secret::generate(token::PREFIX).map_err(ChangeError::Random)?;
    let sha256 = secret.sha256();
    let token = Token {
        id,
        office,
        role,
        sha256,
        created_at: now,
        expires_on,
        revoked_at: None,
    };
    Ok(NewToken { token, secret })
}
