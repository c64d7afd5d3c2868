//! Golden files: the stored forms of format 1, one for each kind of event, an entry and a submission. Bytes in a ledger
//! live for ever, so these files are only ever added to. `KESHI_WRITE_FIXTURES=1` writes those that are missing.

use std::fs;
use std::num::NonZeroU32;
use std::path::PathBuf;

use bytes::Bytes;
use keshi_core::entry::{Entry, Outcome, Posted, Verdict};
use keshi_core::event::Fact;
use keshi_core::ids::SubmissionId;
use keshi_core::reason::{Reason, ReasonCode};
use keshi_core::submission::Taking;
use keshi_core::time::Millis;
use keshi_proto::store::{decode_entry, decode_event, decode_submission, encode_event, encode_submission};
use uuid::Uuid;

use crate::round_trips::{office, poster, stored};
use crate::samples;

/// The golden bytes of this name, with what they say beside them.
#[track_caller]
fn golden(name: &str, bytes: &[u8], says: &str) -> Bytes {
    // A field that came later is said only where it is given, so that no file ever changes.
    let later = ["claim_id: None,", "nature: None,", "research: false,"];
    let said = says.lines().filter(|line| !later.contains(&line.trim()));
    let says = &said.collect::<Vec<_>>().join("\n");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1");
    let (bin, txt) = (folder.join(format!("{name}.bin")), folder.join(format!("{name}.txt")));
    if std::env::var_os("KESHI_WRITE_FIXTURES").is_some() && !bin.exists() {
        fs::write(&bin, bytes).unwrap();
        fs::write(&txt, format!("{says}\n")).unwrap();
    }
    let golden = fs::read(&bin).unwrap_or_else(|why| panic!("{}: {why}", bin.display()));
    assert_eq!(golden, bytes, "{name}: written otherwise than before");
    assert_eq!(fs::read_to_string(&txt).unwrap().trim_end(), says, "{name}");
    golden.into()
}

#[test]
fn events_of_every_kind_are_read_and_written_as_ever() {
    let events = samples::events();
    let kinds: Vec<&str> = events.iter().map(|event| event.fact.kind()).collect();
    assert_eq!(kinds, Fact::KINDS);
    for event in events {
        let says = format!("{event:#?}");
        let bytes = golden(&format!("event_{}", event.fact.kind()), &encode_event(&event), &says);
        let read = decode_event(&bytes).unwrap();
        assert_eq!(format!("{read:#?}"), says);
    }
}

#[test]
fn a_research_base_is_read_and_written_as_ever_and_a_subject_base_as_before_there_were_any() {
    let event = samples::research_base();
    let says = format!("{event:#?}");
    let bytes = golden("event_base_formed_research", &encode_event(&event), &says);
    assert_eq!(format!("{:#?}", decode_event(&bytes).unwrap()), says);
}

#[test]
fn an_event_under_a_claim_is_read_and_written_as_ever() {
    let event = samples::claimed_lesson();
    let says = format!("{event:#?}");
    let bytes = golden("event_lesson_given_claimed", &encode_event(&event), &says);
    assert_eq!(format!("{:#?}", decode_event(&bytes).unwrap()), says);
}

#[test]
fn outreach_counted_without_names_is_read_and_written_as_ever() {
    let event = samples::unattributed_outreach();
    let says = format!("{event:#?}");
    let bytes = golden("event_outreach_delivered_unattributed", &encode_event(&event), &says);
    assert_eq!(format!("{:#?}", decode_event(&bytes).unwrap()), says);
}

#[test]
fn entries_are_read_and_written_as_ever() {
    let event = samples::events().swap_remove(11);
    let bytes = encode_event(&event);
    let sha256 = keshi_core::ids::Sha256::of(b"not an event");
    let reason = Reason {
        index: Some(17),
        ..Reason::about(ReasonCode::ContentDiffers, "hours_present", event.event_id)
    };
    let unreadable = Posted::Unreadable {
        event_id: Some(event.event_id),
        sha256,
    };
    let of_hash = Reason::about(ReasonCode::Unreadable, "", sha256);
    for (name, posted, verdict, reason) in [
        ("entry_recorded", Posted::Event(event.clone()), Verdict::Recorded, None),
        (
            "entry_conflict",
            Posted::Event(event.clone()),
            Verdict::Conflict,
            Some(reason),
        ),
        ("entry_unreadable", unreadable, Verdict::Refused, Some(of_hash)),
    ] {
        let entry = Entry {
            index: 4_711,
            recorded_at: Millis(1_648_000_000_123),
            submission_id: SubmissionId::new(Uuid::from_u128(0x7375_626d_6974_4000_8000_0000_0000_0001)),
            poster: poster(),
            posted,
            verdict,
            reason,
            outcome: Outcome {
                late: verdict == Verdict::Recorded,
                number: NonZeroU32::new(if verdict == Verdict::Recorded { 17 } else { 0 }),
            },
        };
        let says = format!("{entry:#?}");
        let golden = golden(name, &stored(&entry, &bytes), &says);
        assert_eq!(format!("{:#?}", decode_entry(golden).unwrap()), says);
    }
}

#[test]
fn submissions_are_read_and_written_as_ever() {
    let events = samples::events();
    let event_bytes: Vec<Bytes> = events.iter().take(2).map(encode_event).collect();
    let bytes = encode_submission(
        SubmissionId::new(Uuid::from_u128(0x7375_626d_6974_4000_8000_0000_0000_0001)),
        office(),
        poster(),
        Millis(1_648_000_000_123),
        Taking::Atomic,
        event_bytes.clone(),
    );
    let read = decode_submission(&bytes, office());
    let golden = golden("submission", &bytes, &format!("{:#?}", read.submission));
    let read = decode_submission(&golden, office());
    assert_eq!(read.event_bytes, event_bytes);
    assert_eq!(read.submission.taking, Taking::Atomic);
}
