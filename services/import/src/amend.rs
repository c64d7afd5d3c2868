//! What acts on one entry: it loses its effect, or another takes its place (ADR 43).

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_client::Client;
use keshi_core::hours::Hours;
use keshi_core::ids::EventId;
use keshi_core::lang::{Lang, Say, say};
use keshi_core::time::Millis;
use keshi_proto::api_convert::is_in_ledger;
use keshi_proto::{api, date_to_wire, event};
use keshi_sheets::plan::{correction_id, void_id};
use keshi_words::names;
use keshi_words::reason::why_not;
use tonic::Status;
use uuid::Uuid;

use crate::entry;

/// Most corrections upon one another that are voided at once.
const CHAIN_MAX: usize = 50;

/// Why an entry was not amended.
#[derive(Debug)]
pub enum Unamended {
    /// Another entry stands in its place.
    CorrectedSince {
        /// The entry.
        index: u64,
        /// What stands in its place.
        by: u64,
    },
    /// It is void.
    Void {
        /// The entry.
        index: u64,
        /// The void.
        by: u64,
    },
    /// It recorded nothing.
    NothingRecorded {
        /// The entry.
        index: u64,
        /// What became of it.
        verdict: api::Verdict,
    },
    /// Nothing would be other than it is.
    NothingChanges,
    /// Its kind has no hours.
    NoHours,
    /// No amount of hours, or not a whole number of lessons.
    WrongHours(Say),
    /// The ledger did not take it.
    Refused(Say),
    /// The services' own answer.
    Services(Status),
}

impl From<Status> for Unamended {
    fn from(status: Status) -> Self {
        Self::Services(status)
    }
}

impl Unamended {
    /// What is the case. What to do about it is said by whoever asked.
    pub fn say(&self) -> Say {
        match self {
            Self::CorrectedSince { index, by } => say(
                format!("第 {index} 条已由第 {by} 条更正，现以该条为准"),
                format!("entry {index} was corrected by entry {by}, which stands in its place"),
            ),
            Self::Void { index, by } => say(
                format!("第 {index} 条已由第 {by} 条作废"),
                format!("entry {index} was voided by entry {by}"),
            ),
            Self::NothingRecorded { index, verdict } => {
                let said = |lang| names::verdict(*verdict, lang);
                say(
                    format!("第 {index} 条没有入账（{}），没有可作废或更正的内容", said(Lang::Zh)),
                    format!(
                        "entry {index} recorded nothing ({}): there is nothing to void or correct",
                        said(Lang::En)
                    ),
                )
            }
            Self::NothingChanges => say("没有要改的内容", "nothing would change"),
            Self::NoHours => say("该类记录没有课时数", "this kind of entry has no hours"),
            Self::WrongHours(what) | Self::Refused(what) => what.clone(),
            Self::Services(status) => Say::same(status.message()),
        }
    }
}

/// An entry that recorded something and is not void.
#[derive(Clone, Debug)]
pub struct Known {
    /// The entry.
    pub entry: api::Entry,
    /// What it records.
    pub event: api::Event,
    /// It in words.
    pub words: api::EntryInWords,
    /// The entry that stands for its event.
    pub standing: Option<u64>,
}

/// Looks at the entry to be amended.
///
/// # Errors
///
/// [`Unamended`] if it is void, recorded nothing, or may not be read.
pub async fn known(client: &Client, index: u64) -> Result<Known, Unamended> {
    let api::GetEntryResponse {
        entry, standing, words, ..
    } = entry(client, index).await?;
    let entry = entry.unwrap_or_default();
    let verdict = entry.verdict();
    let is_recorded = matches!(verdict, api::Verdict::Recorded | api::Verdict::Waiting);
    let Some(event) = entry.event.clone().filter(|_| is_recorded) else {
        return Err(Unamended::NothingRecorded { index, verdict });
    };
    match entry.voided_by {
        Some(by) => Err(Unamended::Void { index, by }),
        None => Ok(Known {
            entry,
            event,
            words: words.unwrap_or_default(),
            standing,
        }),
    }
}

/// What an entry is to say instead.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Hours or lessons, as people write them.
    pub hours: Option<String>,
}

impl Change {
    /// The event with what is to be said instead. An event of one day that gets another first day stays one of one day.
    ///
    /// # Errors
    ///
    /// [`Unamended::WrongHours`], or [`Unamended::NoHours`] for a kind that has none.
    pub fn of(&self, event: &api::Event) -> Result<api::Event, Unamended> {
        let is_one_day = event.occurred_to.is_none() || event.occurred_from == event.occurred_to;
        let mut changed = event.clone();
        if let Some(from) = self.from {
            changed.occurred_from = Some(date_to_wire(from));
        }
        if let Some(day) = self.to.or_else(|| is_one_day.then_some(self.from).flatten()) {
            changed.occurred_to = Some(date_to_wire(day));
        }
        if let Some(hours) = &self.hours {
            set_hours(&mut changed, hours)?;
        }
        Ok(changed)
    }
}

/// The event that the entry and those that it corrects began with: all of them stand for it.
///
/// # Errors
///
/// As the services answer; `NOT_FOUND` if the entry holds no event.
pub(crate) async fn origin(client: &Client, index: u64) -> Result<EventId, Status> {
    let mut next = Some(index);
    let mut first = None;
    for _ in 0..=CHAIN_MAX {
        let Some(index) = next else { break };
        let answer = entry(client, index).await?;
        next = answer.words.and_then(|words| words.corrects);
        first = answer.entry.and_then(|entry| entry.event);
    }
    let id = first.and_then(|event| event.event_id.parse().ok().map(EventId::new));
    id.ok_or_else(|| {
        Status::not_found(client.lang().pick(
            format!("第 {index} 条不是可以更正或作废的记录"),
            format!("entry {index} is nothing that can be corrected or voided"),
        ))
    })
}

