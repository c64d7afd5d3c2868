//! The engine on a real directory: recording, answering, opening again.

use std::ops::ControlFlow;
use std::sync::{Arc, mpsc};

use bytes::Bytes;
use jiff::civil::date;
use keshi_core::codes::{AttendanceRole, Level, Mode, SessionType, Stage};
use keshi_core::entry::Verdict::{self, Conflict, Duplicate, Recorded, Refused, Waiting};
use keshi_core::event::{AttendanceRecorded, EntryVoided, Event, Fact, PersonRegistered, ProjectOpened, SessionHeld};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, OfficeCode, PosterId, ProjectId, SessionId, SubmissionId, TeacherId};
use keshi_core::period::Name;
use keshi_core::policy::Meter;
use keshi_core::reason::ReasonCode;
use keshi_core::submission::{Receipt, Taking};
use keshi_core::text::Text;
use keshi_core::time::Millis;
use keshi_engine::{CompactError, Engine, EngineError, Head, OpenOptions, SubmitError, compact};
use keshi_proto::store::{encode_event, encode_submission};
use uuid::Uuid;

const NOON: Millis = Millis(1_672_459_200_000);

fn office() -> OfficeCode {
    OfficeCode::new("610729").unwrap()
}

fn open(dir: &std::path::Path) -> Engine {
    let options = OpenOptions {
        office: office(),
        new_ledger_id: Uuid::from_u128(1),
    };
    Engine::open(dir.join("ledger"), &options, |_| ()).unwrap()
}

fn teacher(number: u32) -> TeacherId {
    TeacherId::new(&format!("T{number:05}")).unwrap()
}

fn event(id: u128, fact: impl Into<Fact>) -> Event {
    let day = date(2022, 5, 4);
    Event::of(EventId::new(Uuid::from_u128(id)), day, day, fact)
}

fn person(id: u128, number: u32) -> Event {
    let (hired_on, career_from, rank, subject) = (None, None, None, None);
    event(
        id,
        PersonRegistered {
            teacher_id: teacher(number),
            stage: Stage::Primary,
            subject,
            hired_on,
            career_from,
            rank,
        },
    )
}

fn project() -> Event {
    event(
        900,
        ProjectOpened {
            project_id: ProjectId::new("P1").unwrap(),
            name: Text::new("县级培训").unwrap(),
            provider: None,
            level: Level::County,
            mode: Mode::FaceToFace,
            category: None,
            topic: None,
            planned_hours: Hours::whole(12),
            assessed: false,
        },
    )
}

fn session() -> Event {
    event(
        901,
        SessionHeld {
            project_id: ProjectId::new("P1").unwrap(),
            session_id: SessionId::new("S1").unwrap(),
            session_type: SessionType::Training,
            place: None,
            hours: Hours::whole(6),
            subject: None,
            base: None,
            group: None,
            doc_no: None,
        },
    )
}

fn attendance(id: u128, number: u32, hours: u32) -> Event {
    event(
        id,
        AttendanceRecorded {
            session_id: SessionId::new("S1").unwrap(),
            teacher_id: teacher(number),
            role: AttendanceRole::Learner,
            hours_present: Hours::whole(hours),
            result: None,
        },
    )
}

fn message(id: u128, taking: Taking, events: &[Event]) -> Bytes {
    let poster = PosterId::new("clerk-1").unwrap();
    let bytes = events.iter().map(encode_event).collect();
    encode_submission(
        SubmissionId::new(Uuid::from_u128(id)),
        office(),
        poster,
        NOON,
        taking,
        bytes,
    )
}

/// Hands over a message of the bus; the receipt arrives when it is durable.
fn submit(engine: &Engine, cursor: Option<u64>, bytes: &Bytes) -> mpsc::Receiver<Arc<Receipt>> {
    let (answer, answered) = mpsc::channel();
    let done = Box::new(move |receipt| drop(answer.send(receipt)));
    engine.try_reserve(bytes.len()).unwrap().submit(bytes, cursor, done);
    answered
}

fn post_at(engine: &Engine, cursor: Option<u64>, bytes: &Bytes) -> Arc<Receipt> {
    submit(engine, cursor, bytes).recv().unwrap()
}

fn post(engine: &Engine, id: u128, taking: Taking, events: &[Event]) -> Arc<Receipt> {
    post_at(engine, None, &message(id, taking, events))
}

/// A ledger in which teacher 1 attended six hours, as event 2.
fn attended() -> (tempfile::TempDir, Engine) {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let events = [person(1, 1), project(), session(), attendance(2, 1, 6)];
    post(&engine, 1, Taking::Each, &events);
    (dir, engine)
}

