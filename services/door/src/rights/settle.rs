//! The second half: what depends on the ledger, by its answer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::ids::{ClaimId, EventId, FindingId, InspectionId, ProjectId, QuestionId, SessionId, TeacherId};
use keshi_core::review::Stage;
use keshi_office::access::rights::{ActsOn, CORRECTION, Right, undoes};
use keshi_office::access::{Denied, RoleName, Target};
use keshi_proto::date_to_wire;
use keshi_proto::log::{Known, KnownAnswer, KnownQuestion};

use super::refusals::{
    credited_by_review, neither_hers, not_of_hers, not_there, placed_elsewhere, project_first, session_beyond_school,
    taken, with_the_county,
};
use super::{Open, Rights, is_schools};

/// What the ledger is asked about, in the order of its answer.
#[derive(Debug, Default)]
struct Asked {
    events: BTreeSet<EventId>,
    sessions: BTreeSet<SessionId>,
    teachers: BTreeSet<TeacherId>,
    projects: BTreeSet<ProjectId>,
    claims: BTreeSet<ClaimId>,
    questions: BTreeSet<QuestionId>,
    inspections: BTreeSet<InspectionId>,
    findings: BTreeSet<FindingId>,
}

/// What the ledger knows of what the open events act on.
struct Answers {
    events: BTreeMap<EventId, Known>,
    sessions: BTreeMap<SessionId, Known>,
    teachers: BTreeMap<TeacherId, Known>,
    projects: BTreeMap<ProjectId, Known>,
    claims: BTreeMap<ClaimId, Known>,
    questions: BTreeMap<QuestionId, Known>,
    inspections: BTreeMap<InspectionId, Known>,
    findings: BTreeMap<FindingId, Known>,
    /// The caller's other ids.
    own: Vec<String>,
}

impl Answers {
    fn of(asked: Asked, answer: KnownAnswer) -> Self {
        Self {
            events: asked.events.into_iter().zip(answer.events).collect(),
            sessions: asked.sessions.into_iter().zip(answer.sessions).collect(),
            teachers: asked.teachers.into_iter().zip(answer.teachers).collect(),
            projects: asked.projects.into_iter().zip(answer.projects).collect(),
            claims: asked.claims.into_iter().zip(answer.claims).collect(),
            questions: asked.questions.into_iter().zip(answer.questions).collect(),
            inspections: asked.inspections.into_iter().zip(answer.inspections).collect(),
            findings: asked.findings.into_iter().zip(answer.findings).collect(),
            own: answer.caller_ids,
        }
    }
}

