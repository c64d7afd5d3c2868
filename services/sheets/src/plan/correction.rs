//! Rows that say something else than the ledger does: corrections, each under an id of its own.

use jiff::civil::Date;
use keshi_core::event::{EntryVoided, Event, Fact};
use keshi_core::ids::EventId;
use keshi_core::text::Text;
use keshi_proto::api;
use keshi_proto::api_convert::event_to_api;
use prost::Message as _;
use uuid::Uuid;

use super::{Place, Plan, Rows};

/// The space of the ids of corrections.
const CORRECTIONS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4f69_b2d0_7f1c_2a61_0730);

/// The space of the ids of voids.
const VOIDS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4e75_9c11_53b0_8e61_766f);

/// The space of the ids of what was void and is brought back.
const RETURNS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4f69_b2d0_7f1c_2a61_0731);

/// What a row wishes of what was imported from it before, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// To take its place, if the row says something else; to bring it back, if it is void.
    Correct(Text),
    /// To void it.
    Void(Text),
}

/// A value of a row that is not the ledger's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The field's name.
    pub field: &'static str,
    /// What stands in the ledger, as people write it.
    pub in_ledger: String,
    /// What the row says.
    pub in_sheet: String,
}

/// The id of the void of this event: whoever voids it, and in whatever way.
pub fn void_id(target: &str) -> Uuid {
    Uuid::new_v5(&VOIDS, target.as_bytes())
}

/// The id of the event that takes the place of `original` and says what `event` does: the same correction posted again
/// changes nothing. Its own id, source and note do not matter.
pub fn correction_id(original: &str, event: &api::Event) -> Uuid {
    let content = api::Event {
        event_id: String::new(),
        supersedes: String::new(),
        source: String::new(),
        note: String::new(),
        ..event.clone()
    };
    let mut name = original.as_bytes().to_vec();
    name.extend(content.encode_to_vec());
    Uuid::new_v5(&CORRECTIONS, &name)
}

/// The event as it is posted anew once it was voided, by the entry of this index: under an id of its own, so that whoever
/// brings it back twice brings back one.
pub fn brought_back(event: &Event, voided_by: u64) -> Event {
    let name = format!("{} {voided_by}", event.event_id);
    Event {
        event_id: EventId::new(Uuid::new_v5(&RETURNS, name.as_bytes())),
        ..event.clone()
    }
}

impl Plan {
    /// Where the event at `at` says something else than what stands in the ledger in its place; nothing if it says the
    /// same, in which case it is taken for that very event. `None` if they cannot be compared.
    ///
    /// A blank cell says nothing where the event is not the row's own, or where it registers: the ledger's value is kept.
    pub fn compare(&mut self, rows: &Rows, at: usize, standing: &Event) -> Option<Vec<Changed>> {
        let mut event = self.merged(rows, at, standing)?;
        let changed = changed(&event, standing)?;
        if changed.is_empty() {
            event = Event {
                source: event.source.take(),
                org: event.org,
                ..standing.clone()
            };
            *self.events.get_mut(at)? = event;
        }
        Some(changed)
    }

    /// What the row wishes whose own event is the one at `at`.
    pub fn wish(&self, at: usize) -> Option<&Undo> {
        let rows = self.rows_of(at).iter().filter_map(|row| self.rows.get(*row));
        let mut own = rows.filter(|row| row.events.last() == Some(&at));
        own.find_map(|row| row.undo.as_ref())
    }

    /// Makes the event at `at` the void of these, each of which took the place of the one before it: of the last first, since
    /// what was corrected stands again once its correction is void, and can be voided then.
    pub fn void(&mut self, at: usize, targets: &[EventId], reason: &Text, today: Date) {
        let Some(event) = self.events.get(at) else { return };
        let (org, source) = (event.org, event.source.clone());
        let voids = targets.iter().rev().map(|target| Event {
            org,
            source: source.clone(),
            ..Event::of(
                EventId::new(void_id(&target.to_string())),
                today,
                today,
                EntryVoided {
                    target_event: *target,
                    reason: reason.clone(),
                    authorised_by: None,
                },
            )
        });
        let mut voids: Vec<Event> = voids.collect();
        let givers = self.givers.get(at).cloned().unwrap_or_default();
        let more = voids.split_off(voids.len().min(1));
        if let (Some(place), Some(first)) = (self.events.get_mut(at), voids.pop()) {
            *place = first;
        }
        for void in more {
            for &row in &givers {
                if let Some(row) = self.rows.get_mut(row) {
                    row.events.push(self.events.len());
                }
            }
            self.events.push(void);
            self.givers.push(givers.clone());
        }
    }

    /// Takes this event for that at `at`.
    pub fn take(&mut self, at: usize, event: Event) {
        if let Some(place) = self.events.get_mut(at) {
            *place = event;
        }
    }

    /// Makes the event at `at` a correction of this one, whose values it keeps where its row is blank as in
    /// [`Plan::compare`].
    pub fn correct(&mut self, rows: &Rows, at: usize, standing: &Event, reason: &Text) {
        let original = standing.event_id;
        let merged = self.merged(rows, at, standing);
        if let (Some(event), Some(mut merged)) = (self.events.get_mut(at), merged) {
            merged.supersedes = Some(original);
            merged.note = Some(reason.clone());
            merged.event_id = EventId::new(correction_id(&original.to_string(), &event_to_api(&merged)));
            *event = merged;
        }
    }

    /// The event at `at`, with what stands in the ledger where its row says nothing.
    fn merged(&self, rows: &Rows, at: usize, standing: &Event) -> Option<Event> {
        let mut givers = self.rows_of(at).iter().filter_map(|row| self.rows.get(*row));
        let is_own = givers.clone().any(|row| row.events.last() == Some(&at));
        let place = givers.next()?.place;
        let mut event = self.events.get(at)?.clone();
        keep_blank(rows, place, is_own, &mut event, standing);
        Some(event)
    }
}

fn changed(event: &Event, standing: &Event) -> Option<Vec<Changed>> {
    let of_fact = event.fact.differences(&standing.fact)?.into_iter();
    let of_fact = of_fact.map(|difference| Changed {
        field: difference.field,
        in_ledger: difference.other,
        in_sheet: difference.one,
    });
    let days = [
        ("occurred_from", standing.from, event.from),
        ("occurred_to", standing.to, event.to),
    ];
    // A record's day follows from what it says.
    let is_record = matches!(event.fact, Fact::PersonRegistered(_) | Fact::SchoolRegistered(_));
    let of_days = days
        .into_iter()
        .filter(|(_, ledger, sheet)| !is_record && ledger != sheet);
    let of_days = of_days.map(|(field, ledger, sheet)| Changed {
        field,
        in_ledger: ledger.to_string(),
        in_sheet: sheet.to_string(),
    });
    Some(of_fact.chain(of_days).collect())
}

fn keep_blank(rows: &Rows, place: Place, is_own: bool, event: &mut Event, standing: &Event) {
    let registers = matches!(
        event.fact,
        Fact::PersonRegistered(_) | Fact::SchoolRegistered(_) | Fact::AssignmentStarted(_)
    );
    if is_own && !registers {
        return;
    }
    let kind = event.fact.kind();
    for difference in event.fact.differences(&standing.fact).unwrap_or_default() {
        if rows.is_left_blank(place, kind, difference.field) {
            event.fact.take(&standing.fact, difference.field);
        }
    }
    // Without a day of its own the row says nothing of it.
    if rows.is_left_blank(place, kind, "occurred_from") {
        (event.from, event.to) = (standing.from, standing.to);
    }
}
