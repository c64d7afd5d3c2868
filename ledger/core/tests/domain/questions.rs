//! Ordered research: questions sent, put together, planned, answered, rated.

use keshi_core::check;
use keshi_core::entry::Verdict;
use keshi_core::event::{AnswerRated, Event, Fact, QuestionPlanned, QuestionSent, QuestionsJoined, SessionMoved};
use keshi_core::ids::{QuestionId, SemesterId};
use keshi_core::reason::ReasonCode;
use keshi_core::state::{QuestionStage, QuestionView};
use keshi_core::submission::{EventVerdict, Taking};
use keshi_core::violation::Problem;

use crate::documents::{adopt_calendar, calendar};
use crate::support::facts::{school, session_id, text};
use crate::support::{Ledger, assert_refused, assert_verdict, day, facts, id, on};

const SEMESTER: &str = "2022-2023-1";

fn question(id: &str) -> QuestionId {
    QuestionId::new(id).unwrap()
}

fn sent_about(id: &str, at: &str, subject: &str, semester: &str) -> QuestionSent {
    QuestionSent {
        question_id: question(id),
        school_id: school(at),
        subject: text(subject),
        semester: SemesterId::new(semester).unwrap(),
        text: text("整本书阅读怎样推进"),
        asked_by: None,
    }
}

fn sent(id: &str, at: &str) -> QuestionSent {
    sent_about(id, at, "语文", SEMESTER)
}

fn joined(into: &str, ids: &[&str]) -> Fact {
    QuestionsJoined {
        into_id: question(into),
        question_ids: ids.iter().map(|id| question(id)).collect(),
    }
    .into()
}

fn planned(id: &str, session: &str) -> Fact {
    QuestionPlanned {
        question_id: question(id),
        session_id: session_id(session),
    }
    .into()
}

fn rated(id: &str, by: &str, rating: u8) -> Fact {
    AnswerRated {
        question_id: question(id),
        school_id: school(by),
        rating,
        remark: None,
    }
    .into()
}

fn correcting(number: u128, original: u128, date: &str, fact: impl Into<Fact>) -> Event {
    Event {
        supersedes: Some(id(original)),
        ..on(number, date, fact)
    }
}

/// A county with a calendar, the schools `S1` to `S3`, and the questions `Q1` to `Q3` of one each.
fn asked() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.post_all(
        Taking::Atomic,
        adopt_calendar(950, "2022-01-01", &calendar("c", "2022-02-14")),
    );
    ledger.given([
        on(30, "2010-01-01", facts::school_registered("S3", "第三小学")),
        on(101, "2022-09-01", sent("Q1", "S1")),
        on(102, "2022-09-02", sent("Q2", "S2")),
        on(103, "2022-09-03", sent("Q3", "S3")),
        on(90, "2022-01-01", facts::project("P1", "订单式教研")),
    ]);
    ledger
}

fn held(ledger: &mut Ledger) {
    ledger.given([on(400, "2022-11-01", facts::session("X1", "P1"))]);
}

fn told(ledger: &Ledger, when: &str) -> Vec<QuestionView> {
    ledger.state.at(ledger.size()).questions(day(when))
}

/// How far the question that stands for `Q1` is.
fn stage(ledger: &Ledger, when: &str) -> QuestionStage {
    let all = told(ledger, when);
    let holds = |view: &&QuestionView| view.sent.iter().any(|sent| sent.id == question("Q1"));
    all.iter().find(holds).expect("Q1").stage
}

fn problems(fact: impl Into<Fact>) -> Vec<(String, Problem)> {
    let violations = check::violations(&on(1, "2022-09-01", fact));
    violations.into_iter().map(|one| (one.field, one.problem)).collect()
}