impl Rights<'_> {
    /// What the ledger is to be asked before the rest is settled, with the day on which that is; `None` if nothing is.
    pub fn question(&self, today: Date) -> Option<KnownQuestion> {
        if self.open.is_empty() && self.bounded.is_empty() && self.about.is_empty() {
            return None;
        }
        let asked = self.asked();
        Some(KnownQuestion {
            event_ids: asked.events.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
            session_ids: asked.sessions.iter().map(ToString::to_string).collect(),
            teacher_ids: asked.teachers.iter().map(ToString::to_string).collect(),
            project_ids: asked.projects.iter().map(ToString::to_string).collect(),
            claim_ids: asked.claims.iter().map(ToString::to_string).collect(),
            question_ids: asked.questions.iter().map(ToString::to_string).collect(),
            inspection_ids: asked.inspections.iter().map(ToString::to_string).collect(),
            finding_ids: asked.findings.iter().map(ToString::to_string).collect(),
            school: self.caller.role().school().unwrap_or_default().to_owned(),
            today: Some(date_to_wire(today)),
            publicity_from: None,
            merging: Vec::new(),
            caller_id: self.asks_for_her_ids().unwrap_or_default().to_owned(),
        })
    }

    /// Checks the events that act on what the ledger has, by its answer to [`Rights::question`].
    ///
    /// # Errors
    ///
    /// All that is denied, with the places of the events, ascending.
    pub fn settle(mut self, answer: Option<KnownAnswer>) -> Result<(), Vec<(usize, Denied)>> {
        let answers = Answers::of(self.asked(), answer.unwrap_or_default());
        let mut denied: BTreeMap<usize, Denied> = self.denied.drain(..).collect();
        for (position, kind, id) in &self.about {
            if answers.own.iter().any(|own| own == id.as_str())
                && let Err(why) = self.about_herself(kind)
            {
                denied.entry(*position).or_insert(why);
            }
        }
        for open in &self.open {
            if let Err(why) = self.settle_one(open, &answers) {
                denied.entry(open.position).or_insert(why);
            }
        }
        for (position, event_id) in &self.bounded {
            match answers.events.get(event_id).filter(|known| known.recorded) {
                Some(known) if self.may_compare(known) => drop(denied.remove(position)),
                Some(_) => drop(denied.entry(*position).or_insert_with(|| taken(*event_id))),
                None => {}
            }
        }
        if denied.is_empty() {
            self.earlier.add(self.now);
            return Ok(());
        }
        Err(denied.into_iter().collect())
    }

    /// Each once: a sheet has many rows about one session and one teacher.
    fn asked(&self) -> Asked {
        let mut asked = Asked::default();
        asked.events.extend(self.bounded.iter().map(|(_, id)| *id));
        for open in &self.open {
            match open.acts_on {
                ActsOn::Event(id) => drop(asked.events.insert(id)),
                ActsOn::Session(id) => drop(asked.sessions.insert(id)),
                ActsOn::Project(id) => drop(asked.projects.insert(id)),
                ActsOn::Claim(id) => drop(asked.claims.insert(id)),
                ActsOn::Question(id) => drop(asked.questions.insert(id)),
                ActsOn::Inspection(id) => drop(asked.inspections.insert(id)),
                ActsOn::Finding(id) => drop(asked.findings.insert(id)),
                ActsOn::Teacher(id) | ActsOn::Placing(id) | ActsOn::Crediting(id) => drop(asked.teachers.insert(id)),
                ActsOn::Attendance(session, teacher) => {
                    asked.sessions.insert(session);
                    asked.teachers.insert(teacher);
                }
            }
        }
        asked
    }

    fn settle_one(&self, open: &Open, answers: &Answers) -> Result<(), Denied> {
        let known = match open.acts_on {
            ActsOn::Event(id) => {
                let known = answers.events.get(&id);
                if let (Some(known), Some(me)) = (known, self.reviewer())
                    && known
                        .about
                        .iter()
                        .any(|about| about == me || answers.own.contains(about))
                {
                    return self.about_herself(open.kind);
                }
                known
            }
            ActsOn::Crediting(id) => {
                // Who is not registered at all, the ledger refuses itself, with the better reason.
                let known = answers.teachers.get(&id).filter(|known| known.recorded);
                return match known {
                    Some(known) if Some(&*known.school) != self.caller.role().school() => Err(not_of_hers(id)),
                    _ => Ok(()),
                };
            }
            ActsOn::Project(id) => {
                // What the ledger has counts before what came here and may be refused.
                let known = answers.projects.get(&id).filter(|known| known.recorded);
                let came = self.now.is_schools(id) || self.earlier.is_schools(id);
                return match known {
                    Some(known) if is_schools(known.level) => Ok(()),
                    Some(known) => Err(session_beyond_school(id, known.level)),
                    None if came => Ok(()),
                    None => Err(project_first(id)),
                };
            }
            ActsOn::Claim(id) => {
                // What was never submitted the ledger refuses itself, with the better reason.
                let known = answers.claims.get(&id).filter(|known| known.recorded);
                return match known {
                    Some(known) if known.stage != Stage::Submitted.code() => Err(with_the_county(id)),
                    _ => Ok(()),
                };
            }
            ActsOn::Question(id) => {
                // What was never sent the ledger refuses itself, with the better reason.
                let known = answers.questions.get(&id).filter(|known| known.recorded);
                let of = |known: &Known| {
                    let target = Target {
                        subject: Some(&known.subject),
                        ..Target::default()
                    };
                    self.caller.may_post(open.kind, target)
                };
                return known.map_or(Ok(()), of);
            }
            ActsOn::Inspection(id) => {
                let came = self.now.inspectors(id).or_else(|| self.earlier.inspectors(id));
                return self.inspects(open.kind, answers.inspections.get(&id), came, &answers.own);
            }
            ActsOn::Finding(id) => {
                let came = self.now.inspectors_of(id).or_else(|| self.earlier.inspectors_of(id));
                return self.inspects(open.kind, answers.findings.get(&id), came, &answers.own);
            }
            ActsOn::Session(id) => answers.sessions.get(&id),
            ActsOn::Teacher(id) => answers.teachers.get(&id),
            ActsOn::Placing(id) => {
                let known = answers.teachers.get(&id);
                return match known {
                    Some(known) if known.placed_elsewhere => Err(placed_elsewhere(id)),
                    _ => Ok(()),
                };
            }
            ActsOn::Attendance(session, teacher) => {
                // Who is not registered at all, the ledger refuses itself, with the better reason.
                let is_hers = |known: &Known| !known.recorded || Some(&*known.school) == self.caller.role().school();
                let may = answers.teachers.get(&teacher).is_none_or(is_hers)
                    || self.hosts(session, answers.sessions.get(&session));
                return if may {
                    Ok(())
                } else {
                    Err(neither_hers(session, teacher))
                };
            }
        };
        let known = known.cloned().unwrap_or_default();
        let here = match open.acts_on {
            ActsOn::Session(id) => self.now.base(id).or_else(|| self.earlier.base(id)),
            _ => None,
        };
        if let (Right::Posted, ActsOn::Session(id)) = (open.right, open.acts_on)
            && !known.recorded
            && (self.now.has(id) || self.earlier.has(id))
        {
            return Ok(());
        }
        // What the county credited, a school does not make more of afterwards; under a claim that is open it mends as it likes.
        if open.kind == CORRECTION && open.right != Right::All && known.claimed && !open.under_claim {
            return Err(credited_by_review());
        }
        let school = Some(known.school.as_str()).filter(|school| !school.is_empty());
        let base = Some(known.base.as_str()).filter(|base| !base.is_empty()).or(here);
        let target = match open.right {
            // What may yet come is nobody's to undo.
            Right::School if !known.recorded && undoes(open.kind) => return Err(not_there()),
            // What is not there yet is nobody's; it will have been posted by her own school or stay without effect.
            Right::School if !known.recorded => return Ok(()),
            Right::School => Target {
                school,
                ..Target::default()
            },
            Right::Unit => Target {
                unit: base,
                ..Target::default()
            },
            _ => Target {
                posted_by: known.recorded.then_some(known.poster.as_str()),
                ..Target::default()
            },
        };
        self.caller.may_post(open.kind, target)
    }

    /// Whether the caller is of those who inspected: as the ledger has it, or as it came here.
    fn inspects(
        &self,
        kind: &str,
        known: Option<&Known>,
        came: Option<&[TeacherId]>,
        own: &[String],
    ) -> Result<(), Denied> {
        let me = self.caller.teacher_id();
        let is_me = |id: &str| Some(id) == me || own.iter().any(|own| own == id);
        let inspects = match known.filter(|known| known.recorded) {
            Some(known) => known.about.iter().any(|id| is_me(id)),
            // What never was the ledger refuses itself, with the better reason.
            None => came.is_none_or(|came| came.iter().any(|id| is_me(id.as_str()))),
        };
        let about = me.filter(|_| inspects);
        self.caller.may_post(
            kind,
            Target {
                about,
                ..Target::default()
            },
        )
    }

    /// The caller, if her other ids matter: she reviews for the county, or has inspected.
    fn asks_for_her_ids(&self) -> Option<&str> {
        let inspects = |open: &Open| matches!(open.acts_on, ActsOn::Inspection(_) | ActsOn::Finding(_));
        self.caller
            .teacher_id()
            .filter(|_| self.reviewer().is_some() || self.open.iter().any(inspects))
    }

    /// The person of a caller who reviews for the county.
    fn reviewer(&self) -> Option<&str> {
        let reviews = self.caller.role().name() == RoleName::Reviewer;
        self.caller.teacher_id().filter(|_| reviews)
    }

    /// What a reviewer hears of what is about herself.
    fn about_herself(&self, kind: &str) -> Result<(), Denied> {
        let target = Target {
            about: self.reviewer(),
            ..Target::default()
        };
        self.caller.may_post(kind, target)
    }

    /// Whether the caller's school holds the session, in a project such as schools open: above, the county says who came.
    fn hosts(&self, session: SessionId, known: Option<&Known>) -> bool {
        if let Some(known) = known.filter(|known| known.recorded) {
            return Some(&*known.school) == self.caller.role().school() && is_schools(known.level);
        }
        // Of what only came on this stream, the project must have come here too: else its level is not known.
        let project = self.now.project(session).or_else(|| self.earlier.project(session));
        project.is_some_and(|project| self.now.is_schools(project) || self.earlier.is_schools(project))
    }

    /// Whether what stands in the ledger is hers to compare with.
    fn may_compare(&self, known: &Known) -> bool {
        let hers = |about: &String| Some(about.as_str()) == self.caller.teacher_id();
        known.poster == self.caller.poster_id()
            || self.caller.role().school().is_some_and(|own| known.school == own)
            || known.about_school_only
            || (!known.about.is_empty() && known.about.iter().all(hers))
    }
}
