//! The access file in memory: authenticate, create, list, revoke, and follow changes made by others.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::{Mutex, RwLock};
use tracing::{error, info};

use super::disk::{self, Stamp, Watch};
use super::error::{AccessError, ChangeError, OpenError};
use super::state::State;
use super::token::{self, Secret};
use super::{Caller, Role, Token, is_token_id};
use crate::{china, layout};

/// How often the file is looked at: a revocation holds everywhere after this time, and a call pays for one `stat`
/// in many.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The access file, held in memory and followed on disk. Share it between threads behind an `Arc`.
#[derive(Debug)]
pub struct Access {
    path: PathBuf,
    state: RwLock<State>,
    opened: Instant,
    /// Milliseconds after `opened` at which the file is to be looked at again.
    look_at_ms: AtomicU64,
    watch: Mutex<Watch>,
}

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
    /// What the access file keeps of it.
    pub token: Token,
    /// The text to hand to its holder.
    pub secret: Secret,
}

// === impl Access ===

impl Access {
    /// Opens the access file at `path`.
    ///
    /// # Errors
    ///
    /// [`OpenError::Missing`], [`OpenError::Io`], or [`OpenError::Broken`] with the line of the mistake.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let path = path.into();
        let access = Self {
            state: RwLock::default(),
            opened: Instant::now(),
            look_at_ms: AtomicU64::new(0),
            watch: Mutex::default(),
            path,
        };
        let (text, seen) = disk::read(&access.path)?;
        access.put_in_force(disk::parse(&access.path, &text)?);
        *access.watch.lock() = seen;
        disk::warn_if_readable_by_others(&access.path);
        Ok(access)
    }

    /// Opens the access file at `path`, and makes one without tokens (mode 0600) if there is none.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Open`] as [`Access::open`], or [`ChangeError::Io`] if none can be made.
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, ChangeError> {
        let path = path.into();
        let _alone = disk::lock(&path)?;
        if !path.exists() {
            disk::write(&path, &[])?;
        }
        Ok(Self::open(path)?)
    }

    /// Makes the first token of `office`, an admin's, if the office has never had one.
    ///
    /// An office whose tokens are all revoked gets none: its operator uses `keshi token create`.
    ///
    /// # Errors
    ///
    /// As [`Access::create`].
    pub fn first_token(&self, office: &str, now: Timestamp) -> Result<Option<NewToken>, ChangeError> {
        let request = Request {
            id: None,
            office: office.to_owned(),
            role: Role::Admin,
            expires_on: None,
        };
        self.change(|tokens| {
            if tokens.iter().any(|token| token.office == office) {
                return Ok(None);
            }
            let new = make(&request, tokens, now)?;
            tokens.push(new.token.clone());
            Ok(Some(new))
        })
    }

    /// Says whose token `presented` is: the token itself, or an `authorization` header's `Bearer` and the token.
    ///
    /// Looks at the file at most ten times a second, otherwise works from memory. `now` decides about expiry.
    ///
    /// # Errors
    ///
    /// One [`AccessError`] per reason; none of them tells an outsider whether a guess was near.
    pub fn authenticate(&self, presented: &str, now: Timestamp) -> Result<Caller, AccessError> {
        self.look();
        let text = bare(presented);
        if text.is_empty() {
            return Err(AccessError::Missing);
        }
        let sha256 = token::digest_of(text).map_err(|_| AccessError::Malformed)?;
        let state = self.state.read();
        let held = state.find(&sha256).ok_or(AccessError::Unknown)?;
        held.check(now)?;
        Ok(held.caller.clone())
    }

    /// Whether a caller who was let in would be let in still, with the rights that she had: for what goes on for long.
    ///
    /// Looks at the file as [`Access::authenticate`] does.
    ///
    /// # Errors
    ///
    /// [`AccessError::Revoked`], [`AccessError::Expired`], [`AccessError::Unknown`] if her token is gone, and
    /// [`AccessError::Changed`] if it stands for something else now.
    pub fn still(&self, caller: &Caller, now: Timestamp) -> Result<(), AccessError> {
        self.look();
        let state = self.state.read();
        let held = state.of_id(caller.poster_id()).ok_or(AccessError::Unknown)?;
        held.check(now)?;
        if held.caller == *caller {
            return Ok(());
        }
        let id = caller.poster_id().to_owned();
        Err(AccessError::Changed { id })
    }

    /// Makes a token and writes the access file. On return it is durable, and good at once in this process.
    ///
    /// # Errors
    ///
    /// [`ChangeError`]; the file is as before.
    pub fn create(&self, request: &Request, now: Timestamp) -> Result<NewToken, ChangeError> {
        let new = self.change(|tokens| {
            let new = make(request, tokens, now)?;
            tokens.push(new.token.clone());
            Ok(new)
        })?;
        info!(id = %new.token.id, office = %new.token.office, role = %new.token.role.name(), "token created");
        Ok(new)
    }

    /// Every token of the file, in its order, revoked ones too.
    pub fn list(&self) -> Vec<Token> {
        self.look();
        self.state.read().tokens.clone()
    }

    /// Revokes the token `id` and writes the access file. One revoked before keeps its time.
    ///
    /// On return it is refused in this process; other processes within 100 ms.
    ///
    /// # Errors
    ///
    /// [`ChangeError::NoSuchToken`], or another [`ChangeError`]; the file is as before.
    pub fn revoke(&self, id: &str, now: Timestamp) -> Result<Token, ChangeError> {
        let token = self.change(|tokens| {
            let token = tokens.iter_mut().find(|token| token.id == id);
            let token = token.ok_or_else(|| ChangeError::NoSuchToken {
                id: id.chars().take(40).collect(),
            })?;
            token.revoked_at.get_or_insert(now);
            Ok(token.clone())
        })?;
        info!(%id, "token revoked");
        Ok(token)
    }

    /// Looks at the file now, whenever it was looked at last.
    pub fn refresh(&self) {
        self.follow(&mut self.watch.lock());
    }

    /// Changes the tokens on disk and then in memory. Starts from the file, not from memory: another process may
    /// have changed it. The lock beside it keeps two processes from losing each other's change.
    fn change<T>(&self, edit: impl FnOnce(&mut Vec<Token>) -> Result<T, ChangeError>) -> Result<T, ChangeError> {
        let mut watch = self.watch.lock();
        let _alone = disk::lock(&self.path)?;
        let (text, _) = disk::read(&self.path)?;
        let before = disk::parse(&self.path, &text)?;
        let mut tokens = before.clone();
        let result = edit(&mut tokens)?;
        if tokens != before {
            disk::write(&self.path, &tokens)?;
        }
        self.put_in_force(tokens);
        // Seen or not, the next look compares with the disk.
        *watch = Watch::default();
        Ok(result)
    }

    /// Follows the file if it is time to. One thread does; the others go on with what is in force.
    fn look(&self) {
        let now_ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now_ms < self.look_at_ms.load(Ordering::Relaxed) {
            return;
        }
        if let Some(mut watch) = self.watch.try_lock() {
            self.follow(&mut watch);
            let every_ms = u64::try_from(LOOK_EVERY.as_millis()).unwrap_or(u64::MAX);
            self.look_at_ms
                .store(now_ms.saturating_add(every_ms), Ordering::Relaxed);
        }
    }

    fn follow(&self, watch: &mut Watch) {
        if watch.settled && fs::metadata(&self.path).ok().map(|metadata| Stamp::of(&metadata)) == watch.stamp {
            return;
        }
        let (text, seen) = match disk::read(&self.path) {
            Ok(read) => read,
            Err(cause) => {
                if !std::mem::replace(&mut watch.unreadable, true) {
                    let cause: &dyn std::error::Error = &cause;
                    error!(cause, "access file not readable, the last good state stays in force");
                }
                return;
            }
        };
        let changed = seen.text != watch.text;
        *watch = seen;
        if !changed {
            return;
        }
        match disk::parse(&self.path, &text) {
            Ok(tokens) if tokens == self.state.read().tokens => {}
            Ok(tokens) => {
                info!(path = %self.path.display(), tokens = tokens.len(), "access file read again");
                self.put_in_force(tokens);
            }
            Err(cause) => {
                let cause: &dyn std::error::Error = &cause;
                let mistake = cause.source().map(ToString::to_string);
                error!(cause, mistake, "access file broken, the last good state stays in force");
            }
        }
    }

    fn put_in_force(&self, tokens: Vec<Token>) {
        let state = State::new(tokens);
        *self.state.write() = state;
    }
}

// === helpers ===

/// The token in a header's value, or the value itself.
fn bare(presented: &str) -> &str {
    let presented = presented.trim();
    match presented.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        None if presented.eq_ignore_ascii_case("bearer") => "",
        _ => presented,
    }
}

fn make(request: &Request, tokens: &[Token], now: Timestamp) -> Result<NewToken, ChangeError> {
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
    if tokens.iter().any(|token| token.id == id) {
        return Err(ChangeError::Taken { id });
    }
    let secret = Secret::generate().map_err(ChangeError::Random)?;
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

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
