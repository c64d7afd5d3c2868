//! Whether the caller may post each event of a submission. The table of rights is `keshi_office`'s; here its questions
//! (for which school, about whom, whose entry) are answered from the event, and where it does not say, by the ledger.
//!
//! What "for her own school" means where two schools are concerned (DOMAIN §3, §13.3):
//!
//! - Attendance: the host school and the home school may both post. A clerk may post anyone's attendance at a session
//!   that her school posted, and her own teachers' (who are or were hers) at any session. A session that nobody posted
//!   yet is nobody's, since facts may arrive in any order.
//! - Posts: she takes on who is free. Whoever holds a post elsewhere, and none at her school, is moved or seconded by
//!   the county.
//!
//! The ledger is asked when the event is posted, before it is recorded: two schools that take on the same free teacher
//! in the same moment both succeed, which the ledger shows as two posts (ADR 14). What stands in the ledger already
//! may be sent again whatever changed since: it is a duplicate or a conflict and changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use jiff::civil::Date;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{BaseId, EventId, SchoolId, SessionId, TeacherId};
use keshi_office::access::rights::{REVIEWS, Right, find};
use keshi_office::access::{Bilingual, Caller, Denied, Target};
use keshi_proto::date_to_wire;
use keshi_proto::log::{Known, KnownAnswer, KnownQuestion};

use crate::Context;
use crate::error::Error;
use keshi_door::topics;

/// The rights of one caller to the events of one submission.
pub(crate) struct Rights<'c> {
    caller: &'c Caller,
    /// The right to the kind seen last: most submissions have one kind.
    last: Option<(&'static str, Right)>,
    /// Bases of sessions that come in this very submission.
    held: HashMap<SessionId, Option<String>>,
    open: Vec<Open>,
    /// Events that may not be posted, whatever the ledger has.
    denied: Vec<(usize, Denied)>,
}

/// An event whose right depends on what the ledger has.
struct Open {
    position: usize,
    event_id: EventId,
    kind: &'static str,
    right: Right,
    acts_on: ActsOn,
}

#[derive(Clone, Copy)]
enum ActsOn {
    Event(EventId),
    Session(SessionId),
    Teacher(TeacherId),
    /// A teacher's attendance at a session.
    Attendance(SessionId, TeacherId),
    /// A post that the teacher is to take.
    Placing(TeacherId),
}

/// What the ledger knows of what the open events act on.
struct Answers {
    events: BTreeMap<EventId, Known>,
    sessions: BTreeMap<SessionId, Known>,
    teachers: BTreeMap<TeacherId, Known>,
}

impl<'c> Rights<'c> {
    pub(crate) fn new(caller: &'c Caller) -> Self {
        Self {
            caller,
            last: None,
            held: HashMap::new(),
            open: Vec::new(),
            denied: Vec::new(),
        }
    }

    /// Checks what the event itself tells, and keeps the rest for [`Rights::settle`].
    pub(crate) fn see(&mut self, position: usize, event: &Event) {
        if let Err(denied) = self.look(position, event) {
            self.denied.push((position, denied));
        }
    }

    fn look(&mut self, position: usize, event: &Event) -> Result<(), Denied> {
        let kind = event.fact.kind();
        let right = self.right(kind);
        if right == Right::All && !REVIEWS.contains(&kind) {
            return Ok(());
        }
        let mut target = target_of(event);
        let home = event.fact.home();
        // A post at the office is at no school.
        if right == Right::School && (home.is_some() || matches!(event.fact, Fact::AssignmentStarted(_))) {
            // Both the poster and what it is about must be of the school.
            self.caller.may_post(kind, target)?;
            target.school = home.map(SchoolId::as_str);
        }
        if let (Right::Unit, Fact::SessionHeld(session)) = (right, &event.fact) {
            self.held
                .insert(session.session_id, session.base.map(|base| base.to_string()));
        }
        let acts_on = match right {
            Right::School | Right::Posted | Right::Unit => acts_on(&event.fact, right),
            Right::No | Right::Herself | Right::All => None,
        };
        let Some(acts_on) = acts_on else {
            return self.caller.may_post(kind, target);
        };
        if right == Right::School {
            self.caller.may_post(kind, target)?;
        }
        self.open.push(Open {
            position,
            event_id: event.event_id,
            kind,
            right,
            acts_on,
        });
        Ok(())
    }

    /// Asks the ledger whose entries the open events act on, and checks those. All that is denied is told together.
    pub(crate) async fn settle(mut self, context: &Context, today: Date, deadline: Instant) -> Result<(), Error> {
        if !self.open.is_empty() {
            let answers = self.ask(context, today, deadline).await?;
            let denied = self.open.iter().filter_map(|open| {
                let denied = self.settle_one(open, &answers).err()?;
                Some((open.position, open.event_id, denied))
            });
            let denied: Vec<_> = denied.collect();
            let recorded = recorded(context, denied.iter().map(|(_, id, _)| *id), deadline).await?;
            let denied = denied.into_iter().filter(|(_, id, _)| !recorded.contains(id));
            self.denied
                .extend(denied.map(|(position, _, denied)| (position, denied)));
        }
        if self.denied.is_empty() {
            return Ok(());
        }
        self.denied.sort_by_key(|(position, _)| *position);
        Err(Error::DeniedEvents(self.denied))
    }

