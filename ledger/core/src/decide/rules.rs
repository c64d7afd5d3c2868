//! The rules for one event: refused with a reason, waiting for something, or recorded.

use super::Ruling;
use super::fresh::Fresh;
use crate::calendar::Calendar;
use crate::entry::{Posted, Verdict};
use crate::event::{Event, Fact, PolicyAdopted};
use crate::ids::{CompetitionId, EventId, LoadId, ProjectId, SchoolId, SessionId, TeacherId};
use crate::policy::Policy;
use crate::reason::{Reason, ReasonCode};
use crate::state::State;
use crate::submission::Submission;

/// Looks at the state and at what the same trial added so far.
struct View<'v, 'a> {
    state: &'v State,
    fresh: &'v Fresh<'a>,
    size: u64,
}

pub(super) fn judge(state: &State, fresh: &Fresh<'_>, submission: &Submission, posted: &Posted) -> Ruling {
    let event = match posted {
        Posted::Event(event) => event,
        Posted::Unreadable { sha256, .. } => return refused(Reason::about(ReasonCode::Unreadable, "", sha256)),
    };
    let view = View {
        state,
        fresh,
        size: state.size(),
    };
    match view.refusal(event, submission) {
        Some(reason) => refused(reason),
        None => match view.awaited(event) {
            Some(reason) => Ruling {
                verdict: Verdict::Waiting,
                reason: Some(reason),
            },
            None => Ruling {
                verdict: Verdict::Recorded,
                reason: None,
            },
        },
    }
}

fn refused(reason: Reason) -> Ruling {
    Ruling {
        verdict: Verdict::Refused,
        reason: Some(reason),
    }
}

impl View<'_, '_> {
    fn refusal(&self, event: &Event, submission: &Submission) -> Option<Reason> {
        self.future(event, submission)
            .or_else(|| self.load(event))
            .or_else(|| self.unknown_school(event))
            .or_else(|| self.unknown_teacher(event))
            .or_else(|| self.by_kind(event, submission))
    }

    /// Only a moved session may name days to come.
    fn future(&self, event: &Event, submission: &Submission) -> Option<Reason> {
        let today = submission.received_at.max(self.state.recorded_at()).local_date();
        let may_be_ahead = matches!(event.fact, Fact::SessionMoved(_));
        (event.to > today && !may_be_ahead).then(|| Reason::about(ReasonCode::FutureDate, "occurred_to", event.to))
    }

    fn load(&self, event: &Event) -> Option<Reason> {
        let id = event.load_id?;
        let about = |code| Some(Reason::about(code, "load_id", id));
        match self.find_load(id) {
            None => about(ReasonCode::UnknownLoad),
            Some((_, _, true)) => about(ReasonCode::LoadClosed),
            Some((from, to, _)) if event.from < from || to < event.to => {
                Some(Reason::about(ReasonCode::OutsideLoad, "occurred_to", event.to))
            }
            Some(_) => None,
        }
    }

    fn find_load(&self, id: LoadId) -> Option<(jiff::civil::Date, jiff::civil::Date, bool)> {
        let recorded = self.state.loads.get(&id).map(|load| (load.from, load.to, load.closed));
        match (self.fresh.loads.get(&id), recorded) {
            (Some(&(_, _, closed)), Some((from, to, _))) => Some((from, to, closed)),
            (Some(&fresh), None) => Some(fresh),
            (None, recorded) => recorded,
        }
    }

    fn knows_school(&self, id: &SchoolId) -> bool {
        self.fresh.schools.contains(id) || self.state.knows_school(id, self.size)
    }

    fn knows_teacher(&self, id: &TeacherId) -> bool {
        self.fresh.teachers.contains(id) || self.state.knows_teacher(id, self.size)
    }

    fn unknown_school(&self, event: &Event) -> Option<Reason> {
        let in_fact: &[(&str, Option<SchoolId>)] = match &event.fact {
            Fact::SchoolClosed(f) => &[("school_id", Some(f.school_id)), ("successor_id", f.successor_id)],
            Fact::SchoolsMerged(f) => {
                let unknown = f.school_ids.iter().find(|id| !self.knows_school(id)).copied();
                return [("school_ids", unknown), ("successor_id", Some(f.successor_id))]
                    .into_iter()
                    .find_map(|(field, id)| self.school_reason(field, id?));
            }
            Fact::AssignmentStarted(f) => &[("school_id", f.school_id)],
            Fact::OutreachDelivered(f) => &[("to_school", Some(f.to_school)), ("from_org", f.from_org)],
            Fact::LessonGiven(f) => &[("school_id", f.school_id)],
            Fact::LessonObserved(f) => &[("school_id", Some(f.school_id))],
            Fact::SchoolVisit(f) => &[("school_id", Some(f.school_id))],
            // A school that registers itself may name itself as the poster.
            Fact::SchoolRegistered(f) if event.org == Some(f.school_id) => return None,
            _ => &[],
        };
        let org = [("org", event.org)];
        org.iter()
            .chain(in_fact)
            .find_map(|&(field, id)| self.school_reason(field, id?))
    }

