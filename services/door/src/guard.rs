//! The door: who calls, in which language, until when, and how many at once.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use keshi_core::ids::OfficeCode;
use keshi_core::lang::Lang;
use keshi_core::time::Millis;
use keshi_office::access::{Access, AccessError, Caller, DevRole};
use tonic::codegen::http::HeaderMap;
use tonic::{Request, Status};

use super::headers::{lang_of, timeout_of};
use super::refusals::{ClockJumped, EnterError, of_access};
use super::shares::{Class, Held, Limits, Shares};
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

/// Bytes at once of answers that are computed, or not read to their end yet: a caller who asks and does not read holds eight
/// pages of a list.
pub const ANSWER_BYTES_AT_ONCE: Limits = Limits {
    all: 96 << 20,
    role: 64 << 20,
    caller: 24 << 20,
};

/// Calls at once of those who sign in, beside those of callers.
const STRANGERS_AT_ONCE: Limits = Limits {
    all: 256,
    role: 256,
    caller: 16,
};

/// Bytes at once of their requests: an account, a password and what a browser says of itself are some hundred.
const STRANGERS_BYTES_AT_ONCE: Limits = Limits {
    all: 4 << 20,
    role: 4 << 20,
    caller: 256 << 10,
};

/// Calls at once of those who check a certificate, apart from those who sign in: neither keeps the others out.
const CHECKERS_AT_ONCE: Limits = Limits {
    all: 128,
    role: 128,
    caller: 8,
};

/// How long a call may take that names no deadline.
const DEADLINE_DEFAULT: Duration = Duration::from_secs(10);

/// The longest deadline that a caller may name.
const DEADLINE_MAX: Duration = Duration::from_mins(1);

/// Kept back from the caller's deadline, so that our answer arrives before she hangs up.
const ANSWER_TIME_MAX: Duration = Duration::from_millis(50);

/// How far the clock may move against the time that passes before nothing is stamped by it any more.
const CLOCK_JUMP_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

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
    /// When it was set up, by the clock and by the time that passes.
    began: (Timestamp, Instant),
    shares: Arc<AllShares>,
}

/// What those behind the door, and those before it, have shares of.
#[derive(Debug)]
struct AllShares {
    calls: Shares,
    watchers: Shares,
    bodies: Shares,
    answers: Shares,
    strangers: Shares,
    checkers: Shares,
    strangers_bodies: Shares,
    let_in: AtomicU64,
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

/// What somebody came for who has neither token nor session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// To sign in.
    SignIn,
    /// To check a certificate.
    Check,
}

/// Somebody who has neither token nor session, and came to sign in or to check a certificate. Takes a place as long as a clone of it lives.
#[derive(Clone, Debug)]
pub struct Stranger {
    /// From where.
    pub peer: IpAddr,
    /// The language of texts for her.
    pub lang: Lang,
    /// When an answer is due.
    pub deadline: Instant,
    _place: Arc<Held>,
}

// === impl Guard ===

impl Guard {
    /// A door that lets in holders of tokens for `office`, and those who signed in where `access` has accounts.
    pub fn new(access: Arc<Access>, office: OfficeCode, clock: Clock) -> Self {
        Self {
            access,
            office,
            dev: None,
            began: (clock(), Instant::now()),
            clock,
            shares: Arc::new(AllShares {
                calls: Shares::new(CALLS_AT_ONCE),
                watchers: Shares::new(WATCHERS_AT_ONCE),
                bodies: Shares::new(BODY_BYTES_AT_ONCE),
                answers: Shares::new(ANSWER_BYTES_AT_ONCE),
                strangers: Shares::new(STRANGERS_AT_ONCE),
                checkers: Shares::new(CHECKERS_AT_ONCE),
                strangers_bodies: Shares::new(STRANGERS_BYTES_AT_ONCE),
                let_in: AtomicU64::default(),
            }),
        }
    }

    /// The same, letting in callers without a token as the one of `--dev`, who may do everything, or in the role that they name
    /// ([`DevRole`]). Never for real data.
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

    /// Whether what is posted may be stamped with this time: a clock that jumped since the server was started is not believed
    /// (ADR 27).
    ///
    /// # Errors
    ///
    /// [`ClockJumped`].
    pub fn believe(&self, stamp: Millis) -> Result<(), ClockJumped> {
        let (began, since) = self.began;
        let passed = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let jump = stamp.0.saturating_sub(began.as_millisecond().saturating_add(passed));
        if i128::from(jump.unsigned_abs()) <= CLOCK_JUMP_MAX.as_millis() {
            return Ok(());
        }
        Err(ClockJumped {
            days: jump / (24 * 60 * 60 * 1_000),
        })
    }

    /// How many calls were ever let in: while it grows, others wait for what long work leaves them.
    pub fn let_in_so_far(&self) -> u64 {
        self.shares.let_in.load(Ordering::Relaxed)
    }

