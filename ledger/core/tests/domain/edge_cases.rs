//! The edge cases of DOMAIN §13 that were not named elsewhere, and what of §14 is the ledger's: each item a test.
//!
//! Of §14 the services hold the rest: public notices and the check of certificates (`services/query/tests/query/certificates.rs`),
//! figures of few people, the log of reads, and what free text may not say (`text::personal`).

use keshi_core::codes::{AwardRole, LessonType, Level, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{AttendanceRecorded, ClaimSubmitted, Event, Fact, SchoolClosed, check};
use keshi_core::hours::Hours;
use keshi_core::ids::Sha256;
use keshi_core::reason::ReasonCode;
use keshi_core::review::{Stage, Step};
use keshi_core::state::State;
use keshi_core::text::personal;
use keshi_core::violation::Problem;

use crate::claims::{self, claimed, step};
use crate::merges::{merged, reversed};
use crate::support::facts::{
    assigned, attended, award, competition_at, lesson, project, school, school_registered, session, teacher, text,
    title, visit, void,
};
use crate::support::{Ledger, assert_refused, assert_verdict, day, id, on};

fn tier_of(ledger: &Ledger, who: &str, on: &str) -> keshi_core::tier::Tier {
    ledger.state.at(ledger.size()).tier(&teacher(who), day(on)).unwrap()
}

#[test]
fn item_7_an_award_before_its_prerequisite_or_of_the_wrong_level_is_held_and_settles_when_that_arrives() {
    let mut ledger = Ledger::county();
    let city = on(40, "2022-06-01", title("T1", TitleClass::ExpertTeacher, Level::City));
    assert_verdict(&ledger.post(city), Verdict::Waiting);
    // The wrong level: a county title of the year after does not carry it.
    ledger.given([on(
        41,
        "2023-06-01",
        title("T1", TitleClass::ExpertTeacher, Level::County),
    )]);
    let tier = tier_of(&ledger, "T1", "2023-07-01");
    assert_eq!((tier.titles.len(), tier.waiting.len()), (1, 1));
    ledger.given([on(
        42,
        "2021-06-01",
        title("T1", TitleClass::ExpertTeacher, Level::County),
    )]);
    let tier = tier_of(&ledger, "T1", "2023-07-01");
    assert_eq!((tier.titles.len(), tier.waiting.len()), (3, 0));
}

#[test]
fn item_7_a_guided_pupil_s_prize_is_not_the_teacher_s_own_teaching_award() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(40, "2022-05-01", competition_at("C1", Level::County)),
        on(41, "2022-05-01", award("T1", "C1", AwardRole::Guide)),
        on(42, "2022-05-01", award("T2", "C1", AwardRole::Oneself)),
    ]);
    let role = |who: &str| {
        let record = ledger.state.at(ledger.size()).teacher_record(&teacher(who)).unwrap();
        record.contests[0].award.unwrap().1
    };
    assert_eq!((role("T1"), role("T2")), (AwardRole::Guide, AwardRole::Oneself));
}

#[test]
fn item_15_people_are_told_apart_by_their_ids_never_by_names_and_merged_by_an_event_that_can_be_reversed() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(40, "2022-05-01", lesson("T1", LessonType::Open, 1, None)),
        on(41, "2022-05-01", lesson("T2", LessonType::Open, 2, None)),
    ]);
    let given = |ledger: &Ledger, who: &str| ledger.counted(who, keshi_core::policy::Meter::LessonsGiven, "2022");
    assert_eq!(
        (given(&ledger, "T1").as_str(), given(&ledger, "T2").as_str()),
        ("1", "2")
    );
    ledger.given([on(42, "2022-06-01", merged("T1", "T2"))]);
    assert_eq!(given(&ledger, "T1"), "3");
    ledger.given([on(43, "2022-06-02", reversed("T1", "T2"))]);
    assert_eq!(
        (given(&ledger, "T1").as_str(), given(&ledger, "T2").as_str()),
        ("1", "2")
    );
}

#[test]
fn item_17_traditional_or_damaged_characters_stay_as_written_and_are_compared_in_a_normal_form() {
    let mut ledger = Ledger::county();
    let named = |number: u128, name: &str| on(number, "2022-01-01", project("P1", name));
    ledger.given([named(40, "骨幹教師培訓（縣級）")]);
    // The same in other script, width and spacing is the same content, and the first writing stays.
    assert_verdict(&ledger.post(named(40, "骨干教师培训 (县级)")), Verdict::Duplicate);
    assert_verdict(&ledger.post(named(40, "骨干教师研修（县级）")), Verdict::Conflict);
    let Some(Fact::ProjectOpened(kept)) = ledger.entries.last().and_then(|_| {
        let entry = ledger
            .entries
            .iter()
            .find(|entry| entry.posted.event_id() == Some(id(40)))?;
        Some(entry.posted.event()?.fact.clone())
    }) else {
        unreachable!()
    };
    assert_eq!(kept.name.as_str(), "骨幹教師培訓（縣級）");
}

