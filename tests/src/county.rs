//! A plain made-up stream of postings: people, one project, its sessions, and attendance without end.

use bytes::Bytes;
use jiff::civil::{Date, date};
use keshi_core::codes::{AttendanceRole, Level, Mode, SessionType, Stage};
use keshi_core::event::{AttendanceRecorded, Event, Fact, PersonRegistered, ProjectOpened, SessionHeld};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, OfficeCode, PosterId, ProjectId, SessionId, SubmissionId, TeacherId};
use keshi_core::submission::Taking;
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_proto::store::{encode_event, encode_submission};
use uuid::Uuid;

/// Teachers of the made-up county: the size that DESIGN names.
pub const TEACHERS: u64 = 7_000;

/// Sessions that attendance is spread over.
pub const SESSIONS: u64 = 2_000;

/// Noon of 2022-12-31, UTC.
pub const NOON: Millis = Millis(1_672_488_000_000);

/// The office.
///
/// # Panics
///
/// Never: the code is a valid id.
pub fn office() -> OfficeCode {
    OfficeCode::new("610729").expect("a valid id")
}

/// A number's permanent UUID: spread over all bits like a hash, so that tables see what they see in life.
pub fn uuid(number: u64) -> Uuid {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mix = || {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        x
    };
    Uuid::from_u64_pair(mix(), mix())
}

/// An event on `day` with nothing beside its fact.
pub fn event(number: u64, day: Date, fact: impl Into<Fact>) -> Event {
    Event::of(EventId::new(uuid(number)), day, day, fact)
}

fn day(number: u64) -> Date {
    let first = date(2013, 1, 1);
    keshi_core::time::plus_days(first, i64::try_from(number % 3_600).unwrap_or(0))
}

fn teacher(number: u64) -> TeacherId {
    TeacherId::new(&format!("T{:06}", number % TEACHERS)).expect("a valid id")
}

fn session(number: u64) -> SessionId {
    SessionId::new(&format!("S-{:05}", number % SESSIONS)).expect("a valid id")
}

/// What must be there before attendance counts: the people, one project and its sessions.
pub fn register() -> Vec<Event> {
    register_of(TEACHERS, SESSIONS)
}

/// The same with fewer people and sessions: enough for the first `people` attendances where there are 13 sessions.
///
/// # Panics
///
/// Never: all ids are valid.
pub fn register_of(people: u64, sessions: u64) -> Vec<Event> {
    let project_id = ProjectId::new("P-1").expect("a valid id");
    let people = (0..people).map(|number| {
        let teacher_id = teacher(number);
        let person = PersonRegistered {
            teacher_id,
            stage: Stage::Primary,
            subject: None,
            hired_on: None,
            career_from: None,
            rank: None,
        };
        event(1 << 60 | number, day(0), person)
    });
    let project = ProjectOpened {
        project_id,
        name: Text::new("县级培训").expect("a valid text"),
        provider: None,
        level: Level::County,
        mode: Mode::FaceToFace,
        category: None,
        topic: None,
        planned_hours: Hours::ZERO,
        assessed: false,
    };
    let sessions = (0..sessions).map(|number| {
        let held = SessionHeld {
            project_id,
            session_id: session(number),
            session_type: SessionType::Training,
            place: None,
            hours: Hours::whole(6),
            subject: None,
            base: None,
            group: None,
            doc_no: None,
        };
        event(1 << 61 | number, day(number), held)
    });
    people
        .chain([event(1 << 62, day(0), project)])
        .chain(sessions)
        .collect()
}

/// The `number`th attendance.
///
/// # Panics
///
/// Never: all ids are valid.
pub fn attendance(number: u64) -> Event {
    let fact = AttendanceRecorded {
        session_id: session(number / TEACHERS * 7 + number % 13),
        teacher_id: teacher(number),
        role: AttendanceRole::Learner,
        hours_present: Hours::whole(6),
        result: None,
    };
    event(number, day(number / TEACHERS * 7 + number % 13), fact)
}

/// A message for the bus that holds `events`.
///
/// # Panics
///
/// Never: the poster's id is valid.
pub fn message(submission: u64, taking: Taking, events: &[Event]) -> Bytes {
    let poster = PosterId::new("bench").expect("a valid id");
    let bytes = events.iter().map(encode_event).collect();
    encode_submission(
        SubmissionId::new(uuid(submission | 1 << 63)),
        office(),
        poster,
        NOON,
        taking,
        bytes,
    )
}
