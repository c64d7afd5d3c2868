//! From events to submissions.

use keshi_core::event::Event;
use keshi_core::submission::{EVENTS_MAX, SUBMISSION_BYTES_MAX};
use keshi_proto::api;
use keshi_proto::api_convert::event_to_api;
use prost::Message;
use uuid::Uuid;

use super::Plan;

/// The space of submission ids.
const SUBMISSIONS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4e75_9c11_53b0_8e61_0729);

/// Room for what stands around the events in a message.
const AROUND: usize = 256;

/// One submission, and where its events stand in the plan.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What to send.
    pub request: api::SubmitRequest,
    /// Place of its first event in [`Plan::events`]; the others follow in order.
    pub first: usize,
}

impl Plan {
    /// The submissions, in the order of sending: each of at most 5,000 events and 900 KiB, taken event by event. The
    /// same events give the same submission ids.
    pub fn batches(&self) -> Vec<Batch> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut open: Vec<api::Event> = Vec::new();
        let mut bytes = AROUND;
        let mut first = 0;
        for (index, event) in self.events.iter().enumerate() {
            let wire = event_to_api(event);
            // Tag and length of one event within the message take at most 8 bytes.
            let more = wire.encoded_len() + 8;
            if open.len() == EVENTS_MAX || (bytes + more > SUBMISSION_BYTES_MAX && !open.is_empty()) {
                batches.push(self.batch(std::mem::take(&mut open), first));
                (bytes, first) = (AROUND, index);
            }
            bytes += more;
            open.push(wire);
        }
        if !open.is_empty() {
            batches.push(self.batch(open, first));
        }
        batches
    }

    fn batch(&self, events: Vec<api::Event>, first: usize) -> Batch {
        let of = self.events.get(first..first + events.len()).unwrap_or_default();
        let request = api::SubmitRequest {
            submission_id: self.submission_id(of).to_string(),
            taking: api::Taking::Each.into(),
            events,
        };
        Batch { request, first }
    }

    /// From the contents: source and note, which are none, are left out.
    fn submission_id(&self, events: &[Event]) -> Uuid {
        let mut contents = self.office.to_string().into_bytes();
        for event in events {
            let content = Event {
                source: None,
                note: None,
                ..event.clone()
            };
            event_to_api(&content)
                .encode_length_delimited(&mut contents)
                .unwrap_or_default();
        }
        Uuid::new_v5(&SUBMISSIONS, &contents)
    }

    /// The rows that gave the event at `index` of [`Plan::events`]: places in [`Plan::rows`], rising.
    pub fn rows_of(&self, index: usize) -> &[usize] {
        self.givers.get(index).map(Vec::as_slice).unwrap_or_default()
    }
}