fn verdicts(receipt: &Receipt) -> Vec<Verdict> {
    receipt.verdicts.iter().map(|event| event.verdict).collect()
}

fn hours(engine: &Engine, number: u32) -> Hours {
    let period = Name::Year(2022).resolve(&[]).unwrap();
    let balance = engine
        .query(|at| at.balance(&teacher(number), period))
        .unwrap()
        .unwrap();
    let (_, hours) = balance.sections[0]
        .meters
        .iter()
        .find(|(meter, _)| *meter == Meter::TrainingHours)
        .unwrap();
    *hours
}

#[test]
fn what_a_receipt_says_is_recorded_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let receipt = post(
        &engine,
        1,
        Taking::Atomic,
        &[person(1, 1), project(), session(), attendance(2, 1, 6)],
    );
    assert_eq!(verdicts(&receipt), [Recorded; 4]);
    assert_eq!((receipt.size, hours(&engine, 1)), (4, Hours::whole(6)));
    let before: Head = engine.head();
    assert_eq!(before.root.to_vec(), receipt.root);
    let digest = engine.digest(engine.head().size);
    engine.shut_down();
    drop(engine);

    let engine = open(dir.path());
    assert_eq!(engine.head(), before);
    assert_eq!(engine.digest(engine.head().size), digest);
    let replayed = engine.replay(0, |_, _| ControlFlow::Continue(())).unwrap();
    assert!(replayed.expect("nobody ended it").agrees());
    assert_eq!(engine.replay(0, |_, _| ControlFlow::Break(())).unwrap(), None);
    assert_eq!(engine.ledger_id(), Uuid::from_u128(1));
}

#[test]
fn a_ledger_that_is_put_together_anew_answers_as_before_and_not_while_it_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let events = [person(1, 1), project(), session(), attendance(2, 1, 6)];
    post(&engine, 1, Taking::Atomic, &events);
    let (head, digest) = (engine.head(), engine.digest(4));
    let ledger = dir.path().join("ledger");
    assert!(matches!(
        compact(&ledger, &mut |_, _| ()),
        Err(CompactError::Open(EngineError::Log(keshi_log::OpenError::InUse { .. })))
    ));
    engine.shut_down();
    drop(engine);
    let mut steps = Vec::new();
    let done = compact(&ledger, &mut |done, all| steps.push((done, all))).unwrap();
    assert_eq!(
        (done.committed.size, done.digest, steps.last()),
        (4, digest, Some(&(16, 16)))
    );
    let engine = open(dir.path());
    assert_eq!((engine.head(), engine.digest(4)), (head, digest));
    assert_eq!(verdicts(&post(&engine, 2, Taking::Each, &events)), [Duplicate; 4]);
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        1,
        "nothing is left beside"
    );
}

#[test]
fn sending_again_gives_duplicates_and_adds_nothing_also_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let events = [person(1, 1), project(), session(), attendance(2, 1, 6)];
    post(&engine, 1, Taking::Each, &events);
    let again = post(&engine, 1, Taking::Each, &events);
    assert_eq!((verdicts(&again), again.size), (vec![Duplicate; 4], 4));
    engine.shut_down();
    drop(engine);
    let engine = open(dir.path());
    let later = post(&engine, 2, Taking::Each, &events);
    assert_eq!((verdicts(&later), later.size), (vec![Duplicate; 4], 4));
}

#[test]
fn other_content_under_an_id_is_a_conflict_that_names_the_field_and_the_entry() {
    let (_dir, engine) = attended();
    for _ in 0..2 {
        let receipt = post(&engine, 2, Taking::Each, &[attendance(2, 1, 5)]);
        assert_eq!(verdicts(&receipt), [Conflict]);
        let reason = receipt.verdicts[0].reason.clone().unwrap();
        assert_eq!((reason.field.as_str(), reason.index), ("hours_present", Some(3)));
        assert_eq!(receipt.size, 5, "the same conflict is written once");
    }
    assert_eq!(hours(&engine, 1), Hours::whole(6));
}

#[test]
fn a_refused_row_sent_again_after_its_teacher_was_registered_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let row = attendance(2, 1, 6);
    let refused = post(&engine, 1, Taking::Each, &[project(), session(), row.clone()]);
    assert_eq!(refused.verdicts[2].verdict, Refused);
    assert_eq!(
        refused.verdicts[2].reason.as_ref().unwrap().code,
        ReasonCode::UnknownTeacher
    );
    let same = post(&engine, 2, Taking::Each, std::slice::from_ref(&row));
    assert_eq!(
        (same.size, same.verdicts[0].index),
        (3, Some(2)),
        "the same refusal is written once"
    );
    let recorded = post(&engine, 3, Taking::Each, &[person(1, 1), row]);
    assert_eq!(verdicts(&recorded), [Recorded; 2]);
    assert_eq!(hours(&engine, 1), Hours::whole(6));
}

