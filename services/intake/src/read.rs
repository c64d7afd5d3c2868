//! From the caller's events to the bytes of a submission: every field is read once, all that is wrong is reported.

use bytes::Bytes;
use keshi_core::event::{EVENT_BYTES_MAX, Event, Fact};
use keshi_core::ids::{PosterId, SubmissionId};
use keshi_core::submission::{EVENTS_MAX, SUBMISSION_BYTES_MAX, Taking};
use keshi_core::violation::{Problem, Violation};
use keshi_proto::api;
use keshi_proto::api_convert::{event_from_api, violation_to_api};
use keshi_proto::store::{encode_event, encode_submission};
use keshi_proto::wire_path;
use uuid::Uuid;

use crate::Context;
use crate::error::Error;
use crate::form::Form;
use crate::mistaken::{Mistaken, tellable_each};
use crate::screen::personal_fields;
use crate::years;
use keshi_door::rights::{Earlier, Rights};
use keshi_door::{Call, topics};

/// A submission as the caller wrote it.
pub(crate) struct Batch {
    pub(crate) submission_id: String,
    pub(crate) taking: i32,
    pub(crate) events: Vec<api::Event>,
    pub(crate) form: Form,
}

/// A submission that may be published.
pub(crate) struct Ready {
    pub(crate) submission_id: SubmissionId,
    /// The one kind of its events, else `mixed`.
    pub(crate) kind: &'static str,
    pub(crate) events: usize,
    /// As it travels on the bus.
    pub(crate) bytes: Bytes,
    /// Of a submission that is taken one by one, those that do not travel, in their order.
    pub(crate) mistaken: Vec<Mistaken>,
}

/// Reads and checks a whole submission, then the caller's rights to each event of it. `earlier` is what came on the same
/// stream. If it is taken one by one, an event that is wrong in itself does not take the others with it.
pub(crate) async fn read(context: &Context, call: &Call, batch: Batch, earlier: &mut Earlier) -> Result<Ready, Error> {
    let Batch {
        submission_id,
        taking,
        events,
        form,
    } = batch;
    let count = events.len();
    let mut reader = Reader {
        call,
        form,
        violations: Vec::new(),
    };
    context.guard.believe(call.received_at)?;
    let submission_id = reader.submission_id(&submission_id);
    let taking = reader.taking(taking);
    reader.count(count);
    if count > EVENTS_MAX {
        return Err(Error::Fields(reader.violations));
    }
    let mut rights = Rights::new(&call.caller, earlier);
    let mut encoded = Vec::with_capacity(count);
    let mut closings = Vec::new();
    let mut kind = None;
    let mut mistaken = Vec::new();
    for (position, event) in events.into_iter().enumerate() {
        let (before, id) = (reader.violations.len(), Uuid::try_parse(&event.event_id));
        let Some((event, bytes)) = reader.event(position, event) else {
            if taking == Some(Taking::Each) {
                mistaken.push(Mistaken {
                    position,
                    event_id: id.map_or_else(|_| String::new(), |id| id.to_string()),
                    violations: reader.violations.split_off(before),
                });
            }
            continue;
        };
        let of_event = event.fact.kind();
        kind = Some(if kind.is_none_or(|kind| kind == of_event) {
            of_event
        } else {
            "mixed"
        });
        rights.see(position, &event);
        encoded.push(bytes);
        if matches!(event.fact, Fact::YearClosed(_) | Fact::YearRestated(_)) {
            closings.push((position, event));
        }
    }
    // Where nothing is left to post, what is wrong is the answer.
    if !reader.violations.is_empty() || encoded.is_empty() {
        let of_events = mistaken.into_iter().flat_map(|one| one.violations);
        return Err(Error::Fields(reader.violations.into_iter().chain(of_events).collect()));
    }
    tellable_each(&mut mistaken, |position| form.whole(position));
    let today = call.received_at.local_date();
    let answer = match rights.question(today) {
        Some(question) => Some(context.ask(topics::KNOWN, &question, call.next_deadline()).await?),
        None => None,
    };
    rights.settle(answer).map_err(Error::DeniedEvents)?;
    // To find out whether one is so is to count a whole year.
    if let [_, (second, _), ..] = closings.as_slice() {
        return Err(Error::Fields(vec![keshi_door::violation(
            form.whole(*second),
            "",
            "一次提交只能有一个封账或重述；其余的分开提交",
            "a submission closes or restates one year: send the others apart",
        )]));
    }
    for (position, event) in &closings {
        years::check(context, call, (form.whole(*position), event)).await?;
    }
    // Nothing was found wrong, so both are there.
    let (Some(submission_id), Some(taking)) = (submission_id, taking) else {
        return Err(Error::Fields(Vec::new()));
    };
    let office = context.guard.office();
    let poster = PosterId::new(call.caller.poster_id()).map_err(|_| Error::Garbled { what: "token id" })?;
    let travelling = encoded.len();
    let bytes = encode_submission(submission_id, office, poster, call.received_at, taking, encoded);
    if bytes.len() > SUBMISSION_BYTES_MAX {
        let problem = Problem::TooLarge {
            bytes: bytes.len(),
            max: SUBMISSION_BYTES_MAX,
        };
        return Err(Error::Fields(vec![violation_to_api(&Violation::new(
            form.all(),
            "",
            problem,
        ))]));
    }
    Ok(Ready {
        submission_id,
        kind: kind.unwrap_or("mixed"),
        events: travelling,
        bytes,
        mistaken,
    })
}

