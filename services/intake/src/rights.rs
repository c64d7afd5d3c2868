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
//! in the same moment both succeed, which the ledger shows as two posts (ADR 14, 30).
//!
//! What may not be posted is denied before anything compares it, so that nobody learns from a conflict what stands in
//! another's entry. What stands in the ledger already may be sent again, whatever changed since, by her who posted it,
//! by its school, and where it is about nobody but the caller or her school's teachers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use jiff::civil::Date;
use keshi_core::codes::Level;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{BaseId, EventId, SchoolId, SessionId, TeacherId};
use keshi_office::access::rights::{REVIEWS, Right, find};
use keshi_office::access::{Bilingual, Caller, Denied, RoleName, Target};
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
    /// Events of a caller whose rights end somewhere: what of them stands in the ledger may not be hers to compare.
    bounded: Vec<(usize, EventId)>,
    open: Vec<Open>,
    /// Events that may not be posted by what they say themselves.
    denied: Vec<(usize, Denied)>,
}

/// An event whose right depends on what the ledger has.
struct Open {
    position: usize,
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
    /// An entry that the teacher gets credit for, outside the caller's school.
    Crediting(TeacherId),
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
            bounded: Vec::new(),
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
        if self.caller.role().name() == RoleName::Reviewer {
            for id in event.fact.subjects() {
                let about = Some(id.as_str());
                self.caller.may_post(
                    kind,
                    Target {
                        about,
                        ..Target::default()
                    },
                )?;
            }
        }
        let is_void = matches!(event.fact, Fact::EntryVoided(_));
        let may_void_her_own = is_void && self.caller.role().name() == RoleName::Reviewer;
        if right == Right::All && !REVIEWS.contains(&kind) && !may_void_her_own {
            return Ok(());
        }
        if right != Right::All {
            self.bounded.push((position, event.event_id));
        }
        let mut target = target_of(event);
        if let (Right::School, Fact::ProjectOpened(project)) = (right, &event.fact)
            && project.level.code() < Level::DistrictGroup.code()
        {
            return Err(beyond_school(project.level));
        }
        let home = event.fact.home();
        // A post at the office is at no school.
        if right == Right::School && (home.is_some() || matches!(event.fact, Fact::AssignmentStarted(_))) {
            // Both the poster and what it is about must be of the school.
            self.caller.may_post(kind, target)?;
            target.school = home.map(SchoolId::as_str);
        }
        if let Fact::SessionHeld(session) = &event.fact {
            self.held
                .insert(session.session_id, session.base.map(|base| base.to_string()));
        }
        let acts_on = match right {
            Right::School | Right::Posted | Right::Unit => acts_on(&event.fact, right),
            Right::All if may_void_her_own => acts_on(&event.fact, right),
            Right::No | Right::Herself | Right::All => None,
        };
        let at_hers = event.fact.place().map(SchoolId::as_str) == self.caller.role().school();
        let acts_on = acts_on.filter(|acts_on| !(at_hers && matches!(acts_on, ActsOn::Crediting(_))));
        let Some(acts_on) = acts_on else {
            return self.caller.may_post(kind, target);
        };
        if right == Right::School {
            self.caller.may_post(kind, target)?;
        }
        self.open.push(Open {
            position,
            kind,
            right,
            acts_on,
        });
        Ok(())
    }

    /// Asks the ledger whose entries the open events act on, and checks those. All that is denied is told together.
    pub(crate) async fn settle(mut self, context: &Context, today: Date, deadline: Instant) -> Result<(), Error> {
        if !self.open.is_empty() || !self.bounded.is_empty() {
            let answers = self.ask(context, today, deadline).await?;
            let mut denied: BTreeMap<usize, Denied> = self.denied.drain(..).collect();
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
            self.denied.extend(denied);
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
        events.extend(self.bounded.iter().map(|(_, id)| *id));
        for open in &self.open {
            match open.acts_on {
                ActsOn::Event(id) => drop(events.insert(id)),
                ActsOn::Session(id) => drop(sessions.insert(id)),
                ActsOn::Teacher(id) | ActsOn::Placing(id) | ActsOn::Crediting(id) => drop(teachers.insert(id)),
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
            ActsOn::Event(id) => {
                let known = answers.events.get(&id);
                if let (RoleName::Reviewer, Some(known), Some(me)) =
                    (self.caller.role().name(), known, self.caller.teacher_id())
                    && known.about.iter().any(|about| about == me)
                {
                    let about = Some(me);
                    return self.caller.may_post(
                        open.kind,
                        Target {
                            about,
                            ..Target::default()
                        },
                    );
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
        if let (Right::Posted, ActsOn::Session(id)) = (open.right, open.acts_on)
            && !known.recorded
            && self.held.contains_key(&id)
        {
            return Ok(());
        }
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

    /// Whether what stands in the ledger is hers to compare with.
    fn may_compare(&self, known: &Known) -> bool {
        let hers = |about: &String| Some(about.as_str()) == self.caller.teacher_id();
        known.poster == self.caller.poster_id()
            || self.caller.role().school().is_some_and(|own| known.school == own)
            || known.about_school_only
            || (!known.about.is_empty() && known.about.iter().all(hers))
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
        Fact::LessonGiven(f) if of_school => Some(ActsOn::Crediting(f.teacher_id)),
        Fact::LessonObserved(f) if of_school => Some(ActsOn::Crediting(f.observer_id)),
        Fact::EntryMade(f) if of_school => Some(ActsOn::Crediting(f.teacher_id)),
        Fact::AttendanceRecorded(f) if right == Right::Unit => Some(ActsOn::Session(f.session_id)),
        _ => None,
    }
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

fn not_of_hers(teacher: TeacherId) -> Denied {
    Denied {
        reason: Bilingual {
            zh: format!("教师 {teacher} 不是本校教师，事情也不在本校"),
            en: format!("teacher {teacher} is not of your school, nor did it happen there"),
        },
        remedy: Bilingual {
            zh: "请由其所在学校提交，或交由县级审核员".to_owned(),
            en: "let her own school or a county reviewer post it".to_owned(),
        },
    }
}

fn beyond_school(level: Level) -> Denied {
    Denied {
        reason: Bilingual {
            zh: format!("学校只能立片区级和校级项目，这一项级别为 {}", level.code()),
            en: format!(
                "a school opens projects of group and school level only, this is of level {}",
                level.code()
            ),
        },
        remedy: Bilingual {
            zh: "请改级别，或交由县级审核员立项".to_owned(),
            en: "change the level, or let a county reviewer open it".to_owned(),
        },
    }
}

fn taken(event: EventId) -> Denied {
    Denied {
        reason: Bilingual {
            zh: format!("事件编号 {event} 已被其他单位占用"),
            en: format!("event id {event} stands in an entry that is not yours"),
        },
        remedy: Bilingual {
            zh: "若为同一件事，对方已提交，不必再提交；否则请换一个编号".to_owned(),
            en: "if it is the same fact, it has been posted already; otherwise use a new id".to_owned(),
        },
    }
}