#[test]
fn a_question_goes_from_received_to_rated_and_each_day_knows_how_far_it_was() {
    let mut ledger = asked();
    ledger.given([
        on(201, "2022-09-10", joined("Q1", &["Q2", "Q3"])),
        on(202, "2022-09-20", planned("Q1", "X1")),
    ]);
    held(&mut ledger);
    ledger.given([on(301, "2022-11-02", rated("Q2", "S2", 4))]);
    for (when, expected) in [
        ("2022-09-09", QuestionStage::Received),
        ("2022-09-10", QuestionStage::Joined),
        ("2022-09-20", QuestionStage::Planned),
        ("2022-10-31", QuestionStage::Planned),
        ("2022-11-01", QuestionStage::Answered),
        ("2022-11-02", QuestionStage::Rated),
    ] {
        assert_eq!(stage(&ledger, when), expected, "{when}");
    }
    let [view] = &told(&ledger, "2022-12-01")[..] else {
        panic!("one question stands for three")
    };
    assert_eq!((view.id, view.schools, view.sent.len()), (question("Q1"), 3, 3));
    assert_eq!(view.mean_rating(), Some(400));
    // S1 has not rated it: for S1 it is answered.
    let own = view.of_school(&school("S1")).unwrap();
    assert_eq!((own.stage, own.sent.len()), (QuestionStage::Answered, 1));
    assert_eq!(view.of_school(&school("S2")).unwrap().stage, QuestionStage::Rated);
    assert!(view.of_school(&school("S9")).is_none());
}

#[test]
fn what_most_schools_ask_stands_first() {
    let mut ledger = asked();
    ledger.given([
        on(104, "2022-09-04", sent("Q4", "S1")),
        on(201, "2022-09-10", joined("Q3", &["Q2"])),
    ]);
    let order: Vec<String> = told(&ledger, "2022-12-01")
        .iter()
        .map(|view| view.id.to_string())
        .collect();
    assert_eq!(order, ["Q3", "Q1", "Q4"]);
}

#[test]
fn a_plan_waits_for_its_session_and_the_question_is_answered_once_that_arrives() {
    let mut ledger = asked();
    assert_verdict(
        &ledger.post(on(202, "2022-09-20", planned("Q1", "X1"))),
        Verdict::Waiting,
    );
    assert_eq!(stage(&ledger, "2022-12-01"), QuestionStage::Planned);
    held(&mut ledger);
    assert_eq!(stage(&ledger, "2022-12-01"), QuestionStage::Answered);
}

#[test]
fn a_question_goes_back_when_its_session_is_cancelled_moved_or_void() {
    let mut ledger = asked();
    held(&mut ledger);
    ledger.given([
        on(202, "2022-09-20", planned("Q1", "X1")),
        on(301, "2022-11-02", rated("Q1", "S1", 5)),
    ]);
    assert_eq!(stage(&ledger, "2022-12-01"), QuestionStage::Rated);
    let mut cancelled = ledger.clone();
    cancelled.given([on(501, "2022-11-03", facts::cancelled("X1"))]);
    assert_eq!(stage(&cancelled, "2022-12-01"), QuestionStage::Received);
    let view = &told(&cancelled, "2022-12-01")[0];
    assert_eq!((view.fell_through, view.ratings.len()), (Some(session_id("X1")), 0));
    // And is planned anew, answered and rated again, for the rating was of another answer.
    cancelled.given([
        on(401, "2022-12-05", facts::session("X2", "P1")),
        on(203, "2022-11-10", planned("Q1", "X2")),
        on(302, "2022-12-06", rated("Q1", "S1", 2)),
    ]);
    let view = &told(&cancelled, "2022-12-31")[0];
    assert_eq!((view.stage, view.mean_rating()), (QuestionStage::Rated, Some(200)));
    let moved = SessionMoved {
        session_id: session_id("X1"),
        reason: None,
        place: None,
    };
    let mut later = ledger.clone();
    later.given([on(501, "2023-03-01", moved)]);
    assert_eq!(stage(&later, "2022-12-01"), QuestionStage::Planned);
    assert_eq!(stage(&later, "2023-03-01"), QuestionStage::Answered);
    ledger.given([on(501, "2022-11-03", facts::void(id(400)))]);
    assert_eq!(stage(&ledger, "2022-12-01"), QuestionStage::Planned);
}