    fn school_reason(&self, field: &str, id: SchoolId) -> Option<Reason> {
        (!self.knows_school(&id)).then(|| Reason::about(ReasonCode::UnknownSchool, field, id))
    }

    fn unknown_teacher(&self, event: &Event) -> Option<Reason> {
        let (field, ids): (&str, &[TeacherId]) = match &event.fact {
            Fact::AssignmentStarted(f) => ("teacher_id", &[f.teacher_id]),
            Fact::AssignmentEnded(f) => ("teacher_id", &[f.teacher_id]),
            Fact::AttendanceRecorded(f) => ("teacher_id", &[f.teacher_id]),
            Fact::LessonGiven(f) => ("teacher_id", &[f.teacher_id]),
            Fact::EntryMade(f) => ("teacher_id", &[f.teacher_id]),
            Fact::AwardGiven(f) => ("teacher_id", &[f.teacher_id]),
            Fact::Recommended(f) => ("teacher_id", &[f.teacher_id]),
            Fact::TitleConferred(f) => ("teacher_id", &[f.teacher_id]),
            Fact::SchoolVisit(f) => ("researcher_id", &[f.researcher_id]),
            Fact::LessonObserved(f) => {
                let taught = f.teacher_id.unwrap_or(f.observer_id);
                let fields = [("observer_id", f.observer_id), ("teacher_id", taught)];
                return fields
                    .into_iter()
                    .find_map(|(field, id)| self.teacher_reason(field, id));
            }
            Fact::OutreachDelivered(f) => {
                return f
                    .deliveries
                    .iter()
                    .find_map(|delivery| self.teacher_reason("teacher_id", delivery.teacher_id));
            }
            _ => return None,
        };
        ids.iter().find_map(|&id| self.teacher_reason(field, id))
    }

    fn teacher_reason(&self, field: &str, id: TeacherId) -> Option<Reason> {
        (!self.knows_teacher(&id)).then(|| Reason::about(ReasonCode::UnknownTeacher, field, id))
    }