/// The amount that the kind has, in hundredths: hours present, the session's hours, or lessons.
pub fn hours_of(event: &api::Event) -> Option<i64> {
    use event::fact::Fact;
    match event.fact.as_ref()?.fact.as_ref()? {
        Fact::AttendanceRecorded(fact) => Some(fact.present_centihours),
        Fact::SessionHeld(fact) => Some(fact.centihours),
        Fact::LessonGiven(fact) => Some(i64::from(fact.periods) * 100),
        Fact::LessonObserved(fact) => Some(i64::from(fact.periods) * 100),
        _ => None,
    }
}

fn set_hours(event: &mut api::Event, text: &str) -> Result<(), Unamended> {
    use event::fact::Fact;
    let amount = Hours::parse(text).map_err(|_| {
        Unamended::WrongHours(say(
            format!("“{text}”不是课时数：请写如 4 或 4.5"),
            format!("{text:?} is no amount: write 4 or 4.5"),
        ))
    })?;
    let whole = || {
        let whole = amount.hundredths() % 100 == 0;
        let periods = i32::try_from(amount.hundredths() / 100).ok().filter(|_| whole);
        periods.ok_or_else(|| {
            Unamended::WrongHours(say(
                format!("“{text}”不是节数：节数是整数"),
                format!("{text:?} is no number of lessons: it has to be whole"),
            ))
        })
    };
    match event.fact.as_mut().and_then(|fact| fact.fact.as_mut()) {
        Some(Fact::AttendanceRecorded(fact)) => fact.present_centihours = amount.hundredths(),
        Some(Fact::SessionHeld(fact)) => fact.centihours = amount.hundredths(),
        Some(Fact::LessonGiven(fact)) => fact.periods = whole()?,
        Some(Fact::LessonObserved(fact)) => fact.periods = whole()?,
        _ => return Err(Unamended::NoHours),
    }
    Ok(())
}

/// The event that takes the place of `known`, as `changed` and for this reason.
///
/// # Errors
///
/// [`Unamended`] if it says the same, or another stands in the entry's place already.
pub fn correction(known: &Known, mut changed: api::Event, reason: &str) -> Result<api::Event, Unamended> {
    let index = known.entry.index;
    if let Some(by) = known.standing.filter(|&standing| standing != index) {
        return Err(Unamended::CorrectedSince { index, by });
    }
    if changed == known.event {
        return Err(Unamended::NothingChanges);
    }
    changed.supersedes.clone_from(&known.event.event_id);
    reason.clone_into(&mut changed.note);
    changed.source = String::new();
    // The load may be closed; what is corrected now is posted now.
    changed.load_id = String::new();
    changed.event_id = correction_id(&known.event.event_id, &changed).to_string();
    Ok(changed)
}

/// The entry, and with `with_corrections` those that correct it, one after the other.
///
/// # Errors
///
/// [`Unamended`] if it is void, recorded nothing, or was corrected and its corrections are not to be voided with it.
pub async fn chain(client: &Client, index: u64, with_corrections: bool) -> Result<Vec<Known>, Unamended> {
    let mut chain = vec![known(client, index).await?];
    while let Some(last) = chain.last()
        && let Some(by) = last.entry.corrected_by
    {
        if !with_corrections || chain.len() > CHAIN_MAX {
            let index = last.entry.index;
            return Err(Unamended::CorrectedSince { index, by });
        }
        chain.push(known(client, by).await?);
    }
    Ok(chain)
}

/// The events that void this chain, the last of it first: what was corrected can be voided once its correction is.
pub fn voids(chain: &[Known], reason: &str, authorised_by: &str) -> Vec<api::Event> {
    let today = Millis(Timestamp::now().as_millisecond()).local_date();
    let void = |known: &Known| {
        let target_event = known.event.event_id.clone();
        api::Event {
            event_id: void_id(&target_event).to_string(),
            occurred_from: Some(date_to_wire(today)),
            org: known.event.org.clone(),
            fact: Some(event::Fact {
                fact: Some(event::fact::Fact::EntryVoided(event::EntryVoided {
                    target_event,
                    reason: reason.to_owned(),
                    authorised_by: authorised_by.to_owned(),
                })),
            }),
            ..api::Event::default()
        }
    };
    chain.iter().rev().map(void).collect()
}

/// Posts events, all of them or none.
///
/// # Errors
///
/// [`Unamended::Services`].
pub async fn post(client: &Client, events: Vec<api::Event>) -> Result<api::SubmitResponse, Unamended> {
    let request = client.call(api::SubmitRequest {
        submission_id: Uuid::new_v4().to_string(),
        taking: api::Taking::Atomic.into(),
        events,
    });
    Ok(client.submissions().submit(request).await?.into_inner())
}

/// The entries in which what was posted stands; none if it was accepted and the ledger has not said yet.
///
/// # Errors
///
/// [`Unamended::Refused`] with the reason.
pub fn recorded(response: &api::SubmitResponse) -> Result<Vec<u64>, Unamended> {
    let verdicts = response.receipt.as_ref().map(|receipt| receipt.verdicts.as_slice());
    let verdicts = verdicts.unwrap_or_default();
    let refused = verdicts.iter().find(|verdict| {
        !is_in_ledger(verdict.verdict) && verdict.reason.as_ref().is_none_or(|why| why.code != "AtomicOther")
    });
    if let Some(refused) = refused {
        let why = |lang| why_not(refused, lang).unwrap_or_default();
        return Err(Unamended::Refused(say(why(Lang::Zh), why(Lang::En))));
    }
    Ok(verdicts.iter().filter_map(|verdict| verdict.index).collect())
}
