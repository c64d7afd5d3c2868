//! Whether the caller may post each event of a submission. The table of rights is `keshi_office`'s; here its questions
//! (for which school, about whom, whose entry) are answered from the event, and where it does not say, by the ledger.

use std::collections::HashMap;
use std::time::Instant;

use keshi_core::event::{Event, Fact};
use keshi_core::ids::{EventId, SessionId, TeacherId};
use keshi_office::access::rights::{REVIEWS, Right, find};
use keshi_office::access::{Caller, Target};
use keshi_proto::log::{Known, KnownAnswer, KnownQuestion};

use crate::Context;
use crate::ask::topics;
use crate::error::Error;

/// The rights of one caller to the events of one submission.
pub(crate) struct Rights<'c> {
    caller: &'c Caller,
    /// The right to the kind seen last: most submissions have one kind.
    last: Option<(&'static str, Right)>,
    /// Bases of sessions that come in this very submission.
    held: HashMap<SessionId, Option<String>>,
    open: Vec<Open>,
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
}

impl<'c> Rights<'c> {
    pub(crate) fn new(caller: &'c Caller) -> Self {
        Self {
            caller,
            last: None,
            held: HashMap::new(),
            open: Vec::new(),
        }
    }

    /// Checks what the event itself tells, and keeps the rest for [`Rights::settle`].
    pub(crate) fn see(&mut self, position: usize, event: &Event) -> Result<(), Error> {
        let kind = event.fact.kind();
        let right = self.right(kind);
        if right == Right::All && !REVIEWS.contains(&kind) {
            return Ok(());
        }
        let mut target = target_of(event);
        if right == Right::School
            && let Some(place) = place_of(&event.fact)
        {
            // Both the poster and what it is about must be of the school.
            self.check(position, kind, target)?;
            target.school = place.school;
        }
        if let (Right::Unit, Fact::SessionHeld(session)) = (right, &event.fact) {
            self.held
                .insert(session.session_id, session.base.map(|base| base.to_string()));
        }
        let acts_on = acts_on(&event.fact).filter(|(_, takes)| match right {
            Right::School | Right::Posted => *takes,
            Right::Unit => true,
            Right::No | Right::Herself | Right::All => false,
        });
        let Some((acts_on, _)) = acts_on else {
            return self.check(position, kind, target);
        };
        if right == Right::School {
            self.check(position, kind, target)?;
        }
        self.open.push(Open {
            position,
            kind,
            right,
            acts_on,
        });
        Ok(())
    }

    /// Asks the ledger whose entries the open events act on, and checks those.
    pub(crate) async fn settle(self, context: &Context, deadline: Instant) -> Result<(), Error> {
        if self.open.is_empty() {
            return Ok(());
        }
        let mut question = KnownQuestion::default();
        for open in &self.open {
            match open.acts_on {
                ActsOn::Event(id) => question.event_ids.push(id.as_bytes().to_vec().into()),
                ActsOn::Session(id) => question.session_ids.push(id.to_string()),
                ActsOn::Teacher(id) => question.teacher_ids.push(id.to_string()),
            }
        }
        self.caller
            .role()
            .school()
            .unwrap_or_default()
            .clone_into(&mut question.school);
        let KnownAnswer {
            events,
            sessions,
            teachers,
        } = context.ask(topics::KNOWN, &question, deadline).await?;
        let (mut events, mut sessions) = (events.into_iter(), sessions.into_iter());
        let mut teachers = teachers.into_iter();
        for open in &self.open {
            let known = match open.acts_on {
                ActsOn::Event(_) => events.next(),
                ActsOn::Session(_) => sessions.next(),
                ActsOn::Teacher(_) => teachers.next(),
            };
            self.settle_one(open, &known.unwrap_or_default())?;
        }
        Ok(())
    }

    fn settle_one(&self, open: &Open, known: &Known) -> Result<(), Error> {
        let here = match open.acts_on {
            ActsOn::Session(id) => self.held.get(&id).and_then(Option::as_deref),
            ActsOn::Event(_) | ActsOn::Teacher(_) => None,
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
        self.check(open.position, open.kind, target)
    }

    fn check(&self, position: usize, kind: &str, target: Target<'_>) -> Result<(), Error> {
        let denied_event = |denied| Error::DeniedEvent { position, denied };
        self.caller.may_post(kind, target).map_err(denied_event)
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
    let (unit, about) = match &event.fact {
        Fact::SessionHeld(f) => (f.base.as_ref().map(keshi_core::ids::BaseId::as_str), None),
        Fact::LessonGiven(f) => (None, Some(f.teacher_id.as_str())),
        Fact::LessonObserved(f) => (None, Some(f.observer_id.as_str())),
        Fact::SchoolVisit(f) => (None, Some(f.researcher_id.as_str())),
        _ => (None, None),
    };
    Target {
        school: event.org.as_ref().map(keshi_core::ids::SchoolId::as_str),
        unit,
        about,
        posted_by: None,
    }
}

/// Where a post is or a term was done, for the facts that say so; a post at the office is at no school.
fn place_of(fact: &Fact) -> Option<Target<'_>> {
    let school = match fact {
        Fact::AssignmentStarted(f) => f.school_id.as_ref(),
        Fact::SchoolBasedTerm(f) => Some(&f.school_id),
        _ => return None,
    };
    Some(Target {
        school: school.map(keshi_core::ids::SchoolId::as_str),
        ..Target::default()
    })
}

/// What the event acts on, and whether it changes that or takes something away from it.
fn acts_on(fact: &Fact) -> Option<(ActsOn, bool)> {
    match fact {
        // Registering a person again changes her record.
        Fact::PersonRegistered(f) => Some((ActsOn::Teacher(f.teacher_id), true)),
        Fact::AssignmentEnded(f) => Some((ActsOn::Event(f.started_event), true)),
        Fact::EntryVoided(f) => Some((ActsOn::Event(f.target_event), true)),
        Fact::SessionMoved(f) => Some((ActsOn::Session(f.session_id), true)),
        Fact::SessionCancelled(f) => Some((ActsOn::Session(f.session_id), true)),
        Fact::AttendanceRecorded(f) => Some((ActsOn::Session(f.session_id), false)),
        _ => None,
    }
}