    /// The call that a request is: the one that was let in when its headers came ([`super::Dressed`]), or else it is let
    /// in now. Her message may have been long on its way since the headers, so her token or session is looked at once more.
    ///
    /// # Errors
    ///
    /// As [`Guard::let_in`] and [`Guard::still`].
    pub fn enter<T>(&self, request: &Request<T>) -> Result<Call, Status> {
        match request.extensions().get::<Call>() {
            Some(call) => {
                self.still(&call.caller).map_err(|fault| fault.status(call.lang))?;
                Ok(call.clone())
            }
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
        let lang = lang_in(headers);
        self.try_enter(headers, lang)
            .map_err(|error| Fault::from(error).status(lang))
    }

    /// Lets somebody to the counter where one signs in, or certificates are checked. Her message is weighed in the share that is answered with her.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` with a retry delay when too many from her address, or in all, are there.
    pub(super) fn stranger(
        &self,
        errand: Errand,
        peer: IpAddr,
        headers: &HeaderMap,
    ) -> Result<(Stranger, Option<Held>), Status> {
        let lang = lang_in(headers);
        let name = peer.to_string();
        let places = match errand {
            Errand::SignIn => &self.shares.strangers,
            Errand::Check => &self.shares.checkers,
        };
        let place = places.take_as(Class::Stranger, &name, 1);
        let place = place.ok_or_else(|| Fault::from(EnterError::Busy).status(lang))?;
        let stranger = Stranger {
            peer,
            lang,
            deadline: deadline_in(headers).0,
            _place: Arc::new(place),
        };
        Ok((
            stranger,
            self.shares.strangers_bodies.take_as(Class::Stranger, &name, 0),
        ))
    }

    /// Whether a caller who was let in may go on: her token is still good, and stands for the same rights.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` if it was revoked or has expired, `PERMISSION_DENIED` if its rights are others now.
    pub fn still(&self, caller: &Caller) -> Result<(), Fault> {
        match &self.dev {
            Some(dev) if dev.poster_id() == caller.poster_id() => Ok(()),
            _ => self.access.still(caller, self.now()).map_err(|error| of_access(&error)),
        }
    }

    /// A place among those who watch, who may stay as long as they like.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many watch already.
    pub fn watch(&self, call: &Call) -> Result<Held, Status> {
        let place = self.shares.watchers.take(&call.caller, 1);
        place.ok_or_else(|| Fault::from(EnterError::Busy).status(call.lang))
    }

    /// Room for so many bytes of an answer; `None` if the caller, her role or all hold too many already.
    pub fn answer(&self, caller: &Caller, bytes: usize) -> Option<Held> {
        self.shares.answers.take(caller, bytes)
    }

    /// Room for the bytes of a request's message, none taken yet.
    pub(super) fn body(&self, caller: &Caller) -> Option<Held> {
        self.shares.bodies.take(caller, 0)
    }

    fn try_enter(&self, metadata: &HeaderMap, lang: Lang) -> Result<Call, EnterError> {
        let now = self.now();
        let presented = metadata.get("authorization");
        let chosen = presented.and_then(|value| DevRole::of_header(value.to_str().ok()?));
        let caller = match (&self.dev, presented) {
            (Some(dev), None) => dev.clone(),
            (Some(dev), Some(_)) if let Some(DevRole(role)) = chosen => Caller::dev_as(dev.office(), role),
            (_, presented) => {
                let text = presented.map_or(Ok(""), |value| value.to_str());
                self.access
                    .authenticate(text.map_err(|_| AccessError::Malformed)?, now)?
            }
        };
        caller.may_enter(self.office.as_str())?;
        let place = self.shares.calls.take(&caller, 1).ok_or(EnterError::Busy)?;
        self.shares.let_in.fetch_add(1, Ordering::Relaxed);
        let (deadline, has_own_deadline) = deadline_in(metadata);
        Ok(Call {
            caller,
            lang,
            deadline,
            has_own_deadline,
            received_at: Millis(now.as_millisecond()),
            _place: Arc::new(place),
        })
    }
}

fn lang_in(headers: &HeaderMap) -> Lang {
    lang_of(headers.get("accept-language").and_then(|value| value.to_str().ok()))
}

/// When an answer is due, and whether the caller named that herself.
fn deadline_in(headers: &HeaderMap) -> (Instant, bool) {
    let timeout = headers
        .get("grpc-timeout")
        .and_then(|value| timeout_of(value.to_str().ok()?));
    let given = timeout.unwrap_or(DEADLINE_DEFAULT).min(DEADLINE_MAX);
    let deadline = Instant::now() + given.saturating_sub(ANSWER_TIME_MAX.min(given / 10));
    (deadline, timeout.is_some())
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