#[test]
fn item_18_zero_and_negative_hours_more_than_a_day_has_days_to_come_and_strange_schools_are_refused_with_the_reason() {
    let hours = |centihours: i64| -> Event {
        let Fact::AttendanceRecorded(fact) = attended("T1", "X1", "1") else {
            unreachable!()
        };
        let fact = AttendanceRecorded {
            hours_present: Hours::from_hundredths(centihours),
            ..fact
        };
        on(40, "2022-05-01", fact)
    };
    for centihours in [0, -100, 2_500] {
        let found = check::violations(&hours(centihours));
        assert_eq!(found.len(), 1, "{centihours}");
        assert_eq!(found[0].field, "hours_present");
        assert!(matches!(found[0].problem, Problem::OutOfRange { .. }), "{found:?}");
    }
    assert_eq!(check::violations(&hours(2_400)), []);
    let mut ledger = Ledger::county();
    let ahead = ledger.post(on(41, "2024-01-02", attended("T1", "X1", "1")));
    assert_refused(&ahead, ReasonCode::FutureDate);
    let strange = ledger.post(on(42, "2022-05-01", visit("T1", "S9")));
    assert_refused(&strange, ReasonCode::UnknownSchool);
    // A refused row does not take its id: mended, it comes under the same.
    assert_verdict(&ledger.post(on(42, "2022-05-01", visit("T1", "S1"))), Verdict::Recorded);
}

#[test]
fn item_19_a_closed_school_keeps_its_history_under_the_old_name_and_has_a_successor() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(
            40,
            "2015-09-01",
            assigned("T1", keshi_core::codes::Post::Teacher, Some("S1")),
        ),
        on(41, "2022-05-01", visit("T2", "S1")),
    ]);
    let closed = SchoolClosed {
        school_id: school("S1"),
        successor_id: Some(school("S2")),
    };
    ledger.given([on(42, "2022-08-31", closed)]);
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.school(&school("S1")).unwrap().name.as_str(), "第一小学");
    assert_eq!(at.succession(&school("S1")), Some((day("2022-08-31"), school("S2"))));
    assert_eq!(at.holdings(&teacher("T1"))[0].school, Some(school("S1")));
    let record = at.teacher_record(&teacher("T2")).unwrap();
    assert_eq!(record.works[0].school, Some(school("S1")));
    // Before it closed it had none, and what is known of then stays so.
    assert_eq!(ledger.state.at(ledger.size() - 1).successor(&school("S1")), None);
}

#[test]
fn item_21_an_objection_upheld_after_crediting_amends_the_entry_with_the_objection_as_evidence() {
    let mut ledger = claims::county();
    ledger.brought_to("C1", 60, Stage::Credited);
    assert_eq!(ledger.lessons(), "2");
    let objection = Sha256::of(b"a letter");
    let today = ledger.today;
    let corrected = Event {
        supersedes: Some(id(60)),
        evidence: vec![objection],
        ..Event::of(
            id(90),
            day("2026-09-18"),
            day("2026-09-18"),
            lesson("T1", LessonType::Open, 1, None),
        )
    };
    assert_verdict(&ledger.post(corrected), Verdict::Recorded);
    assert_eq!(ledger.lessons(), "1");
    // The claim stays credited, and both stay visible.
    assert_eq!(ledger.stage("C1"), Some(Stage::Credited));
    let at = ledger.state.at(ledger.size());
    let old = at.index_of(id(60)).unwrap();
    assert_eq!(at.since(old).corrected_by, at.index_of(id(90)));
    let evidence = ledger.entries.last().unwrap().posted.event().unwrap().evidence.clone();
    assert_eq!((evidence, ledger.today), (vec![objection], today));
}

