//! How large things are: an attendance in the log, and the largest entry there can be.

use std::num::NonZeroU32;

use keshi_core::codes::AttendanceRole;
use keshi_core::entry::{Entry, Outcome, Posted, Verdict};
use keshi_core::event::{AttendanceRecorded, EVENT_BYTES_MAX, Event};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, PosterId, SessionId, SubmissionId, TeacherId};
use keshi_core::reason::{Reason, ReasonCode};
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_proto::store::{decode_event, encode_event};
use uuid::Uuid;

use crate::round_trips::stored;

fn attendance() -> Event {
    let day = jiff::civil::date(2022, 3, 14);
    let fact = AttendanceRecorded {
        session_id: SessionId::new("X-2022-0314-01").unwrap(),
        teacher_id: TeacherId::new("T-610729-00123").unwrap(),
        role: AttendanceRole::Learner,
        hours_present: Hours::whole(6),
        result: None,
    };
    Event {
        source: Some(Text::new("import 3f2a91cc row 1204").unwrap()),
        ..Event::of(EventId::new(Uuid::from_u128(u128::MAX)), day, day, fact)
    }
}

fn entry(posted: Posted, verdict: Verdict, reason: Option<Reason>) -> Entry {
    Entry {
        index: u64::from(u32::MAX) - 2,
        recorded_at: Millis(1_704_081_600_000),
        submission_id: SubmissionId::new(Uuid::from_u128(u128::MAX)),
        poster: PosterId::new("clerk-0017").unwrap(),
        posted,
        verdict,
        reason,
        outcome: Outcome {
            late: true,
            number: Some(NonZeroU32::MAX),
        },
    }
}

#[test]
fn an_attendance_takes_at_most_170_bytes_in_the_log() {
    let event = attendance();
    let bytes = encode_event(&event);
    let stored = stored(&entry(Posted::Event(event), Verdict::Recorded, None), &bytes);
    println!("attendance: event {} bytes, entry {} bytes", bytes.len(), stored.len());
    assert!(stored.len() <= 170, "{}", stored.len());
}

#[test]
fn the_largest_entry_fits_the_log() {
    let mut event = attendance();
    event.evidence = vec![keshi_core::ids::Sha256([9; 32]); 115];
    let fill = |event: &mut Event, length: usize| event.note = Text::new(&"x".repeat(length)).ok();
    let mut length = 0;
    while encode_event(&event).len() < EVENT_BYTES_MAX && length < 200 {
        length += 1;
        fill(&mut event, length);
    }
    fill(&mut event, length - 1);
    let bytes = encode_event(&event);
    assert!(
        bytes.len() > EVENT_BYTES_MAX - 8 && decode_event(&bytes).is_some(),
        "{}",
        bytes.len()
    );
    let reason = Reason {
        index: Some(u64::from(u32::MAX)),
        ..Reason::about(ReasonCode::DocumentInvalid, "share_hundredths", "𠀀".repeat(500))
    };
    let mut entry = entry(Posted::Event(event), Verdict::Refused, Some(reason));
    entry.poster = PosterId::new(&"p".repeat(32)).unwrap();
    let stored = stored(&entry, &bytes);
    println!("largest entry: {} bytes", stored.len());
    assert!(stored.len() <= 5 * 1024, "{}", stored.len());
}