#[test]
fn attendance_before_its_session_waits_and_settles_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let waiting = post(&engine, 1, Taking::Each, &[person(1, 1), attendance(2, 1, 6)]);
    assert_eq!(waiting.verdicts[1].verdict, Waiting);
    assert_eq!(hours(&engine, 1), Hours::ZERO);
    post(&engine, 2, Taking::Each, &[session(), project()]);
    assert_eq!(hours(&engine, 1), Hours::whole(6));
    let period = Name::Year(2022).resolve(&[]).unwrap();
    let then = engine
        .query_at(waiting.size, |at| at.balance(&teacher(1), period))
        .unwrap()
        .unwrap();
    assert_eq!(
        then.sections[0].lines[0].counted,
        Hours::ZERO,
        "as the ledger knew it then"
    );
}

#[test]
fn an_atomic_submission_with_a_refusal_records_only_the_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let receipt = post(
        &engine,
        1,
        Taking::Atomic,
        &[person(1, 1), attendance(2, 9, 6), project()],
    );
    assert_eq!(verdicts(&receipt), [Refused; 3]);
    assert_eq!(receipt.size, 1);
    assert!(!engine.query(|at| at.knows_teacher(&teacher(1))));
}

#[test]
fn a_void_takes_the_hours_away_and_a_message_that_does_not_decode_leaves_a_refused_entry() {
    let (_dir, engine) = attended();
    let target_event = EventId::new(Uuid::from_u128(2));
    let void = EntryVoided {
        target_event,
        reason: Text::new("误登").unwrap(),
        authorised_by: None,
    };
    post(&engine, 2, Taking::Each, &[event(3, void)]);
    assert_eq!(hours(&engine, 1), Hours::ZERO);
    for expected in [6, 6] {
        let receipt = post_at(&engine, None, &Bytes::from_static(b"\xff\xff not a submission"));
        assert_eq!((verdicts(&receipt), receipt.size), (vec![Refused], expected));
        assert_eq!(
            receipt.verdicts[0].reason.as_ref().unwrap().code,
            ReasonCode::Unreadable
        );
    }
}

#[test]
fn the_cursor_moves_with_the_entries_and_a_message_delivered_again_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    post_at(&engine, Some(7), &message(1, Taking::Each, &[person(1, 1)]));
    assert_eq!((engine.head().cursor, engine.head().size), (7, 1));
    let again = message(2, Taking::Each, &[person(2, 2)]);
    assert!(
        submit(&engine, Some(7), &again).recv().is_err(),
        "nobody is answered for a message that the log contains"
    );
    assert_eq!((engine.head().cursor, engine.head().size), (7, 1));
    assert!(engine.recognizes(&message(1, Taking::Each, &[person(1, 1)])));
    assert!(!engine.recognizes(&again));
}

#[test]
fn the_receipt_of_an_old_submission_is_put_together_from_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let sent = post(&engine, 5, Taking::Each, &[person(1, 1), attendance(2, 9, 1)]);
    post(&engine, 6, Taking::Each, &[person(3, 3)]);
    let id = SubmissionId::new(Uuid::from_u128(5));
    assert_eq!(engine.receipt_of(id).unwrap(), Some(sent.clone()));
    engine.shut_down();
    drop(engine);
    let engine = open(dir.path());
    let found = engine.receipt_of(id).unwrap().unwrap();
    assert_eq!((&found.verdicts, found.size), (&sent.verdicts, 3));
    assert_eq!(engine.receipt_of(SubmissionId::new(Uuid::from_u128(77))).unwrap(), None);
}

#[test]
fn a_check_records_nothing_and_sees_the_whole_file() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let read = |bytes: &Bytes| keshi_proto::store::decode_submission(bytes, office()).submission;
    let first = read(&message(1, Taking::Each, &[person(1, 1), project(), session()]));
    let second = read(&message(
        2,
        Taking::Each,
        &[attendance(2, 1, 6), attendance(3, 2, 6), attendance(2, 1, 6)],
    ));
    let decisions = engine.check(&[first, second]).unwrap();
    let verdicts: Vec<_> = decisions[1].verdicts.iter().map(|verdict| verdict.verdict).collect();
    assert_eq!(verdicts, [Recorded, Refused, Duplicate]);
    assert_eq!(engine.head().size, 0);
}