#[test]
fn item_22_fraud_voids_all_entries_of_the_claim_and_nothing_of_it_comes_back_by_itself() {
    let mut ledger = claims::county();
    ledger.given([claimed(60, "C1"), claimed(61, "C1")]);
    let Fact::ClaimSubmitted(asked) = claims::submitted("C1", &[60, 61]) else {
        unreachable!()
    };
    assert_verdict(
        &ledger.now(62, ClaimSubmitted { ..asked.clone() }.into()),
        Verdict::Recorded,
    );
    for (number, one, by) in [
        (63, Step::SchoolCheck, "T2"),
        (64, Step::CountyCheck, "T3"),
        (65, Step::Publish, "T3"),
    ] {
        assert_verdict(&ledger.now(number, step(one, "C1", 62, by)), Verdict::Recorded);
    }
    ledger.today = day("2026-09-28");
    let ended = keshi_core::event::PublicityEnded {
        batch_id: keshi_core::ids::BatchId::new("B-C1").unwrap(),
        reviewer: teacher("T3"),
    };
    assert_verdict(&ledger.now(66, ended.into()), Verdict::Recorded);
    assert_verdict(&ledger.now(67, step(Step::Credit, "C1", 62, "T3")), Verdict::Recorded);
    assert_eq!(ledger.lessons(), "4");
    ledger.given([70_u128, 71].map(|number| on(number, "2026-09-28", void(id(number - 10)))));
    assert_eq!(ledger.lessons(), "0");
    // Neither the same posting again nor the same claim brings it back.
    let again = ledger.post(claimed(60, "C1"));
    assert_verdict(&again, Verdict::Duplicate);
    assert_eq!(again.reason.unwrap().code, ReasonCode::VoidedSince);
    let asked_again = ledger.now(
        72,
        ClaimSubmitted {
            statement: Some(text("再报")),
            ..asked
        }
        .into(),
    );
    assert_refused(&asked_again, ReasonCode::ClaimUnderReview);
    let under_it = ledger.post(claimed(73, "C1"));
    assert_refused(&under_it, ReasonCode::ClaimUnderReview);
    assert_eq!(ledger.lessons(), "0");
}

#[test]
fn section_14_entries_carry_ids_alone_and_text_that_looks_like_identity_is_found_before_it_is_posted() {
    for told in ["身份证110101199003077774", "电话 13912345678", "zhang@example.com"] {
        assert!(personal::in_text(told).is_some(), "{told}");
    }
    for free in ["2022年县级骨干教师培训", "留教研发〔2022〕6号", "第16次，共28件"] {
        assert!(personal::in_text(free).is_none(), "{free}");
    }
}

#[test]
fn section_14_what_the_ledger_says_of_a_person_rests_on_nothing_that_an_erasure_takes() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(40, "2010-01-01", school_registered("S3", "第三小学")),
        on(41, "2022-01-01", project("P1", "培训")),
        on(42, "2022-05-01", session("X1", "P1")),
        on(43, "2022-05-01", attended("T1", "X1", "6")),
    ]);
    // The people register is no part of it: the entries alone give the hours and the digest.
    let mut replayed = State::new();
    ledger.entries.iter().for_each(|entry| replayed.evolve(entry));
    let size = ledger.size();
    assert_eq!(replayed.at(size).digest(), ledger.state.at(size).digest());
    assert_eq!(ledger.hours("T1", "2022"), "6");
}

#[test]
fn a_certificate_is_not_older_than_what_it_attests() {
    let mut ledger = Ledger::county();
    ledger.given([on(40, "2022-05-10", lesson("T1", LessonType::Open, 1, None))]);
    let early = ledger.post(on(41, "2022-05-09", crate::certificates::issued("T1", 40)));
    assert_refused(&early, ReasonCode::CertificateBeforeBasis);
    assert_verdict(
        &ledger.post(on(41, "2022-05-10", crate::certificates::issued("T1", 40))),
        Verdict::Recorded,
    );
}

#[test]
fn a_withdrawal_on_the_day_after_a_title_ran_out_takes_nothing_away() {
    let mut ledger = Ledger::county();
    ledger.given([
        on(40, "2018-03-14", title("T1", TitleClass::ExpertTeacher, Level::County)),
        on(41, "2023-03-14", crate::support::facts::withdrawn("T1", id(40))),
    ]);
    let tier = tier_of(&ledger, "T1", "2023-12-01");
    assert_eq!(tier.past[0].valid_to, day("2023-03-13"));
    assert_eq!(tier.past[0].withdrawn, None);
    // On its last day it does.
    ledger.given([on(42, "2023-03-13", crate::support::facts::withdrawn("T1", id(40)))]);
    let tier = tier_of(&ledger, "T1", "2023-12-01");
    assert_eq!(tier.past[0].valid_to, day("2023-03-12"));
    assert_eq!(tier.past[0].withdrawn.map(|row| row.event_id), Some(id(42)));
}