#[test]
fn a_void_of_a_joining_gives_each_question_back_its_own_standing() {
    let mut ledger = asked();
    ledger.given([on(201, "2022-09-10", joined("Q1", &["Q2"]))]);
    ledger.given([on(501, "2022-09-11", facts::void(id(201)))]);
    assert_eq!(told(&ledger, "2022-12-01").len(), 3);
    // And it may be joined the other way now.
    assert_verdict(
        &ledger.post(on(202, "2022-09-12", joined("Q2", &["Q1"]))),
        Verdict::Recorded,
    );
}

#[test]
fn a_circle_that_a_void_brings_back_is_cut_at_its_latest_joining() {
    let mut ledger = asked();
    ledger.given([
        on(201, "2022-09-10", joined("Q1", &["Q2"])),
        correcting(202, 201, "2022-09-10", joined("Q1", &["Q3"])),
        on(203, "2022-09-12", joined("Q2", &["Q1"])),
        on(501, "2022-09-13", facts::void(id(202))),
    ]);
    let all = told(&ledger, "2022-12-01");
    let roots: Vec<_> = all.iter().map(|view| (view.id.to_string(), view.sent.len())).collect();
    assert_eq!(roots, [("Q1".to_owned(), 2), ("Q3".to_owned(), 1)]);
}

#[test]
fn the_order_in_which_joining_and_plan_of_others_came_does_not_matter() {
    let events = [
        on(201, "2022-09-10", joined("Q2", &["Q3"])),
        on(202, "2022-09-11", joined("Q1", &["Q2"])),
        on(203, "2022-09-12", planned("Q1", "X1")),
        on(400, "2022-11-01", facts::session("X1", "P1")),
    ];
    let shape = |order: &[usize]| {
        let mut ledger = asked();
        ledger.given(order.iter().map(|place| events[*place].clone()));
        let all = told(&ledger, "2022-12-01");
        all.iter()
            .map(|view| (view.id, view.stage, view.sent.len()))
            .collect::<Vec<_>>()
    };
    let expected = [(question("Q1"), QuestionStage::Answered, 3)];
    for order in [[0, 1, 2, 3], [3, 2, 0, 1], [2, 3, 0, 1]] {
        assert_eq!(shape(&order), expected, "{order:?}");
    }
}

#[test]
fn a_question_that_names_a_pupil_or_no_semester_is_wrong_in_itself() {
    let named = QuestionSent {
        text: text("学生王小明上课走神怎么办"),
        ..sent("Q9", "S1")
    };
    assert_eq!(problems(named), [("text".to_owned(), Problem::NamesPupil)]);
    let shapeless = sent_about("Q9", "S1", "语文", "autumn");
    assert!(matches!(&problems(shapeless)[..], [(field, Problem::BadId(_))] if field == "semester"));
    assert_eq!(problems(sent("Q9", "S1")), []);
    let remark = AnswerRated {
        question_id: question("Q1"),
        school_id: school("S1"),
        rating: 6,
        remark: Some(text("李华同学进步了")),
    };
    let found = problems(remark);
    assert_eq!(
        found.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(),
        ["rating", "remark"]
    );
}

