//! The door: who calls, in which language, until when, and how many at once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keshi_core::ids::OfficeCode;
use keshi_core::lang::Lang;
use keshi_core::time::Millis;
use keshi_office::access::{Access, AccessError, Caller, Denied};
use tonic::codegen::http::HeaderMap;
use tonic::{Code, Request, Status};

use super::shares::{Held, Limits, Shares};
use super::{Fault, MESSAGE_BYTES_MAX};

/// Calls under way at once, streams among them; further ones are turned away at once with a retry delay. In all as many
/// as the way to the ledger holds submissions.
pub const CALLS_AT_ONCE: Limits = Limits {
    all: 4_096,
    role: 3_072,
    caller: 1_024,
};

/// Streams at once that last as long as the caller likes.
pub const WATCHERS_AT_ONCE: Limits = Limits {
    all: 64,
    role: 48,
    caller: 8,
};

/// Bytes at once of requests that are not read to their end yet.
pub const BODY_BYTES_AT_ONCE: Limits = Limits {
    all: 96 * MESSAGE_BYTES_MAX,
    role: 64 * MESSAGE_BYTES_MAX,
    caller: 24 * MESSAGE_BYTES_MAX,
};

/// How long a call may take that names no deadline.
const DEADLINE_DEFAULT: Duration = Duration::from_secs(10);

/// The longest deadline that a caller may name.
const DEADLINE_MAX: Duration = Duration::from_mins(1);

/// Kept back from the caller's deadline, so that our answer arrives before she hangs up.
const ANSWER_TIME_MAX: Duration = Duration::from_millis(50);

/// How long a caller turned away is asked to wait.
const BUSY_RETRY_AFTER: Duration = Duration::from_millis(200);

/// Tells the time. Handed in from outside, so that tests own it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// The door of one process. Cheap to clone; clones count the same calls.
#[derive(Clone)]
pub struct Guard {
    access: Arc<Access>,
    office: OfficeCode,
    /// Who calls without a token, where that is allowed.
    dev: Option<Caller>,
    clock: Clock,
    calls: Shares,
    watchers: Shares,
    bodies: Shares,
}

/// One call that was let in. It takes a place as long as a clone of it lives.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// The language of texts for her.
    pub lang: Lang,
    /// When an answer is due.
    pub deadline: Instant,
    /// Whether she named the deadline herself.
    pub has_own_deadline: bool,
    /// The server's clock when the call came in.
    pub received_at: Millis,
    _place: Arc<Held>,
}

/// Why a call was not let in.
#[derive(Debug, thiserror::Error)]
enum EnterError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    OtherOffice(#[from] Denied),
    #[error("too many calls at once: call again a little later")]
    Busy,
}

// === impl Guard ===

impl Guard {
    /// A door that lets in holders of tokens for `office`.
    pub fn new(access: Arc<Access>, office: OfficeCode, clock: Clock) -> Self {
        Self {
            access,
            office,
            dev: None,
            clock,
            calls: Shares::new(CALLS_AT_ONCE),
            watchers: Shares::new(WATCHERS_AT_ONCE),
            bodies: Shares::new(BODY_BYTES_AT_ONCE),
        }
    }

    /// The same, letting in callers without a token as the one of `--dev`, who may do everything. Never for real data.
    #[must_use]
    pub fn with_dev(mut self) -> Self {
        self.dev = Some(Caller::dev(self.office.as_str()));
        self
    }

    /// The office behind the door.
    pub fn office(&self) -> OfficeCode {
        self.office
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The call that a request is: the one that was let in when its headers came ([`super::Dressed`]), or else it is let
    /// in now.
    ///
    /// # Errors
    ///
    /// As [`Guard::let_in`].
    pub fn enter<T>(&self, request: &Request<T>) -> Result<Call, Status> {
        match request.extensions().get::<Call>() {
            Some(call) => Ok(call.clone()),
            None => self.let_in(request.metadata().as_ref()),
        }
    }

    /// Lets a call in by its headers, before anything of its message is read.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` without a good token, `PERMISSION_DENIED` for another office's, `RESOURCE_EXHAUSTED` with a
    /// retry delay when too many calls of hers, of her role, or in all are under way.
    pub fn let_in(&self, headers: &HeaderMap) -> Result<Call, Status> {
        let lang = lang_of(headers.get("accept-language").and_then(|value| value.to_str().ok()));
        self.try_enter(headers, lang)
            .map_err(|error| Fault::from(error).status(lang))
    }

    /// A place among those who watch, who may stay as long as they like.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many watch already.
    pub fn watch(&self, call: &Call) -> Result<Held, Status> {
        let place = self.watchers.take(&call.caller, 1);
        place.ok_or_else(|| Fault::from(EnterError::Busy).status(call.lang))
    }

    /// Room for the bytes of a request's message, none taken yet.
    pub(super) fn body(&self, caller: &Caller) -> Option<Held> {
        self.bodies.take(caller, 0)
    }

    fn try_enter(&self, metadata: &HeaderMap, lang: Lang) -> Result<Call, EnterError> {
        let now = self.now();
        let presented = metadata.get("authorization");
        let caller = match (&self.dev, presented) {
            (Some(dev), None) => dev.clone(),
            (_, presented) => {
                let text = presented.map_or(Ok(""), |value| value.to_str());
                self.access
                    .authenticate(text.map_err(|_| AccessError::Malformed)?, now)?
            }
        };
        caller.may_enter(self.office.as_str())?;
        let place = self.calls.take(&caller, 1).ok_or(EnterError::Busy)?;
        let timeout = metadata
            .get("grpc-timeout")
            .and_then(|value| timeout_of(value.to_str().ok()?));
        let given = timeout.unwrap_or(DEADLINE_DEFAULT).min(DEADLINE_MAX);
        Ok(Call {
            caller,
            lang,
            deadline: Instant::now() + given.saturating_sub(ANSWER_TIME_MAX.min(given / 10)),
            has_own_deadline: timeout.is_some(),
            received_at: Millis(now.as_millisecond()),
            _place: Arc::new(place),
        })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("office", &self.office)
            .field("dev", &self.dev.is_some())
            .finish_non_exhaustive()
    }
}

// === impl Call ===

impl Call {
    /// The status of an error, in the caller's language.
    pub fn status(&self, error: impl Into<Fault>) -> Status {
        error.into().status(self.lang)
    }