#[test]
fn a_dry_run_goes_in_parts_between_which_the_ledger_records() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    post(&engine, 1, Taking::Each, &[person(1, 1), project(), session()]);
    let read = |bytes: &Bytes| keshi_proto::store::decode_submission(bytes, office()).submission;
    let submissions: Vec<_> = (0..3_u128)
        .map(|number| {
            let ids = 10_000 * (number + 1)..;
            let events: Vec<_> = ids.take(3_000).map(|id| attendance(id, 1, 6)).collect();
            read(&message(10 + number, Taking::Each, &events))
        })
        .collect();
    let mut run = engine.dry_run(&submissions);
    let first = run.part().unwrap().unwrap();
    assert_eq!(first.len(), 1, "the others have no room in it");
    // What is recorded meanwhile is seen by the parts that follow.
    post(&engine, 2, Taking::Each, &[attendance(20_000, 1, 6)]);
    let second = run.part().unwrap().unwrap();
    assert_eq!(second[0].verdicts[0].verdict, Duplicate);
    assert_eq!(second[0].verdicts[1].verdict, Recorded);
    assert_eq!(run.part().unwrap().unwrap().len(), 1);
    assert!(run.part().unwrap().is_none());
    assert_eq!(engine.head().size, 4);
}

#[test]
fn a_check_never_answers_from_what_is_not_durable_yet() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let mut duplicates = 0;
    for number in 1..=200 {
        let bytes = message(number, Taking::Each, &[person(number, u32::try_from(number).unwrap())]);
        let submission = keshi_proto::store::decode_submission(&bytes, office()).submission;
        let answered = submit(&engine, None, &bytes);
        // Many checks fall between the decision and the commit.
        while answered.try_recv().is_err() {
            let decisions = engine.check(std::slice::from_ref(&submission)).unwrap();
            let size = engine.head().size;
            let verdict = &decisions[0].verdicts[0];
            if verdict.verdict == Duplicate {
                duplicates += 1;
                assert!(verdict.index < Some(size), "{verdict:?} of {size} entries");
            } else {
                assert_eq!(
                    (verdict.verdict, verdict.index),
                    (Recorded, Some(u64::try_from(number).unwrap() - 1))
                );
            }
        }
    }
    println!("{duplicates} checks found their event");
}

#[test]
fn after_a_failed_commit_a_check_is_an_error_and_not_a_duplicate() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    post(&engine, 1, Taking::Each, &[person(1, 1)]);
    std::fs::remove_dir_all(dir.path()).unwrap();
    let lost = message(2, Taking::Each, &[person(2, 2)]);
    assert!(submit(&engine, None, &lost).recv().is_err(), "nothing of it is durable");
    let mut failures = engine.failures();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { failures.wait_for(Option::is_some).await.unwrap().clone() });
    let lost = keshi_proto::store::decode_submission(&lost, office()).submission;
    let checked = engine.check(&[lost]);
    assert!(matches!(checked, Err(keshi_engine::ReadError::Stopped)), "{checked:?}");
    assert!(!engine.query(|at| at.knows_teacher(&teacher(2))));
}

#[test]
fn after_shutting_down_nothing_is_taken_and_what_was_taken_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let taken = (0..100_u32).map(|number| {
        let registered = [person(1_000 + u128::from(number), number)];
        submit(&engine, None, &message(number.into(), Taking::Each, &registered))
    });
    let taken: Vec<_> = taken.collect();
    engine.shut_down();
    assert_eq!(taken.iter().filter(|answered| answered.recv().is_ok()).count(), 100);
    assert!(matches!(engine.try_reserve(1), Err(SubmitError::Closed)));
    assert_eq!(engine.head().size, 100);
}

#[test]
fn a_panic_of_the_writer_is_told_as_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let mut failures = engine.failures();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bytes = message(1, Taking::Atomic, &[person(1, 1)]);
    let place = engine.try_reserve(bytes.len()).unwrap();
    place.submit(&bytes, None, Box::new(|_| panic!("broken on purpose")));
    let told = runtime.block_on(async { failures.wait_for(Option::is_some).await.unwrap().clone() });
    assert_eq!(told.as_deref(), Some("the writer broke off: broken on purpose"));
    assert!(matches!(engine.try_reserve(1), Err(SubmitError::Closed)));
    engine.shut_down();
}

#[test]
fn a_panic_in_a_question_is_that_asker_s_alone() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    post(&engine, 1, Taking::Atomic, &[person(1, 1)]);
    let asking = engine.clone();
    let asked = std::thread::spawn(move || asking.query(|at| assert_eq!(at.size(), 0, "broken on purpose")));
    assert!(asked.join().is_err());
    assert!(engine.query(|at| at.knows_teacher(&teacher(1))));
    assert_eq!(post(&engine, 2, Taking::Atomic, &[person(2, 2)]).size, 2);
    engine.shut_down();
}
