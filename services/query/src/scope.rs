//! Whom a caller may read about, and the line that each reading leaves.

use jiff::civil::Date;
use keshi_core::ids::{GroupId, SchoolId, TeacherId};
use keshi_core::state::State;
use keshi_office::access::{Caller, Need, Whose};
use keshi_office::reads::ReadOf;

use crate::Context;
use crate::error::Error;

/// Mergers that are followed from one school to the next; more than any school sees, and an end to a circle.
const SUCCESSIONS_MAX: usize = 8;

/// What decides who may read about a teacher.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Her schools in the time asked about, and those that went on in their place: who keeps her record now may read it.
    pub(crate) schools: Vec<SchoolId>,
    /// Where she stood in that time: a successor has no teachers before it took over (DOMAIN §13a).
    pub(crate) stood_at: Vec<SchoolId>,
    pub(crate) subject: Option<String>,
    /// The groups of those schools.
    pub(crate) groups: Vec<GroupId>,
}

impl Scope {
    /// The scope of a teacher for what happened from `from` to `to`; `None` if she is not registered below `size`.
    pub(crate) fn of(state: &State, id: &TeacherId, (from, to): (Date, Date), size: u64) -> Option<Self> {
        let profile = state.profile(id, size)?;
        let mut scope = Self {
            subject: profile.subject.as_ref().map(|subject| subject.as_str().to_owned()),
            ..Self::default()
        };
        let held = state.holdings(id, size);
        let then = held
            .iter()
            .filter(|post| post.from <= to && post.to.is_none_or(|last| from <= last));
        for (school, last) in then.filter_map(|post| Some((post.school?, post.to.unwrap_or(Date::MAX).min(to)))) {
            let mut next = Some(school);
            let mut stood = true;
            for _ in 0..SUCCESSIONS_MAX {
                let Some(school) = next.filter(|school| !scope.schools.contains(school)) else {
                    break;
                };
                scope.schools.push(school);
                scope
                    .groups
                    .extend(state.school(&school, size).and_then(|school| school.group));
                if stood {
                    scope.stood_at.push(school);
                }
                let succession = state.succession(&school, size);
                stood &= succession.is_some_and(|(last_day, _)| last_day < last);
                next = succession.map(|(_, successor)| successor);
            }
        }
        Some(scope)
    }

    /// Whether the caller may read about this teacher, and whether that is to be noted.
    pub(crate) fn admits(&self, caller: &Caller, id: &TeacherId) -> Result<Need, Error> {
        let schools: Vec<&str> = self.schools.iter().map(SchoolId::as_str).collect();
        let groups: Vec<&str> = self.groups.iter().map(GroupId::as_str).collect();
        let whose = Whose {
            teacher_id: id.as_str(),
            schools: &schools,
            subject: self.subject.as_deref(),
            groups: &groups,
        };
        Ok(caller.may_read_teacher(&whose)?)
    }
}

/// All days: for what is asked about a teacher without a period.
pub(crate) const ALWAYS: (Date, Date) = (Date::MIN, Date::MAX);

/// The scope of a teacher, if the caller may read about her. Whether she exists is told only to those who may.
pub(crate) fn admit(
    state: &State,
    caller: &Caller,
    id: &TeacherId,
    days: (Date, Date),
    size: u64,
) -> Result<Need, Error> {
    let Some(scope) = Scope::of(state, id, days, size) else {
        Scope::default().admits(caller, id)?;
        return Err(Error::UnknownTeacher { id: *id, size });
    };
    scope.admits(caller, id)
}

impl Context {
    /// Notes that the caller reads `what` about a teacher, unless it is herself. Before anything is answered: what cannot
    /// be noted is not told, nor to one whose token has ended since she was let in.
    pub(crate) fn note_read(
        &self,
        caller: &Caller,
        need: Need,
        teacher_id: &str,
        what: &str,
        purpose: &str,
    ) -> Result<(), Error> {
        let still = self.parts.guard.still(caller);
        still.map_err(|fault| Error::NoLonger(Box::new(fault)))?;
        if need == Need::Nothing {
            return Ok(());
        }
        let read = ReadOf {
            caller: caller.poster_id(),
            teacher_id,
            what,
            purpose: Some(purpose).filter(|purpose| !purpose.is_empty()),
        };
        Ok(self.parts.reads.record(self.parts.guard.now(), &read)?)
    }
}