    /// When the next answer of a stream is due: the caller's own deadline, else ten seconds from now.
    pub fn next_deadline(&self) -> Instant {
        if self.has_own_deadline {
            self.deadline
        } else {
            Instant::now() + DEADLINE_DEFAULT
        }
    }
}

impl From<EnterError> for Fault {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Access(error) => of_access(&error),
            EnterError::OtherOffice(denied) => Fault::from(denied),
            EnterError::Busy => Fault::new(
                Code::ResourceExhausted,
                "TooManyCalls",
                "服务器正忙，请稍候再试",
                "the server is busy: call again a little later",
            )
            .retry_after(BUSY_RETRY_AFTER),
        }
    }
}

impl From<Denied> for Fault {
    fn from(Denied { reason, remedy }: Denied) -> Self {
        Fault::new(
            Code::PermissionDenied,
            "NotAllowed",
            format!("{}；{}", reason.zh, remedy.zh),
            format!("{}; {}", reason.en, remedy.en),
        )
    }
}

fn of_access(error: &AccessError) -> Fault {
    let (reason, zh, en) = match error {
        AccessError::Missing => (
            "TokenMissing",
            "未提供令牌；请在请求头 authorization 中写“Bearer 令牌”".to_owned(),
            "no token was given; send the header `authorization: Bearer ks_…`".to_owned(),
        ),
        AccessError::Malformed => (
            "TokenMalformed",
            "令牌抄写有误；请重新复制（ks_ 加 48 个字符）".to_owned(),
            "the token is mistyped or cut off; copy it again (`ks_` and 48 characters)".to_owned(),
        ),
        AccessError::Unknown => (
            "TokenUnknown",
            "令牌未在此登记；请核对服务器地址，或向教研室申请新令牌".to_owned(),
            "the token is not known here; check the server's address, or ask the office for a new one".to_owned(),
        ),
        AccessError::Revoked { id, revoked_at } => (
            "TokenRevoked",
            format!("令牌 {id} 已于 {revoked_at} 撤销；请向教研室申请新令牌"),
            format!("token `{id}` was revoked at {revoked_at}; ask the office for a new one"),
        ),
        AccessError::Expired { id, expires_on } => (
            "TokenExpired",
            format!("令牌 {id} 已于 {expires_on} 到期；请向教研室申请新令牌"),
            format!("token `{id}` expired after {expires_on}; ask the office for a new one"),
        ),
    };
    Fault::new(Code::Unauthenticated, reason, zh, en)
}

/// The language of an `accept-language` value: the first of its tags that is Chinese or English, else Chinese.
pub(super) fn lang_of(value: Option<&str>) -> Lang {
    let tags = value.unwrap_or_default().split(',').map(str::trim_start);
    let known = |tag: &str| match tag.get(..2)?.to_ascii_lowercase().as_str() {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    };
    tags.into_iter().find_map(known).unwrap_or_default()
}

/// The duration of a `grpc-timeout` value: at most eight digits and a unit.
fn timeout_of(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = u64::from_str(digits).ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count.saturating_mul(3_600))),
        "M" => Some(Duration::from_secs(count.saturating_mul(60))),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_that_we_speak_and_chinese_by_default() {
        assert_eq!(lang_of(None), Lang::Zh);
        assert_eq!(lang_of(Some("fr, en-GB;q=0.8, zh;q=0.5")), Lang::En);
        assert_eq!(lang_of(Some("ZH-cn,en")), Lang::Zh);
        assert_eq!(lang_of(Some("学校")), Lang::Zh);
    }

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        assert_eq!(timeout_of("250m"), Some(Duration::from_millis(250)));
        assert_eq!(timeout_of("2S"), Some(Duration::from_secs(2)));
        for bad in ["", "S", "2", "2s", "-1S", "123456789S", "1课"] {
            assert!(timeout_of(bad).is_none_or(|got| got.is_zero()), "{bad}");
        }
    }
}
