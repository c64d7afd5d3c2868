//! Damaged and random bytes: an error or a refusal, never a panic; and whatever decodes can be folded and asked.

use bytes::Bytes;
use keshi_core::entry::{Entry, Outcome, Verdict};
use keshi_core::ids::SubmissionId;
use keshi_core::period::Name;
use keshi_core::state::State;
use keshi_core::submission::Taking;
use keshi_core::time::Millis;
use keshi_proto::store::{decode_entry, decode_event, decode_submission, encode_event, encode_submission};
use proptest::prelude::*;
use uuid::Uuid;

use crate::generate::{Gen, config};
use crate::round_trips::{office, poster, stored};

/// Flips, cuts, doubles or fills in bytes.
fn damage(bytes: &[u8], generator: &mut Gen) -> Bytes {
    let mut bytes = bytes.to_vec();
    for _ in 0..=generator.below(3) {
        let at = usize::try_from(generator.below(bytes.len() as u64 + 1)).unwrap();
        let byte = generator.next().to_le_bytes()[0];
        match generator.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, byte),
            2 => bytes.extend_from_within(..at),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|b| *b = byte),
        }
    }
    bytes.into()
}

/// Folds the entry and asks everything that there is to ask.
fn fold_and_ask(state: &mut State, entry: &Entry) {
    state.evolve(entry);
    let size = state.size();
    let today = jiff::civil::date(2022, 12, 31);
    let _ = state.at(size).digest();
    for id in state.at(size).teacher_ids() {
        for name in ["2022", "2022-02", "2021-2022", "1950..2150"] {
            let period = Name::parse(name).and_then(|name| name.resolve(&state.at(size).semesters()));
            let _ = period.map(|period| state.at(size).balance(&id, period));
        }
        let _ = (
            state.at(size).tier(&id, today),
            state.at(size).teacher_record(&id),
            state.at(size).indices_about(&id),
        );
    }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn damaged_messages_never_panic(seed in any::<u64>()) {
        let mut generator = Gen::new(seed);
        let event = generator.any_event();
        let bytes = encode_event(&event);
        let _ = decode_event(&damage(&bytes, &mut generator));
        let submission = encode_submission(
            SubmissionId::new(Uuid::from_u128(1)),
            office(),
            poster(),
            Millis(0),
            Taking::Each,
            vec![bytes.clone(), damage(&bytes, &mut generator)],
        );
        for bytes in [submission.clone(), damage(&submission, &mut generator)] {
            let read = decode_submission(&bytes, office());
            prop_assert!(!read.submission.events.is_empty());
            prop_assert_eq!(read.submission.events.len(), read.event_bytes.len());
        }
    }

    #[test]
    fn a_replay_reads_every_event_as_it_was_read_when_it_was_judged(seed in any::<u64>()) {
        let mut generator = Gen::new(seed);
        let one = generator.any_event();
        let kind = if generator.chance() { one.fact.kind() } else { generator.any_event().fact.kind() };
        let two = generator.event(kind);
        let (one, two) = (encode_event(&one), encode_event(&two));
        // Two messages after each other are one message in which fields stand twice.
        let both = Bytes::from([one.as_ref(), two.as_ref()].concat());
        prop_assert!(decode_event(&both).is_none());
        let damaged = [damage(&one, &mut generator), damage(&both, &mut generator)];
        for bytes in damaged.into_iter().chain([one, two]) {
            let Some(judged) = decode_event(&bytes) else { continue };
            let expected = format!("{judged:?}");
            let entry = Entry {
                index: 0,
                recorded_at: Millis(0),
                submission_id: SubmissionId::new(Uuid::from_u128(1)),
                poster: poster(),
                posted: keshi_core::entry::Posted::Event(judged),
                verdict: Verdict::Recorded,
                reason: None,
                outcome: Outcome::default(),
            };
            let read = decode_entry(stored(&entry, &bytes)).unwrap();
            prop_assert_eq!(format!("{:?}", read.posted.event().unwrap()), expected);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        let _ = decode_event(&bytes);
        let _ = decode_entry(bytes.clone());
        prop_assert_eq!(decode_submission(&bytes, office()).submission.events.len(), 1);
    }

    #[test]
    fn whatever_decodes_as_an_entry_can_be_folded_and_asked(seed in any::<u64>()) {
        let mut generator = Gen::of_few(seed);
        let mut state = State::new();
        for kind in ["person_registered"; 3] {
            fold_damaged(&mut state, kind, &mut generator, false);
        }
        for _ in 0..12 {
            let kind = keshi_core::event::Fact::KINDS[usize::try_from(generator.below(26)).unwrap()];
            fold_damaged(&mut state, kind, &mut generator, true);
        }
    }
}

fn fold_damaged(state: &mut State, kind: &str, generator: &mut Gen, damaged: bool) {
    let event = generator.event(kind);
    let mut bytes = encode_event(&event);
    if damaged {
        bytes = damage(&bytes, generator);
    }
    let entry = Entry {
        index: state.size(),
        recorded_at: Millis(generator.next().cast_signed()),
        submission_id: SubmissionId::new(Uuid::from_u128(1)),
        poster: poster(),
        posted: keshi_core::entry::Posted::Event(event),
        verdict: Verdict::Recorded,
        reason: None,
        outcome: Outcome::default(),
    };
    let mut stored = stored(&entry, &bytes);
    if damaged && generator.chance() {
        stored = damage(&stored, generator);
    }
    if let Ok(entry) = decode_entry(stored) {
        fold_and_ask(state, &entry);
    }
}

#[test]
fn a_message_that_is_no_submission_becomes_one_refused_event_of_its_own_hash() {
    let bytes = Bytes::from_static(b"not a submission");
    let read = decode_submission(&bytes, office());
    assert_eq!(read.submission.office, office());
    assert_eq!(read.submission.poster.as_str(), "unknown");
    let hash = keshi_core::ids::Sha256::of(&bytes);
    assert_eq!(read.submission.submission_id.as_bytes().as_slice(), &hash.0[..16]);
    assert_eq!(read.submission.events[0].key().as_bytes().as_slice(), &hash.0[..16]);
}
