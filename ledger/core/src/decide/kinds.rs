//! The rules of single kinds: voids, references to records of the wrong kind, documents, loads.

use super::rules::View;
use crate::calendar::Calendar;
use crate::document::Problem;
use crate::event::{
    AssignmentStarted, CalendarAdopted, EntryVoided, Event, Fact, PolicyAdopted, SchoolBasedTerm, TitleConferred,
};
use crate::ids::{EventId, Sha256, TeacherId};
use crate::policy::Policy;
use crate::reason::{Reason, ReasonCode};

impl View<'_> {
    pub(super) fn by_kind(&self, event: &Event) -> Option<Reason> {
        match &event.fact {
            Fact::EntryVoided(f) => self.void(event.event_id, f.target_event),
            Fact::AssignmentEnded(f) => {
                let kind = AssignmentStarted::KIND;
                self.wrong_target("started_event", f.started_event, f.teacher_id, kind)
            }
            Fact::Recommended(f) => {
                let kind = TitleConferred::KIND;
                f.from_title
                    .and_then(|title| self.wrong_target("from_title", title, f.teacher_id, kind))
            }
            Fact::SchoolBasedTerm(f) => self.term(event, f),
            Fact::PolicyAdopted(f) => self.policy(f),
            Fact::CalendarAdopted(f) => self.calendar(f),
            Fact::DocumentPart(f) if self.offered.text(&f.sha256, 1).is_none() => Some(missing(&f.sha256)),
            Fact::HistoricalLoadOpened(f) if self.state.loads.contains_key(&f.load_id) => {
                Some(Reason::about(ReasonCode::LoadTaken, "load_id", f.load_id))
            }
            _ => None,
        }
    }

    /// A term that names a semester which begins only after it (DOMAIN §13a).
    fn term(&self, event: &Event, term: &SchoolBasedTerm) -> Option<Reason> {
        let semesters = self.state.semesters(self.size);
        let named = semesters.iter().find(|semester| semester.id == term.semester)?;
        (event.to < named.from).then(|| Reason::about(ReasonCode::SemesterAhead, "semester", term.semester))
    }

    /// A void may come before its target; one of a void, or of what others stand on, is refused (DOMAIN §13a).
    fn void(&self, own: EventId, target: EventId) -> Option<Reason> {
        let about = |code| Some(Reason::about(code, "target_event", target));
        if own == target {
            return about(ReasonCode::VoidOfVoid);
        }
        let (kind, nature) = self.state.kind_of(target)?;
        if kind == EntryVoided::KIND {
            about(ReasonCode::VoidOfVoid)
        } else if !nature.voidable {
            about(ReasonCode::NotVoidable)
        } else if self.state.is_voided(target) {
            about(ReasonCode::AlreadyVoided)
        } else {
            None
        }
    }

    /// A reference to a recorded event that is of another kind or about another teacher. What has not arrived cannot
    /// be judged: it waits, and stays without effect if it turns out wrong.
    fn wrong_target(&self, field: &str, target: EventId, teacher: TeacherId, kind: &str) -> Option<Reason> {
        let (of_kind, _) = self.state.kind_of(target)?;
        let right = of_kind == kind && self.state.is_about(target, &teacher);
        (!right).then(|| Reason::about(ReasonCode::WrongTarget, field, target))
    }

    /// A document that stands in the ledger: its parts come before the event that adopts it.
    fn document(&self, sha256: &Sha256) -> Result<String, Reason> {
        self.state
            .documents
            .text(sha256, self.size)
            .ok_or_else(|| missing(sha256))
    }

    fn calendar(&self, adopted: &CalendarAdopted) -> Option<Reason> {
        let text = match self.document(&adopted.sha256) {
            Ok(text) => text,
            Err(missing) => return Some(missing),
        };
        match Calendar::parse(&text) {
            Ok(calendar) if calendar.id == adopted.calendar_id => None,
            Ok(calendar) => Some(Reason::about(ReasonCode::DocumentInvalid, "calendar_id", calendar.id)),
            Err(problems) => Some(invalid(&problems)),
        }
    }

    fn policy(&self, adopted: &PolicyAdopted) -> Option<Reason> {
        let text = match self.document(&adopted.sha256) {
            Ok(text) => text,
            Err(missing) => return Some(missing),
        };
        let policy = match Policy::parse(&text) {
            Ok(policy) => policy,
            Err(problems) => return Some(invalid(&problems)),
        };
        let as_named = policy.id == adopted.policy_id
            && policy.version == adopted.version
            && policy.effective_from == adopted.effective_from
            && policy.effective_to == adopted.effective_to;
        if !as_named {
            let what = "id / version / effective_*";
            return Some(Reason::about(ReasonCode::DocumentInvalid, "policy_id", what));
        }
        let versions = self.versions_of(&policy);
        if versions.contains(&policy.version) {
            return Some(Reason::about(ReasonCode::VersionTaken, "version", policy.version));
        }
        // The office may begin with rules that hold already; from then on the past stays as it is (DOMAIN §8).
        let may_begin_before = versions.is_empty() || policy.retroactive;
        (!may_begin_before && policy.effective_from < self.today)
            .then(|| Reason::about(ReasonCode::Backdated, "effective_from", policy.effective_from))
    }

    /// The versions of this policy that are adopted and not voided.
    fn versions_of(&self, policy: &Policy) -> Vec<u32> {
        let versions = self.state.policies(self.size);
        versions
            .filter(|row| row.policy.id == policy.id)
            .map(|row| row.policy.version)
            .collect()
    }
}

fn missing(sha256: &Sha256) -> Reason {
    Reason::about(ReasonCode::DocumentMissing, "sha256", sha256)
}

fn invalid(problems: &[Problem]) -> Reason {
    let first = problems.first().map_or_else(String::new, ToString::to_string);
    let more = match problems.len() {
        0 | 1 => String::new(),
        count => format!(" (+{})", count - 1),
    };
    Reason::about(ReasonCode::DocumentInvalid, "sha256", format!("{first}{more}"))
}