#[test]
fn a_question_is_not_joined_to_itself_nor_named_twice_nor_with_too_many() {
    let repeated = |ids: &[&str]| {
        problems(joined("Q1", ids))
            .iter()
            .any(|(_, problem)| *problem == Problem::Repeated)
    };
    assert!(repeated(&["Q1"]) && repeated(&["Q2", "Q2"]) && !repeated(&["Q2"]));
    assert_eq!(
        problems(joined("Q1", &[])),
        [("question_ids".to_owned(), Problem::Missing)]
    );
    let many: Vec<String> = (0..61).map(|number| format!("M{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        problems(joined("Q1", &many)),
        [("question_ids".to_owned(), Problem::TooMany { max: 60 })]
    );
}

/// The verdict on a posting of 1 December.
fn judged(ledger: &mut Ledger, number: u128, fact: impl Into<Fact>) -> EventVerdict {
    ledger.post(on(number, "2022-12-01", fact))
}

#[test]
fn an_unknown_semester_and_an_id_that_is_taken_are_refused_but_a_correction_is_taken() {
    let mut ledger = asked();
    let unknown = judged(&mut ledger, 601, sent_about("Q9", "S1", "语文", "2031-2032-1"));
    assert_refused(&unknown, ReasonCode::UnknownSemester);
    // Before there is a calendar nobody can tell.
    let mut young = Ledger::county();
    assert_verdict(&judged(&mut young, 601, sent("Q1", "S1")), Verdict::Recorded);
    let taken = judged(&mut ledger, 602, sent("Q1", "S2"));
    assert_refused(&taken, ReasonCode::IdTaken);
    assert!(taken.reason.unwrap().index.is_some());
    let mended = correcting(603, 101, "2022-09-01", sent_about("Q1", "S1", "数学", SEMESTER));
    assert_verdict(&ledger.post(mended), Verdict::Recorded);
}

#[test]
fn questions_are_joined_once_within_subject_and_semester_and_in_no_circle() {
    let mut ledger = asked();
    ledger.given([
        on(105, "2022-09-05", sent_about("M1", "S1", "数学", SEMESTER)),
        on(106, "2022-09-05", sent_about("L1", "S1", "语文", "2021-2022-2")),
        on(201, "2022-09-10", joined("Q1", &["Q2"])),
    ]);
    assert_refused(
        &judged(&mut ledger, 601, joined("Q1", &["M1"])),
        ReasonCode::JoinsAcross,
    );
    assert_refused(
        &judged(&mut ledger, 602, joined("Q1", &["L1"])),
        ReasonCode::JoinsAcross,
    );
    assert_refused(
        &judged(&mut ledger, 603, joined("Q3", &["Q2"])),
        ReasonCode::JoinedAlready,
    );
    assert_refused(
        &judged(&mut ledger, 604, joined("Q2", &["Q1"])),
        ReasonCode::JoinsInCircle,
    );
    let into_joined = judged(&mut ledger, 605, joined("Q2", &["Q3"]));
    assert_refused(&into_joined, ReasonCode::JoinedAlready);
    assert_eq!(into_joined.reason.unwrap().value, "Q1", "the one to name instead");
    assert_refused(&judged(&mut ledger, 606, joined("Q1", &["Q9"])), ReasonCode::NotThere);
    assert_refused(&judged(&mut ledger, 607, joined("Q9", &["Q1"])), ReasonCode::NotThere);
    // What has taken others in may go into another with them.
    assert_verdict(&judged(&mut ledger, 608, joined("Q3", &["Q1"])), Verdict::Recorded);
    assert_eq!(
        told(&ledger, "2022-12-31").iter().map(|view| view.sent.len()).max(),
        Some(3)
    );
    // A correction does not stand in its own way.
    let corrects = correcting(609, 608, "2022-12-01", joined("Q1", &["Q3"]));
    assert_verdict(&ledger.post(corrects), Verdict::Recorded);
}

#[test]
fn no_more_than_two_hundred_questions_are_put_together() {
    let mut ledger = asked();
    for batch in 0..4_u128 {
        let ids: Vec<String> = (0..50).map(|number| format!("B{batch}.{number}")).collect();
        for (number, id) in (0..).zip(&ids) {
            ledger.given([on(10_000 + batch * 100 + number, "2022-09-05", sent(id, "S1"))]);
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let verdict = ledger.post(on(11_000 + batch, "2022-09-10", joined("Q1", &ids)));
        if batch < 3 {
            assert_verdict(&verdict, Verdict::Recorded);
        } else {
            assert_refused(&verdict, ReasonCode::JoinedTooMany);
        }
    }
}

#[test]
fn a_question_is_planned_once_and_for_no_cancelled_session() {
    let mut ledger = asked();
    held(&mut ledger);
    ledger.given([
        on(401, "2022-11-01", facts::session("X2", "P1")),
        on(501, "2022-11-02", facts::cancelled("X2")),
        on(201, "2022-09-10", joined("Q1", &["Q2"])),
    ]);
    assert_refused(
        &judged(&mut ledger, 601, planned("Q1", "X2")),
        ReasonCode::PlansCancelled,
    );
    assert_refused(&judged(&mut ledger, 602, planned("Q9", "X1")), ReasonCode::NotThere);
    assert_refused(
        &judged(&mut ledger, 603, planned("Q2", "X1")),
        ReasonCode::JoinedAlready,
    );
    assert_verdict(&judged(&mut ledger, 604, planned("Q1", "X1")), Verdict::Recorded);
    assert_refused(
        &judged(&mut ledger, 605, planned("Q1", "X3")),
        ReasonCode::PlannedAlready,
    );
    // Nor does a planned one go into another: its plan would be lost.
    assert_refused(
        &judged(&mut ledger, 606, joined("Q3", &["Q1"])),
        ReasonCode::PlannedAlready,
    );
    let other = correcting(607, 604, "2022-12-01", planned("Q1", "X3"));
    assert_verdict(&ledger.post(other), Verdict::Waiting);
}

#[test]
fn an_answer_is_rated_after_the_session_once_by_each_school_that_asked() {
    let mut ledger = asked();
    ledger.given([on(201, "2022-09-10", joined("Q1", &["Q2"]))]);
    assert_refused(&judged(&mut ledger, 601, rated("Q1", "S1", 5)), ReasonCode::NotAnswered);
    ledger.given([on(202, "2022-09-20", planned("Q1", "X1"))]);
    assert_refused(&judged(&mut ledger, 602, rated("Q1", "S1", 5)), ReasonCode::NotAnswered);
    held(&mut ledger);
    let before = ledger.post(on(603, "2022-10-31", rated("Q1", "S1", 5)));
    assert_refused(&before, ReasonCode::NotAnswered);
    assert_refused(&judged(&mut ledger, 604, rated("Q1", "S3", 5)), ReasonCode::NotAsked);
    assert_refused(&judged(&mut ledger, 605, rated("Q9", "S1", 5)), ReasonCode::NotThere);
    // S2 asked by what went into Q1, and may name either.
    assert_verdict(&judged(&mut ledger, 606, rated("Q1", "S2", 3)), Verdict::Recorded);
    assert_refused(
        &judged(&mut ledger, 607, rated("Q2", "S2", 4)),
        ReasonCode::RatedAlready,
    );
    let corrects = correcting(608, 606, "2022-12-01", rated("Q2", "S2", 4));
    assert_verdict(&ledger.post(corrects), Verdict::Recorded);
    assert_eq!(told(&ledger, "2022-12-31")[0].mean_rating(), Some(400));
}

#[test]
fn what_was_folded_of_a_submission_that_fails_leaves_no_trace() {
    let mut ledger = asked();
    held(&mut ledger);
    ledger.given([
        on(201, "2022-09-10", joined("Q1", &["Q2"])),
        on(202, "2022-09-20", planned("Q1", "X1")),
    ]);
    let digest = |ledger: &Ledger| ledger.state.at(ledger.size()).digest();
    let before = digest(&ledger);
    let verdicts = ledger.post_all(
        Taking::Atomic,
        vec![
            on(701, "2022-12-01", sent("Q9", "S1")),
            on(702, "2022-12-01", joined("Q3", &["Q9"])),
            on(703, "2022-12-01", planned("Q3", "X1")),
            on(704, "2022-12-01", rated("Q1", "S1", 5)),
            on(705, "2022-12-01", rated("Q1", "S1", 4)),
        ],
    );
    assert!(
        verdicts.iter().all(|one| one.verdict == Verdict::Refused),
        "{verdicts:?}"
    );
    assert_eq!(digest(&ledger), before);
    assert_eq!(ledger.replayed(ledger.size()).at(ledger.size()).digest(), before);
}