    fn by_kind(&self, event: &Event, submission: &Submission) -> Option<Reason> {
        match &event.fact {
            Fact::EntryVoided(f) => self.void(f.target_event),
            Fact::PolicyAdopted(f) => self.policy(f, submission),
            Fact::CalendarAdopted(f) => {
                let Some(text) = self.fresh.documents.text(&f.sha256) else {
                    return Some(Reason::about(ReasonCode::DocumentMissing, "sha256", f.sha256));
                };
                match Calendar::parse(&text) {
                    Ok(calendar) if calendar.id == f.calendar_id => None,
                    Ok(calendar) => Some(Reason::about(ReasonCode::DocumentInvalid, "calendar_id", calendar.id)),
                    Err(problems) => Some(document_invalid(&problems)),
                }
            }
            Fact::DocumentPart(f) if self.fresh.documents.text(&f.sha256).is_none() => {
                Some(Reason::about(ReasonCode::DocumentMissing, "sha256", f.sha256))
            }
            Fact::HistoricalLoadOpened(f) if self.find_load(f.load_id).is_some() => {
                Some(Reason::about(ReasonCode::VersionTaken, "load_id", f.load_id))
            }
            Fact::HistoricalLoadClosed(f) => match self.find_load(f.load_id) {
                None => Some(Reason::about(ReasonCode::UnknownLoad, "load_id", f.load_id)),
                Some((_, _, true)) => Some(Reason::about(ReasonCode::LoadClosed, "load_id", f.load_id)),
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// A void may come before its target; one of a void, or of what others stand on, is refused (DOMAIN §13a).
    fn void(&self, target: EventId) -> Option<Reason> {
        let fresh = self.fresh.event(target).map(|(event, _)| event.fact.kind());
        let kind = fresh.or_else(|| self.state.kind_of(target))?;
        let code = match kind {
            "entry_voided" => ReasonCode::VoidOfVoid,
            "person_registered"
            | "school_registered"
            | "document_part"
            | "historical_load_opened"
            | "historical_load_closed" => ReasonCode::NotVoidable,
            _ if self.fresh.voided.contains(&target) || self.state.is_voided(target) => ReasonCode::AlreadyVoided,
            _ => return None,
        };
        Some(Reason::about(code, "target_event", target))
    }

    fn policy(&self, adopted: &PolicyAdopted, submission: &Submission) -> Option<Reason> {
        let Some(text) = self.fresh.documents.text(&adopted.sha256) else {
            return Some(Reason::about(ReasonCode::DocumentMissing, "sha256", adopted.sha256));
        };
        let policy = match Policy::parse(&text) {
            Ok(policy) => policy,
            Err(problems) => return Some(document_invalid(&problems)),
        };
        let as_named = policy.id == adopted.policy_id
            && policy.version == adopted.version
            && policy.effective_from == adopted.effective_from
            && policy.effective_to == adopted.effective_to;
        if !as_named {
            return Some(Reason::about(
                ReasonCode::DocumentInvalid,
                "policy_id",
                "id / version / effective_*",
            ));
        }
        let of_id = |version: &&crate::state::PolicyVersion| version.policy.id == policy.id;
        let taken = self
            .state
            .policies(self.size)
            .filter(of_id)
            .any(|version| version.policy.version == policy.version);
        if taken || self.fresh.policies.contains(&(policy.id, policy.version)) {
            return Some(Reason::about(ReasonCode::VersionTaken, "version", policy.version));
        }
        let first = !self
            .state
            .policies(self.size)
            .any(|version| version.policy.id == policy.id)
            && !self.fresh.policies.iter().any(|(id, _)| *id == policy.id);
        let today = submission.received_at.max(self.state.recorded_at()).local_date();
        (!first && !policy.retroactive && policy.effective_from < today)
            .then(|| Reason::about(ReasonCode::Backdated, "effective_from", policy.effective_from))
    }

    /// What the event refers to and has not arrived; it will settle by itself when that does.
    fn awaited(&self, event: &Event) -> Option<Reason> {
        match &event.fact {
            Fact::SessionHeld(f) => self.await_project(f.project_id),
            Fact::SessionMoved(f) => self.await_session(f.session_id),
            Fact::SessionCancelled(f) => self.await_session(f.session_id),
            Fact::AttendanceRecorded(f) => self.await_session(f.session_id),
            Fact::LessonGiven(f) => f.session_id.and_then(|id| self.await_session(id)),
            Fact::EntryMade(f) => self.await_competition(f.comp_id),
            Fact::AwardGiven(f) => self.await_competition(f.comp_id),
            Fact::Recommended(f) => {
                let competition = f.from_comp.and_then(|id| self.await_competition(id));
                competition.or_else(|| f.from_title.and_then(|id| self.await_event("from_title", id)))
            }
            Fact::EntryVoided(f) => self.await_event("target_event", f.target_event),
            Fact::AssignmentEnded(f) => self.await_event("started_event", f.started_event),
            Fact::TitleConferred(f) => {
                let (class, level) = self
                    .state
                    .missing_prerequisite(&f.teacher_id, f.class, f.level, event.to)?;
                let held_now = self.fresh.titles.iter().any(|(teacher, c, l, day)| {
                    *teacher == f.teacher_id && *c >= class && l.code() <= level.code() && *day <= event.to
                });
                let title = format!("{}{}", level.zh(), class.zh());
                (!held_now).then(|| Reason::about(ReasonCode::WaitingFor, "title", title))
            }
            _ => None,
        }
    }

    fn await_project(&self, id: ProjectId) -> Option<Reason> {
        let slot = self.state.projects.slot(&id);
        let known = slot.is_some_and(|slot| self.state.project_def(slot, self.size).is_some());
        (!known && !self.fresh.projects.contains(&id)).then(|| waiting_for("project_id", id))
    }

    fn await_session(&self, id: SessionId) -> Option<Reason> {
        let slot = self.state.sessions.slot(&id);
        let known = slot.is_some_and(|slot| self.state.session_def(slot, self.size).is_some());
        (!known && !self.fresh.sessions.contains(&id)).then(|| waiting_for("session_id", id))
    }

    fn await_competition(&self, id: CompetitionId) -> Option<Reason> {
        let known = self.state.competition(&id, self.size).is_some();
        (!known && !self.fresh.competitions.contains(&id)).then(|| waiting_for("comp_id", id))
    }

    fn await_event(&self, field: &str, id: EventId) -> Option<Reason> {
        let known = self.state.index_of(id, self.size).is_some() || self.fresh.event(id).is_some();
        (!known).then(|| waiting_for(field, id))
    }
}

fn waiting_for(field: &str, id: impl ToString) -> Reason {
    Reason::about(ReasonCode::WaitingFor, field, id)
}

fn document_invalid(problems: &[crate::document::Problem]) -> Reason {
    let first = problems.first().map_or_else(String::new, ToString::to_string);
    let more = match problems.len() {
        0 | 1 => String::new(),
        count => format!(" (+{})", count - 1),
    };
    Reason::about(ReasonCode::DocumentInvalid, "sha256", format!("{first}{more}"))
}