/// Reads a submission's id; an empty one is made here.
pub(crate) fn submission_id_of(text: &str) -> Option<SubmissionId> {
    if text.is_empty() {
        return Some(SubmissionId::new(Uuid::now_v7()));
    }
    Uuid::try_parse(text).ok().map(SubmissionId::new)
}

struct Reader<'c> {
    call: &'c Call,
    form: Form,
    violations: Vec<api::FieldViolation>,
}

impl Reader<'_> {
    fn note(&mut self, violation: &Violation) {
        self.violations.push(violation_to_api(violation));
    }

    fn submission_id(&mut self, text: &str) -> Option<SubmissionId> {
        let id = submission_id_of(text);
        if id.is_none() {
            self.note(&Violation::new("submission_id", text, Problem::BadUuid));
        }
        id
    }

    fn taking(&mut self, taking: i32) -> Option<Taking> {
        match api::Taking::try_from(taking) {
            Ok(api::Taking::Unspecified | api::Taking::Atomic) => Some(Taking::Atomic),
            Ok(api::Taking::Each) => Some(Taking::Each),
            Err(_) => {
                self.note(&Violation::new("taking", &taking.to_string(), Problem::UnknownCode));
                None
            }
        }
    }

    fn count(&mut self, count: usize) {
        let problem = match count {
            0 => Problem::Missing,
            1..=EVENTS_MAX => return,
            _ => Problem::TooMany { max: EVENTS_MAX },
        };
        self.note(&Violation::new(self.form.all(), &count.to_string(), problem));
    }

    /// One event and its bytes, `None` if something is wrong with it.
    fn event(&mut self, position: usize, mut event: api::Event) -> Option<(Event, Bytes)> {
        if event.org.is_empty()
            && let Some(own) = self.call.caller.role().school()
        {
            own.clone_into(&mut event.org);
        }
        let before = self.violations.len();
        // The path is put before the field only where something is wrong: most events are not worth its allocation.
        let event = match event_from_api(event, "") {
            Ok(event) => event,
            Err(violations) => {
                for violation in violations {
                    self.note_field(position, violation);
                }
                return None;
            }
        };
        for field in personal_fields(&event) {
            let field = wire_path(&event.fact, field);
            self.note_field(position, Violation::new(field, "", Problem::PersonalData));
        }
        if event.to > self.call.received_at.local_date() && !event.fact.nature().may_lie_ahead {
            let field = if event.from == event.to {
                "occurred_from"
            } else {
                "occurred_to"
            };
            let violation = Violation::new(field, &event.to.to_string(), Problem::Future);
            self.note_field(position, violation);
        }
        let bytes = encode_event(&event);
        if bytes.len() > EVENT_BYTES_MAX {
            let problem = Problem::TooLarge {
                bytes: bytes.len(),
                max: EVENT_BYTES_MAX,
            };
            self.note(&Violation::new(self.form.whole(position), "", problem));
        }
        (self.violations.len() == before).then_some((event, bytes))
    }

    fn note_field(&mut self, position: usize, mut violation: Violation) {
        violation.field = self.form.path(position, &violation.field);
        self.note(&violation);
    }
}
