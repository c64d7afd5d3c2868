//! What is written is read back: domain to bytes and to the API, and entries through a replay.

use std::num::NonZeroU32;

use bytes::Bytes;
use keshi_core::decide::{Originals, Trial, decide};
use keshi_core::entry::{Entry, Outcome, Posted, Verdict};
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{OfficeCode, PosterId, Sha256, SubmissionId};
use keshi_core::reason::{Reason, ReasonCode};
use keshi_core::state::State;
use keshi_core::submission::{Submission, Taking};
use keshi_core::time::Millis;
use keshi_proto::api_convert::{event_from_api, event_to_api, millis_from_api, millis_to_api};
use keshi_proto::store::{
    EntryHead, decode_entry, decode_event, decode_submission, encode_entry, encode_event, encode_submission,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::generate::{Gen, config};

pub fn office() -> OfficeCode {
    OfficeCode::new("610729").unwrap()
}

pub fn poster() -> PosterId {
    PosterId::new("clerk-1").unwrap()
}

/// The bytes of an entry as the log has them.
pub fn stored(entry: &Entry, event_bytes: &Bytes) -> Bytes {
    let head = EntryHead {
        index: entry.index,
        recorded_at: entry.recorded_at,
        submission_id: entry.submission_id,
        poster: entry.poster,
        verdict: entry.verdict,
        reason: entry.reason.as_ref(),
        outcome: entry.outcome,
    };
    let mut out = vec![1, 2, 3];
    encode_entry(&head, &entry.posted, event_bytes, &mut out);
    out.into()
}

/// Events are equal when their texts are alike; bytes must be the same to the letter.
fn letters(event: &Event) -> String {
    format!("{event:?}")
}

fn submission(events: Vec<Posted>) -> Submission {
    Submission {
        submission_id: SubmissionId::new(Uuid::from_u128(7)),
        office: office(),
        poster: poster(),
        received_at: Millis(1_704_081_600_000),
        taking: Taking::Each,
        events,
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn events_of_every_kind_come_back_from_bytes_and_from_the_api(seed in any::<u64>()) {
        let mut generator = Gen::new(seed);
        for kind in Fact::KINDS {
            let event = generator.event(kind);
            prop_assert_eq!(event.fact.kind(), *kind);
            let bytes = encode_event(&event);
            let Some(read) = decode_event(&bytes) else {
                panic!("{kind}: {:?} {event:?}", keshi_core::check::violations(&event));
            };
            prop_assert_eq!(letters(&read), letters(&event));
            prop_assert_eq!(encode_event(&read), bytes);
            let through_api = event_from_api(event_to_api(&event), "events[0].").unwrap();
            prop_assert_eq!(letters(&through_api), letters(&event));
        }
    }

    #[test]
    fn submissions_come_back_with_the_bytes_of_their_events(seed in any::<u64>(), atomic in any::<bool>()) {
        let mut generator = Gen::new(seed);
        let events: Vec<Event> = (0..=generator.below(6)).map(|_| generator.any_event()).collect();
        let mut event_bytes: Vec<Bytes> = events.iter().map(encode_event).collect();
        let mut posted: Vec<Posted> = events.into_iter().map(Posted::Event).collect();
        let broken = Bytes::from_static(b"\xff\xff");
        posted.push(Posted::Unreadable { event_id: None, sha256: Sha256::of(&broken) });
        event_bytes.push(broken);
        let taking = if atomic { Taking::Atomic } else { Taking::Each };
        let expected = Submission { taking, ..submission(posted) };
        let bytes = encode_submission(
            expected.submission_id,
            expected.office,
            expected.poster,
            expected.received_at,
            taking,
            event_bytes.clone(),
        );
        let read = decode_submission(&bytes, OfficeCode::new("0").unwrap());
        prop_assert_eq!(format!("{:?}", read.submission), format!("{expected:?}"));
        prop_assert_eq!(read.event_bytes, event_bytes);
    }

    #[test]
    fn entries_come_back_with_verdict_reason_and_what_was_posted(seed in any::<u64>()) {
        let mut generator = Gen::new(seed);
        let event = generator.any_event();
        let bytes = encode_event(&event);
        let code = ReasonCode::ALL[usize::from(seed.to_le_bytes()[0]) % ReasonCode::ALL.len()];
        let reason = Reason {
            index: generator.chance().then(|| generator.below(u64::from(u32::MAX))),
            ..Reason::about(code, "field", "值")
        };
        let sha256 = Sha256::of(&bytes);
        let unreadable = |event_id| Posted::Unreadable { event_id, sha256 };
        for (posted, verdict, reason) in [
            (Posted::Event(event.clone()), Verdict::Recorded, None),
            (Posted::Event(event.clone()), Verdict::Waiting, Some(reason.clone())),
            (Posted::Event(event.clone()), Verdict::Conflict, Some(reason.clone())),
            (unreadable(None), Verdict::Refused, Some(reason.clone())),
            (unreadable(Some(event.event_id)), Verdict::Refused, Some(reason.clone())),
        ] {
            let entry = Entry {
                index: generator.below(u64::from(u32::MAX)),
                recorded_at: Millis(generator.below(1 << 43).cast_signed()),
                submission_id: SubmissionId::new(Uuid::from_u64_pair(generator.next(), generator.next())),
                poster: poster(),
                posted,
                verdict,
                reason,
                outcome: Outcome {
                    late: generator.chance(),
                    number: NonZeroU32::new(u32::try_from(generator.below(3)).unwrap()),
                },
            };
            let read = decode_entry(stored(&entry, &bytes)).unwrap();
            prop_assert_eq!(format!("{read:?}"), format!("{entry:?}"));
            prop_assert_eq!(read.posted.key(), entry.posted.key());
        }
    }

    #[test]
    fn a_replay_of_stored_entries_equals_the_live_state_and_decides_the_same_again(seed in any::<u64>()) {
        let mut generator = Gen::of_few(seed);
        let mut live = State::new();
        let mut log: Vec<Bytes> = Vec::new();
        let mut sent = Vec::new();
        let originals = |state: &State, log: &[Bytes], submission: &Submission| {
            let mut originals = Originals::new();
            for key in submission.events.iter().map(Posted::key) {
                let entries = state.indices_of(key).map(|index| log[usize::try_from(index).unwrap()].clone());
                originals.insert(key, entries.map(|bytes| decode_entry(bytes).unwrap()).collect());
            }
            originals
        };
        let registrations = ["person_registered", "school_registered"].repeat(4);
        let kinds = registrations.into_iter().map(Some).chain(std::iter::repeat_n(None, 30));
        for kind in kinds {
            let event = match kind {
                Some(kind) => generator.event(kind),
                None => generator.any_event(),
            };
            let mut bytes = encode_event(&event);
            if generator.below(12) == 0 {
                // A field of the wrong type: the id can be read, the event cannot.
                bytes = [bytes.as_ref(), &[0x12, 0x01, 0xff]].concat().into();
            }
            let posted = keshi_proto::store::posted(&bytes);
            let submission = submission(vec![posted]);
            let held = originals(&live, &log, &submission);
            let before = format!("{live:?}");
            let tried = Trial::new().judge(&mut live, std::slice::from_ref(&submission), &held);
            prop_assert_eq!(format!("{live:?}"), before, "a trial leaves nothing");
            let decision = decide(&mut live, &submission, &held);
            prop_assert_eq!(&tried, std::slice::from_ref(&decision));
            for new in &decision.entries {
                let entry = new.to_entry(decision.recorded_at, &submission).unwrap();
                log.push(stored(&entry, &bytes));
            }
            sent.push(submission);
        }
        let mut replayed = State::new();
        for bytes in &log {
            replayed.evolve(&decode_entry(bytes.clone()).unwrap());
        }
        prop_assert_eq!(replayed.size(), live.size());
        prop_assert_eq!(format!("{replayed:?}"), format!("{live:?}"));
        prop_assert_eq!(replayed.at(live.size()).digest(), live.at(live.size()).digest());
        for submission in &sent {
            let held = originals(&replayed, &log, submission);
            let again = Trial::new().judge(&mut replayed, std::slice::from_ref(submission), &held);
            prop_assert_eq!(again, Trial::new().judge(&mut live, std::slice::from_ref(submission), &held));
        }
    }

    #[test]
    fn moments_come_back_from_timestamps(ms in -8_000_000_000_000_000_i64..8_000_000_000_000_000) {
        prop_assert_eq!(millis_from_api(&millis_to_api(Millis(ms))), Some(Millis(ms)));
    }
}

#[test]
fn a_recorded_event_that_today_s_checks_would_refuse_stays_recorded() {
    use prost::Message;
    let date = |day| {
        Some(keshi_proto::event::Date {
            year: 2022,
            month: 3,
            day,
        })
    };
    let wire = keshi_proto::event::Event {
        event_id: vec![7; 16],
        // Ends before it begins, and more hours than days have.
        occurred_from: date(9),
        occurred_to: date(1),
        fact: Some(keshi_proto::event::Fact::from(keshi_proto::event::AttendanceRecorded {
            session_id: "X1".into(),
            teacher_id: "T1".into(),
            role: 1,
            present_centihours: i64::MAX,
            result: 0,
        })),
        ..Default::default()
    };
    let bytes: Bytes = wire.encode_to_vec().into();
    assert!(decode_event(&bytes).is_none());
    let entry = |verdict| {
        let wire = keshi_proto::log::Entry {
            format: 1,
            submission_id: vec![1; 16].into(),
            poster: "p".into(),
            event: bytes.clone(),
            verdict,
            ..Default::default()
        };
        decode_entry(wire.encode_to_vec())
    };
    let recorded = entry(1).unwrap();
    assert_eq!(
        recorded.posted.event().map(|event| event.fact.kind()),
        Some("attendance_recorded")
    );
    let mut state = State::new();
    state.evolve(&recorded);
    assert_eq!(state.at(1).index_of(recorded.posted.key()), Some(0));
}

#[test]
fn a_recorded_event_that_cannot_be_read_is_an_error_and_a_refused_one_is_not() {
    use prost::Message;
    let entry = |verdict: Verdict, format| {
        let wire = keshi_proto::log::Entry {
            format,
            submission_id: vec![1; 16].into(),
            poster: "p".into(),
            event: Bytes::from_static(b"\x0a\x01x"),
            verdict: verdict.code(),
            ..Default::default()
        };
        decode_entry(wire.encode_to_vec())
    };
    assert_eq!(
        entry(Verdict::Recorded, 1).unwrap_err().to_string(),
        "the entry's field event has no meaning"
    );
    assert!(entry(Verdict::Refused, 1).unwrap().posted.event().is_none());
    let later = entry(Verdict::Refused, 2).unwrap_err().to_string();
    assert!(later.contains("format 2") && later.contains("newer release"), "{later}");
}

#[test]
fn fields_that_this_release_does_not_know_stay_in_the_stored_bytes() {
    let event = Gen::new(1).event("school_visit");
    // Field 15,000, a text.
    let unknown: &[u8] = &[0xc2, 0xa9, 0x07, 0x02, b'h', b'i'];
    let bytes: Bytes = [encode_event(&event).as_ref(), unknown].concat().into();
    assert_eq!(letters(&decode_event(&bytes).unwrap()), letters(&event));
    let submission = encode_submission(
        SubmissionId::new(Uuid::from_u128(1)),
        office(),
        poster(),
        Millis(0),
        Taking::Each,
        vec![bytes.clone()],
    );
    assert_eq!(decode_submission(&submission, office()).event_bytes, [bytes]);
}