    async fn ask(&self, context: &Context, today: Date, deadline: Instant) -> Result<Answers, Error> {
        // Each once: a sheet has many rows about one session and one teacher.
        let (mut events, mut sessions, mut teachers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for open in &self.open {
            match open.acts_on {
                ActsOn::Event(id) => drop(events.insert(id)),
                ActsOn::Session(id) => drop(sessions.insert(id)),
                ActsOn::Teacher(id) | ActsOn::Placing(id) => drop(teachers.insert(id)),
                ActsOn::Attendance(session, teacher) => {
                    sessions.insert(session);
                    teachers.insert(teacher);
                }
            }
        }
        let question = KnownQuestion {
            event_ids: events.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
            session_ids: sessions.iter().map(ToString::to_string).collect(),
            teacher_ids: teachers.iter().map(ToString::to_string).collect(),
            school: self.caller.role().school().unwrap_or_default().to_owned(),
            today: Some(date_to_wire(today)),
        };
        let answer: KnownAnswer = context.ask(topics::KNOWN, &question, deadline).await?;
        Ok(Answers {
            events: events.into_iter().zip(answer.events).collect(),
            sessions: sessions.into_iter().zip(answer.sessions).collect(),
            teachers: teachers.into_iter().zip(answer.teachers).collect(),
        })
    }

    fn settle_one(&self, open: &Open, answers: &Answers) -> Result<(), Denied> {
        let known = match open.acts_on {
            ActsOn::Event(id) => answers.events.get(&id),
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
                let is_hers = |known: Option<&Known>| {
                    known.is_none_or(|known| !known.recorded || Some(&*known.school) == self.caller.role().school())
                };
                // Who is not registered at all, the ledger refuses itself, with the better reason.
                let may = is_hers(answers.sessions.get(&session)) || is_hers(answers.teachers.get(&teacher));
                return if may {
                    Ok(())
                } else {
                    Err(neither_hers(session, teacher))
                };
            }
        };
        let known = known.cloned().unwrap_or_default();
        let here = match open.acts_on {
            ActsOn::Session(id) => self.held.get(&id).and_then(Option::as_deref),
            _ => None,
        };
        let school = Some(known.school.as_str()).filter(|school| !school.is_empty());
        let base = Some(known.base.as_str()).filter(|base| !base.is_empty()).or(here);
        let target = match open.right {
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

    fn right(&mut self, kind: &'static str) -> Right {
        match self.last {
            Some((last, right)) if last == kind => right,
            _ => {
                let right = find(kind).map_or(Right::No, |row| row.right(self.caller.role().name()));
                self.last = Some((kind, right));
                right
            }
        }
    }
}

/// What the event says of its school, its unit, and the person it is about.
fn target_of(event: &Event) -> Target<'_> {
    let subjects = event.fact.subjects();
    Target {
        school: event.org.as_ref().map(SchoolId::as_str),
        unit: event.fact.unit().map(BaseId::as_str),
        about: subjects.first().filter(|_| subjects.len() == 1).map(|id| id.as_str()),
        posted_by: None,
    }
}

/// What the event acts on, where a right of this reach depends on it.
fn acts_on(fact: &Fact, right: Right) -> Option<ActsOn> {
    let of_school = right == Right::School;
    match fact {
        // Registering a person again changes her record.
        Fact::PersonRegistered(f) => Some(ActsOn::Teacher(f.teacher_id)),
        Fact::AssignmentStarted(f) if of_school => Some(ActsOn::Placing(f.teacher_id)),
        Fact::AssignmentEnded(f) => Some(ActsOn::Event(f.started_event)),
        Fact::EntryVoided(f) => Some(ActsOn::Event(f.target_event)),
        Fact::SessionMoved(f) => Some(ActsOn::Session(f.session_id)),
        Fact::SessionCancelled(f) => Some(ActsOn::Session(f.session_id)),
        Fact::AttendanceRecorded(f) if of_school => Some(ActsOn::Attendance(f.session_id, f.teacher_id)),
        Fact::AttendanceRecorded(f) if right == Right::Unit => Some(ActsOn::Session(f.session_id)),
        _ => None,
    }
}

/// Which of these events stand in the ledger already.
async fn recorded(
    context: &Context,
    ids: impl Iterator<Item = EventId>,
    deadline: Instant,
) -> Result<BTreeSet<EventId>, Error> {
    let ids: Vec<EventId> = ids.collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let question = KnownQuestion {
        event_ids: ids.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
        ..KnownQuestion::default()
    };
    let answer: KnownAnswer = context.ask(topics::KNOWN, &question, deadline).await?;
    let found = ids.into_iter().zip(answer.events).filter(|(_, known)| known.recorded);
    Ok(found.map(|(id, _)| id).collect())
}

fn neither_hers(session: SessionId, teacher: TeacherId) -> Denied {
    Denied {
        reason: Bilingual {
            zh: format!("教师 {teacher} 不是本校教师，场次 {session} 也不是本校提交的"),
            en: format!("teacher {teacher} is not of your school, nor did it post session {session}"),
        },
        remedy: Bilingual {
            zh: "请由举办方或其所在学校提交，或交由县级审核员".to_owned(),
            en: "let the host, her own school or a county reviewer post it".to_owned(),
        },
    }
}

fn placed_elsewhere(teacher: TeacherId) -> Denied {
    Denied {
        reason: Bilingual {
            zh: format!("教师 {teacher} 现任职于其他单位"),
            en: format!("teacher {teacher} holds a post elsewhere"),
        },
        remedy: Bilingual {
            zh: "调动请先由原学校办理离任；借调、兼任请由县级审核员办理".to_owned(),
            en: "if she has moved, let her school end that post first; a county reviewer seconds her".to_owned(),
        },
    }
}
