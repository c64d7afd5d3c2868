//! Whom a caller may read about, and the line that each reading leaves.

use jiff::civil::Date;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_core::text::personal;
pub(crate) use keshi_door::whose::{Scope, is_herself};
use keshi_office::access::{Caller, Need};
use keshi_office::reads::ReadOf;

use crate::Context;
use crate::error::Error;
use crate::place::one;

/// All days: for what is asked about a teacher without a period.
pub(crate) const ALWAYS: (Date, Date) = (Date::MIN, Date::MAX);

/// The scope of a teacher, if the caller may read about her. Whether she exists is told only to those who may.
pub(crate) fn admit(at: At<'_>, caller: &Caller, id: &TeacherId, days: (Date, Date)) -> Result<Need, Error> {
    let Some(scope) = Scope::of(at, id, days) else {
        Scope::default().admits(caller, id)?;
        return Err(Error::UnknownTeacher {
            id: *id,
            size: at.size(),
        });
    };
    Ok(scope.admits(caller, id)?)
}

/// What is read: of which kind, as the log of reads names it, and of which period or day.
#[derive(Clone)]
pub(crate) struct Read {
    kind: &'static str,
    period: Option<String>,
}

impl Read {
    pub(crate) fn of(kind: &'static str, period: &impl ToString) -> Self {
        let period = Some(period.to_string());
        Self { kind, period }
    }
}

impl From<&'static str> for Read {
    fn from(kind: &'static str) -> Self {
        Self { kind, period: None }
    }
}

/// Checks that a purpose, which is kept in the log of reads, tells no number of anybody. A name in it cannot be told.
pub(crate) fn checked_purpose(purpose: &str) -> Result<(), Error> {
    if personal::in_text(purpose).is_none() {
        return Ok(());
    }
    Err(one(
        "purpose",
        "",
        "事由会留在查阅记录中，其中似有身份证号、电话或邮箱；请去掉后再查",
        "the purpose is kept in the log of reads, and something in it looks like an ID number, a telephone or an e-mail \
         address: leave that out and ask again",
    ))
}

impl Context {
    /// Notes that the caller reads `what` about a teacher, unless it is herself. Before anything is answered: what cannot
    /// be noted is not told, nor to one whose token has ended since she was let in.
    pub(crate) fn note_read(
        &self,
        caller: &Caller,
        need: Need,
        teacher_id: &str,
        what: impl Into<Read>,
        purpose: &str,
    ) -> Result<(), Error> {
        let still = self.parts.guard.still(caller);
        still.map_err(|fault| Error::NoLonger(Box::new(fault)))?;
        if need == Need::Nothing {
            return Ok(());
        }
        checked_purpose(purpose)?;
        let Read { kind, period } = what.into();
        let read = ReadOf {
            caller: caller.poster_id(),
            teacher_id,
            what: kind,
            period: period.as_deref(),
            purpose: Some(purpose).filter(|purpose| !purpose.is_empty()),
        };
        Ok(self.parts.reads.record(self.parts.guard.now(), &read)?)
    }
}
